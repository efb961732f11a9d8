//! Placement of virtual shards.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::Bound;
use crate::bound::Weights;
use crate::placement::Shards;

/// The shard of each virtual shard of these sizes: longest processing time first (Graham, "Bounds on
/// Multiprocessing Timing Anomalies", SIAM J. Appl. Math. 17, 1969), that is, the largest goes to the
/// shard that has least so far. No shard gets more than 4/3 − 1/(3n) times what the best placement
/// gives its largest.
///
/// Equal sizes go in the order of their numbers, and so do equally loaded shards.
pub(crate) fn longest_first(sizes: &[u64], shards: u32) -> Vec<u32> {
    let mut by_size: Vec<(u64, usize)> = sizes.iter().copied().zip(0..).collect();
    by_size.sort_unstable_by_key(|&(size, number)| (Reverse(size), number));
    let mut least: BinaryHeap<Reverse<(u64, u32)>> =
        (0..shards.max(1)).map(|shard| Reverse((0, shard))).collect();
    let mut places = vec![0; sizes.len()];
    for (size, number) in by_size {
        if let (Some(mut top), Some(place)) = (least.peek_mut(), places.get_mut(number)) {
            let Reverse((load, shard)) = *top;
            *place = shard;
            *top = Reverse((load + size, shard));
        }
    }
    places
}

/// The bound on max/mean: that of virtual shards of these sizes, placed [`longest_first`], and that of
/// what is spread beside them.
#[expect(clippy::cast_precision_loss, reason = "a bound need not be exact to 53 bits")]
pub(crate) fn bound(sizes: &[u64], nobodys: u64, shards: Shards) -> Option<Bound> {
    let n = shards.get();
    let mut spread = Weights::new();
    spread.add(1, nobodys);
    let spread = spread.bound(n).unwrap_or(Bound { max_over_mean: 0.0, confidence: 1.0 });
    let mean = (sizes.iter().sum::<u64>() + nobodys) as f64 / f64::from(n.get());
    let spread_rows = spread.max_over_mean * nobodys as f64 / f64::from(n.get());
    let rows = most_rows(sizes, n.get()) + spread_rows;
    (mean > 0.0).then(|| Bound { max_over_mean: rows / mean, confidence: spread.confidence })
}

/// Rows that no shard passes whose virtual shards of these sizes are placed
/// [`longest_first`]: the largest, or the mean and (1 − 1/n) of the (n+1)-st.
///
/// Graham's argument: take the last virtual shard of the fullest shard. If it is the only one, it is
/// at most the largest. If not, n came before it, so that it is at most the (n+1)-st; when it was
/// placed no shard had less than its own, so that this was at most the mean of all others.
#[expect(clippy::cast_precision_loss, reason = "a bound need not be exact to 53 bits")]
fn most_rows(sizes: &[u64], shards: u32) -> f64 {
    let mut by_size = sizes.to_vec();
    by_size.sort_unstable_by_key(|&size| Reverse(size));
    let n = f64::from(shards.max(1));
    let mean = by_size.iter().sum::<u64>() as f64 / n;
    let largest = by_size.first().copied().unwrap_or(0) as f64;
    let next = by_size.get(shards as usize).copied().unwrap_or(0) as f64;
    largest.max(mean + (1.0 - 1.0 / n) * next)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn largest(sizes: &[u64], places: &[u32], shards: u32) -> u64 {
        let mut loads = vec![0; shards as usize];
        for (size, &shard) in sizes.iter().zip(places) {
            loads[shard as usize] += size;
        }
        loads.into_iter().max().unwrap()
    }

    /// The best there is, by trying all.
    fn best(sizes: &[u64], shards: u32) -> u64 {
        let all = u64::from(shards).pow(u32::try_from(sizes.len()).unwrap());
        let placement = |mut code: u64| -> Vec<u32> {
            let digit = |_: &u64| {
                let shard = u32::try_from(code % u64::from(shards)).unwrap();
                code /= u64::from(shards);
                shard
            };
            sizes.iter().map(digit).collect()
        };
        (0..all).map(|code| largest(sizes, &placement(code), shards)).min().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn no_placement_is_much_better(
            sizes in proptest::collection::vec(0_u64..60, 0..8),
            shards in 1_u32..4,
        ) {
            let got = largest(&sizes, &longest_first(&sizes, shards), shards);
            let best = best(&sizes, shards);
            // 4/3 − 1/(3n), in whole numbers.
            prop_assert!(got * 3 * u64::from(shards) <= best * (4 * u64::from(shards) - 1));
            prop_assert!(got as f64 <= most_rows(&sizes, shards) + 1e-9);
        }
    }

    #[test]
    fn the_worst_case_of_graham_is_reached() {
        // 5 5 4 4 3 3 3 on three shards: 11, where 9 is possible.
        let sizes = [5, 5, 4, 4, 3, 3, 3];
        assert_eq!(largest(&sizes, &longest_first(&sizes, 3), 3), 11);
        assert_eq!(best(&sizes, 3), 9);
    }
}
