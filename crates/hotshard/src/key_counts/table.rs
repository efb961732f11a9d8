//! Keys, numbered as they come.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::key::Key;

/// What a key takes while the table grows: its entry in a list that may be there one and a half
/// times, and its slot in an index that may be half empty and there twice.
pub(super) const BYTES_A_KEY: u64 = 56;

/// Keys with their events, in the order in which they first came.
#[derive(Debug, Default)]
pub(super) struct KeyTable {
    counted: Vec<Counted>,
    numbers: HashTable<u32>,
}

/// A key and its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) key: Key,
    pub(super) events: u64,
}

impl KeyTable {
    /// Adds events to a key, which is new if it was not there. Gives its number.
    #[expect(clippy::indexing_slicing, reason = "the index holds numbers of pushed keys only")]
    pub(super) fn add(&mut self, key: Key, events: u64) -> u32 {
        let counted = &self.counted;
        let same = |&number: &u32| counted[number as usize].key == key;
        let bucket_of = |&number: &u32| counted[number as usize].key.bucket();
        match self.numbers.entry(key.bucket(), same, bucket_of) {
            Entry::Occupied(entry) => {
                let number = *entry.get();
                self.counted[number as usize].events += events;
                number
            }
            Entry::Vacant(entry) => {
                let number = u32::try_from(counted.len()).unwrap_or(u32::MAX);
                entry.insert(number);
                self.counted.push(Counted { key, events });
                number
            }
        }
    }

    /// The events of the key with this number.
    pub(super) fn events(&self, number: u32) -> u64 {
        self.counted.get(number as usize).map_or(0, |counted| counted.events)
    }

    /// The events of a key.
    pub(super) fn events_of(&self, key: Key) -> u64 {
        let same = |&number: &u32| {
            self.counted.get(number as usize).is_some_and(|counted| counted.key == key)
        };
        self.numbers.find(key.bucket(), same).map_or(0, |number| self.events(*number))
    }

    /// Number of keys.
    pub(super) fn len(&self) -> usize {
        self.counted.len()
    }

    /// The keys by number.
    pub(super) fn counted(&self) -> &[Counted] {
        &self.counted
    }

    /// The keys, in no order that means anything.
    pub(super) fn into_counted(self) -> Vec<Counted> {
        self.counted
    }

    /// Forgets all keys that are not to stay, and numbers the others anew.
    #[expect(clippy::indexing_slicing, reason = "the index holds numbers of pushed keys only")]
    pub(super) fn retain(&mut self, stays: impl Fn(Key) -> bool) {
        self.counted.retain(|counted| stays(counted.key));
        self.numbers.clear();
        for (number, counted) in (0_u32..).zip(&self.counted) {
            let bucket_of = |&number: &u32| self.counted[number as usize].key.bucket();
            self.numbers.insert_unique(counted.key.bucket(), number, bucket_of);
        }
    }
}
