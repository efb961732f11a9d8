//! The detector: which events of a block are excess.

use hotshard_event::{EventBlock, EventDate, Remedy, Threshold, TimeZone};

use super::date_counters::DateCounters;
use super::dates::Dates;
use super::mark::{Mark, locate};
use super::misra_gries::Limits;
use super::notice::Day;
use super::thresholds::Thresholds;
use super::{BlockCounts, DateState, Excess, HotKey, Notice, NoticeKind, StoredState, TouchedKey};
use crate::Error;

/// Finds the excess: the events of each key after the first T, in ingest order.
///
/// A key that is not hot is counted in the [`MisraGries`](super::MisraGries) summary of its date; a
/// hot key is counted apart, exactly. So a key is never found early, and at most
/// [`Detector::lateness_bound`] events late: 0, exact, as long as no date has more live keys than
/// counters ([`Detector::with_counters_a_date`]).
///
/// Blocks are observed in sequence order. While it is exact, how the events were cut into blocks,
/// and into runs with the state stored and loaded between, changes no answer.
#[derive(Debug)]
pub struct Detector {
    thresholds: Thresholds,
    remedy: Remedy,
    time_zone: TimeZone,
    dates: Dates,
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

/// More counters than there are ids: a detector is exact unless it is told otherwise.
pub(super) const UNBOUNDED: usize = 1 << 40;

impl Detector {
    /// A detector that has seen nothing. The time zone is the one that events got their dates by.
    #[must_use]
    pub fn new(threshold: Threshold, remedy: Remedy, time_zone: TimeZone) -> Self {
        Self {
            thresholds: Thresholds::new(threshold),
            remedy,
            time_zone,
            dates: Dates::new(UNBOUNDED),
            blocks: 0,
        }
    }

    /// With this many counters a date at most; as many as there are keys if it is not said.
    #[must_use]
    pub fn with_counters_a_date(mut self, counters: usize) -> Self {
        self.dates.set_capacity(counters);
        self
    }

    /// With a threshold of its own for each of these ids. It holds for keys that have not crossed;
    /// one that was found hot stays so.
    #[must_use]
    pub fn with_thresholds<'a>(
        mut self,
        thresholds: impl IntoIterator<Item = (&'a str, Threshold)>,
    ) -> Self {
        self.thresholds.set(thresholds);
        self
    }

    /// Continues where earlier runs ended: these dates have stored state, to be loaded on demand.
    #[must_use]
    pub fn with_stored_dates(mut self, dates: impl IntoIterator<Item = EventDate>) -> Self {
        self.dates.add_stored(dates);
        self
    }

    /// The dates of a block whose stored state must be loaded before it is observed: those that are
    /// not in memory, and those in part in memory ([`Detector::release`]) where a key of the block
    /// could come near its threshold.
    #[must_use]
    pub fn missing_dates(&self, counts: &BlockCounts) -> Vec<EventDate> {
        self.dates.missing(counts, |hash| self.thresholds.limits(hash))
    }

    /// Loads a date from its stored states, in commit order, from its last checkpoint on (earlier
    /// ones do no harm): wholly if no more than `limit_bytes` are held then, else what it takes to
    /// observe `next`. A date that is wholly in memory stays as it is.
    ///
    /// # Errors
    /// When a state is damaged or was stored for another date; the date is then not loaded.
    pub fn load(
        &mut self,
        date: EventDate,
        states: &[StoredState<'_>],
        limit_bytes: usize,
        next: &BlockCounts,
    ) -> Result<(), Error> {
        let thresholds = &self.thresholds;
        self.dates.load(date, states, limit_bytes, next, |hash| thresholds.limits(hash))
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
            self.dates.touch(date, self.blocks);
        }
        let mut marks = Vec::new();
        let mut current: Option<(EventDate, &mut DateCounters)> = None;
        for (slot_number, &slot) in (0_u32..).zip(counts.slots()) {
            if current.as_ref().is_none_or(|(date, _)| *date != slot.date) {
                current = self.dates.get_mut(slot.date).map(|counters| (slot.date, counters));
            }
            let Some((_, counters)) = &mut current else { continue };
            let events = u64::from(slot.count);
            let remedied = remedied(self.remedy, events);
            let threshold = self.thresholds.of(slot.hash);
            let before = counters.feed(slot.hash, events, Limits::of(threshold), remedied);
            marks.extend(Mark::of(slot_number, slot, before, threshold));
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
            projected_crossing: day.project(events, event.time, self.thresholds.of(mark.slot.hash)),
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
        self.dates.get_mut(event.date)?.hot.cross(mark.slot.hash, key);
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
        self.dates.lateness_bound()
    }

    /// The certificate of one date; nothing for a date that is not in memory.
    #[must_use]
    pub fn lateness_bound_of(&self, date: EventDate) -> Option<u64> {
        Some(self.dates.get(date)?.counters.lateness_bound())
    }

    /// The keys past T that had events in this run: by events descending, then id, then date. Their
    /// events are short by at most [`Detector::lateness_bound`].
    #[must_use]
    pub fn touched_hot_keys(&self) -> Vec<TouchedKey> {
        let mut keys: Vec<TouchedKey> = self.dates.touched_hot_keys().collect();
        keys.sort_unstable_by(|TouchedKey { key: a, .. }, TouchedKey { key: b, .. }| {
            let by_events = b.events.cmp(&a.events);
            let by_id = || a.distinct_id.cmp(&b.distinct_id);
            by_events.then_with(by_id).then(a.event_date.cmp(&b.event_date))
        });
        keys
    }

    /// The state to store with the next commit: of every date that changed since the last call,
    /// by date.
    #[must_use = "state that is not stored is lost"]
    pub fn take_changes(&mut self) -> Vec<DateState> {
        self.dates.take_changes()
    }

    /// Bytes of memory the counters and hot keys hold.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.dates.memory_bytes()
    }

    /// Bytes by which observing this block makes them grow, at most, not counting the ids of keys
    /// that become hot.
    #[must_use]
    pub fn growth_bytes(&self, counts: &BlockCounts) -> usize {
        self.dates.growth_bytes(counts)
    }

    /// Gives memory back until at most `limit_bytes` are held, without losing a count: what is
    /// dropped is in the store. Dates with changes that were not taken yet stay, so call it when
    /// what was taken has been committed.
    ///
    /// Dates fed least recently go first. Of each, the counters are dropped that are far from the
    /// threshold; while these are missing, what their keys are fed is gathered to be added to them.
    /// Where that is not enough, whole dates are dropped, except those that `next` feeds, the block
    /// to be observed next.
    pub fn release(&mut self, limit_bytes: usize, next: &BlockCounts) {
        let thresholds = &self.thresholds;
        self.dates.release(limit_bytes, next, |hash| thresholds.limits(hash));
    }

    /// Purges counters until at most `limit_bytes` are held, which raises the certificate: for runs
    /// without a store to leave them in.
    pub fn purge(&mut self, limit_bytes: usize) {
        self.dates.purge(limit_bytes);
    }
}

/// How many of the excess events the remedy rewrites or spreads.
fn remedied(remedy: Remedy, excess: u64) -> u64 {
    match remedy {
        Remedy::Rename | Remedy::Split => excess,
        Remedy::Off => 0,
    }
}
