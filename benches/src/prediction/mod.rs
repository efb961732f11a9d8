//! How well times that are predicted from a calibration hold against measured ones.
//!
//! Each store is really made and really counted, in both ways of timing. What is predicted comes from
//! the calibration and from the rows and bytes of the shards alone; the stores are none of those that
//! the calibration was fitted to.

mod page;
mod stores;

use std::path::Path;

use hotshard::{
    Calibration, CountFit, CountQuery, Latency, MeasuredTime, Repeats, Servers, ShardFigures,
    Snapshot, TaskOrder, Timing, fixed_counts, idle_latency_ns, service_time,
};
use serde::Serialize;

pub use page::markdown;
pub use stores::{Plan, Size, plans};

/// How often each count is timed: until its runs took as long as those of a calibration.
pub const REPEATS: Repeats = hotshard::Calibrate::DEFAULT_REPEATS;
/// Memory for the counts, so that all of them take one pass.
const MEMORY_BYTES: u64 = hotshard::Calibrate::DEFAULT_MEMORY.bytes();

/// A time twice: as predicted, and as measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pair {
    /// What the model says, in nanoseconds.
    pub modelled_ns: f64,
    /// What a clock said, in nanoseconds: the median of the repeats.
    pub measured_ns: f64,
}

/// One count on one store.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The events.
    pub stream: String,
    /// Number of events.
    pub events: u64,
    /// Number of shards.
    pub shards: usize,
    /// What happened to excess, and at which threshold.
    pub remedy: String,
    /// Which of the fixed counts.
    pub count: String,
    /// Rows of the fullest shard over the mean.
    pub max_over_mean: f64,
    /// The shard that takes longest by itself.
    pub slowest_shard: Pair,
    /// The latency with one worker a shard: measured shard by shard, one at a time.
    pub worker_a_shard: Pair,
    /// The latency on this machine's cores.
    pub concurrent: Pair,
    /// Why the times of one shard at a time should not be trusted, if so.
    pub isolated_noise: Option<String>,
    /// Why the concurrent latency should not be trusted, if so.
    pub concurrent_noise: Option<String>,
}

impl Pair {
    /// Modelled over measured.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.modelled_ns / self.measured_ns
    }
}

/// Makes a store in this folder, predicts and measures every fixed count on it, and removes it.
///
/// # Errors
/// As [`hotshard::Ingest::run`] and [`CountQuery::run`], and when the calibration lacks a count.
pub fn hold(plan: &Plan, calibration: &Calibration, folder: &Path) -> anyhow::Result<Vec<Outcome>> {
    let (snapshot, spread) = plan.make(folder)?;
    let outcomes = fixed_counts()
        .into_iter()
        .map(|(name, query)| {
            let fit = calibration.count(name);
            let fit = fit.ok_or_else(|| anyhow::anyhow!("the calibration lacks `{name}`"))?;
            one(plan, (&snapshot, spread), fit, &query.memory_bytes(MEMORY_BYTES))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    drop(snapshot);
    std::fs::remove_dir_all(folder)?;
    Ok(outcomes)
}

fn one(
    plan: &Plan,
    (snapshot, spread): (&Snapshot, u64),
    fit: &CountFit,
    query: &CountQuery,
) -> anyhow::Result<Outcome> {
    let isolated = query.clone().timing(Timing::Isolated { repeats: REPEATS }).run(snapshot)?;
    let concurrent = query.clone().timing(Timing::Concurrent { repeats: REPEATS }).run(snapshot)?;
    anyhow::ensure!(
        isolated.rows == concurrent.rows && isolated.passes.counts + isolated.passes.dedup == 2,
        "{}: {plan:?} gave different answers, or took several passes",
        fit.name
    );
    let rows = snapshot.rows_per_shard();
    let total: u64 = rows.iter().sum();
    let merge_ns = fit.merge.merge_ns(rows.len(), total, spread);
    let shards: Vec<&ShardFigures> = isolated.shards.iter().filter(|each| each.files > 0).collect();
    let modelled: Vec<f64> =
        shards.iter().map(|shard| fit.service.service_ns(shard.rows, shard.bytes)).collect();
    let slowest = idle_latency_ns(&modelled, Servers::OnePerShard, TaskOrder::LargestFirst);
    let crowded: Vec<f64> = modelled.iter().map(|time| time * fit.contention).collect();
    let together = idle_latency_ns(&crowded, cores(), TaskOrder::LargestFirst) + merge_ns;
    let times = || shards.iter().map(|shard| service_time(shard));
    let measured_slowest = ns(times().max().unwrap_or_default());
    let measured_merge = ns(isolated.merge);
    Ok(Outcome {
        stream: plan.stream.clone(),
        events: total,
        shards: rows.len(),
        remedy: plan.remedy_and_threshold(),
        count: fit.name.clone(),
        max_over_mean: hotshard::Skew::of(&rows).max_over_mean,
        slowest_shard: Pair { modelled_ns: slowest, measured_ns: measured_slowest },
        worker_a_shard: Pair {
            modelled_ns: slowest + merge_ns,
            measured_ns: measured_slowest + measured_merge,
        },
        concurrent: Pair { modelled_ns: together, measured_ns: latency_ns(&concurrent.latency) },
        isolated_noise: isolated.noise.map(|noise| noise.to_string()),
        concurrent_noise: concurrent.noise.map(|noise| noise.to_string()),
    })
}

/// The threads that a concurrent count has.
fn cores() -> Servers {
    let threads = u32::try_from(rayon::current_num_threads()).unwrap_or(1);
    Servers::Workers(threads.try_into().unwrap_or(std::num::NonZeroU32::MIN))
}

#[expect(clippy::cast_precision_loss, reason = "ratios of times need no 53rd bit")]
fn ns(time: MeasuredTime) -> f64 {
    time.ns() as f64
}

#[expect(clippy::cast_precision_loss, reason = "ratios of times need no 53rd bit")]
fn latency_ns(latency: &Latency) -> f64 {
    match latency {
        Latency::Measured(repeated) => ns(repeated.median),
        Latency::Modelled { latency, .. } => latency.ns() as f64,
    }
}

/// The median of |modelled/measured − 1|; nothing of no pairs.
pub fn median_error<'a>(pairs: impl IntoIterator<Item = &'a Pair>) -> Option<f64> {
    let mut errors: Vec<f64> = pairs.into_iter().map(|pair| (pair.ratio() - 1.0).abs()).collect();
    errors.sort_by(f64::total_cmp);
    errors.get(errors.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_error_is_that_of_the_middle_pair() {
        let pair = |modelled_ns| Pair { modelled_ns, measured_ns: 100.0 };
        let error = median_error(&[pair(150.0), pair(95.0), pair(110.0)]).unwrap();
        assert!((error - 0.1).abs() < 1e-12);
        assert_eq!(median_error([]), None);
    }
}
