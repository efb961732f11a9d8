//! Best-effort detection over some of the streams.

use hotshard_event::Threshold;
use hotshard_sim::{BestEffort, Crashes, Key, KeyOutcome, Routing, SimError};
use rayon::prelude::*;

use super::stream::{self, Stream};
use super::{RNG_SEED, THRESHOLD};

/// Ingesters (j) and events a flush (B).
const SIZES: [(u32, u64); 6] = [(1, 1), (1, 1_000), (4, 100), (4, 1_000), (16, 100), (16, 1_000)];

/// One flush in so many is lost, where ingesters crash.
const LOST_ONE_IN: u32 = 10;

/// One setting over one stream.
#[derive(Debug)]
pub struct BestEffortRow {
    /// Name of the stream.
    pub stream: &'static str,
    /// j.
    pub ingesters: u32,
    /// B.
    pub flush_every: u64,
    /// When ingesters crash.
    pub crashes: Crashes,
    /// Ids with more than T events.
    pub hot: u64,
    /// Those that were never declared.
    pub missed: u64,
    /// Events past T that were let through, of the worst id.
    pub worst_late: u64,
    /// The same, of all hot ids together.
    pub late_events: u64,
    /// Events that crashes lost of one hot id, at most.
    pub most_lost: u64,
    /// j·B − 1.
    pub bound: u64,
}

pub(super) fn measure(streams: &[Stream]) -> Result<Vec<BestEffortRow>, SimError> {
    let crashes = [Crashes::Never, Crashes::InsteadOfFlush { one_in: LOST_ONE_IN }];
    let cells: Vec<(&Stream, u32, u64, &Crashes)> = streams
        .iter()
        .filter(|stream| stream::BEST_EFFORT.contains(&stream.name))
        .flat_map(|stream| SIZES.map(|(j, b)| (stream, j, b)))
        .flat_map(|(stream, j, b)| crashes.each_ref().map(|crashes| (stream, j, b, crashes)))
        .collect();
    cells.par_iter().map(|&(stream, j, b, crashes)| run(stream, j, b, crashes)).collect()
}

fn run(
    stream: &Stream,
    ingesters: u32,
    flush_every: u64,
    crashes: &Crashes,
) -> Result<BestEffortRow, SimError> {
    let system = BestEffort::new(ingesters, flush_every, Threshold::new(THRESHOLD))
        .routing(Routing::Random)
        .crashes(crashes.clone())
        .rng_seed(RNG_SEED);
    let outcomes = system.run(stream.ids.iter().map(|&id| Key::new(u64::from(id))))?;
    let hot: Vec<&KeyOutcome> = outcomes.iter().filter(|key| key.events > THRESHOLD).collect();
    let bound = system.overshoot_bound();
    for key in &outcomes {
        assert!(key.overshoot <= bound + key.lost, "the bound holds: {key:?}");
        assert!(key.declared_at.is_none_or(|event| event > THRESHOLD), "never early: {key:?}");
    }
    Ok(BestEffortRow {
        stream: stream.name,
        ingesters,
        flush_every,
        crashes: crashes.clone(),
        hot: hot.len() as u64,
        missed: hot.iter().filter(|key| key.declared_at.is_none()).count() as u64,
        worst_late: hot.iter().map(|key| key.overshoot).max().unwrap_or(0),
        late_events: hot.iter().map(|key| key.overshoot).sum(),
        most_lost: hot.iter().map(|key| key.lost).max().unwrap_or(0),
        bound,
    })
}

impl BestEffortRow {
    /// Events past T that were let through, of the average hot id.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of events lie far below 2^53")]
    pub fn mean_late(&self) -> f64 {
        self.late_events as f64 / self.hot.max(1) as f64
    }
}
