//! Which threshold holds for which key.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use hotshard_event::Threshold;

use super::KeyHash;
use super::misra_gries::Limits;

/// The threshold of the store, and those of ids that have their own.
#[derive(Debug)]
pub(super) struct Thresholds {
    general: Threshold,
    own: HashTable<(KeyHash, Threshold)>,
}

impl Thresholds {
    pub(super) const fn new(general: Threshold) -> Self {
        Self { general, own: HashTable::new() }
    }

    /// The threshold of ids that have none of their own.
    pub(super) const fn general(&self) -> Threshold {
        self.general
    }

    pub(super) fn set<'a>(&mut self, own: impl IntoIterator<Item = (&'a str, Threshold)>) {
        for (distinct_id, threshold) in own {
            let hash = KeyHash::of(distinct_id);
            let same = |(other, _): &(KeyHash, Threshold)| *other == hash;
            match self.own.entry(hash.bucket(), same, |(hash, _)| hash.bucket()) {
                Entry::Occupied(mut entry) => entry.get_mut().1 = threshold,
                Entry::Vacant(entry) => {
                    entry.insert((hash, threshold));
                }
            }
        }
    }

    /// The threshold of a key.
    pub(super) fn of(&self, hash: KeyHash) -> Threshold {
        // Most stores have no exceptions, and this is asked for every key of a block.
        if self.own.is_empty() {
            return self.general;
        }
        let own = self.own.find(hash.bucket(), |(other, _)| *other == hash);
        own.map_or(self.general, |(_, threshold)| *threshold)
    }

    pub(super) fn limits(&self, hash: KeyHash) -> Limits {
        Limits::of(self.of(hash))
    }
}
