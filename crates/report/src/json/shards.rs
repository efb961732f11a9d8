//! The balance of shards.

use hotshard::Skew;
use serde::Serialize;

/// How evenly rows lie over shards.
#[derive(Debug, Serialize)]
pub(crate) struct ShardsJson {
    count: usize,
    max_over_mean: f64,
    cv: f64,
    p99_over_median: Option<f64>,
    gini: f64,
    k_eff: f64,
    total: u64,
    max: u64,
    mean: f64,
}

impl From<Skew> for ShardsJson {
    fn from(skew: Skew) -> Self {
        Self {
            count: skew.count,
            max_over_mean: skew.max_over_mean,
            cv: skew.cv,
            p99_over_median: skew.p99_over_median,
            gini: skew.gini,
            k_eff: skew.k_eff,
            total: skew.total,
            max: skew.max,
            mean: skew.mean,
        }
    }
}
