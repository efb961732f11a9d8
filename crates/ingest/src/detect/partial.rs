//! Dates that are only in part in memory.

use super::KeyHash;
use super::counter_table::{Counter, CounterTable, Place};

/// What stands in for the counters of a date that were left in the store.
///
/// Their keys are *unknown*: nothing is kept of them but the largest lower bound any of them had.
/// What they are fed is gathered in a table of additions and stored with the next commit, to be
/// added when the date is loaded again. Before a key could have come near its threshold, which
/// these figures tell, its counter is looked up; nearly all keys never come that far.
#[derive(Debug, Default)]
pub(super) struct Partial {
    /// What unknown keys were fed since the state was last taken.
    pub(super) additions: CounterTable,
    /// No unknown key's stored counter has a lower bound above this.
    pub(super) ceiling: u64,
    /// Counters in the store, at most.
    pub(super) stored: u64,
}

impl Partial {
    /// Adds events of an unknown key to what is stored of it.
    pub(super) fn add(&mut self, hash: KeyHash, events: u64, capacity: usize) {
        self.additions.grow(self.additions.len() + 1, capacity);
        match self.additions.find(hash) {
            Place::Occupied(slot) => self.additions.at_mut(slot).add(events),
            Place::Vacant(slot) => self.additions.insert_at(slot, Counter::new(hash, events)),
        }
    }

    /// What an unknown key was fed since the state was last taken.
    pub(super) fn added(&self, hash: KeyHash) -> u64 {
        self.additions.get(hash).map_or(0, Counter::value)
    }

    /// Drops the addition of a key that becomes known, and says what it was.
    pub(super) fn forget(&mut self, hash: KeyHash) -> u64 {
        if self.additions.len() == 0 {
            return 0;
        }
        let Place::Occupied(slot) = self.additions.find(hash) else { return 0 };
        let added = self.additions.at_mut(slot).value();
        self.additions.remove_at(slot);
        added
    }

    /// The largest lower bound that an unknown key can have after these events.
    pub(super) fn most_with(&self, hash: KeyHash, events: u64) -> u64 {
        self.ceiling.saturating_add(self.added(hash)).saturating_add(events)
    }

    /// Forgets the additions, which have been stored.
    pub(super) fn mark_stored(&mut self) {
        self.stored += self.additions.len() as u64;
        self.ceiling += self.additions.iter().map(Counter::value).max().unwrap_or(0);
        self.additions = CounterTable::default();
    }
}
