//! A row of numbers as a picture of one line.

/// Eighths of a character, from nothing to all.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The load of shards from the fullest to the emptiest, in at most so many characters: each stands
/// for neighbours in this order, and is as high as the fullest of them. The fullest of all is as
/// high as a line, and what is above 0 is never nothing.
pub(crate) fn of_sorted(rows: &[u64], width: usize) -> String {
    let mut sorted = rows.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let fullest = sorted.first().copied().unwrap_or(0);
    if fullest == 0 || width == 0 {
        return String::new();
    }
    let each = sorted.len().div_ceil(width).max(1);
    let of_each = sorted.chunks(each).filter_map(|rows| rows.first());
    of_each.map(|&rows| bar(rows, fullest)).collect()
}

fn bar(rows: u64, fullest: u64) -> char {
    let eighths = (u128::from(rows) * 8).div_ceil(u128::from(fullest));
    let place = usize::try_from(eighths).unwrap_or(BARS.len());
    BARS.get(place).copied().unwrap_or('█')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hot_shard_stands_out() {
        assert_eq!(of_sorted(&[10, 10, 80, 10, 0], 16), "█▁▁▁ ");
        assert_eq!(of_sorted(&[7, 7, 7], 16), "███");
        assert_eq!(of_sorted(&[], 16), "");
        assert_eq!(of_sorted(&[0, 0], 16), "");
    }

    #[test]
    fn many_shards_share_characters() {
        let mut rows = vec![1_u64; 3_200];
        rows[1_700] = 1_000_000;
        assert_eq!(of_sorted(&rows, 16), "█▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁");
        assert_eq!(of_sorted(&[u64::MAX, u64::MAX / 2], 1), "█");
    }
}
