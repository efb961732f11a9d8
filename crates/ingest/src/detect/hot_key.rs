//! Keys that passed the threshold.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use hotshard_event::{EventDate, EventTime, Sequence};
use serde::Serialize;

use super::KeyHash;

/// A key that passed the threshold. It is counted here and nowhere else from then on, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HotKey {
    /// The id.
    pub distinct_id: String,
    /// The day on which it is hot.
    pub event_date: EventDate,
    /// Its events on that day so far, whichever ingest brought them.
    pub events: u64,
    /// How many of them were remedied; 0 under remedy `off`.
    pub remedied_total: u64,
    /// Its first excess event.
    pub first_excess: Sequence,
    /// That event's own time.
    pub crossed_at: EventTime,
}

/// A hot key that had events in this run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TouchedKey {
    /// The key, with all its events so far.
    #[serde(flatten)]
    pub key: HotKey,
    /// Events of this run that were remedied; 0 under remedy `off`.
    pub remedied: u64,
}

/// The hot keys of one date.
#[derive(Debug, Default)]
pub(super) struct HotKeys {
    table: HashTable<HotEntry>,
    changed: Vec<KeyHash>,
    id_bytes: usize,
}

#[derive(Debug)]
struct HotEntry {
    hash: KeyHash,
    key: HotKey,
    /// Whether `changed` names it.
    changed: bool,
    /// What this run remedied, once it had an event in this run.
    remedied_now: Option<u64>,
}

impl HotKeys {
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn has_changes(&self) -> bool {
        !self.changed.is_empty()
    }

    /// The keys that changed since [`HotKeys::take_changed`].
    pub(super) fn changed(&self) -> &[KeyHash] {
        &self.changed
    }

    pub(super) fn contains(&self, hash: KeyHash) -> bool {
        self.table.find(hash.bucket(), |entry| entry.hash == hash).is_some()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.table.allocation_size()
            + self.id_bytes
            + self.changed.capacity() * size_of::<KeyHash>()
    }

    /// Counts events of a key if it is hot, and says whether it is.
    pub(super) fn feed(&mut self, hash: KeyHash, events: u64, remedied: u64) -> bool {
        let Some(entry) = self.table.find_mut(hash.bucket(), |entry| entry.hash == hash) else {
            return false;
        };
        entry.key.events += events;
        entry.key.remedied_total += remedied;
        *entry.remedied_now.get_or_insert(0) += remedied;
        if !entry.changed {
            entry.changed = true;
            self.changed.push(hash);
        }
        true
    }

    /// Adds a key that has just crossed.
    pub(super) fn cross(&mut self, hash: KeyHash, key: HotKey) {
        let remedied_now = Some(key.remedied_total);
        self.changed.push(hash);
        self.put(HotEntry { hash, key, changed: true, remedied_now });
    }

    /// Puts a stored key back, in place of an older state of it.
    pub(super) fn restore(&mut self, key: HotKey) -> KeyHash {
        let hash = KeyHash::of(&key.distinct_id);
        self.put(HotEntry { hash, key, changed: false, remedied_now: None });
        hash
    }

    /// Puts back what this run did to a key before its date was released.
    pub(super) fn touch_again(&mut self, distinct_id: &str, remedied: u64) {
        let hash = KeyHash::of(distinct_id);
        if let Some(entry) = self.table.find_mut(hash.bucket(), |entry| entry.hash == hash) {
            entry.remedied_now = Some(remedied);
        }
    }

    fn put(&mut self, entry: HotEntry) {
        let hash = entry.hash;
        self.id_bytes += entry.key.distinct_id.capacity();
        let same = |other: &HotEntry| other.hash == hash;
        match self.table.entry(hash.bucket(), same, |other| other.hash.bucket()) {
            Entry::Occupied(mut slot) => {
                self.id_bytes -= slot.get().key.distinct_id.capacity();
                *slot.get_mut() = entry;
            }
            Entry::Vacant(slot) => {
                slot.insert(entry);
            }
        }
    }

    /// The keys that changed since the last call, by id.
    pub(super) fn take_changed(&mut self) -> Vec<HotKey> {
        let mut keys = Vec::with_capacity(self.changed.len());
        for hash in std::mem::take(&mut self.changed) {
            let found = self.table.find_mut(hash.bucket(), |entry| entry.hash == hash);
            if let Some(entry) = found {
                entry.changed = false;
                keys.push(entry.key.clone());
            }
        }
        keys.sort_unstable_by(|a, b| a.distinct_id.cmp(&b.distinct_id));
        keys
    }

    /// Every key, by id.
    pub(super) fn all(&self) -> Vec<HotKey> {
        let mut keys: Vec<HotKey> = self.table.iter().map(|entry| entry.key.clone()).collect();
        keys.sort_unstable_by(|a, b| a.distinct_id.cmp(&b.distinct_id));
        keys
    }

    /// The keys that had events in this run, in no order.
    pub(super) fn touched(&self) -> impl Iterator<Item = TouchedKey> + '_ {
        self.table.iter().filter_map(|entry| {
            let remedied = entry.remedied_now?;
            Some(TouchedKey { key: entry.key.clone(), remedied })
        })
    }
}
