//! The keys of a workload, as each level needs them.

use std::num::NonZeroU32;
use std::path::Path;

use hotshard_ingest::source::find_inputs;
use hotshard_sim::{Balance, KeyEvents, Policy, Population, SimError, fluid, route};
use hotshard_store::Store;
use hotshard_workload::{ExpectedKeys, KeyDraws, RngSeed, WorkloadSpec, mix64};

use super::cells::Cell;
use super::spec::{ModelLevel, NamedWorkload, SpecError, WorkloadKeys};
use crate::{Error, KeyCounting, KeyCounts, MemoryBudget};

/// Keys of each day that the fluid model has one by one, to begin with.
const HEAD_KEYS: usize = 10_000;
/// Keys of each day that it has one by one at most, where a threshold lies far down.
const MOST_HEAD_KEYS: usize = 4_000_000;
/// What an event takes while it is drawn and routed: its key, and its place among all there could be.
const EVENT_BYTES: u64 = 12;

/// A workload whose events were read, if there is something to read.
#[derive(Debug)]
pub(super) enum Keys {
    Synthetic(WorkloadSpec),
    /// In the order in which they came.
    Read {
        counts: Option<Population>,
        events: Option<KeyEvents>,
        rejected: u64,
    },
    /// Without an order.
    Stored {
        counts: KeyCounts,
        counting: KeyCounting,
        /// Whether there is room for its events, once for each thread.
        fits: bool,
    },
}

