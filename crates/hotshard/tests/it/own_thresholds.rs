use std::collections::BTreeMap;

use hotshard::{
    GroupColumn, Ingest, Measure, NoticeKind, Override, OverrideChanges, Remedy, Threshold,
};
use proptest::prelude::*;

use crate::fixture::{Folder, MORNING, counts, hot, hot_of, ingest, input, line};

const DAY: &str = "2021-04-18";

fn own(id: &str, events: u64) -> OverrideChanges {
    set(id, Override::Threshold(Threshold::new(events)))
}

fn set(id: &str, to: Override) -> OverrideChanges {
    let mut changes = OverrideChanges::default();
    changes.set(id, to).unwrap();
    changes
}

/// So many events of an id, those from the `first`-th on.
fn events(id: &str, first: i64, events: i64) -> String {
    (first..first + events).map(|n| line("A", id, MORNING + n)).collect()
}

/// A hot key of the day as a summary names it.
fn key(id: &str, events: u64, remedied: u64) -> (String, String, u64, u64) {
    (id.to_owned(), DAY.to_owned(), events, remedied)
}

/// How many events of this run were remedied.
fn remedied(ingest: &Ingest, lines: String) -> u64 {
    ingest.run(&input(lines)).unwrap().remedied
}

#[test]
fn an_id_has_a_lower_threshold_of_its_own() {
    let folder = Folder::new();
    let ingest = ingest(&folder.store("s"), 100, Remedy::Rename).overrides(own("a", 5));
    let summary = ingest.run(&input(events("a", 0, 9) + &events("b", 0, 9))).unwrap();
    assert_eq!(hot_of(&summary), [key("a", 9, 4)]);
    assert_eq!((summary.remedied, summary.lateness_bound), (4, 0));
    let by = [GroupColumn::OriginalDistinctId, GroupColumn::Event];
    let rows = counts(&folder.store("s"), Measure::Events, &by);
    let expected = [("a|$hotshard_events", 4), ("a|A", 5), ("b|A", 9)];
    assert_eq!(rows, expected.map(|(key, rows)| (key.to_owned(), rows)).into());
}

#[test]
fn an_id_has_a_higher_threshold_of_its_own() {
    let folder = Folder::new();
    let ingest = ingest(&folder.store("s"), 5, Remedy::Split).overrides(own("a", 20));
    let summary = ingest.run(&input(events("a", 0, 10) + &events("b", 0, 10))).unwrap();
    assert_eq!(hot_of(&summary), [key("b", 10, 5)]);
}

#[test]
fn an_id_that_is_forced_hot_is_excess_from_its_first_event_on() {
    let folder = Folder::new();
    let store = folder.store("s");
    let ingest = ingest(&store, 100, Remedy::Rename).overrides(set("a", Override::Hot));
    let summary = ingest.run(&input(events("b", 0, 3) + &events("a", 0, 7))).unwrap();
    assert_eq!(hot_of(&summary), [key("a", 7, 7)]);
    let kinds: Vec<_> =
        summary.notices.iter().map(|placed| (placed.notice.kind, placed.line)).collect();
    assert_eq!(kinds, [(NoticeKind::Crossed, 4)]);
    assert_eq!(counts(&store, Measure::Users, &[])[""], 1);
}

#[test]
fn notices_go_by_the_threshold_of_the_id() {
    let folder = Folder::new();
    let ingest = ingest(&folder.store("s"), 1_000, Remedy::Off).overrides(own("a", 10));
    let summary = ingest.run(&input(events("a", 0, 12))).unwrap();
    let notices: Vec<_> =
        summary.notices.iter().map(|placed| (placed.notice.kind, placed.notice.events)).collect();
    assert_eq!(notices, [(NoticeKind::Approaching, 8), (NoticeKind::Crossed, 11)]);
}

#[test]
fn a_threshold_changes_for_later_events_and_hot_keys_stay_hot() {
    let folder = Folder::new();
    let store = folder.store("s");
    let plain = ingest(&store, 5, Remedy::Rename);
    assert_eq!(remedied(&plain, events("a", 0, 9) + &events("b", 0, 4)), 4);
    // Raised: a is hot already. Lowered: the next of b is past it.
    let mut changes = own("a", 100);
    changes.set("b", Override::Threshold(Threshold::new(2))).unwrap();
    let changed = plain.clone().overrides(changes);
    assert_eq!(remedied(&changed, events("a", 9, 3) + &events("b", 4, 3)), 6);
    let hot_keys = [("a".to_owned(), DAY.to_owned(), 12), ("b".to_owned(), DAY.to_owned(), 7)];
    assert_eq!(hot(&store), hot_keys);
    // On another day the thresholds of their own hold from the first event on.
    let next =
        |id: &str| (0..9).map(|n| line("A", id, MORNING + 86_400_000 + n)).collect::<String>();
    assert_eq!(remedied(&plain, next("a") + &next("b")), 7);
    let mut removal = OverrideChanges::default();
    removal.remove("a").unwrap();
    let back = plain.clone().overrides(removal);
    let third = |id: &str| line("A", id, MORNING + 2 * 86_400_000).repeat(9);
    assert_eq!(remedied(&back, third("a") + &third("b")), 4 + 7);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    /// Whatever the thresholds, the cut and the threads: event T+1 of an id and all after it are
    /// excess, by its own T.
    #[test]
    fn each_id_goes_by_its_threshold(
        ids in prop::collection::vec(0_usize..4, 0..150),
        threshold in 0_u64..40,
        own in prop::collection::vec(prop::option::of(0_u64..40), 4),
        threads in 1_usize..4,
        cut in any::<prop::sample::Index>(),
    ) {
        let names = ["a", "b", "0", "é"];
        let mut changes = OverrideChanges::default();
        for (name, events) in names.iter().zip(&own) {
            match events {
                Some(0) => changes.set(*name, Override::Hot).unwrap(),
                Some(events) => {
                    changes.set(*name, Override::Threshold(Threshold::new(*events))).unwrap();
                }
                None => {}
            }
        }
        let lines: Vec<String> = ids.iter().map(|&id| line("A", names[id], MORNING)).collect();
        let cut = if lines.is_empty() { 0 } else { cut.index(lines.len()) };
        let folder = Folder::new();
        let store = folder.store("s");
        let plain = ingest(&store, threshold, Remedy::Rename).threads(threads);
        // A blank line tells the parts apart when they are alike.
        let found = remedied(&plain.clone().overrides(changes), lines[..cut].concat())
            + remedied(&plain, format!("\n{}", lines[cut..].concat()));

        let mut events: BTreeMap<usize, u64> = BTreeMap::new();
        ids.iter().for_each(|id| *events.entry(*id).or_default() += 1);
        let limit = |id: usize| own[id].unwrap_or(threshold);
        let excess: u64 = events.iter().map(|(id, events)| events.saturating_sub(limit(*id))).sum();
        prop_assert_eq!(found, excess);
        let mut expected: Vec<_> = events
            .into_iter()
            .filter(|(id, events)| *events > limit(*id))
            .map(|(id, events)| (names[id].to_owned(), DAY.to_owned(), events))
            .collect();
        expected.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
        prop_assert_eq!(hot(&store), expected);
    }
}
