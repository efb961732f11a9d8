//! The remedies: the first T events of a key at home, the rest spread.

use hotshard_event::Threshold;

use super::placer::Placer;
use crate::KeyEvents;
use crate::placement::Shards;

/// What is left of each key's T.
#[derive(Debug)]
pub(super) struct Remedied {
    shards: Shards,
    keys: Vec<Key>,
}

/// Side by side, since every event needs both.
#[derive(Debug, Clone, Copy)]
struct Key {
    /// How many more events stay at home.
    left: u32,
    home: u32,
}

impl Remedied {
    /// Before the first event.
    #[expect(clippy::cast_possible_truncation, reason = "a shard's number has 16 bits")]
    pub(super) fn new(events: &KeyEvents, shards: Shards, threshold: Threshold) -> Self {
        // There are fewer than 2³² events, so a higher T is never passed either.
        let left = u32::try_from(threshold.get()).unwrap_or(u32::MAX);
        let key = |&hash: &u64| Key { left, home: shards.home(hash) as u32 };
        let keys = events.hashes().iter().map(key).collect();
        Self { shards, keys }
    }
}

impl Placer for Remedied {
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has a hash")]
    fn place(&mut self, _: &[u32], key: usize, sequence: u64) -> usize {
        let key = &mut self.keys[key];
        if key.left == 0 {
            return self.shards.spread(sequence);
        }
        key.left -= 1;
        key.home as usize
    }
}
