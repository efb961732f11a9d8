//! Which dates are in memory.

use std::collections::{BTreeMap, BTreeSet};

use hotshard_event::EventDate;

use super::date_counters::DateCounters;
use super::misra_gries::Limits;
use super::state::load;
use super::{BlockCounts, DateState, KeyHash, StoredState, TouchedKey};
use crate::Error;

/// The state of all dates: in memory, in part in memory, or in the store.
#[derive(Debug)]
pub(super) struct Dates {
    /// Counters a date, at most.
    capacity: usize,
    in_memory: BTreeMap<EventDate, DateCounters>,
    /// Dates that are not in memory and have state in the store.
    stored: BTreeSet<EventDate>,
    /// What this run did to hot keys of dates that were released since.
    parted: BTreeMap<EventDate, Vec<TouchedKey>>,
    /// Largest certificate of a date that was released.
    parted_bound: u64,
}

impl Dates {
    pub(super) const fn new(capacity: usize) -> Self {
        Self {
            capacity,
            in_memory: BTreeMap::new(),
            stored: BTreeSet::new(),
            parted: BTreeMap::new(),
            parted_bound: 0,
        }
    }

    pub(super) fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity;
    }

    pub(super) fn add_stored(&mut self, dates: impl IntoIterator<Item = EventDate>) {
        self.stored.extend(dates);
    }

    pub(super) fn get(&self, date: EventDate) -> Option<&DateCounters> {
        self.in_memory.get(&date)
    }

    pub(super) fn get_mut(&mut self, date: EventDate) -> Option<&mut DateCounters> {
        self.in_memory.get_mut(&date)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &DateCounters> {
        self.in_memory.values()
    }

    /// Notes that a block feeds a date, which may be new.
    pub(super) fn touch(&mut self, date: EventDate, block: u64) {
        let new = || DateCounters::new(date, self.capacity);
        self.in_memory.entry(date).or_insert_with(new).last_fed = block;
    }

    /// The dates of a block that must be loaded before it is observed: those that are only in the
    /// store, and those in part in memory of which that part is not enough.
    pub(super) fn missing(
        &self,
        counts: &BlockCounts,
        limits: impl Fn(KeyHash) -> Limits,
    ) -> Vec<EventDate> {
        let is_missing = |date: &&EventDate| match self.in_memory.get(date) {
            Some(counters) => counters.needs_all(counts, &limits),
            None => self.stored.contains(date),
        };
        counts.dates().iter().filter(is_missing).copied().collect()
    }

    /// Loads a date from its stored states: all of it where at most `limit_bytes` are held then,
    /// or where counters may have to be purged; else what `next` needs of it.
    pub(super) fn load(
        &mut self,
        date: EventDate,
        states: &[StoredState<'_>],
        limit_bytes: usize,
        next: &BlockCounts,
        limits: impl Fn(KeyHash) -> Limits,
    ) -> Result<(), Error> {
        let mut loaded = load(date, self.capacity, states)?;
        let has_room = self.memory_bytes() + loaded.memory_bytes() <= limit_bytes;
        if let Some(counters) = self.in_memory.get_mut(&date) {
            if has_room || counters.may_overflow(&loaded, next) {
                counters.complete(loaded, limits);
            } else {
                counters.look_up(&loaded, next, limits);
            }
            return Ok(());
        }
        for touched in self.parted.remove(&date).into_iter().flatten() {
            loaded.hot.touch_again(&touched.key.distinct_id, touched.remedied);
        }
        if !has_room && !loaded.may_overflow(&loaded, next) {
            loaded.shrink(next, limits);
        }
        self.stored.remove(&date);
        self.in_memory.insert(date, loaded);
        Ok(())
    }

    pub(super) fn take_changes(&mut self) -> Vec<DateState> {
        let changed = self.in_memory.values_mut().filter(|counters| counters.has_changes());
        changed.map(DateCounters::take_changes).collect()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let parted = self.parted.values().flatten();
        self.in_memory.values().map(DateCounters::memory_bytes).sum::<usize>()
            + parted
                .map(|touched| size_of::<TouchedKey>() + touched.key.distinct_id.len())
                .sum::<usize>()
    }

    /// Bytes by which a block's keys make tables grow, at most.
    pub(super) fn growth_bytes(&self, counts: &BlockCounts) -> usize {
        let growth = |(date, keys): (EventDate, usize)| match self.in_memory.get(&date) {
            Some(counters) => counters.growth_bytes(keys),
            None => {
                let new = DateCounters::new(date, self.capacity);
                new.memory_bytes() + new.growth_bytes(keys)
            }
        };
        let dates = counts.dates().iter();
        dates.map(|&date| growth((date, counts.slots_of(date).len()))).sum()
    }

    /// Gives memory back until at most `limit_bytes` are held, or as much as can be: first the
    /// counters of dates that are far from any threshold, then whole dates; of both, those fed
    /// least recently first. Of dates that the next block feeds, enough stays to observe it.
    pub(super) fn release(
        &mut self,
        limit_bytes: usize,
        next: &BlockCounts,
        limits: impl Fn(KeyHash) -> Limits,
    ) {
        let mut memory_bytes = self.memory_bytes();
        let is_stored = |counters: &&DateCounters| !counters.has_changes();
        let mut oldest: Vec<(u64, EventDate)> =
            self.iter().filter(is_stored).map(|it| (it.last_fed, it.date)).collect();
        oldest.sort_unstable();
        for (_, date) in &oldest {
            if memory_bytes <= limit_bytes {
                return;
            }
            let Some(counters) = self.in_memory.get_mut(date) else { continue };
            memory_bytes -= counters.memory_bytes();
            counters.shrink(next, &limits);
            memory_bytes += counters.memory_bytes();
        }
        for (_, date) in oldest {
            if memory_bytes <= limit_bytes {
                return;
            }
            if next.dates().binary_search(&date).is_err() {
                memory_bytes -= self.part_with(date);
            }
        }
    }

    /// Drops a date from memory, and says how much it held.
    fn part_with(&mut self, date: EventDate) -> usize {
        let Some(counters) = self.in_memory.remove(&date) else { return 0 };
        self.parted_bound = self.parted_bound.max(counters.counters.lateness_bound());
        let touched: Vec<_> = counters.hot.touched().collect();
        if !touched.is_empty() {
            self.parted.insert(date, touched);
        }
        self.stored.insert(date);
        counters.memory_bytes()
    }

    /// Purges counters until at most `limit_bytes` are held, the largest dates first, where there
    /// is no store to leave them in.
    pub(super) fn purge(&mut self, limit_bytes: usize) {
        loop {
            let memory_bytes = self.memory_bytes();
            // A purge must see all counters of a date, or the stored ones would miss it.
            let whole = self.in_memory.values_mut().filter(|it| it.is_whole());
            let largest = whole.max_by_key(|it| it.counters.memory_bytes());
            let Some(largest) = largest.filter(|it| it.counters.len() > 1) else { return };
            if memory_bytes <= limit_bytes {
                return;
            }
            largest.counters.halve();
        }
    }

    pub(super) fn lateness_bound(&self) -> u64 {
        let in_memory = self.iter().map(|it| it.counters.lateness_bound());
        in_memory.max().unwrap_or(0).max(self.parted_bound)
    }

    /// The keys past their threshold that had events in this run, in no order.
    pub(super) fn touched_hot_keys(&self) -> impl Iterator<Item = TouchedKey> + '_ {
        let parted = self.parted.values().flatten().cloned();
        parted.chain(self.iter().flat_map(|counters| counters.hot.touched()))
    }
}
