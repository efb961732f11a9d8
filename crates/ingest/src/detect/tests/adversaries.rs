//! Streams made to hurt a bounded detector.

use super::*;

const K: usize = 4;
const T: u64 = 10;

/// Feeds ids one event a block, and says with which of its events each was declared.
fn declared_at(harness: &mut Harness, ids: impl IntoIterator<Item = String>) -> Vec<(String, u64)> {
    let mut truth: BTreeMap<String, u64> = BTreeMap::new();
    let mut declared = Vec::new();
    for id in ids {
        let events = truth.entry(id.clone()).or_default();
        *events += 1;
        let observation = harness.feed(&[event(&id, 100, 0)]);
        if observation.notices.iter().any(|notice| notice.kind == NoticeKind::Crossed) {
            declared.push((id, *events));
        }
    }
    declared
}

fn distinct(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("once {number}"))
}

fn times(id: &str, count: usize) -> impl Iterator<Item = String> {
    std::iter::repeat_n(id.to_owned(), count)
}

#[test]
fn a_crowd_of_distinct_ids_makes_a_heavy_one_late_but_not_lost() {
    let mut harness = Harness::new(T).with_counters_a_date(K);
    // Every fourth of them is one too many: the purge drops all four and takes 1 from the heavy id.
    assert_eq!(declared_at(&mut harness, times("heavy", 8).chain(distinct(10))), []);
    let d = harness.detector.lateness_bound();
    assert_eq!(d, 2);
    let more = declared_at(&mut harness, times("heavy", 20));
    assert_eq!(more, [("heavy".to_owned(), T + d + 1 - 8)]);
}

#[test]
fn a_heavy_id_past_its_threshold_cannot_be_washed_away() {
    let mut harness = Harness::new(T).with_counters_a_date(K);
    let heavy = declared_at(&mut harness, times("heavy", 11));
    assert_eq!(heavy, [("heavy".to_owned(), 11)]);
    assert_eq!(declared_at(&mut harness, distinct(1_000)), []);
    harness.restart();
    let observation = harness.feed(&[event("heavy", 100, 0)]);
    assert_eq!((rows(&observation), observation.notices), (vec![0], Vec::new()));
}

#[test]
fn more_ids_just_under_t_than_counters_are_all_innocent() {
    let mut harness = Harness::new(T).with_counters_a_date(K);
    let turns = (0..T).flat_map(|_| distinct(10 * K));
    assert_eq!(declared_at(&mut harness, turns), []);
    assert!(harness.detector.lateness_bound() > 0);
    assert_eq!(harness.detector.touched_hot_keys(), []);
}

#[test]
fn more_ids_in_round_robin_past_t_than_counters_are_late_by_d_at_most() {
    let mut harness = Harness::new(T).with_counters_a_date(K);
    let ids = 3 * K;
    // In step with each other, they purge each other faster than they grow: nobody is found.
    let turns = (0..T + 5).flat_map(|_| distinct(ids));
    assert_eq!(declared_at(&mut harness, turns), []);
    let d = harness.detector.lateness_bound();
    assert!(d >= 5, "or event T+5 would have been past T + d");
    // Each on its own is found by event T + d + 1 then, without harm to the others.
    for id in distinct(ids) {
        let found = declared_at(&mut harness, times(&id, 50));
        assert_eq!(found.len(), 1);
        assert!(T + 5 + found[0].1 <= T + d + 1, "{found:?} with d = {d}");
    }
    assert_eq!(harness.detector.lateness_bound(), d);
}

#[test]
fn as_many_ids_as_counters_are_found_at_once_whatever_their_order() {
    let mut harness = Harness::new(T).with_counters_a_date(K);
    let turns = (0..=T).flat_map(|_| distinct(K));
    let found = declared_at(&mut harness, turns);
    assert_eq!(found, distinct(K).map(|id| (id, T + 1)).collect::<Vec<_>>());
    assert_eq!(harness.detector.lateness_bound(), 0);
}

#[test]
fn found_ids_make_room_for_the_next() {
    let mut harness = Harness::new(T).with_counters_a_date(K);
    let waves = (0..20).flat_map(|wave| {
        (0..=T).flat_map(move |_| (0..K).map(move |id| format!("wave {wave}, id {id}")))
    });
    assert_eq!(declared_at(&mut harness, waves).len(), 20 * K);
    assert_eq!(harness.detector.lateness_bound(), 0);
}
