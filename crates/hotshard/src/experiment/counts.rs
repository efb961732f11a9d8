//! The counts that every trial is timed with.

use hotshard_query::{
    CountQuery, Dedup, GroupColumn, Latency, Measure, MeasuredTime, ModelledTime, Noise, Passes,
    Repeats, ShardFigures, Timing,
};
use hotshard_store::Snapshot;

use crate::{Error, MemoryBudget};

/// What is counted, by name: the everyday counts of an analytics system.
pub const FIXED_COUNTS: [&str; 4] =
    ["events by event", "events by event and date", "users by event", "events after dedup"];

/// One of the fixed counts on one store.
#[derive(Debug, Clone)]
pub struct TrialCount {
    /// Its name in [`FIXED_COUNTS`].
    pub name: &'static str,
    /// Measured service time of each shard, one at a time.
    pub shards: Vec<ShardFigures>,
    /// Modelled latency with one worker a shard.
    pub modelled_latency: ModelledTime,
    /// How many runs the medians are taken from.
    pub repeats: usize,
    /// How often the store was passed over. More than once takes longer, and says that the memory
    /// was too small to time it fairly.
    pub passes: Passes,
    /// Why these times should not be trusted, if so.
    pub noise: Option<Noise>,
}

/// The fixed counts as queries, each with its name in [`FIXED_COUNTS`].
#[must_use]
pub fn fixed_counts() -> [(&'static str, CountQuery); FIXED_COUNTS.len()] {
    let events = || CountQuery::new(Measure::Events);
    let [by_event, by_date, users, deduplicated] = FIXED_COUNTS;
    [
        (by_event, events().by(GroupColumn::Event)),
        (by_date, events().by(GroupColumn::Event).by(GroupColumn::Date)),
        (users, CountQuery::new(Measure::Users).by(GroupColumn::Event)),
        (deduplicated, events().dedup(Dedup::On)),
    ]
}

/// Runs every fixed count, one shard at a time.
pub(crate) fn run_all(
    snapshot: &Snapshot,
    repeats: Repeats,
    memory: MemoryBudget,
) -> Result<Vec<TrialCount>, Error> {
    let run = |(name, query): (&'static str, CountQuery)| {
        let query = query.timing(Timing::Isolated { repeats }).memory_bytes(memory.bytes());
        let answer = query.run(snapshot)?;
        let modelled_latency = match answer.latency {
            Latency::Modelled { latency, .. } => latency,
            Latency::Measured(_) => ModelledTime::default(),
        };
        Ok(TrialCount {
            name,
            shards: answer.shards,
            modelled_latency,
            repeats: answer.repeats,
            passes: answer.passes,
            noise: answer.noise,
        })
    };
    fixed_counts().into_iter().map(run).collect()
}

/// What each shard needs for all counts: the sum of its medians.
pub(super) fn total_per_shard(counts: &[TrialCount], shards: usize) -> Vec<MeasuredTime> {
    let total = |shard: usize| {
        counts
            .iter()
            .filter_map(|count| count.shards.get(shard))
            .map(|figures| figures.service.median)
            .sum()
    };
    (0..shards).map(total).collect()
}

/// The latency of all counts, one after another.
pub(super) fn total_latency(counts: &[TrialCount]) -> ModelledTime {
    ModelledTime::from_ns(counts.iter().map(|count| count.modelled_latency.ns()).sum())
}
