//! Tests of the detector as a whole.

mod adversaries;
mod band;
mod bounds;
mod damage;
mod datasketches;
mod lateness;
mod merging;
mod model;
mod oracle;
mod release;
mod space_saving;
mod stored;
mod streams;

use std::collections::BTreeMap;

use hotshard_event::{
    EventBlock, EventDate, EventTime, NewEvent, Remedy, Sequence, Threshold, TimeZone,
};

use super::*;

const DAY_MILLIS: i64 = 86_400_000;

/// One event, as far as detection is concerned.
#[derive(Debug, Clone)]
struct TestEvent {
    id: String,
    date: EventDate,
    time: EventTime,
}

fn event(id: &str, day: i32, millis_of_day: i64) -> TestEvent {
    TestEvent {
        id: id.to_owned(),
        date: EventDate::from_epoch_days(day),
        time: EventTime::from_millis(i64::from(day) * DAY_MILLIS + millis_of_day),
    }
}

/// `count` events of one id on day 100, a second apart.
fn events(id: &str, count: i64) -> Vec<TestEvent> {
    (0..count).map(|number| event(id, 100, number * 1_000)).collect()
}

/// These events, as a block that is not numbered yet.
fn block_of(events: &[TestEvent]) -> EventBlock {
    let mut block = EventBlock::default();
    for event in events {
        block.push(&NewEvent {
            name: "e",
            distinct_id: &event.id,
            time: event.time,
            date: event.date,
            insert_id: None,
            properties: "{}",
        });
    }
    block
}

/// A detector with the store it writes its state to.
struct Harness {
    threshold: u64,
    remedy: Remedy,
    counters_a_date: Option<usize>,
    detector: Detector,
    stored: BTreeMap<EventDate, Vec<DateState>>,
    next: Sequence,
    /// How much memory a date that is loaded may take to be loaded wholly.
    limit_bytes: usize,
    /// How often a date that was in part in memory had to be loaded.
    completed: u64,
}

impl Harness {
    fn new(threshold: u64) -> Self {
        Self::with_remedy(threshold, Remedy::Rename)
    }

    fn with_remedy(threshold: u64, remedy: Remedy) -> Self {
        Self {
            threshold,
            remedy,
            counters_a_date: None,
            detector: Detector::new(Threshold::new(threshold), remedy, TimeZone::UTC),
            stored: BTreeMap::new(),
            next: Sequence::default(),
            limit_bytes: usize::MAX,
            completed: 0,
        }
    }

    /// With a detector that has so few counters, and no past.
    fn with_counters_a_date(mut self, counters: usize) -> Self {
        self.counters_a_date = Some(counters);
        self.restart();
        self
    }

    /// Feeds one block, loading the dates it needs.
    fn feed(&mut self, events: &[TestEvent]) -> Observation {
        let mut block = block_of(events);
        self.next = block.number(self.next);
        let counts = BlockCounts::of(&block);
        for date in self.detector.missing_dates(&counts) {
            self.completed += u64::from(self.detector.lateness_bound_of(date).is_some());
            let states: Vec<StoredState<'_>> =
                self.stored.get(&date).into_iter().flatten().map(StoredState::from).collect();
            self.detector.load(date, &states, self.limit_bytes, &counts).unwrap();
        }
        assert_eq!(self.detector.missing_dates(&counts), []);
        let grown = self.detector.memory_bytes() + self.detector.growth_bytes(&counts);
        let observation = self.detector.observe(&block, &counts);
        if self.detector.touched_hot_keys().is_empty() {
            let memory_bytes = self.detector.memory_bytes();
            assert!(memory_bytes <= grown, "{memory_bytes} bytes of at most {grown}");
        }
        observation
    }

    fn commit(&mut self) -> Vec<DateState> {
        let states = self.detector.take_changes();
        for state in &states {
            self.stored.entry(state.date).or_default().push(state.clone());
        }
        states
    }

    /// Commits, and goes on in a new process.
    fn restart(&mut self) {
        self.commit();
        let threshold = Threshold::new(self.threshold);
        let detector = Detector::new(threshold, self.remedy, TimeZone::UTC)
            .with_stored_dates(self.stored.keys().copied());
        self.detector = match self.counters_a_date {
            Some(counters) => detector.with_counters_a_date(counters),
            None => detector,
        };
    }

    /// The hot keys that the stored state tells of, by date and id.
    fn stored_hot_keys(&self) -> Vec<HotKey> {
        let mut keys = BTreeMap::new();
        for state in self.stored.values().flatten() {
            for key in decode_hot(state.date, &state.hot).unwrap() {
                keys.insert((key.event_date, key.distinct_id.clone()), key);
            }
        }
        keys.into_values().collect()
    }
}

fn rows(observation: &Observation) -> Vec<usize> {
    observation.excess.iter().collect()
}

fn words(observation: &Observation) -> Vec<(NoticeKind, &str, u64, u64)> {
    let word = |notice: &'_ Notice| (notice.kind, notice.events, notice.sequence.get());
    let ids = observation.notices.iter().map(|notice| notice.distinct_id.as_str());
    ids.zip(observation.notices.iter().map(word))
        .map(|(id, (kind, events, sequence))| (kind, id, events, sequence))
        .collect()
}

