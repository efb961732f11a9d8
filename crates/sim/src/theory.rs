//! What is known of balance without running anything: what policies are held against.
//!
//! Max/mean is the rows of the fullest shard over those of the mean one.

use std::f64::consts::PI;

/// Euler's constant γ.
const EULER: f64 = 0.577_215_664_901_532_9;

/// What max/mean is at least under partial key grouping, if the most frequent id has this share of
/// the events: n·p₁/2, for its events have two shards, and never below 1 (Nasir et al., "The Power
/// of Both Choices", ICDE 2015, section 3). Once p₁ is past 2/n it is about what comes out.
#[must_use]
pub fn partial_key_grouping_floor(largest_share: f64, shards: u32) -> f64 {
    let choices = f64::from(shards.clamp(1, 2));
    (f64::from(shards) * largest_share / choices).max(1.0)
}

/// How many times the rows of the fullest shard under the best placement longest processing time
/// first gives its own, at most: 4/3 − 1/(3n) (Graham, "Bounds on Multiprocessing Timing Anomalies",
/// SIAM J. Appl. Math. 17, 1969).
#[must_use]
pub fn longest_first_ratio(shards: u32) -> f64 {
    4.0 / 3.0 - 1.0 / (3.0 * f64::from(shards.max(1)))
}

/// The share of the ids that jump consistent hashing moves from n shards to n′: (n′−n)/n′ if there
/// are more, all of them to the new ones (Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash
/// Algorithm", 2014). It is the least that keeps shards even. The way back moves the same ids.
#[must_use]
pub fn jump_moved_share(from: u32, to: u32) -> f64 {
    let more = f64::from(from.max(to).max(1));
    f64::from(from.abs_diff(to)) / more
}

/// The expected max/mean of so many ids with equally many events each, placed by hash, good from a
/// hundred ids a shard on: 1 + √(n/K)·[s − (ln ln n + ln 4π)/(2s) + γ/s] with s = √(2 ln n).
///
/// A shard's number of ids is nearly normal, and the bracket is the mean of Gumbel's law to which the
/// largest of n normals tends (Cramér, "Mathematical Methods of Statistics", 1946, section 28.6). It
/// lies 2.5 % above that mean at n = 50, and 1.5 % at 200. A single shard has 1.
#[must_use]
pub fn equal_ids_max_over_mean(ids: u64, shards: u32) -> f64 {
    if shards < 2 {
        return 1.0;
    }
    let n = f64::from(shards);
    let s = (2.0 * n.ln()).sqrt();
    let largest = s - (n.ln().ln() + (4.0 * PI).ln()) / (2.0 * s) + EULER / s;
    #[expect(clippy::cast_precision_loss, reason = "an expectation needs no 53rd bit")]
    let deviation = (n / ids.max(1) as f64).sqrt();
    1.0 + deviation * largest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_of_the_reference_points() {
        // n, the share of the first of 10⁴ ids under Zipf's law, and the table of Nasir's floor.
        let share = |s: f64| 1.0 / (1..=10_000).map(|rank| f64::from(rank).powf(-s)).sum::<f64>();
        for (s, shards, floor) in
            [(0.5, 100, 1.0), (1.0, 50, 2.55), (1.0, 200, 10.2), (1.4, 100, 16.4), (2.0, 200, 60.8)]
        {
            let ours = partial_key_grouping_floor(share(s), shards);
            assert!((ours / floor - 1.0).abs() < 0.005, "{s}, {shards}: {ours}");
        }
        assert_eq!(partial_key_grouping_floor(1.0, 1), 1.0);
    }

    #[test]
    fn the_largest_of_many_normals() {
        // E[max] of n standard normals, from tables of order statistics: 2.2491 and 2.7460.
        for (shards, largest) in [(50, 2.2491), (200, 2.7460)] {
            // K = n: a deviation is a mean.
            let excess = equal_ids_max_over_mean(u64::from(shards), shards) - 1.0;
            assert!((1.0..1.03).contains(&(excess / largest)), "{shards}: {excess}");
        }
        assert_eq!(equal_ids_max_over_mean(5, 1), 1.0);
    }

    #[test]
    fn the_worst_of_three_shards() {
        // Graham's 11 instead of 9.
        assert!((longest_first_ratio(3) - 11.0 / 9.0).abs() < 1e-12);
        assert_eq!(longest_first_ratio(1), 1.0);
    }
}
