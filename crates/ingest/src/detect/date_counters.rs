//! The state of one event date.

use hotshard_event::EventDate;

use super::counter_table::Counter;
use super::hot_key::HotKeys;
use super::misra_gries::{Limits, MisraGries, Purge, Standing};
use super::partial::Partial;
use super::state::{DateState, StateKind, encode_counters, encode_hot};
use super::{BlockCounts, KeyHash};

/// Counters of the live keys of a date, and its hot keys.
#[derive(Debug)]
pub(super) struct DateCounters {
    pub(super) date: EventDate,
    pub(super) counters: MisraGries,
    pub(super) hot: HotKeys,
    /// Stands for the counters that are not in memory; absent while all are.
    partial: Option<Partial>,
    /// Entries of the changes that were stored since the last checkpoint; absent when the next
    /// state must be a checkpoint.
    pub(super) entries_since_checkpoint: Option<u64>,
    /// The number of the block that fed it last.
    pub(super) last_fed: u64,
}

/// How a key stood before a block's events were added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// It was counted.
    Counted(Standing),
    /// It had crossed.
    Hot,
}

impl DateCounters {
    /// A date without events, with room for `capacity` counters.
    pub(super) fn new(date: EventDate, capacity: usize) -> Self {
        Self {
            date,
            counters: MisraGries::new(capacity, Purge::Median),
            hot: HotKeys::default(),
            partial: None,
            entries_since_checkpoint: None,
            last_fed: 0,
        }
    }

    /// Adds a block's events of one key. A key that passes its threshold thereby loses its counter,
    /// and the caller makes it hot; `remedied` of the events count for a key that was hot already.
    pub(super) fn feed(
        &mut self,
        hash: KeyHash,
        events: u64,
        limits: Limits,
        remedied: u64,
    ) -> Before {
        if self.hot.feed(hash, events, remedied) {
            return Before::Hot;
        }
        match &mut self.partial {
            Some(partial) if self.counters.get(hash).is_none() => {
                partial.add(hash, events, self.counters.capacity());
                Before::Counted(Standing { events: 0, noticed: false })
            }
            _ => Before::Counted(self.counters.feed_within(hash, events, limits)),
        }
    }

    /// Whether all counters must be in memory before a block is fed: because one of its keys could
    /// come near its threshold, or because there may be more counters than there is room for.
    pub(super) fn needs_all(
        &self,
        counts: &BlockCounts,
        limits: impl Fn(KeyHash) -> Limits,
    ) -> bool {
        let Some(partial) = &self.partial else { return false };
        let mut stored = partial.stored + partial.additions.len() as u64;
        counts.slots_of(self.date).any(|slot| {
            if self.hot.contains(slot.hash) || self.counters.get(slot.hash).is_some() {
                return false;
            }
            stored += 1;
            stored > self.counters.capacity() as u64
                || partial.most_with(slot.hash, u64::from(slot.count))
                    >= limits(slot.hash).approaching
        })
    }

    /// Whether all counters are in memory.
    pub(super) const fn is_whole(&self) -> bool {
        self.partial.is_none()
    }

    pub(super) fn has_changes(&self) -> bool {
        let has_additions = self.partial.as_ref().is_some_and(|it| it.additions.len() > 0);
        has_additions || self.counters.has_changes() || self.hot.has_changes()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let additions = self.partial.as_ref().map_or(0, |it| it.additions.memory_bytes());
        size_of::<Self>() + self.counters.memory_bytes() + additions + self.hot.memory_bytes()
    }

    /// Bytes that its tables grow by with so many more keys, at most.
    pub(super) fn growth_bytes(&self, keys: usize) -> usize {
        match &self.partial {
            None => self.counters.grown_bytes(keys) - self.counters.memory_bytes(),
            Some(Partial { additions, .. }) => {
                let slots = additions.grown_slots(additions.len() + keys, self.counters.capacity());
                slots * size_of::<Counter>() - additions.memory_bytes()
            }
        }
    }

    /// Leaves counters in the store that are far from their thresholds: those under half of what
    /// is near, unless the block that comes next feeds them. Call it when all is stored.
    pub(super) fn shrink(&mut self, next: &BlockCounts, limits: impl Fn(KeyHash) -> Limits) {
        let mut none = MisraGries::new(self.counters.capacity(), Purge::Median);
        none.restore_bound(self.counters.lateness_bound());
        let counters = std::mem::replace(&mut self.counters, none);
        let ceiling = self.know(&counters, next, limits);
        match &mut self.partial {
            Some(partial) => partial.ceiling = partial.ceiling.max(ceiling),
            None => {
                let stored = counters.len() as u64;
                self.partial = Some(Partial { ceiling, stored, ..Partial::default() });
                self.know_absent(next);
            }
        }
        self.counters.mark_stored();
    }

    /// Looks up in the store what is near its threshold by now, or what the next block feeds, and
    /// leaves the rest there: `stored` is the date as it was committed last.
    pub(super) fn look_up(
        &mut self,
        stored: &Self,
        next: &BlockCounts,
        limits: impl Fn(KeyHash) -> Limits,
    ) {
        let ceiling = self.know(&stored.counters, next, limits);
        if let Some(partial) = &mut self.partial {
            partial.ceiling = ceiling;
            partial.stored = stored.counters.len() as u64;
        }
        self.know_absent(next);
    }

