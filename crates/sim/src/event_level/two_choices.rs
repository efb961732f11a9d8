//! Partial key grouping: the less loaded of two.

use hotshard_workload::RngSeed;

use super::placer::Placer;
use crate::placement::Shards;

/// The numbers of two shards, small enough to lie beside other things that an event needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair([u16; 2]);

impl Pair {
    /// The choices of an id.
    #[expect(clippy::cast_possible_truncation, reason = "a shard's number has 16 bits")]
    pub(super) fn of(hash: u64, shards: Shards, seed: RngSeed) -> Self {
        Self(shards.two_choices(hash, seed).map(|shard| shard as u16))
    }

    /// The less loaded one, or the first.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "choices are shards")]
    pub(super) fn less_loaded(self, loads: &[u32]) -> usize {
        let [first, second] = self.0.map(usize::from);
        if loads[second] < loads[first] { second } else { first }
    }
}

/// Two choices for each key.
#[derive(Debug)]
pub(super) struct TwoChoices {
    pairs: Vec<Pair>,
}

impl TwoChoices {
    /// For ids with these hashes.
    pub(super) fn new(hashes: &[u64], shards: Shards, seed: RngSeed) -> Self {
        Self { pairs: hashes.iter().map(|&hash| Pair::of(hash, shards, seed)).collect() }
    }
}

impl Placer for TwoChoices {
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has a hash")]
    fn touch(&self, key: usize) -> u32 {
        u32::from(self.pairs[key].0[0])
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has a hash")]
    fn place(&mut self, loads: &[u32], key: usize, _: u64) -> usize {
        self.pairs[key].less_loaded(loads)
    }
}
