//! The table of counters.

use super::KeyHash;

/// Set in every slot that holds a counter; an empty slot is all zero.
const OCCUPIED: u64 = 1 << 63;
/// Set in a counter that changed since the state was last taken.
const CHANGED: u64 = 1 << 62;
/// Set in a counter whose key was said to come near its threshold.
const NOTICED: u64 = 1 << 61;
/// The marks of a slot.
const MARKS: u64 = OCCUPIED | CHANGED | NOTICED;

/// Slots of the smallest table.
const MIN_SLOTS: usize = 16;

/// One key's counter: 24 bytes, so its marks share the value's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counter {
    pub(super) hash: KeyHash,
    value_and_marks: u64,
}

impl Counter {
    /// The largest value there is room for.
    pub(super) const MAX_VALUE: u64 = NOTICED - 1;

    const EMPTY: Self = Self { hash: KeyHash::ZERO, value_and_marks: 0 };

    pub(super) const fn new(hash: KeyHash, value: u64) -> Self {
        Self { hash, value_and_marks: OCCUPIED | value }
    }

    pub(super) const fn value(&self) -> u64 {
        self.value_and_marks & !MARKS
    }

    pub(super) const fn add(&mut self, events: u64) {
        self.value_and_marks += events;
    }

    pub(super) const fn is_changed(&self) -> bool {
        self.value_and_marks & CHANGED != 0
    }

    pub(super) const fn mark_changed(&mut self) {
        self.value_and_marks |= CHANGED;
    }

    pub(super) const fn mark_stored(&mut self) {
        self.value_and_marks &= !CHANGED;
    }

    pub(super) const fn is_noticed(&self) -> bool {
        self.value_and_marks & NOTICED != 0
    }

    pub(super) const fn mark_noticed(&mut self) {
        self.value_and_marks |= NOTICED;
    }

    const fn is_empty(&self) -> bool {
        self.value_and_marks == 0
    }
}

/// Counters by key: open addressing with linear probing (Knuth, The Art of Computer Programming,
/// volume 3, section 6.4, algorithms L and R), three quarters full at most.
///
/// A general map would do, but for two things. After a purge it keeps the places of what was
/// removed, and grows when they are used up; this one is swept in place and never passes its size.
/// And since a key's home slot rises with its hash, the counters come out in the order of their
/// hashes without being gathered and sorted.
#[derive(Debug, Clone, Default)]
pub(super) struct CounterTable {
    slots: Vec<Counter>,
    len: usize,
}

/// Where a key is, or would be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// In this slot.
    Occupied(usize),
    /// Nowhere, but in this slot if it is put in before anything else changes.
    Vacant(usize),
}

#[expect(clippy::indexing_slicing, reason = "slot numbers stay below the number of slots")]
impl CounterTable {
    /// Slots that `counters` counters need.
    pub(super) const fn slots_for(counters: usize) -> usize {
        let slots = counters + counters.div_ceil(3) + 1;
        if slots < MIN_SLOTS { MIN_SLOTS } else { slots }
    }

