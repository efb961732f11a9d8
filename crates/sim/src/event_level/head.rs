//! Head detection of D-Choices and W-Choices.

use hotshard_workload::RngSeed;

use super::space_saving::SpaceSaving;
use super::two_choices::Pair;
use crate::head_choices::INVERSE_THETA_PER_SHARD;
use crate::key_events::Ids;
use crate::placement::Shards;

/// Counters for each id that can be in the head at one time, so that an estimate is off by θ/2 of
/// the events at most.
const COUNTERS_PER_HEAD: u32 = 2;

/// The ids of a stream as one source sees them.
#[derive(Debug)]
pub(super) struct Heads<'a> {
    names: &'a Ids<'a>,
    ids: Vec<Id>,
    summary: SpaceSaving,
    events: u64,
    inverse_theta: u64,
}

/// Side by side, since every event needs both.
#[derive(Debug, Clone, Copy)]
struct Id {
    estimate: u32,
    pair: Pair,
}

/// What an event's id is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// At least θ of the events so far are of this id.
    Head,
    /// Less.
    Tail,
}

impl<'a> Heads<'a> {
    /// Before the first of a source's events, of which there will be so many.
    pub(super) fn new(names: &'a Ids<'a>, shards: Shards, seed: RngSeed, own_events: u64) -> Self {
        let id = |&hash: &u64| Id { estimate: 0, pair: Pair::of(hash, shards, seed) };
        let inverse_theta = INVERSE_THETA_PER_SHARD * shards.count() as u64;
        let heads = u32::try_from(inverse_theta).unwrap_or(u32::MAX / COUNTERS_PER_HEAD);
        Self {
            names,
            ids: names.hashes.iter().map(id).collect(),
            summary: SpaceSaving::new(COUNTERS_PER_HEAD * heads, own_events),
            events: 0,
            inverse_theta,
        }
    }

    /// Counts an event: its id, its choices, and what it now is.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has an id")]
    pub(super) fn see(&mut self, key: usize) -> (usize, Pair, Part) {
        let number = self.names.of(key);
        self.events += 1;
        let id = &mut self.ids[number];
        self.summary.count(&mut id.estimate);
        let in_head = u64::from(id.estimate) * self.inverse_theta >= self.events;
        (number, id.pair, if in_head { Part::Head } else { Part::Tail })
    }

    /// Reads what an event of this key needs.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has an id")]
    pub(super) fn touch(&self, key: usize) -> u32 {
        self.ids[self.names.of(key)].estimate
    }

    /// How many ids there are.
    pub(super) fn ids(&self) -> usize {
        self.ids.len()
    }

    /// The hash of an id.
    #[expect(clippy::indexing_slicing, reason = "asked for ids that were seen")]
    pub(super) fn hash(&self, id: usize) -> u64 {
        self.names.hashes[id]
    }

    /// Events so far.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    /// How many events this id has, at most.
    #[expect(clippy::indexing_slicing, reason = "asked for ids that were seen")]
    pub(super) fn estimate(&self, id: usize) -> u32 {
        self.ids[id].estimate
    }

    /// The lowest estimate in the head.
    fn least_estimate(&self) -> u64 {
        self.events.div_ceil(self.inverse_theta).max(1)
    }

    /// All ids of the head, in the order of their numbers.
    pub(super) fn head(&self) -> impl Iterator<Item = usize> {
        let least = self.least_estimate();
        let ids = self.ids.iter().enumerate();
        ids.filter(move |(_, id)| u64::from(id.estimate) >= least).map(|(number, _)| number)
    }
}
