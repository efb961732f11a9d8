//! The detector: which events of a block are excess.

use std::collections::{BTreeMap, BTreeSet};

use hotshard_event::{EventBlock, EventDate, Remedy, Threshold, TimeZone};

use super::date_counters::DateCounters;
use super::mark::{Mark, locate};
use super::notice::Day;
use super::{BlockCounts, DateState, Excess, HotKey, Notice, NoticeKind, StoredState, TouchedKey};
use crate::Error;

/// Finds the excess: the events of each key after the first T, in ingest order.
///
/// It is exact: a key that is not hot has a counter of its own, and a hot key is counted apart, so
/// nothing is ever estimated and [`Detector::lateness_bound`] is 0. A key is never found early.
///
/// Blocks are observed in sequence order. How the events were cut into blocks, and into runs with
/// the state stored and loaded between, changes no answer.
#[derive(Debug)]
pub struct Detector {
    threshold: Threshold,
    remedy: Remedy,
    time_zone: TimeZone,
    dates: BTreeMap<EventDate, DateCounters>,
    /// Dates that are not in memory and have state in the store.
    stored: BTreeSet<EventDate>,
    /// What this run did to hot keys of dates that were released since.
    parted: BTreeMap<EventDate, Vec<TouchedKey>>,
    /// Largest certificate of a date that was released.
    parted_bound: u64,
    blocks: u64,
}

/// What a block brought about.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Its excess rows.
    pub excess: Excess,
    /// Its notices, in sequence order.
    pub notices: Vec<Notice>,
}

impl Detector {
    /// A detector that has seen nothing. The time zone is the one that events got their dates by.
    #[must_use]
    pub fn new(threshold: Threshold, remedy: Remedy, time_zone: TimeZone) -> Self {
        Self {
            threshold,
            remedy,
            time_zone,
            dates: BTreeMap::new(),
            stored: BTreeSet::new(),
            parted: BTreeMap::new(),
            parted_bound: 0,
            blocks: 0,
        }
    }

    /// Continues where earlier runs ended: these dates have stored state, to be loaded on demand.
    #[must_use]
    pub fn with_stored_dates(mut self, dates: impl IntoIterator<Item = EventDate>) -> Self {
        self.stored.extend(dates);
        self
    }

    /// The dates of a block that have stored state and must be loaded before it is observed.
    #[must_use]
    pub fn missing_dates(&self, counts: &BlockCounts) -> Vec<EventDate> {
        let missing =
            |date: &&EventDate| self.stored.contains(date) && !self.dates.contains_key(date);
        counts.dates().iter().filter(missing).copied().collect()
    }