    /// Bytes that a table of `counters` counters takes.
    pub(super) const fn bytes_for(counters: usize) -> usize {
        Self::slots_for(counters) * size_of::<Counter>()
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Whether it must grow before another counter is put in.
    pub(super) const fn is_full(&self) -> bool {
        Self::slots_for(self.len + 1) > self.slots.len()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Counter>()
    }

    /// Slots after growth to `counters` counters, for a table that holds `most` at the end: its
    /// last size halved as often as fits, so that the last doubling ends there.
    pub(super) fn grown_slots(&self, counters: usize, most: usize) -> usize {
        let needed = Self::slots_for(counters);
        if needed <= self.slots.len() {
            return self.slots.len();
        }
        let mut slots = Self::slots_for(most).max(needed);
        while slots / 2 >= needed {
            slots /= 2;
        }
        slots
    }

    /// Makes room for `counters` counters in all, of a table that holds `most` at the end.
    pub(super) fn grow(&mut self, counters: usize, most: usize) {
        let slots = self.grown_slots(counters, most);
        if slots == self.slots.len() {
            return;
        }
        let grown = Self { slots: vec![Counter::EMPTY; slots], len: self.len };
        let old = std::mem::replace(self, grown);
        for counter in old.slots.iter().filter(|counter| !counter.is_empty()) {
            self.settle(*counter);
        }
    }

    /// Where a key is. There is always an empty slot to end at, but in a table that never grew.
    pub(super) fn find(&self, hash: KeyHash) -> Place {
        let mut slot = self.home(hash);
        while let Some(counter) = self.slots.get(slot) {
            if counter.is_empty() {
                break;
            }
            if counter.hash == hash {
                return Place::Occupied(slot);
            }
            slot = self.after(slot);
        }
        Place::Vacant(slot)
    }

    /// The counter of a key.
    pub(super) fn get(&self, hash: KeyHash) -> Option<&Counter> {
        match self.find(hash) {
            Place::Occupied(slot) => Some(&self.slots[slot]),
            Place::Vacant(_) => None,
        }
    }

    /// The counter in an occupied slot.
    pub(super) fn at_mut(&mut self, slot: usize) -> &mut Counter {
        &mut self.slots[slot]
    }

    /// Puts a counter into the vacant slot that was found for its key.
    pub(super) fn insert_at(&mut self, slot: usize, counter: Counter) {
        self.slots[slot] = counter;
        self.len += 1;
    }

    /// Puts a counter in, in place of the one its key has; there must be room for it.
    pub(super) fn put(&mut self, counter: Counter) {
        match self.find(counter.hash) {
            Place::Occupied(slot) => self.slots[slot] = counter,
            Place::Vacant(slot) => self.insert_at(slot, counter),
        }
    }

    /// Empties an occupied slot. What stands behind it and could not be in its own place moves up
    /// (algorithm R).
    pub(super) fn remove_at(&mut self, slot: usize) {
        let mut hole = slot;
        let mut next = slot;
        loop {
            next = self.after(next);
            if self.slots[next].is_empty() {
                break;
            }
            let home = self.home(self.slots[next].hash);
            if self.distance(home, next) >= self.distance(hole, next) {
                self.slots[hole] = self.slots[next];
                hole = next;
            }
        }
        self.slots[hole] = Counter::EMPTY;
        self.len -= 1;
    }

    /// Keeps the counters for which `keep` holds, in one sweep and in place.
    ///
    /// The sweep begins behind an empty slot, so a counter's home is never ahead of it, and every
    /// slot from there on has been swept when the counter is put back: it moves up, or stays.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&mut Counter) -> bool) {
        let Some(empty) = self.slots.iter().position(Counter::is_empty) else { return };
        self.len = 0;
        for slot in (empty..self.slots.len()).chain(0..empty) {
            let mut counter = std::mem::replace(&mut self.slots[slot], Counter::EMPTY);
            if !counter.is_empty() && keep(&mut counter) {
                self.settle(counter);
                self.len += 1;
            }
        }
    }

