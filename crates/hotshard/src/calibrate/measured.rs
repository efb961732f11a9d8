//! What the fixed counts took on one store.

use hotshard_query::{CountQuery, Latency, Noise, Repeats, ShardFigures, Timing};
use hotshard_sim::ServiceSample;
use hotshard_store::Snapshot;

use crate::experiment::counts::fixed_counts;
use crate::{Error, MemoryBudget};

/// One of the fixed counts on one store.
#[derive(Debug, Clone)]
pub(super) struct MeasuredCount {
    pub(super) name: &'static str,
    /// Its shards, one at a time.
    pub(super) shards: Vec<ServiceSample>,
    /// What came after the shards, in nanoseconds.
    pub(super) merge_ns: f64,
    /// Sum of the shards' times with all cores at work, over that with one.
    pub(super) contention: Option<f64>,
    pub(super) noise: Option<Noise>,
    /// Whether the memory was enough for one pass.
    pub(super) in_one_pass: bool,
}

/// Runs every fixed count on a store.
pub(super) fn measure(
    snapshot: &Snapshot,
    repeats: Repeats,
    memory: MemoryBudget,
) -> Result<Vec<MeasuredCount>, Error> {
    let run = |(name, query): (&'static str, CountQuery)| {
        let query = query.memory_bytes(memory.bytes());
        let isolated = query.clone().timing(Timing::Isolated { repeats }).run(snapshot)?;
        let contention = if snapshot.identity().shards().get() > 1 {
            let concurrent = query.timing(Timing::Concurrent { repeats }).run(snapshot)?;
            Some(total_ns(&concurrent.shards) / total_ns(&isolated.shards))
        } else {
            None
        };
        let latency_ns = match isolated.latency {
            Latency::Modelled { latency, .. } => latency.ns(),
            Latency::Measured(latency) => latency.median.ns(),
        };
        let times = isolated.shards.iter().map(|shard| shard.service.median.ns());
        let slowest_ns = times.max().unwrap_or_default();
        Ok(MeasuredCount {
            name,
            shards: isolated.shards.iter().filter(|shard| shard.files > 0).map(sample).collect(),
            merge_ns: to_f64(latency_ns.saturating_sub(slowest_ns)),
            contention,
            noise: isolated.noise,
            in_one_pass: isolated.passes.counts == 1 && isolated.passes.dedup == 1,
        })
    };
    fixed_counts().into_iter().map(run).collect()
}

fn sample(shard: &ShardFigures) -> ServiceSample {
    ServiceSample {
        rows: shard.rows,
        bytes: shard.bytes,
        measured_ns: to_f64(shard.service.median.ns()),
    }
}

fn total_ns(shards: &[ShardFigures]) -> f64 {
    to_f64(shards.iter().map(|shard| shard.service.median.ns()).sum())
}

#[expect(clippy::cast_precision_loss, reason = "a model is not exact to 53 bits")]
fn to_f64(ns: u64) -> f64 {
    ns as f64
}
