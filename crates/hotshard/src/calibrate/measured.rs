//! What the fixed counts took on one store.

use hotshard_query::{CountQuery, CpuTime, MeasuredTime, Noise, Repeats, ShardFigures, Timing};
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
    /// What it took to merge what the shards found, in nanoseconds.
    pub(super) merge_ns: f64,
    /// Rows that a remedy spread.
    pub(super) spread: u64,
    /// Sum of the shards' times with all cores at work, over that with one; nothing of a store that
    /// does not keep them all at work.
    pub(super) contention: Option<f64>,
    pub(super) noise: Option<Noise>,
    /// Whether the memory was enough for one pass.
    pub(super) in_one_pass: bool,
}

/// Runs every fixed count on a store.
pub(super) fn measure(
    snapshot: &Snapshot,
    spread: u64,
    repeats: Repeats,
    memory: MemoryBudget,
) -> Result<Vec<MeasuredCount>, Error> {
    let is_shared = snapshot.identity().shards().get() as usize >= rayon::current_num_threads();
    let run = |(name, query): (&'static str, CountQuery)| {
        let query = query.memory_bytes(memory.bytes());
        let isolated = query.clone().timing(Timing::Isolated { repeats }).run(snapshot)?;
        let contention = if is_shared {
            let concurrent = query.timing(Timing::Concurrent { repeats }).run(snapshot)?;
            Some(total_ns(&concurrent.shards) / total_ns(&isolated.shards))
        } else {
            None
        };
        Ok(MeasuredCount {
            name,
            shards: isolated.shards.iter().filter(|shard| shard.files > 0).map(sample).collect(),
            merge_ns: ns(isolated.merge).max(1.0),
            spread,
            contention,
            noise: isolated.noise,
            in_one_pass: isolated.passes.counts == 1 && isolated.passes.dedup == 1,
        })
    };
    fixed_counts().into_iter().map(run).collect()
}

/// The time a shard takes that has a processor to itself: how long its thread ran, since files lie
/// in memory and a scan waits for nothing else; on a busy machine the clock on the wall counts others'
/// work, too. Wall time where the system does not tell.
pub fn service_time(shard: &ShardFigures) -> MeasuredTime {
    shard.cpu.map_or(shard.service.median, |cpu: CpuTime| MeasuredTime::from_ns(cpu.ns()))
}

fn sample(shard: &ShardFigures) -> ServiceSample {
    ServiceSample { rows: shard.rows, bytes: shard.bytes, measured_ns: ns(service_time(shard)) }
}

fn total_ns(shards: &[ShardFigures]) -> f64 {
    ns(shards.iter().map(service_time).sum())
}

#[expect(clippy::cast_precision_loss, reason = "a model is not exact to 53 bits")]
fn ns(time: MeasuredTime) -> f64 {
    time.ns() as f64
}
