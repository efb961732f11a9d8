//! How unevenly rows lie over shards.

use serde::Serialize;

/// Balance of a set of shards by their row counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Skew {
    /// Number of shards.
    pub count: usize,
    /// Rows in all shards.
    pub total: u64,
    /// Rows of the largest shard.
    pub max: u64,
    /// Mean rows per shard.
    pub mean: f64,
    /// Largest shard over mean: how many times longer the slowest shard works. 1 is balanced.
    pub max_over_mean: f64,
    /// Coefficient of variation: standard deviation over mean (population form).
    pub cv: f64,
    /// 99th percentile over median, by nearest rank; absent when the median shard is empty.
    pub p99_over_median: Option<f64>,
    /// Gini coefficient: 0 is balanced, (n−1)/n is all rows in one shard.
    pub gini: f64,
    /// Effective number of shards, (Σf)²/Σf²: how many equally full ones would be this uneven.
    pub k_eff: f64,
}

impl Skew {
    /// The balance of these row counts, one number a shard. No rows at all count as balanced.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "ratios of row counts need no 53rd bit")]
    pub fn of(rows_per_shard: &[u64]) -> Self {
        let count = rows_per_shard.len();
        let mut sorted = rows_per_shard.to_vec();
        sorted.sort_unstable();
        let total: u64 = sorted.iter().sum();
        let max = sorted.last().copied().unwrap_or(0);
        if total == 0 {
            return Self {
                count,
                total,
                max,
                mean: 0.0,
                max_over_mean: 1.0,
                cv: 0.0,
                p99_over_median: None,
                gini: 0.0,
                k_eff: count as f64,
            };
        }
        let n = count as f64;
        let mean = total as f64 / n;
        let variance = sorted.iter().map(|&rows| (rows as f64 - mean).powi(2)).sum::<f64>() / n;
        let squares: f64 = sorted.iter().map(|&rows| (rows as f64).powi(2)).sum();
        let median = nearest_rank(&sorted, 50);
        Self {
            count,
            total,
            max,
            mean,
            max_over_mean: max as f64 / mean,
            cv: variance.sqrt() / mean,
            p99_over_median: (median > 0).then(|| nearest_rank(&sorted, 99) as f64 / median as f64),
            gini: gini(&sorted),
            k_eff: (total as f64).powi(2) / squares,
        }
    }
}

/// The nearest-rank percentile of sorted values: the ⌈n·p/100⌉-th.
fn nearest_rank(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

/// Gini coefficient of sorted values: Σ(2i − n − 1)·xᵢ / (n·Σx), i from 1.
#[expect(clippy::cast_precision_loss, reason = "ratios of row counts need no 53rd bit")]
fn gini(sorted: &[u64]) -> f64 {
    let n = sorted.len() as f64;
    let total: f64 = sorted.iter().map(|&rows| rows as f64).sum();
    let weighted: f64 = sorted
        .iter()
        .enumerate()
        .map(|(index, &rows)| (2.0 * (index as f64 + 1.0) - n - 1.0) * rows as f64)
        .sum();
    weighted / (n * total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn equal_shards_are_balanced() {
        let skew = Skew::of(&[5, 5, 5, 5]);
        assert!(near(skew.max_over_mean, 1.0) && near(skew.cv, 0.0) && near(skew.gini, 0.0));
        assert!(near(skew.k_eff, 4.0) && skew.p99_over_median == Some(1.0));
    }

    #[test]
    fn one_full_shard_is_as_skewed_as_it_gets() {
        let skew = Skew::of(&[0, 12, 0, 0]);
        assert!(near(skew.max_over_mean, 4.0) && near(skew.gini, 0.75) && near(skew.k_eff, 1.0));
        assert!(near(skew.cv, 3.0_f64.sqrt()));
        assert_eq!(skew.p99_over_median, None);
    }

    #[test]
    fn no_rows_are_balanced() {
        assert!(near(Skew::of(&[0, 0]).max_over_mean, 1.0));
        assert!(near(Skew::of(&[]).max_over_mean, 1.0));
    }
}
