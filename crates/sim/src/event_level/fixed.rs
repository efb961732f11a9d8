//! A shard for each key, whatever comes.

use super::placer::Placer;
use crate::KeyEvents;
use crate::placement::Shards;

/// What the key array has for events that are spread by sequence.
const SPREAD: u32 = u32::MAX;

/// Each key has its shard; events without an id are spread.
#[derive(Debug)]
pub(super) struct Fixed {
    shards: Shards,
    of_key: Vec<u32>,
}

impl Fixed {
    /// Keys placed by their hash.
    pub(super) fn by_hash(
        events: &KeyEvents,
        shards: Shards,
        place: impl Fn(u64) -> usize,
    ) -> Self {
        let mut of_key: Vec<u32> =
            events.hashes().iter().map(|&hash| narrow(place(hash))).collect();
        if let Some(nobody) = events.nobody()
            && let Some(shard) = of_key.get_mut(nobody as usize)
        {
            *shard = SPREAD;
        }
        Self { shards, of_key }
    }

    /// Nobody has a shard.
    pub(super) fn spread_all(events: &KeyEvents, shards: Shards) -> Self {
        Self { shards, of_key: vec![SPREAD; events.hashes().len()] }
    }
}

impl Placer for Fixed {
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has a hash")]
    fn place(&mut self, _: &[u32], key: usize, sequence: u64) -> usize {
        match self.of_key[key] {
            SPREAD => self.shards.spread(sequence),
            shard => shard as usize,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a shard's number has 16 bits")]
fn narrow(shard: usize) -> u32 {
    shard as u32
}
