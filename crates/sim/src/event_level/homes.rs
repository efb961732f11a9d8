//! Keys at home: all of their events, or under a remedy the first T, with the rest spread.

use hotshard_event::Threshold;

use super::placer::Placer;
use crate::KeyEvents;
use crate::placement::Shards;

/// A shard for each key, and how many of its events came. Counting on the way costs nothing, and a
/// pass over all events for it would cost as much as routing them.
#[derive(Debug)]
pub(super) struct Homes {
    shards: Shards,
    /// Events of a key that stay at home.
    stay: u32,
    keys: Vec<Key>,
}

/// Side by side, since every event needs both.
#[derive(Debug, Clone, Copy)]
struct Key {
    seen: u32,
    home: u32,
}

impl Homes {
    /// Keys that stay whole, placed by their hash.
    pub(super) fn whole(events: &KeyEvents, shards: Shards, home: impl Fn(u64) -> usize) -> Self {
        Self::new(events, shards, u32::MAX, home)
    }

    /// Keys of which at most T events stay.
    pub(super) fn remedied(events: &KeyEvents, shards: Shards, threshold: Threshold) -> Self {
        // There are fewer than 2³² events, so a higher T is never passed either.
        let stay = u32::try_from(threshold.get()).unwrap_or(u32::MAX);
        Self::new(events, shards, stay, |hash| shards.home(hash))
    }

    #[expect(clippy::cast_possible_truncation, reason = "a shard's number has 16 bits")]
    fn new(events: &KeyEvents, shards: Shards, stay: u32, home: impl Fn(u64) -> usize) -> Self {
        let key = |&hash: &u64| Key { seen: 0, home: home(hash) as u32 };
        Self { shards, stay, keys: events.hashes().iter().map(key).collect() }
    }

    /// How many events each key had; none for nobody.
    pub(super) fn into_counts(self) -> Vec<u32> {
        self.keys.into_iter().map(|key| key.seen).collect()
    }
}

impl Placer for Homes {
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has a hash")]
    fn touch(&self, key: usize) -> u32 {
        self.keys[key].seen
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has a hash")]
    fn place(&mut self, _: &[u32], key: usize, sequence: u64) -> usize {
        let key = &mut self.keys[key];
        key.seen += 1;
        if key.seen > self.stay { self.shards.spread(sequence) } else { key.home as usize }
    }
}
