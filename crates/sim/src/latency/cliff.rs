//! How long an idle machine with few workers hides a hot shard.

use super::{Servers, TaskOrder, idle_latency_ns};
use crate::SimError;

/// The latency of a lone query against skew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CliffPoint {
    /// Max/mean of rows.
    pub max_over_mean: f64,
    /// The modelled latency of a query on idle servers, in nanoseconds.
    pub modelled_latency_ns: f64,
    /// How many times as long as over shards of equal size.
    pub modelled_slowdown: f64,
}

/// The max/mean of service times from which a lone query on idle servers begins to wait for the hot
/// shard: n/W with W workers, 1 with a server a shard.
///
/// With W workers a query takes the mean of n/W shards if the work is shared out well; up to there,
/// the hot shard ends no later than the others do together.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "there are not that many shards")]
pub fn cliff_edge(shards: usize, servers: Servers) -> f64 {
    (shards as f64 / servers.count(shards) as f64).max(1.0)
}

/// What a lone query takes over `shards` shards of `rows` rows in all, of which one is hot and the
/// others are equal, for each of these max/mean of rows. `modelled_service_ns` tells the service
/// time of a shard of so many rows.
///
/// # Errors
/// Without shards, and for a max/mean that is below 1 or above the number of shards.
pub fn cliff_curve(
    shards: usize,
    rows: u64,
    servers: Servers,
    modelled_service_ns: impl Fn(u64) -> f64,
    max_over_mean: &[f64],
) -> Result<Vec<CliffPoint>, SimError> {
    if shards == 0 {
        return Err(SimError::NoShards);
    }
    let latency_ns = |max_over_mean: f64| {
        let (hot, other) = rows_of(shards, rows, max_over_mean);
        let mut service_ns = vec![modelled_service_ns(other); shards - 1];
        service_ns.push(modelled_service_ns(hot));
        idle_latency_ns(&service_ns, servers, TaskOrder::LargestFirst)
    };
    let balanced_ns = latency_ns(1.0);
    let point = |&max_over_mean: &f64| {
        #[expect(clippy::cast_precision_loss, reason = "there are not that many shards")]
        if !(1.0..=shards as f64).contains(&max_over_mean) {
            return Err(SimError::MaxOverMean { given: max_over_mean, shards });
        }
        let modelled_latency_ns = latency_ns(max_over_mean);
        let modelled_slowdown =
            if balanced_ns > 0.0 { modelled_latency_ns / balanced_ns } else { 1.0 };
        Ok(CliffPoint { max_over_mean, modelled_latency_ns, modelled_slowdown })
    };
    max_over_mean.iter().map(point).collect()
}

/// Rows of the hot shard, and of each other one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares of rows that need no 53 bits"
)]
fn rows_of(shards: usize, rows: u64, max_over_mean: f64) -> (u64, u64) {
    let hot = ((rows as f64 / shards as f64 * max_over_mean).round() as u64).min(rows);
    let other = (rows - hot) as f64 / (shards as f64 - 1.0).max(1.0);
    (hot, other.round() as u64)
}
