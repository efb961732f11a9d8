//! Copies count once.

use hotshard_event::DateRange;
use hotshard_query::{CountQuery, Dedup, GroupColumn, Measure};

use crate::fixture::{Event, Fixture, event, told};

fn dedup() -> CountQuery {
    CountQuery::new(Measure::Events).dedup(Dedup::On)
}

fn told_by_event(store: &Fixture) -> Vec<String> {
    told(&dedup().by(GroupColumn::Event).run(&store.snapshot()).unwrap())
}

fn retry(insert_id: &str) -> Event {
    event("View", "ada").insert_id(insert_id)
}

#[test]
fn copies_at_home_count_once_across_commits() {
    let store = Fixture::with_shards(4).commit([retry("1"), retry("1"), retry("2")]).commit([
        retry("1"),
        event("Purchase", "ada").insert_id("1"),
        event("View", "bob").insert_id("1"),
        retry("1").on_day(1),
    ]);
    assert_eq!(told_by_event(&store), ["View=4", "Purchase=1"]);
    let off = CountQuery::new(Measure::Events).run(&store.snapshot()).unwrap();
    assert_eq!(off.total, 7);
}

#[test]
fn rows_without_an_insert_id_are_nobodys_copies() {
    let store = Fixture::with_shards(2).commit((0..5).map(|_| event("View", "ada")));
    assert_eq!(told_by_event(&store), ["View=5"]);
}

#[test]
fn an_unrenamed_copy_beats_renamed_ones_wherever_they_are() {
    let renamed = || (0..20).map(|_| retry("1").renamed());
    let store = Fixture::with_shards(8).commit([retry("1")]).commit(renamed());
    assert_eq!(told_by_event(&store), ["View=1"]);
    let store = Fixture::with_shards(8).commit(renamed()).commit(renamed());
    assert_eq!(told_by_event(&store), ["$hotshard_events=1"]);
}

#[test]
fn of_equals_the_latest_wins() {
    let plan = |text: &str| retry("1").with(&format!(r#"{{"plan":"{text}"}}"#));
    let store = Fixture::with_shards(8)
        .commit([plan("first"), plan("second").split()])
        .commit([plan("third").split(), plan("fourth")]);
    let by_plan = dedup().by(GroupColumn::Property("plan".into()));
    assert_eq!(told(&by_plan.run(&store.snapshot()).unwrap()), ["fourth=1"]);
}

#[test]
fn events_without_an_id_are_compared_across_shards() {
    let store = Fixture::with_shards(8)
        .commit((0..20).map(|_| event("View", "").insert_id("1")))
        .commit([event("View", "").insert_id("2")]);
    assert_eq!(told_by_event(&store), ["View=2"]);
}

#[test]
fn an_id_taken_away_is_still_part_of_the_identity() {
    let store = Fixture::with_shards(8).commit([retry("1").unattributed(), retry("1")]);
    let by_id = dedup().by(GroupColumn::DistinctId).run(&store.snapshot()).unwrap();
    assert_eq!(told(&by_id), ["ada=1"]);
    // Alike but for the id they had: two events, each once.
    let bob = || event("View", "bob").insert_id("1").unattributed();
    let copies = (0..10).flat_map(|_| [retry("1").unattributed(), bob()]);
    let store = Fixture::with_shards(8).commit(copies);
    let by_original = dedup().by(GroupColumn::OriginalDistinctId);
    assert_eq!(told(&by_original.run(&store.snapshot()).unwrap()), ["ada=1", "bob=1"]);
}

#[test]
fn conditions_come_after_dates_before() {
    let store = Fixture::with_shards(4).commit([
        retry("1").with(r#"{"plan":"pro"}"#),
        retry("1").with(r#"{"plan":"free"}"#),
        retry("2").on_day(1),
    ]);
    // The pro copy lost already, so nothing is left of it.
    let pro = dedup().filter("property:plan = pro".parse().unwrap());
    assert_eq!(pro.run(&store.snapshot()).unwrap().total, 0);
    let first_day = "2024-03-01".parse().unwrap();
    let dates = DateRange::new(None, Some(first_day)).unwrap();
    assert_eq!(dedup().dates(dates).run(&store.snapshot()).unwrap().total, 1);
}
