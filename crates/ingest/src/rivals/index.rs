//! From keys to numbers of counters.

use crate::detect::KeyHash;

const EMPTY: u32 = u32::MAX;

/// Numbers of counters by the keys of these, in open addressing with linear probing, three quarters
/// full at most. Removing closes the gap (Knuth, The Art of Computer Programming, volume 3, section
/// 6.4, algorithm R), so a table never has to be cleaned up, however often its keys change.
///
/// It keeps no keys: `key_of` gives the key of a counter.
#[derive(Debug, Clone)]
pub(super) struct Index {
    slots: Vec<u32>,
}

#[expect(clippy::indexing_slicing, reason = "slots are counted around the table's end")]
impl Index {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { slots: vec![EMPTY; slots_for(capacity)] }
    }

    pub(super) const fn bytes_for(capacity: usize) -> usize {
        slots_for(capacity) * size_of::<u32>()
    }

    pub(super) fn find(&self, key: KeyHash, key_of: impl Fn(u32) -> KeyHash) -> Option<u32> {
        let number = self.slots[self.slot(|number| key_of(number) == key, key)];
        (number != EMPTY).then_some(number)
    }

    /// Adds a key that is not there.
    pub(super) fn insert(&mut self, key: KeyHash, number: u32) {
        let slot = self.slot(|_| false, key);
        self.slots[slot] = number;
    }

    /// Removes a key that is there under this number.
    pub(super) fn remove(&mut self, key: KeyHash, number: u32, key_of: impl Fn(u32) -> KeyHash) {
        let mut gap = self.slot(|other| other == number, key);
        let mut slot = gap;
        loop {
            slot = self.after(slot);
            let number = self.slots[slot];
            if number == EMPTY {
                break;
            }
            // It may stand anywhere from its home on.
            let home = self.home(key_of(number));
            if self.distance(home, slot) >= self.distance(gap, slot) {
                self.slots[gap] = number;
                gap = slot;
            }
        }
        self.slots[gap] = EMPTY;
    }

    /// The first slot from a key's home on that is wanted, or empty. A slot is always empty.
    fn slot(&self, wanted: impl Fn(u32) -> bool, key: KeyHash) -> usize {
        let mut slot = self.home(key);
        while self.slots[slot] != EMPTY && !wanted(self.slots[slot]) {
            slot = self.after(slot);
        }
        slot
    }

    #[expect(clippy::cast_possible_truncation, reason = "a fraction of the number of slots")]
    fn home(&self, key: KeyHash) -> usize {
        let low_bits = u128::from(key) & u128::from(u64::MAX);
        ((low_bits * self.slots.len() as u128) >> 64) as usize
    }

    fn after(&self, slot: usize) -> usize {
        if slot + 1 == self.slots.len() { 0 } else { slot + 1 }
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        if to >= from { to - from } else { to + self.slots.len() - from }
    }
}

const fn slots_for(capacity: usize) -> usize {
    capacity + capacity / 3 + 1
}
