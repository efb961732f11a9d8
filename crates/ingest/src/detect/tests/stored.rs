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
    counters.extend_from_slice(&[2, 0]);
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

/// Keeps memory to what hot keys and those near the threshold take.
fn shrink(harness: &mut Harness) {
    harness.commit();
    harness.detector.release(0, &BlockCounts::of(&block_of(&events("", 1))));
}

fn touched(harness: &Harness) -> Vec<(i32, String, u64, u64)> {
    let figures = |TouchedKey { key, remedied }: TouchedKey| {
        (key.event_date.epoch_days(), key.distinct_id, key.events, remedied)
    };
    harness.detector.touched_hot_keys().into_iter().map(figures).collect()
}

#[test]
fn dates_leave_memory_and_come_back() {
    let mut harness = Harness::new(2);
    let three = |day: i32| vec![event("a", day, 0); 3];
    for day in [3, 1, 2] {
        harness.feed(&three(day));
    }
    let next = BlockCounts::of(&block_of(&three(3)));
    let before = harness.detector.memory_bytes();
    harness.detector.release(0, &next);
    assert_eq!(harness.detector.memory_bytes(), before, "nothing is committed yet");
    harness.commit();
    let before = harness.detector.memory_bytes();
    harness.detector.release(before, &next);
    assert_eq!(harness.detector.memory_bytes(), before, "it holds no more than it may");
    harness.detector.release(0, &next);
    let day = EventDate::from_epoch_days;
    let bounds = [1, 2, 3].map(|date| harness.detector.lateness_bound_of(day(date)));
    assert_eq!(bounds, [None, None, Some(0)], "the next block's date stays");

    // What this run did to the released keys is remembered, whether they come back or not.
    assert_eq!(rows(&harness.feed(&three(1))), [0, 1, 2]);
    let a = || "a".to_owned();
    assert_eq!(touched(&harness), [(1, a(), 6, 4), (2, a(), 3, 1), (3, a(), 3, 1)]);
}

/// A date with one key near the threshold of 100, and ten that are far.
fn wide_date() -> Harness {
    let mut harness = Harness::new(100);
    harness.feed(&events("near", 60));
    for id in 0..10 {
        harness.feed(&events(&format!("far {id}"), 20));
    }
    harness.commit();
    let next = BlockCounts::of(&block_of(&events("new", 1)));
    harness.detector.release(0, &next);
    harness
}

#[test]
fn what_is_far_from_the_threshold_waits_in_the_store() {
    let mut harness = wide_date();
    let mut kinds = Vec::new();
    // Neither a key near the threshold nor one far from it makes the date be loaded.
    for _ in 0..2 {
        for id in ["near", "far 1", "new"] {
            let counts = BlockCounts::of(&block_of(&events(id, 15)));
            assert_eq!(harness.detector.missing_dates(&counts), []);
            harness.feed(&events(id, 15));
        }
        kinds.extend(harness.commit().into_iter().map(|state| (state.kind, state.entries)));
    }
    assert_eq!(kinds, [(StateKind::Changes, 3); 2]);
    // With 20 counted and 30 added there is no telling what 15 + 15 more would make.
    let counts = BlockCounts::of(&block_of(&events("far 1", 30)));
    assert_eq!(harness.detector.missing_dates(&counts), [EventDate::from_epoch_days(100)]);
    assert_eq!(
        words(&harness.feed(&events("far 1", 30))),
        [(NoticeKind::Approaching, "far 1", 80, 379)]
    );
    harness.restart();
    assert_eq!(rows(&harness.feed(&events("far 1", 21))), [20]);
    assert_eq!(rows(&harness.feed(&events("near", 11))), [10]);
    assert_eq!(rows(&harness.feed(&events("new", 71))), [70]);
}

#[test]
fn additions_outlive_the_process_and_a_purge() {
    let mut harness = wide_date();
    harness.feed(&events("far 1", 15));
    harness.restart();
    assert_eq!(rows(&harness.feed(&events("far 1", 66))), [65]);

    let mut harness = wide_date();
    harness.feed(&events("far 1", 15));
    harness.restart();
    harness.detector =
        std::mem::replace(&mut harness.detector, Harness::new(1).detector).with_counters_a_date(3);
    // The store has eleven counters: 20 is purged from all, then 15 are added.
    assert_eq!(rows(&harness.feed(&events("far 1", 86))), [85]);
    assert_eq!(harness.detector.lateness_bound(), 20);
}

