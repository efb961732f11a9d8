use std::collections::BTreeMap;

use hotshard_event::EventDate;
use hotshard_query::IdCounts;

use crate::fixture::{Fixture, event, in_footer};

/// 2024-03-01, the day of events that name no other.
const FIRST_DAY: i32 = 19_783;

fn counts(store: &Fixture, day: i32, is_wanted: impl Fn(&str) -> bool + Sync) -> IdCounts {
    IdCounts::of(&store.snapshot(), EventDate::from_epoch_days(FIRST_DAY + day), is_wanted)
}

fn told<const N: usize>(ids: [(&str, u64); N]) -> BTreeMap<String, u64> {
    ids.map(|(id, events)| (id.to_owned(), events)).into()
}

#[test]
fn ids_of_a_day_are_counted_as_they_are_stored() {
    let first = [
        event("View", "ada"),
        event("Click", "ada").on_day(1),
        event("View", "ada").split(),
        event("View", "ada").renamed(),
        event("View", ""),
        event("View", "bob").on_day(2),
    ];
    let second = [event("View", "ada"), event("View", "cyd")];
    let store = Fixture::with_shards(8).commit(first).commit(second);
    assert_eq!(counts(&store, 0, |_| true).events, told([("ada", 3), ("cyd", 1)]));
    assert_eq!(counts(&store, 1, |_| true).events, told([("ada", 1)]));
    assert_eq!(counts(&store, 0, |id| id == "cyd").events, told([("cyd", 1)]));
    assert_eq!(counts(&store, 7, |_| true).events, told([]));
}

#[test]
fn damaged_files_are_named_and_nothing_of_them_is_counted() {
    let store = Fixture::with_shards(1)
        .commit([event("View", "ada"), event("View", "bob")])
        .commit([event("View", "ada")]);
    let files = store.files();
    store.damage(&files[0], in_footer);
    let counts = counts(&store, 0, |_| true);
    assert_eq!(counts.events, told([("ada", 1)]));
    let damaged: Vec<&str> = counts.damaged.iter().map(|damage| damage.path.as_str()).collect();
    assert_eq!(damaged, [files[0].path()]);
}
