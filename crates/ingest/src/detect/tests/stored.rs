//! State: what is written, and memory that is given back.

use super::*;

#[test]
fn the_bytes_are_those_of_the_format() {
    let mut harness = Harness::new(2);
    harness.feed(&[event("a", 1, 0), event("b", 1, 0), event("b", 1, 0), event("b", 1, 7)]);
    let state = harness.commit().remove(0);
    assert_eq!((state.kind, state.entries), (StateKind::Checkpoint, 2));
    let mut counters = b"HSDC\x01\x01\x01\0\0\0\0\x01".to_vec();
    counters.extend_from_slice(&u128::from(KeyHash::of("a")).to_le_bytes());
    counters.push(1);
    assert_eq!(state.counters, counters);
    let time = (DAY_MILLIS + 7).to_le_bytes();
    assert_eq!(state.hot, [b"HSDH\x01\x01\x01\0\0\0\x01\x01b\x03\x01\x03", &time[..]].concat());
}

#[test]
fn changes_are_written_until_they_outnumber_the_live_entries() {
    let mut harness = Harness::new(1_000);
    let ids: Vec<TestEvent> = (0..5).map(|id| event(&id.to_string(), 1, 0)).collect();
    let mut kinds = Vec::new();
    for fed in [5, 2, 2, 1, 1, 5, 1] {
        harness.feed(&ids[..fed]);
        let state = harness.commit().remove(0);
        kinds.push((state.kind, state.entries));
    }
    let (changes, checkpoint) = (StateKind::Changes, StateKind::Checkpoint);
    assert_eq!(
        kinds,
        [
            (checkpoint, 5),
            (changes, 2),
            (changes, 2),
            (changes, 1),
            (checkpoint, 5),
            (changes, 5),
            (checkpoint, 5),
        ]
    );
}

#[test]
fn the_checkpoint_rhythm_goes_on_after_a_restart() {
    let kinds = |restarts: bool| {
        let mut harness = Harness::new(3);
        let mut kinds = Vec::new();
        for round in 0..20 {
            harness.feed(&[event("a", 1, 0), event("b", 1, 0), event(&round.to_string(), 1, 0)]);
            kinds.extend(harness.commit());
            if restarts {
                harness.restart();
            }
        }
        kinds
    };
    assert_eq!(kinds(true), kinds(false));
}

#[test]
fn nothing_new_is_nothing_to_write() {
    let mut harness = Harness::new(1);
    harness.feed(&events("", 3));
    assert_eq!(harness.commit(), []);
    harness.feed(&events("a", 1));
    assert_eq!(harness.commit().len(), 1);
    assert_eq!(harness.commit(), []);
    harness.feed(&events("a", 1));
    let state = harness.commit().remove(0);
    assert_eq!((state.kind, state.counters.len()), (StateKind::Changes, 0));
}

#[test]
fn a_state_replayed_twice_does_no_harm() {
    let mut harness = Harness::new(3);
    harness.feed(&events("a", 2));
    harness.feed(&events("b", 5));
    harness.commit();
    harness.feed(&events("a", 1));
    harness.commit();
    let date = EventDate::from_epoch_days(100);
    let states = harness.stored.get_mut(&date).unwrap();
    states.push(states.last().unwrap().clone());
    harness.restart();
    let mut block = events("a", 1);
    block.extend(events("b", 1));
    assert_eq!(rows(&harness.feed(&block)), [0, 1]);
    assert_eq!(harness.detector.touched_hot_keys()[0].key.events, 6);
}

#[test]
fn dates_fed_least_recently_leave_memory_and_come_back() {
    let mut harness = Harness::new(2);
    let three = |day: i32| vec![event("a", day, 0); 3];
    for day in [3, 1, 2] {
        harness.feed(&three(day));
    }
    assert_eq!(harness.detector.release(0), [], "nothing is committed yet");
    harness.commit();
    let before = harness.detector.memory_bytes();
    assert_eq!(harness.detector.release(before), []);
    assert_eq!(harness.detector.release(before - 1), [EventDate::from_epoch_days(3)]);
    assert!(harness.detector.memory_bytes() < before);
    assert_eq!(harness.detector.lateness_bound_of(EventDate::from_epoch_days(3)), None);
    assert_eq!(harness.detector.release(0), [1, 2].map(EventDate::from_epoch_days));

    // What this run did to the released keys is remembered, whether they come back or not.
    assert_eq!(rows(&harness.feed(&three(1))), [0, 1, 2]);
    let touched = harness.detector.touched_hot_keys();
    let figures: Vec<_> = touched
        .iter()
        .map(|touched| (touched.key.event_date.epoch_days(), touched.key.events, touched.remedied))
        .collect();
    assert_eq!(figures, [(1, 6, 4), (2, 3, 1), (3, 3, 1)]);
}