#[test]
fn additions_are_written_behind_the_counters() {
    let mut harness = wide_date();
    harness.feed(&events("near", 1));
    harness.feed(&events("far 1", 2));
    let state = harness.commit().remove(0);
    let mut counters = b"HSDC\x01\0\x64\0\0\0\0\x01".to_vec();
    counters.extend_from_slice(&u128::from(KeyHash::of("near")).to_le_bytes());
    counters.extend_from_slice(&[122, 1]);
    counters.extend_from_slice(&u128::from(KeyHash::of("far 1")).to_le_bytes());
    counters.push(2);
    assert_eq!((state.counters, state.hot.len()), (counters, 0));
}

#[test]
fn a_counter_may_follow_an_addition_and_an_addition_a_counter() {
    let mut harness = wide_date();
    for (limit_bytes, added) in [(0, 15), (usize::MAX, 15), (0, 10)] {
        harness.feed(&events("far 1", added));
        harness.limit_bytes = limit_bytes;
        harness.restart();
        harness.feed(&events("other", 1));
        shrink(&mut harness);
    }
    harness.restart();
    assert_eq!(rows(&harness.feed(&events("far 1", 41))), [40]);
}

#[test]
fn a_key_is_looked_up_without_the_rest_of_its_date() {
    let mut harness = wide_date();
    harness.limit_bytes = 0;
    harness.feed(&events("far 1", 59));
    let before = harness.detector.memory_bytes();
    // With 59 more of whatever it had, it may be near: it has 79.
    assert_eq!(
        words(&harness.feed(&events("far 1", 1))),
        [(NoticeKind::Approaching, "far 1", 80, 319)]
    );
    assert!(harness.detector.memory_bytes() <= before + 24 * 16);
    assert_eq!(rows(&harness.feed(&events("far 1", 21))), [20]);
    // Its count was looked up, so it is no addition any more.
    assert_eq!(harness.commit()[0].kind, StateKind::Changes);
    harness.restart();
    assert_eq!(rows(&harness.feed(&events("far 1", 1))), [0]);
    assert_eq!(rows(&harness.feed(&events("far 2", 81))), [80]);
}

#[test]
fn a_date_in_part_in_the_store_is_not_purged() {
    // Its stored counters would come back as if the purge had not been, and be above the truth.
    let mut harness = wide_date();
    harness.feed(&events("far 1", 5));
    harness.detector.purge(0);
    assert_eq!(harness.detector.lateness_bound(), 0);
    assert_eq!(rows(&harness.feed(&events("far 1", 77))), [75, 76]);
}

#[test]
fn without_a_store_counters_are_purged() {
    let mut harness = Harness::new(100);
    for id in 0..100 {
        harness.feed(&events(&id.to_string(), 3));
    }
    let before = harness.detector.memory_bytes();
    harness.detector.purge(before / 2);
    assert!(harness.detector.memory_bytes() <= before / 2);
    assert_eq!(harness.detector.lateness_bound(), 3);
    harness.detector.purge(0);
    assert_eq!(harness.detector.lateness_bound(), 3);
}

#[test]
fn a_known_key_of_a_date_in_part_in_the_store_takes_no_more_memory() {
    // The table of what stays was just full, and grew for an event of a key it held.
    for near in 1..200 {
        let mut harness = Harness::new(10);
        for id in 0..near {
            harness.feed(&events(&id.to_string(), 5));
        }
        harness.commit();
        harness.detector.release(0, &BlockCounts::of(&block_of(&events("new", 1))));
        let before = harness.detector.memory_bytes();
        harness.feed(&events("0", 1));
        assert_eq!(harness.detector.memory_bytes(), before, "with {near} keys near the threshold");
    }
}

#[test]
fn a_key_that_crossed_while_its_date_was_in_part_in_the_store_makes_room() {
    // It was still among the counters that came back when the others were put beside them.
    let mut harness = Harness::new(10).with_counters_a_date(2);
    harness.feed(&[events("crosses", 9), events("far", 1)].concat());
    harness.commit();
    let next = [events("crosses", 2), events("new", 1)].concat();
    harness.detector.release(0, &BlockCounts::of(&block_of(&next)));
    assert_eq!(rows(&harness.feed(&next)), [1]);
    harness.feed(&events("far", 8));
    assert_eq!(harness.completed, 1);
    assert_eq!(harness.detector.lateness_bound(), 0, "two keys are live, with two counters");
}
