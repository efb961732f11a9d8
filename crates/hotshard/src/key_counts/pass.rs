//! One pass over all events, in bounded memory.

use std::collections::BTreeMap;
use std::ops::Range;

use hotshard_event::EventDate;

use super::key::Key;
use super::names::Names;
use super::table::{Counted, KeyTable};

/// All ids lie in here: it is by the 32 bits of their check that they are divided.
const EVERY_CHECK: u64 = 1 << 32;

/// Counts keys of a part of the ids: of all, until they are too many. Then those of the upper half
/// are left to a later pass, as often as it takes. What stays is exact.
#[derive(Debug)]
pub(super) struct Pass {
    part: Range<u64>,
    most_keys: usize,
    table: KeyTable,
    names: Names,
    dates: BTreeMap<EventDate, u64>,
    seen: u64,
}

/// What a pass counted.
pub(super) struct Passed {
    pub(super) keys: Vec<Counted>,
    pub(super) names: Names,
    /// Events of each day, of all ids and of nobody.
    pub(super) dates: BTreeMap<EventDate, u64>,
    /// Where the next pass begins, if one is needed.
    pub(super) next: Option<u64>,
}

impl Pass {
    /// A pass over the ids from `start` on, holding at most so many keys.
    pub(super) fn new(start: u64, most_keys: usize) -> Self {
        Self {
            part: start..EVERY_CHECK,
            most_keys: most_keys.max(1),
            table: KeyTable::default(),
            names: Names::default(),
            dates: BTreeMap::new(),
            seen: 0,
        }
    }

    /// Counts events of a key.
    pub(super) fn add(&mut self, key: Key, events: u64, distinct_id: &str) {
        self.count_date(key.date, events);
        if !self.part.contains(&u64::from(key.id.check)) {
            return;
        }
        let number = self.table.add(key, events);
        self.names.offer(key, self.table.events(number), self.seen, distinct_id);
        if self.names.are_too_many() {
            let (table, seen) = (&self.table, self.seen);
            self.names.forget_small(|key| table.events_of(key), seen);
        }
        // A single check cannot be divided; that more ids share one than fit is beyond all chance.
        while self.table.len() > self.most_keys && self.part.end - self.part.start > 1 {
            self.part.end = self.part.start + (self.part.end - self.part.start) / 2;
            let end = self.part.end;
            self.table.retain(|key| u64::from(key.id.check) < end);
            self.names.retain(|key| u64::from(key.id.check) < end);
        }
    }

    /// Counts an event that nobody sent.
    pub(super) fn add_nobody(&mut self, date: EventDate, events: u64) {
        self.count_date(date, events);
    }

    fn count_date(&mut self, date: EventDate, events: u64) {
        *self.dates.entry(date).or_default() += events;
        self.seen += events;
    }

    /// Whether all ids are still counted.
    pub(super) fn is_whole(&self) -> bool {
        self.part == (0..EVERY_CHECK)
    }

    pub(super) fn finish(self) -> Passed {
        let next = (self.part.end < EVERY_CHECK).then_some(self.part.end);
        Passed { keys: self.table.into_counted(), names: self.names, dates: self.dates, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_counts::key::IdHash;

    fn key(id: &str) -> Key {
        Key { id: IdHash::of(id), date: EventDate::from_epoch_days(1) }
    }

    #[test]
    fn passes_over_parts_make_the_whole() {
        let ids: Vec<String> = (0..500).map(|id| id.to_string()).collect();
        let (mut start, mut passes, mut found) = (Some(0), 0, BTreeMap::new());
        while let Some(from) = start {
            let mut pass = Pass::new(from, 60);
            for (at, id) in (0_u64..).zip(&ids).chain((0..).zip(&ids)) {
                pass.add(key(id), at, id);
            }
            let passed = pass.finish();
            assert!(passed.keys.len() <= 60);
            assert_eq!(passed.dates.values().sum::<u64>(), 499 * 500);
            for counted in passed.keys {
                assert_eq!(found.insert(counted.key, counted.events), None, "counted once");
            }
            (start, passes) = (passed.next, passes + 1);
        }
        assert!(passes >= 9, "{passes}");
        let expected: BTreeMap<Key, u64> =
            (0..).zip(&ids).map(|(at, id)| (key(id), 2 * at)).collect();
        assert_eq!(found, expected);
    }
}
