//! What each way of counting finds, and what it finds wrongly, in how much memory.
//!
//! [`measure`] runs every method in every size of memory over every stream; [`page`] and [`plot`]
//! print what came out. No clock is read, and all random draws come from one rng seed, so the
//! same program gives the same bytes.

mod best_effort;
mod figures;
mod findings;
mod method;
pub mod page;
pub mod plot;
mod stream;
mod trial;

use hotshard_workload::RngSeed;
use rayon::prelude::*;

pub use self::best_effort::BestEffortRow;
use self::method::Exact;
pub use self::method::Method;
use self::stream::Stream;
pub use self::trial::Outcome;

/// The threshold T: events of a key that are not excess.
pub const THRESHOLD: u64 = 2_000;

/// The rng seed of all streams.
pub const RNG_SEED: RngSeed = RngSeed::DEFAULT;

/// Bytes of memory for counters.
pub const MEMORIES: [usize; 5] = [16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20];

/// Everything that was counted.
#[derive(Debug)]
pub struct Accuracy {
    /// What was found in each stream.
    pub streams: Vec<StreamResult>,
    /// How late best-effort detection was.
    pub best_effort: Vec<BestEffortRow>,
}

/// What was found in one stream.
#[derive(Debug)]
pub struct StreamResult {
    /// Its name.
    pub name: &'static str,
    /// How it is made.
    pub description: String,
    /// Its number of events.
    pub events: u64,
    /// Its number of different ids.
    pub ids: u64,
    /// How many of these have more than T events.
    pub hot: u64,
    /// Bytes that a hash map of all live counts took.
    pub exact_bytes: usize,
    /// The runs, by memory and then by method.
    pub runs: Vec<Run>,
}

/// One method in one size of memory over one stream.
#[derive(Debug)]
pub struct Run {
    /// Which method.
    pub method: Method,
    /// Bytes it was given.
    pub memory_bytes: usize,
    /// Counters it made of them.
    pub counters: usize,
    /// What it found.
    pub outcome: Outcome,
    /// How late it says it may be at most; nothing for methods that are never late.
    pub certificate: Option<u64>,
}

/// Runs everything. Takes all threads there are, and about 300 MiB.
///
/// # Errors
/// Never with the streams and sizes there are.
///
/// # Panics
/// If a method breaks what it promises: declares early, or late by more than its certificate.
pub fn measure() -> anyhow::Result<Accuracy> {
    let streams = stream::all(RNG_SEED)?;
    let streams_with_truth: Vec<StreamResult> = streams.par_iter().map(describe).collect();
    let cells: Vec<(usize, usize, Method)> = (0..streams.len())
        .flat_map(|stream| MEMORIES.map(|memory| (stream, memory)))
        .flat_map(|(stream, memory)| Method::ALL.map(|method| (stream, memory, method)))
        .collect();
    let run = |&(stream, memory, method): &(usize, usize, Method)| {
        streams.get(stream).map(|stream| (stream.name, run(stream, memory, method)))
    };
    let runs: Vec<(&str, Run)> = cells.par_iter().filter_map(run).collect();
    let best_effort = best_effort::measure(&streams)?;
    let mut results = streams_with_truth;
    for (name, run) in runs {
        if let Some(result) = results.iter_mut().find(|result| result.name == name) {
            result.runs.push(run);
        }
    }
    Ok(Accuracy { streams: results, best_effort })
}

/// Finds every hot id with a counter for each id: the truth, and what it takes.
fn describe(stream: &Stream) -> StreamResult {
    let mut exact = Exact::default();
    let outcome = trial::run(stream, |hash| exact.feed(hash, THRESHOLD));
    assert_eq!(
        (outcome.missed, outcome.worst_late, outcome.early_events),
        (0, 0, 0),
        "a count that is exact is neither late nor early"
    );
    StreamResult {
        name: stream.name,
        description: stream.description.clone(),
        events: stream.ids.len() as u64,
        ids: outcome.ids,
        hot: outcome.hot,
        exact_bytes: exact.memory_bytes(),
        runs: Vec::new(),
    }
}

fn run(stream: &Stream, memory_bytes: usize, method: Method) -> Run {
    let mut counting = method.in_memory(memory_bytes);
    let outcome = trial::run(stream, |hash| counting.feed(hash, THRESHOLD));
    assert!(counting.memory_bytes() <= memory_bytes, "{method} took more than it was given");
    let certificate = counting.certificate();
    match certificate {
        None => assert_eq!((outcome.missed, outcome.worst_late), (0, 0), "{method} is never late"),
        Some(bound) => {
            assert_eq!(
                (outcome.innocents, outcome.early_events),
                (0, 0),
                "{method} is never early"
            );
            assert!(outcome.worst_late <= bound, "{method} is never later than it says");
        }
    }
    Run { method, memory_bytes, counters: counting.counters(), outcome, certificate }
}
