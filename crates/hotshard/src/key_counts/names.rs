//! The texts of the ids that matter.

use std::collections::BTreeMap;

use super::key::Key;

/// A key with at least this part of all events has a name.
const NAMED_PART: u64 = 1 << 14;
/// At twice as many names as there can be such keys, the others' are forgotten.
const MOST_NAMES: usize = 1 << 15;
/// Longer ids have no name: texts from outside must not take the memory.
const LONGEST_BYTES: usize = 1 << 10;

/// Texts of ids, by key: those of all keys with at least a 16 384th of the events, and of some
/// others.
///
/// Whoever has so many at the end had as large a part when its last event came, and was named then.
#[derive(Debug, Default, Clone)]
pub(super) struct Names {
    texts: BTreeMap<Key, Box<str>>,
}

impl Names {
    /// Takes the name of a key that has this many events, of those seen so far, if it matters.
    pub(super) fn offer(&mut self, key: Key, events: u64, seen: u64, distinct_id: &str) {
        let matters = events.saturating_mul(NAMED_PART) >= seen;
        if matters && distinct_id.len() <= LONGEST_BYTES {
            self.texts.entry(key).or_insert_with(|| distinct_id.into());
        }
    }

    pub(super) fn are_too_many(&self) -> bool {
        self.texts.len() > MOST_NAMES
    }

    /// Forgets the names of keys that do not matter any more.
    pub(super) fn forget_small(&mut self, events: impl Fn(Key) -> u64, seen: u64) {
        self.retain(|key| events(key).saturating_mul(NAMED_PART) >= seen);
    }

    pub(super) fn retain(&mut self, stays: impl Fn(Key) -> bool) {
        self.texts.retain(|key, _| stays(*key));
    }

    pub(super) fn extend(&mut self, others: Self) {
        self.texts.extend(others.texts);
    }

    pub(super) fn get(&self, key: Key) -> Option<&str> {
        self.texts.get(&key).map(AsRef::as_ref)
    }
}
