//! Trials of an experiment.

use hotshard::{MeasuredTime, Trial, TrialCount};
use serde::Serialize;

use super::shards::ShardsJson;

/// One combination. Times ending in `_service_ns` were measured, one shard at a time; modelled
/// ones say so.
#[derive(Debug, Serialize)]
pub(crate) struct TrialJson {
    threshold: u64,
    remedy: &'static str,
    events: u64,
    stored: u64,
    remedied: u64,
    hot_ids: usize,
    hot_keys: usize,
    lateness_bound: u64,
    shards: ShardsJson,
    slowest_shard_service_ns: u64,
    mean_shard_service_ns: u64,
    modelled_latency_ns: u64,
    workers: u32,
    events_missing: u64,
    users_missing: u64,
    counts: Vec<CountJson>,
    ingest_elapsed_ns: u64,
    store: Option<String>,
    noise: Option<String>,
}

/// One of the fixed counts.
#[derive(Debug, Serialize)]
struct CountJson {
    name: &'static str,
    slowest_shard_service_ns: u64,
    mean_shard_service_ns: u64,
    modelled_latency_ns: u64,
    repeats: usize,
    noise: Option<String>,
    passes: u64,
    dedup_passes: u64,
}

impl From<&Trial> for TrialJson {
    fn from(trial: &Trial) -> Self {
        Self {
            threshold: trial.threshold.get(),
            remedy: trial.remedy.as_str(),
            events: trial.ingest.events,
            stored: trial.ingest.stored,
            remedied: trial.ingest.remedied,
            hot_ids: hot_ids(trial),
            hot_keys: trial.ingest.hot.len(),
            lateness_bound: trial.ingest.lateness_bound,
            shards: trial.skew.into(),
            slowest_shard_service_ns: trial.slowest_shard.ns(),
            mean_shard_service_ns: trial.mean_shard.ns(),
            modelled_latency_ns: trial.modelled_latency.ns(),
            workers: trial.shards.get(),
            events_missing: trial.cost.events_missing,
            users_missing: trial.cost.users_missing,
            counts: trial.counts.iter().map(CountJson::from).collect(),
            ingest_elapsed_ns: trial.ingest.elapsed.ns(),
            store: trial.kept.as_ref().map(|path| path.display().to_string()),
            noise: trial.noise().map(|(name, noise)| format!("{name}: {noise}")),
        }
    }
}

impl From<&TrialCount> for CountJson {
    fn from(count: &TrialCount) -> Self {
        let times = || count.shards.iter().map(|figures| figures.service.median);
        let sum: MeasuredTime = times().sum();
        Self {
            name: count.name,
            slowest_shard_service_ns: times().max().unwrap_or_default().ns(),
            mean_shard_service_ns: sum.ns() / count.shards.len().max(1) as u64,
            modelled_latency_ns: count.modelled_latency.ns(),
            repeats: count.repeats,
            noise: count.noise.map(|noise| noise.to_string()),
            passes: count.passes.counts,
            dedup_passes: count.passes.dedup,
        }
    }
}

/// Ids that were hot on at least one day.
pub(crate) fn hot_ids(trial: &Trial) -> usize {
    let ids: std::collections::BTreeSet<&str> =
        trial.ingest.hot.iter().map(|touched| touched.key.distinct_id.as_str()).collect();
    ids.len()
}
