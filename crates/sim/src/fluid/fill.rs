//! Loads filled up to a level.

/// The level that loads reach when so much is poured over them, which fills the lowest first.
/// There must be a load. `guess` may be any level: the nearer, the faster.
///
/// Whatever lies below the guess gives a mean that is no lower than the level. From there on it goes
/// down: what lies above the mean is left out until nothing does (Michelot, "A Finite Algorithm for
/// Finding the Projection of a Point onto the Canonical Simplex of ℝⁿ", 1986). That takes a few
/// passes, where sorting would take many.
pub(super) fn level(loads: &[f64], poured: f64, guess: f64) -> f64 {
    let (mut sum, mut count) = sum_below(loads, guess);
    if count == 0.0 {
        (sum, count) = sum_below(loads, f64::INFINITY);
    }
    let mut level = (sum + poured) / count;
    loop {
        (sum, count) = sum_below(loads, level);
        let lower = (sum + poured) / count;
        // It is no number if nothing lies below.
        if lower.is_nan() || lower >= level {
            return level;
        }
        level = lower;
    }
}

/// The sum and the number of the loads below a level, four side by side.
fn sum_below(loads: &[f64], level: f64) -> (f64, f64) {
    let (mut sums, mut counts) = ([0.0; 4], [0.0; 4]);
    let mut add = |loads: &[f64]| {
        for ((load, sum), count) in loads.iter().zip(&mut sums).zip(&mut counts) {
            let is_below = *load < level;
            *sum += if is_below { *load } else { 0.0 };
            *count += if is_below { 1.0 } else { 0.0 };
        }
    };
    let (fours, others) = loads.as_chunks::<4>();
    fours.iter().for_each(|four| add(four));
    add(others);
    (sums.iter().sum(), counts.iter().sum())
}

/// The slopes of the least concave majorant of the sums of these steps, one for each step: runs of
/// steps become their mean until no slope is above the one before it (pool adjacent violators,
/// Ayer et al., "An Empirical Distribution Function for Sampling with Incomplete Information", 1955).
pub(super) fn flattest(steps: &[f64]) -> Vec<f64> {
    // Sums and lengths of runs.
    let mut runs: Vec<(f64, f64, usize)> = Vec::new();
    for &step in steps {
        let mut run = (step, 1.0, 1);
        while let Some(&(sum, length, steps)) = runs.last()
            && run.0 * length >= sum * run.1
        {
            runs.pop();
            run = (run.0 + sum, run.1 + length, run.2 + steps);
        }
        runs.push(run);
    }
    runs.into_iter()
        .flat_map(|(sum, length, steps)| std::iter::repeat_n(sum / length, steps))
        .collect()
}

/// Whole numbers with these proportions that have this sum; each is off by less than one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rows of a model, never negative, and not exact to 53 bits"
)]
pub(super) fn whole(loads: &[f64], sum: u64) -> Vec<u64> {
    let scale = sum as f64 / loads.iter().sum::<f64>();
    let (mut exact, mut given) = (0.0, 0);
    let mut rows: Vec<u64> = loads
        .iter()
        .map(|load| {
            exact += load * scale;
            let row = (exact.round() as u64).clamp(given, sum.max(given)) - given;
            given += row;
            row
        })
        .collect();
    if let Some(last) = rows.last_mut() {
        *last += sum - given;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_poured_fills_the_lowest_first() {
        for guess in [0.0, 1.0, 2.0, 4.0, 7.0, f64::INFINITY] {
            assert_eq!(level(&[5.0, 1.0, 2.0], 1.0, guess), 2.0);
            assert_eq!(level(&[5.0, 1.0, 2.0], 3.0, guess), 3.0);
            assert_eq!(level(&[5.0, 1.0, 2.0], 10.0, guess), 6.0);
            assert_eq!(level(&[9.0, 8.0, 1.0, 7.0, 1.0, 6.0], 4.0, guess), 3.0);
            assert_eq!(level(&[4.0], 0.0, guess), 4.0);
        }
    }

    #[test]
    fn slopes_never_rise() {
        assert_eq!(flattest(&[5.0, 1.0, 3.0, 0.0]), [5.0, 2.0, 2.0, 0.0]);
        assert_eq!(flattest(&[1.0, 2.0, 6.0]), [3.0, 3.0, 3.0]);
        assert_eq!(flattest(&[]), [] as [f64; 0]);
    }

    #[test]
    fn whole_numbers_keep_the_sum() {
        assert_eq!(whole(&[1.0, 1.0, 1.0], 10), [3, 4, 3]);
        assert_eq!(whole(&[0.0, 2.0], 5), [0, 5]);
        assert_eq!(whole(&[0.0, 0.0], 0), [0, 0]);
    }
}