    /// Takes over those of the date's counters that are worth having in memory, and says how large
    /// the largest of the others is. What a key was fed since is added to its counter.
    fn know(
        &mut self,
        counters: &MisraGries,
        next: &BlockCounts,
        limits: impl Fn(KeyHash) -> Limits,
    ) -> u64 {
        let wanted = next.hashes_of(self.date);
        let bound = counters.lateness_bound();
        let mut ceiling = 0;
        for &counter in counters.iter() {
            if self.hot.contains(counter.hash) || self.counters.get(counter.hash).is_some() {
                continue;
            }
            let partial = self.partial.as_mut();
            let added = partial.as_ref().map_or(0, |it| it.added(counter.hash));
            let events = counter.value() - bound;
            let is_near = events + added >= limits(counter.hash).approaching / 2;
            if is_near || wanted.binary_search(&counter.hash).is_ok() {
                self.counters.know(counter, added);
                if let Some(partial) = partial {
                    partial.forget(counter.hash);
                }
            } else {
                ceiling = ceiling.max(events);
            }
        }
        ceiling
    }

    /// Keys of the next block that have no counter stand at 0, or at what they were fed since,
    /// which is worth knowing too.
    fn know_absent(&mut self, next: &BlockCounts) {
        for hash in next.hashes_of(self.date) {
            if self.counters.get(hash).is_none() && !self.hot.contains(hash) {
                let added = self.partial.as_mut().map_or(0, |it| it.forget(hash));
                if let Some(partial) = &mut self.partial {
                    // It will be stored when it is fed.
                    partial.stored += 1;
                }
                let none = Counter::new(hash, self.counters.lateness_bound());
                self.counters.know(none, added);
            }
        }
    }

    /// Whether the stored counters and what came since may be more than there is room for, or were
    /// when they were read, so that all must be in memory for a purge.
    pub(super) fn may_overflow(&self, stored: &Self, next: &BlockCounts) -> bool {
        let added = self.partial.as_ref().map_or(0, |it| it.additions.len());
        let coming = next.slots_of(self.date).len();
        stored.counters.lateness_bound() > self.counters.lateness_bound()
            || stored.counters.len() + added + coming > self.counters.capacity()
    }

    /// Brings back the counters that were left in the store: `stored` is the date as it was
    /// committed last, and what this one saw since is added to it.
    pub(super) fn complete(&mut self, stored: Self, limits: impl Fn(KeyHash) -> Limits) {
        let Some(partial) = self.partial.take() else { return };
        let known = std::mem::replace(&mut self.counters, stored.counters);
        // What crossed since must not be in the way of the others: they would be purged for it.
        for hash in self.hot.changed() {
            self.counters.forget(*hash);
        }
        for counter in known.iter().filter(|counter| counter.is_changed()) {
            self.counters.restore(*counter);
        }
        for addition in partial.additions.iter() {
            self.counters.feed_within(addition.hash, addition.value(), limits(addition.hash));
        }
        self.entries_since_checkpoint = stored.entries_since_checkpoint;
    }

    /// What changed since the last call, or everything where that is cheaper in the long run:
    /// changes are written until they outnumber the live entries, so what is written is at most
    /// about twice what changed, and what is replayed at most about twice what is live.
    pub(super) fn take_changes(&mut self) -> DateState {
        let changed = self.counters.iter().filter(|counter| counter.is_changed()).count();
        let no_additions = Partial::default();
        let additions = &self.partial.as_ref().unwrap_or(&no_additions).additions;
        let entries = (changed + additions.len() + self.hot.changed().len()) as u64;
        let live = (self.counters.len() + self.hot.len()) as u64;
        let since = self.entries_since_checkpoint.map(|since| since + entries);
        if self.is_whole() && since.is_none_or(|since| since > live) {
            return self.checkpoint();
        }
        self.entries_since_checkpoint = since;
        let (date, kind) = (self.date, StateKind::Changes);
        let counters = if changed > 0 || additions.len() > 0 || self.counters.is_due() {
            encode_counters(date, kind, &self.counters, additions)
        } else {
            Vec::new()
        };
        let keys = self.hot.take_changed();
        let hot = if keys.is_empty() { Vec::new() } else { encode_hot(date, kind, &keys) };
        self.counters.mark_stored();
        if let Some(partial) = &mut self.partial {
            partial.mark_stored();
        }
        DateState { date, kind, counters, hot, entries }
    }

    fn checkpoint(&mut self) -> DateState {
        self.entries_since_checkpoint = Some(0);
        let (date, kind) = (self.date, StateKind::Checkpoint);
        self.hot.take_changed();
        let keys = self.hot.all();
        let no_additions = Partial::default().additions;
        let counters = encode_counters(date, kind, &self.counters, &no_additions);
        self.counters.mark_stored();
        let entries = (self.counters.len() + keys.len()) as u64;
        DateState { date, kind, counters, hot: encode_hot(date, kind, &keys), entries }
    }
}