    /// The counters, in no useful order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Counter> {
        self.slots.iter().filter(|counter| !counter.is_empty())
    }

    /// The same, to change their marks and values.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Counter> {
        self.slots.iter_mut().filter(|counter| !counter.is_empty())
    }

    /// Visits the counters in the order of their hashes.
    ///
    /// Home slots rise with the hash, so the runs between empty slots follow each other in that
    /// order, and only a run is sorted. What ran over the end of the table stands at its beginning
    /// and comes last.
    pub(super) fn for_ascending(&self, mut visit: impl FnMut(&Counter)) {
        let mut visit_run = |run: &mut Vec<Counter>| {
            run.sort_unstable_by_key(|counter| counter.hash);
            run.iter().for_each(&mut visit);
            run.clear();
        };
        let (mut run, mut ran_over) = (Vec::new(), Vec::new());
        for (slot, counter) in self.slots.iter().enumerate() {
            if counter.is_empty() {
                visit_run(&mut run);
            } else if self.home(counter.hash) > slot {
                ran_over.push(*counter);
            } else {
                run.push(*counter);
            }
        }
        run.append(&mut ran_over);
        visit_run(&mut run);
    }

    /// Puts a counter that is in no slot into the first empty one from its home on.
    fn settle(&mut self, counter: Counter) {
        let mut slot = self.home(counter.hash);
        while !self.slots[slot].is_empty() {
            slot = self.after(slot);
        }
        self.slots[slot] = counter;
    }

    /// The slot that a key would like: its hash as a fraction of all hashes, times the slots
    /// (Lemire, "Fast Random Integer Generation in an Interval", 2019).
    #[expect(clippy::cast_possible_truncation, reason = "the product is below the slots' number")]
    fn home(&self, hash: KeyHash) -> usize {
        ((u128::from(hash.high()) * self.slots.len() as u128) >> u64::BITS) as usize
    }

    fn after(&self, slot: usize) -> usize {
        if slot + 1 == self.slots.len() { 0 } else { slot + 1 }
    }

    /// How many steps lead from one slot to another.
    fn distance(&self, from: usize, to: usize) -> usize {
        if to >= from { to - from } else { to + self.slots.len() - from }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Hashes that crowd at both ends of the table, so that runs are long and wrap.
    fn hash() -> impl Strategy<Value = KeyHash> {
        let high = prop_oneof![0..4_u64, Just(u64::MAX), any::<u64>()];
        (high, 0..16_u64)
            .prop_map(|(high, low)| KeyHash::from(u128::from(high) << 64 | u128::from(low)))
    }

    #[derive(Debug, Clone)]
    enum Step {
        Put(KeyHash, u64),
        Remove(KeyHash),
        Drop(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => (hash(), 1..9_u64).prop_map(|(hash, value)| Step::Put(hash, value)),
            3 => hash().prop_map(Step::Remove),
            1 => (1..9_u64).prop_map(Step::Drop),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn the_table_is_a_map(steps in prop::collection::vec(step(), 0..120)) {
            let mut table = CounterTable::default();
            let mut map = BTreeMap::new();
            for step in steps {
                match step {
                    Step::Put(hash, value) => {
                        table.grow(table.len() + 1, 50);
                        table.put(Counter::new(hash, value));
                        map.insert(hash, value);
                    }
                    Step::Remove(hash) => {
                        let removed = map.remove(&hash);
                        prop_assert_eq!(table.get(hash).map(Counter::value), removed);
                        if removed.is_some() && let Place::Occupied(slot) = table.find(hash) {
                            table.remove_at(slot);
                        }
                    }
                    Step::Drop(least) => {
                        table.retain(|counter| counter.value() >= least);
                        map.retain(|_, value| *value >= least);
                    }
                }
                for (&hash, &value) in &map {
                    prop_assert_eq!(table.get(hash).map(Counter::value), Some(value));
                }
                let mut found = Vec::new();
                table.for_ascending(|counter| found.push((counter.hash, counter.value())));
                prop_assert_eq!(found, map.iter().map(|(&h, &v)| (h, v)).collect::<Vec<_>>());
                prop_assert_eq!(table.len(), map.len());
            }
        }
    }

    #[test]
    fn a_table_ends_at_its_size() {
        let mut table = CounterTable::default();
        for number in 0..1_000_u64 {
            table.grow(table.len() + 1, 1_000);
            let hash = KeyHash::of(number.to_string());
            table.put(Counter::new(hash, 1));
        }
        assert_eq!(table.memory_bytes(), CounterTable::bytes_for(1_000));
    }

    #[test]
    fn marks_do_not_touch_the_value() {
        let mut counter = Counter::new(KeyHash::of("a"), 0);
        counter.add(7);
        counter.mark_changed();
        counter.mark_noticed();
        assert_eq!((counter.value(), counter.is_changed(), counter.is_noticed()), (7, true, true));
        counter.mark_stored();
        assert_eq!((counter.value(), counter.is_changed(), counter.is_noticed()), (7, false, true));
    }
}
