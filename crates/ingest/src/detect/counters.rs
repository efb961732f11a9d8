//! The counters of one date.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::KeyHash;

/// Set in a count that changed since the state was last taken.
const CHANGED: u64 = 1 << 63;

/// One exact counter for each live key of a date: a key that had events and has not crossed.
#[derive(Debug, Default)]
pub(super) struct Counters {
    table: HashTable<Counter>,
    changed: Vec<KeyHash>,
}

/// 24 bytes a key, so the mark of a change shares the count's word.
#[derive(Debug)]
struct Counter {
    hash: KeyHash,
    count_and_mark: u64,
}

impl Counter {
    const fn count(&self) -> u64 {
        self.count_and_mark & !CHANGED
    }
}

impl Counters {
    /// The largest count there is room for.
    pub(super) const MAX_COUNT: u64 = CHANGED - 1;

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn has_changes(&self) -> bool {
        !self.changed.is_empty()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.table.allocation_size() + self.changed.capacity() * size_of::<KeyHash>()
    }

    /// Adds events to a key and returns its count before them. A key that passes `limit` thereby
    /// loses its counter.
    pub(super) fn feed(&mut self, hash: KeyHash, events: u64, limit: u64) -> u64 {
        let same = |counter: &Counter| counter.hash == hash;
        match self.table.entry(hash.bucket(), same, |counter| counter.hash.bucket()) {
            Entry::Occupied(mut entry) => {
                let counter = entry.get_mut();
                let before = counter.count();
                if before + events > limit {
                    entry.remove();
                    return before;
                }
                if counter.count_and_mark & CHANGED == 0 {
                    self.changed.push(hash);
                }
                counter.count_and_mark = (before + events) | CHANGED;
                before
            }
            Entry::Vacant(entry) => {
                if events <= limit {
                    entry.insert(Counter { hash, count_and_mark: events | CHANGED });
                    self.changed.push(hash);
                }
                0
            }
        }
    }

    /// Puts a stored count back, in place of an older one.
    pub(super) fn restore(&mut self, hash: KeyHash, count: u64) {
        let same = |counter: &Counter| counter.hash == hash;
        match self.table.entry(hash.bucket(), same, |counter| counter.hash.bucket()) {
            Entry::Occupied(mut entry) => entry.get_mut().count_and_mark = count,
            Entry::Vacant(entry) => {
                entry.insert(Counter { hash, count_and_mark: count });
            }
        }
    }

    /// Makes room for this many more keys.
    pub(super) fn reserve(&mut self, keys: usize) {
        self.table.reserve(keys, |counter| counter.hash.bucket());
    }

    /// Releases the counter of a key that has crossed.
    pub(super) fn release(&mut self, hash: KeyHash) {
        if let Ok(entry) = self.table.find_entry(hash.bucket(), |counter| counter.hash == hash) {
            entry.remove();
        }
    }

    /// The counters that changed since the last call, by hash. Keys that lost theirs are left out.
    pub(super) fn take_changed(&mut self) -> Vec<(KeyHash, u64)> {
        let mut counts = Vec::with_capacity(self.changed.len());
        for hash in std::mem::take(&mut self.changed) {
            let found = self.table.find_mut(hash.bucket(), |counter| counter.hash == hash);
            if let Some(counter) = found {
                counter.count_and_mark &= !CHANGED;
                counts.push((hash, counter.count()));
            }
        }
        counts.sort_unstable();
        counts
    }

    /// Every counter, by hash.
    pub(super) fn all(&self) -> Vec<(KeyHash, u64)> {
        let mut counts: Vec<_> =
            self.table.iter().map(|counter| (counter.hash, counter.count())).collect();
        counts.sort_unstable();
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_past_the_limit_loses_its_counter() {
        let (a, b) = (KeyHash::of("a"), KeyHash::of("b"));
        let mut counters = Counters::default();
        assert_eq!(counters.feed(a, 3, 5), 0);
        assert_eq!(counters.feed(a, 2, 5), 3);
        assert_eq!(counters.len(), 1);
        assert_eq!(counters.feed(a, 1, 5), 5);
        assert_eq!(counters.feed(b, 6, 5), 0);
        assert_eq!(counters.len(), 0);
    }

    #[test]
    fn only_what_changed_is_taken() {
        let (a, b) = (KeyHash::of("a"), KeyHash::of("b"));
        let mut counters = Counters::default();
        counters.feed(a, 3, 9);
        counters.feed(b, 1, 9);
        assert_eq!(counters.take_changed().len(), 2);
        assert!(!counters.has_changes());
        counters.feed(a, 1, 9);
        assert_eq!(counters.take_changed(), [(a, 4)]);
        counters.feed(b, 1, 9);
        counters.feed(b, 9, 9);
        assert_eq!(counters.take_changed(), []);
        assert_eq!(counters.all(), [(a, 4)]);
    }
}
