//! The streams of ids that methods are tried on.

use hotshard_workload::{IdDistribution, Ranks, RngSeed, WorkloadError};

use super::THRESHOLD;
use super::figures::count;

/// Users of the drawn streams.
const USERS: u32 = 1_000_000;

/// A stream of ids, as numbers below its [`id_space`](Self::id_space).
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) name: &'static str,
    pub(super) description: String,
    pub(super) ids: Vec<u32>,
}

impl Stream {
    /// The first number that is no id of the stream.
    pub(super) fn id_space(&self) -> usize {
        self.ids.iter().max().map_or(0, |&id| id as usize + 1)
    }
}

/// The name of the stream that is plotted.
pub(super) const PLOTTED: &str = "Zipf 0.8";

/// The names of the streams on which best-effort detection is tried.
pub(super) const BEST_EFFORT: [&str; 2] = ["Zipf 1.0", "Bursts"];

/// Every stream.
pub(super) fn all(seed: RngSeed) -> Result<Vec<Stream>, WorkloadError> {
    Ok(vec![
        zipf(PLOTTED, 0.8, 10_000_000, seed)?,
        zipf("Zipf 1.0", 1.0, 6_000_000, seed)?,
        zipf("Zipf 1.3", 1.3, 4_000_000, seed)?,
        heavy_then_distinct(),
        in_turn("Just over T", THRESHOLD + 20),
        in_turn("Just under T", THRESHOLD),
        bursts(seed)?,
        sessions(seed)?,
        uniform(seed)?,
    ])
}

fn drawn(
    ids: IdDistribution,
    events: usize,
    seed: RngSeed,
    stream: u64,
) -> Result<Vec<u32>, WorkloadError> {
    let ranks = Ranks::new(u64::from(USERS), ids, seed, stream)?;
    Ok(ranks.take(events).filter_map(|rank| u32::try_from(rank).ok()).collect())
}

fn zipf(name: &'static str, s: f64, events: usize, seed: RngSeed) -> Result<Stream, WorkloadError> {
    Ok(Stream {
        name,
        description: format!("drawn from {} users under a Zipf law", count(USERS.into())),
        ids: drawn(IdDistribution::Zipf { s }, events, seed, 0)?,
    })
}

fn uniform(seed: RngSeed) -> Result<Stream, WorkloadError> {
    Ok(Stream {
        name: "Uniform",
        description: format!("drawn evenly from {} users; nobody is hot", count(USERS.into())),
        ids: drawn(IdDistribution::Uniform, 4_000_000, seed, 1)?,
    })
}

/// What hurts counters that are taken from their keys: hot ids come near T, a crowd washes them
/// out, then they go on.
fn heavy_then_distinct() -> Stream {
    const HOT: u32 = 1_200;
    const CROWD: u32 = 1_000_000;
    let half = u32::try_from(THRESHOLD).unwrap_or(u32::MAX) / 20 * 19;
    let rounds = || (0..half).flat_map(|_| 0..HOT);
    Stream {
        name: "Heavy, then all distinct",
        description: format!(
            "{hot} ids in turn with {} events each; {} ids with one each; the {hot} again",
            count(half.into()),
            count(CROWD.into()),
            hot = count(HOT.into())
        ),
        ids: rounds().chain(HOT..HOT + CROWD).chain(rounds()).collect(),
    }
}

fn in_turn(name: &'static str, events: u64) -> Stream {
    const IDS: u32 = 1_000;
    Stream {
        name,
        description: format!("{} ids in turn, {} events each", count(IDS.into()), count(events)),
        ids: (0..events).flat_map(|_| 0..IDS).collect(),
    }
}

fn bursts(seed: RngSeed) -> Result<Stream, WorkloadError> {
    const BURST: usize = 4_000;
    const QUIET: usize = 20_000;
    let background = drawn(IdDistribution::Uniform, 3_000_000, seed, 2)?;
    let mut ids = Vec::with_capacity(background.len() / QUIET * (QUIET + BURST));
    for (id, quiet) in (USERS..).zip(background.chunks(QUIET)) {
        ids.extend_from_slice(quiet);
        ids.extend(std::iter::repeat_n(id, BURST));
    }
    Ok(Stream {
        name: "Bursts",
        description: format!(
            "drawn evenly from {} users; after every {} events a new id sends {} at once",
            count(USERS.into()),
            count(QUIET as u64),
            count(BURST as u64)
        ),
        ids,
    })
}

/// Users who come for a while, so that new keys arrive with several events.
fn sessions(seed: RngSeed) -> Result<Stream, WorkloadError> {
    const SESSION: usize = 10;
    let users = drawn(IdDistribution::Zipf { s: 1.0 }, 400_000, seed, 3)?;
    Ok(Stream {
        name: "Sessions",
        description: format!(
            "drawn from {} users under a Zipf law with s = 1, each sending {SESSION} events in a row",
            count(USERS.into())
        ),
        ids: users.into_iter().flat_map(|user| std::iter::repeat_n(user, SESSION)).collect(),
    })
}
