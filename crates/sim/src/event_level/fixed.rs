//! Placement that looks at nothing but the event.

use hotshard_workload::RngSeed;

use super::placer::Placer;
use crate::KeyEvents;
use crate::key_events::Ids;
use crate::placement::Shards;

/// A shard for each key.
#[derive(Debug)]
pub(super) struct Fixed {
    of_key: Vec<u32>,
}

impl Fixed {
    /// Keys placed by their hash.
    #[expect(clippy::cast_possible_truncation, reason = "places are numbered by 32 bits")]
    pub(super) fn by_hash(events: &KeyEvents, place: impl Fn(u64) -> usize) -> Self {
        Self { of_key: events.hashes().iter().map(|&hash| place(hash) as u32).collect() }
    }
}

impl Placer for Fixed {
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has a hash")]
    fn place(&mut self, _: &[u32], key: usize, _: u64) -> usize {
        self.of_key[key] as usize
    }
}

/// By sequence, whatever the key.
#[derive(Debug)]
pub(super) struct Shuffled(pub(super) Shards);

impl Placer for Shuffled {
    #[inline]
    fn place(&mut self, _: &[u32], _: usize, sequence: u64) -> usize {
        self.0.spread(sequence)
    }
}

/// Each id's events with one salt after the other.
#[derive(Debug)]
pub(super) struct Salted<'a> {
    shards: Shards,
    seed: RngSeed,
    salts: u32,
    ids: &'a Ids<'a>,
    next: Vec<u32>,
}

impl<'a> Salted<'a> {
    /// So many salts, at least 1.
    pub(super) fn new(ids: &'a Ids<'a>, shards: Shards, salts: u32, seed: RngSeed) -> Self {
        Self { shards, seed, salts, ids, next: vec![0; ids.hashes.len()] }
    }
}

impl Placer for Salted<'_> {
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has a hash")]
    fn place(&mut self, _: &[u32], key: usize, _: u64) -> usize {
        let id = self.ids.of(key);
        let salt = self.next[id];
        self.next[id] = if salt + 1 < self.salts { salt + 1 } else { 0 };
        self.shards.salted(self.ids.hashes[id], salt, self.seed)
    }
}