/// A stream under one rng seed.
#[derive(Debug)]
pub(super) enum Stream<'a> {
    /// Event by event.
    Events(std::borrow::Cow<'a, KeyEvents>),
    /// Expected counts, of which each seed draws its own.
    Expected(&'a WorkloadSpec),
    /// Counts as they are.
    Counted(std::borrow::Cow<'a, Population>),
}

impl Keys {
    /// Reads what there is to read, for these levels.
    pub(super) fn prepare(
        workload: &NamedWorkload,
        levels: &[ModelLevel],
        memory: MemoryBudget,
        threads: usize,
    ) -> Result<Self, Error> {
        let counting = KeyCounting::default().memory(memory);
        match &workload.keys {
            WorkloadKeys::Synthetic(spec) => {
                let most = memory.bytes() / EVENT_BYTES / threads.max(1) as u64;
                if levels.contains(&ModelLevel::Events) && spec.events > most {
                    let (name, events) = (workload.name.clone(), spec.events);
                    return Err(SpecError::TooManyEvents { name, events, most }.into());
                }
                Ok(Self::Synthetic(spec.clone()))
            }
            WorkloadKeys::Inputs(paths) => {
                let inputs = find_inputs(paths)?;
                let counts = counting.of_inputs(&inputs)?;
                let rejected = counts.rejected();
                let population =
                    levels.contains(&ModelLevel::Fluid).then(|| counts.population(None));
                drop(counts);
                let events = if levels.contains(&ModelLevel::Events) {
                    Some(counting.events_of_inputs(&inputs)?)
                } else {
                    None
                };
                Ok(Self::Read { counts: population, events, rejected })
            }
            // Each thread has a shuffled copy of a store's events.
            WorkloadKeys::Store(folder) => Self::of_store(folder, counting, memory, threads),
        }
    }

    fn of_store(
        folder: &Path,
        counting: KeyCounting,
        memory: MemoryBudget,
        threads: usize,
    ) -> Result<Self, Error> {
        let snapshot = Store::open(folder)?.snapshot()?;
        let counts = counting.of_store(&snapshot)?;
        if let Some(first) = counts.damaged().first() {
            let (first, files) = (first.path.clone(), counts.damaged().len());
            return Err(SpecError::DamagedStore { folder: folder.to_owned(), first, files }.into());
        }
        let events = counts.events() + counts.keys().len() as u64;
        let most = memory.bytes() / EVENT_BYTES / threads.max(1) as u64;
        Ok(Self::Stored { fits: events <= most, counts, counting })
    }

    /// Records that were read and are no events.
    pub(super) const fn rejected(&self) -> u64 {
        match self {
            Self::Read { rejected, .. } => *rejected,
            Self::Synthetic(_) | Self::Stored { .. } => 0,
        }
    }

    /// What tells the events that were read from others; 0 where none were.
    pub(super) fn digest(&self) -> u64 {
        let mut digest = 0;
        let mut add = |word: u64| digest = mix64(digest ^ word).wrapping_add(1);
        match self {
            Self::Synthetic(_) => {}
            Self::Read { counts, events, .. } => {
                for key in counts.iter().flat_map(|counts| &counts.head) {
                    add(key.hash);
                    add(key.events.to_bits());
                }
                for key in events.iter().flat_map(KeyEvents::keys) {
                    add((*key).into());
                }
                events.iter().flat_map(KeyEvents::hashes).for_each(|hash| add(*hash));
            }
            Self::Stored { counts, .. } => {
                for key in counts.keys() {
                    add(key.hash);
                    add(key.events);
                }
                add(counts.events());
            }
        }
        digest
    }

    /// The stream of a repeat.
    pub(super) fn stream(&self, level: ModelLevel, seed: RngSeed) -> Result<Stream<'_>, Error> {
        use std::borrow::Cow;
        Ok(match (self, level) {
            (Self::Synthetic(spec), ModelLevel::Fluid) => Stream::Expected(spec),
            (Self::Synthetic(spec), ModelLevel::Events) => {
                let drawn = KeyDraws::new(spec, seed)?.draw();
                Stream::Events(Cow::Owned(drawn.into()))
            }
            (Self::Read { counts, .. }, ModelLevel::Fluid) => Stream::Counted(
                counts.as_ref().map_or_else(|| Cow::Owned(nothing()), Cow::Borrowed),
            ),
            (Self::Read { events, .. }, ModelLevel::Events) => {
                let events = events.as_ref().map_or_else(|| Cow::Owned(no_events()), Cow::Borrowed);
                Stream::Events(events)
            }
            (Self::Stored { counts, .. }, ModelLevel::Fluid) => {
                Stream::Counted(Cow::Owned(counts.population(None)))
            }
            (Self::Stored { fits: false, .. }, ModelLevel::Events) => {
                return Err(SpecError::StoreTooLarge.into());
            }
            (Self::Stored { counts, counting, .. }, ModelLevel::Events) => {
                let events = counts.shuffled(counting, seed)?.ok_or(SpecError::StoreTooLarge)?;
                Stream::Events(Cow::Owned(events))
            }
        })
    }
}

impl Stream<'_> {
    /// What a cell makes of it.
    pub(super) fn balance(&self, cell: &Cell, seed: RngSeed) -> Result<Balance, Error> {
        let Cell { policy, shards, sources, .. } = *cell;
        Ok(match self {
            Self::Events(events) => route(events, policy, shards, seed, Some(sources))?,
            Self::Counted(population) => {
                fluid::balance_of_counts(population, policy, shards, seed)?
            }
            Self::Expected(spec) => expected(spec, policy, shards, seed)?,
        })
    }
}

/// The balance of expected counts, with as many keys one by one as the threshold needs.
fn expected(
    spec: &WorkloadSpec,
    policy: Policy,
    shards: NonZeroU32,
    seed: RngSeed,
) -> Result<Balance, Error> {
    let mut head = HEAD_KEYS;
    loop {
        let population: Population = ExpectedKeys::of(spec, seed, head)?.into();
        match fluid::balance(&population, policy, shards, seed) {
            Err(SimError::ThresholdInTail { .. }) if head < MOST_HEAD_KEYS => head *= 20,
            balance => return Ok(balance?),
        }
    }
}

const fn nothing() -> Population {
    let tail = hotshard_sim::TailIds { ids: 0, events: 0.0, squares: 0.0 };
    Population { head: Vec::new(), tail, nobody: 0.0, days: 1 }
}

fn no_events() -> KeyEvents {
    KeyEvents::new(Vec::new(), Vec::new(), None, 1)
}
