//! Placement by sequence, and by salts in turn.

use hotshard_workload::RngSeed;

use super::placer::Placer;
use crate::key_events::Ids;
use crate::placement::Shards;

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
    #[expect(clippy::indexing_slicing, reason = "every key of an event has an id")]
    fn touch(&self, key: usize) -> u32 {
        self.next[self.ids.of(key)]
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has a hash")]
    fn place(&mut self, _: &[u32], key: usize, _: u64) -> usize {
        let id = self.ids.of(key);
        let salt = self.next[id];
        self.next[id] = if salt + 1 < self.salts { salt + 1 } else { 0 };
        self.shards.salted(self.ids.hashes[id], salt, self.seed)
    }
}