    /// Loads a date from its stored states, in commit order, from its last checkpoint on (earlier
    /// ones do no harm). A date that is in memory already stays as it is.
    ///
    /// # Errors
    /// When a state is damaged or was stored for another date; the date is then not loaded.
    pub fn load(&mut self, date: EventDate, states: &[StoredState<'_>]) -> Result<(), Error> {
        if self.dates.contains_key(&date) {
            return Ok(());
        }
        let mut counters = DateCounters::new(date);
        for &state in states {
            counters.replay(state)?;
        }
        counters.last_fed = self.blocks;
        for touched in self.parted.remove(&date).into_iter().flatten() {
            counters.hot.touch_again(&touched.key.distinct_id, touched.remedied);
        }
        self.stored.remove(&date);
        self.dates.insert(date, counters);
        Ok(())
    }

    /// Counts a numbered block and says which of its rows are excess. It costs time by the block's
    /// keys; by its rows only when one of the keys is hot or gives a notice.
    ///
    /// # Panics
    /// When `counts` are another block's, or a date of [`Detector::missing_dates`] was not loaded:
    /// counting on without its past would silently be wrong.
    pub fn observe(&mut self, block: &EventBlock, counts: &BlockCounts) -> Observation {
        assert_eq!(block.len(), counts.rows(), "the counts are those of the block");
        assert_eq!(self.missing_dates(counts), [], "the dates of the block were loaded");
        let mut marks = self.feed(counts);
        if marks.is_empty() {
            return Observation::default();
        }
        let excess = locate(counts, &mut marks);
        let mut notices = Vec::new();
        for mark in &marks {
            notices.extend(self.approach(block, mark));
            notices.extend(self.cross(block, mark));
        }
        // No two are about one event.
        notices.sort_unstable_by_key(|notice: &Notice| notice.sequence);
        Observation { excess, notices }
    }

    /// Adds every key of a block to its date, and marks those whose rows matter.
    fn feed(&mut self, counts: &BlockCounts) -> Vec<Mark> {
        self.blocks += 1;
        for &date in counts.dates() {
            let counters = self.dates.entry(date).or_insert_with(|| DateCounters::new(date));
            counters.last_fed = self.blocks;
        }
        let mut marks = Vec::new();
        let mut current: Option<(EventDate, &mut DateCounters)> = None;
        for (slot_number, &slot) in (0_u32..).zip(counts.slots()) {
            if current.as_ref().is_none_or(|(date, _)| *date != slot.date) {
                current = self.dates.get_mut(&slot.date).map(|counters| (slot.date, counters));
            }
            let Some((_, counters)) = &mut current else { continue };
            let events = u64::from(slot.count);
            let remedied = remedied(self.remedy, events);
            let before = counters.feed(slot.hash, events, self.threshold.get(), remedied);
            marks.extend(Mark::of(slot_number, slot, before, self.threshold));
        }
        marks
    }

    /// The notice of a key that came near the threshold.
    fn approach(&self, block: &EventBlock, mark: &Mark) -> Option<Notice> {
        let event = block.event(mark.approaching_row? as usize)?;
        let day = self.day(event.date);
        let events = mark.events_at_approach();
        Some(Notice {
            kind: NoticeKind::Approaching,
            distinct_id: event.distinct_id.to_owned(),
            event_date: event.date,
            events,
            sequence: event.sequence,
            event_time: event.time,
            projected_crossing: day.project(events, event.time, self.threshold),
        })
    }

    /// Makes a key hot that passed the threshold, and gives the notice of it.
    fn cross(&mut self, block: &EventBlock, mark: &Mark) -> Option<Notice> {
        if !mark.crosses() {
            return None;
        }
        let event = block.event(mark.first_excess_row? as usize)?;
        let events = mark.events_at_crossing();
        let key = HotKey {
            distinct_id: event.distinct_id.to_owned(),
            event_date: event.date,
            events: events - 1 + mark.excess(),
            remedied_total: remedied(self.remedy, mark.excess()),
            first_excess: event.sequence,
            crossed_at: event.time,
        };
        self.dates.get_mut(&event.date)?.hot.cross(mark.slot.hash, key);
        Some(Notice {
            kind: NoticeKind::Crossed,
            distinct_id: event.distinct_id.to_owned(),
            event_date: event.date,
            events,
            sequence: event.sequence,
            event_time: event.time,
            projected_crossing: None,
        })
    }

    fn day(&self, date: EventDate) -> Day {
        let next = EventDate::from_epoch_days(date.epoch_days().saturating_add(1));
        Day { start: self.time_zone.start_of(date), end: self.time_zone.start_of(next) }
    }

    /// The certificate d: every key that passed T is found by its event T + d + 1, on all dates of
    /// this run, and no key that did not pass T is ever found. 0 is exact.
    #[must_use]
    pub fn lateness_bound(&self) -> u64 {
        let in_memory = self.dates.values().map(DateCounters::lateness_bound);
        in_memory.max().unwrap_or(0).max(self.parted_bound)
    }

    /// The certificate of one date; nothing for a date that is not in memory.
    #[must_use]
    pub fn lateness_bound_of(&self, date: EventDate) -> Option<u64> {
        self.dates.get(&date).map(DateCounters::lateness_bound)
    }

    /// The keys past T that had events in this run: by events descending, then id, then date.
    #[must_use]
    pub fn touched_hot_keys(&self) -> Vec<TouchedKey> {
        let parted = self.parted.values().flatten().cloned();
        let in_memory = self.dates.values().flat_map(|counters| counters.hot.touched());
        let mut keys: Vec<TouchedKey> = parted.chain(in_memory).collect();
        keys.sort_unstable_by(|TouchedKey { key: a, .. }, TouchedKey { key: b, .. }| {
            let by_events = b.events.cmp(&a.events);
            let by_id = || a.distinct_id.cmp(&b.distinct_id);
            by_events.then_with(by_id).then(a.event_date.cmp(&b.event_date))
        });
        keys
    }

    /// The state to store with the next commit: of every date that changed since the last call,
    /// by date. The same events give the same bytes, however they were cut into blocks.
    #[must_use = "state that is not stored is lost"]
    pub fn take_changes(&mut self) -> Vec<DateState> {
        let changed = self.dates.values_mut().filter(|counters| counters.has_changes());
        changed.map(DateCounters::take_changes).collect()
    }

    /// Bytes of memory the counters and hot keys hold.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let parted = self.parted.values().flatten();
        self.dates.values().map(DateCounters::memory_bytes).sum::<usize>()
            + parted
                .map(|touched| size_of::<TouchedKey>() + touched.key.distinct_id.len())
                .sum::<usize>()
    }

    /// Drops dates from memory, those fed least recently first, until it holds at most
    /// `limit_bytes`, and says which. Dates with changes that were not taken yet stay, so call it
    /// when what was taken has been committed. A dropped date becomes a missing one
    /// ([`Detector::missing_dates`]) when a late event needs it.
    pub fn release(&mut self, limit_bytes: usize) -> Vec<EventDate> {
        let mut memory_bytes = self.memory_bytes();
        let clean = self.dates.iter().filter(|(_, counters)| !counters.has_changes());
        let mut oldest: Vec<_> = clean.map(|(&date, counters)| (counters.last_fed, date)).collect();
        oldest.sort_unstable();
        let mut released = Vec::new();
        for (_, date) in oldest {
            if memory_bytes <= limit_bytes {
                break;
            }
            let Some(counters) = self.dates.remove(&date) else { continue };
            memory_bytes -= counters.memory_bytes();
            self.parted_bound = self.parted_bound.max(counters.lateness_bound());
            let touched: Vec<_> = counters.hot.touched().collect();
            if !touched.is_empty() {
                self.parted.insert(date, touched);
            }
            self.stored.insert(date);
            released.push(date);
        }
        released
    }
}

/// How many of the excess events the remedy rewrites or spreads.
fn remedied(remedy: Remedy, excess: u64) -> u64 {
    match remedy {
        Remedy::Rename | Remedy::Split => excess,
        Remedy::Off => 0,
    }
}