#[test]
fn event_t_plus_one_is_the_first_excess() {
    let mut harness = Harness::new(3);
    assert!(harness.feed(&events("a", 3)).excess.is_empty());
    assert_eq!(rows(&harness.feed(&events("a", 2))), [0, 1]);
    let touched = harness.detector.touched_hot_keys();
    assert_eq!(touched.len(), 1);
    assert_eq!((touched[0].key.events, touched[0].remedied), (5, 2));
    assert_eq!(touched[0].key.first_excess, Sequence::new(3));
    assert_eq!(touched[0].key.crossed_at.millis(), 100 * DAY_MILLIS);
    assert_eq!(harness.detector.lateness_bound(), 0);
}

#[test]
fn days_are_counted_apart_and_empty_ids_never() {
    let mut harness = Harness::new(1);
    let block = ["", "a", "", "a", "a"].map(|id| event(id, 5, 0)).to_vec();
    let mut block = block;
    block.push(event("a", 4, 0));
    assert_eq!(rows(&harness.feed(&block)), [3, 4]);
    assert_eq!(rows(&harness.feed(&[event("a", 4, 0), event("", 4, 0)])), [0]);
}

#[test]
fn at_threshold_zero_every_event_with_an_id_is_excess() {
    let mut harness = Harness::new(0);
    let observation = harness.feed(&[event("a", 1, 0), event("", 1, 0), event("b", 1, 0)]);
    assert_eq!(rows(&observation), [0, 2]);
    let crossed = NoticeKind::Crossed;
    assert_eq!(words(&observation), [(crossed, "a", 1, 0), (crossed, "b", 1, 2)]);
}

#[test]
fn notices_name_the_event_that_did_it_also_within_one_block() {
    let mut harness = Harness::new(10);
    let observation = harness.feed(&events("a", 12));
    assert_eq!(
        words(&observation),
        [(NoticeKind::Approaching, "a", 8, 7), (NoticeKind::Crossed, "a", 11, 10)]
    );
    assert_eq!(words(&harness.feed(&events("a", 12))), []);
}

#[test]
fn notices_come_once_across_restarts() {
    let mut harness = Harness::new(10);
    assert_eq!(words(&harness.feed(&events("a", 8))), [(NoticeKind::Approaching, "a", 8, 7)]);
    harness.restart();
    assert_eq!(words(&harness.feed(&events("a", 2))), []);
    harness.restart();
    assert_eq!(words(&harness.feed(&events("a", 1))), [(NoticeKind::Crossed, "a", 11, 10)]);
    harness.restart();
    assert_eq!(words(&harness.feed(&events("a", 1))), []);
}

#[test]
fn the_crossing_is_projected_from_the_start_of_the_day_in_the_zone() {
    let berlin: TimeZone = "Europe/Berlin".parse().unwrap();
    let date: EventDate = "2021-04-18".parse().unwrap();
    let midnight = berlin.start_of(date).millis();
    let mut block = EventBlock::default();
    for _ in 0..80 {
        let time = EventTime::from_millis(midnight + DAY_MILLIS / 4);
        let properties = "{}";
        let (name, distinct_id, insert_id) = ("e", "a", None);
        block.push(&NewEvent { name, distinct_id, time, date, insert_id, properties });
    }
    let mut detector = Detector::new(Threshold::new(99), Remedy::Off, berlin);
    let observation = detector.observe(&block, &BlockCounts::of(&block));
    let projected = observation.notices[0].projected_crossing;
    assert_eq!(projected, Some(EventTime::from_millis(midnight + DAY_MILLIS * 5 / 16)));
}

#[test]
fn under_off_nothing_is_remedied() {
    for (remedy, remedied) in [(Remedy::Rename, 3), (Remedy::Split, 3), (Remedy::Off, 0)] {
        let mut harness = Harness::with_remedy(2, remedy);
        let observation = harness.feed(&events("a", 4));
        assert_eq!(observation.excess.len(), 2);
        harness.feed(&events("a", 1));
        let touched = harness.detector.touched_hot_keys();
        assert_eq!((touched[0].remedied, touched[0].key.remedied_total), (remedied, remedied));
    }
}

#[test]
fn touched_keys_are_those_of_this_run_by_events_then_id_then_date() {
    let mut harness = Harness::new(1);
    harness.feed(&events("old", 5));
    harness.restart();
    harness.feed(&events("b", 3));
    harness.feed(&events("c", 4));
    harness.feed(&[event("a", 7, 0), event("a", 7, 0), event("a", 7, 0)]);
    harness.feed(&[event("a", 6, 0), event("a", 6, 0), event("a", 6, 0)]);
    let touched = harness.detector.touched_hot_keys();
    let order: Vec<_> = touched
        .iter()
        .map(|touched| (touched.key.distinct_id.as_str(), touched.key.event_date.epoch_days()))
        .collect();
    assert_eq!(order, [("c", 100), ("a", 6), ("a", 7), ("b", 100)]);
}

#[test]
#[should_panic(expected = "the dates of the block were loaded")]
fn counting_on_without_the_past_is_refused() {
    let mut harness = Harness::new(1);
    harness.feed(&events("a", 1));
    harness.restart();
    let mut block = EventBlock::default();
    let (time, date) = (EventTime::default(), EventDate::from_epoch_days(100));
    let (name, distinct_id, insert_id, properties) = ("e", "a", None, "{}");
    block.push(&NewEvent { name, distinct_id, time, date, insert_id, properties });
    harness.detector.observe(&block, &BlockCounts::of(&block));
}
