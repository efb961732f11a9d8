//! Commit records answer as a scan does, or not at all.

use hotshard_event::{DateRange, EventDate};
use hotshard_query::{CountQuery, Dedup, Error, GroupColumn, Measure, OnDamage, Repeats, Timing};

use crate::fixture::{Fixture, event};

/// Commit records tell so many event names apart.
const NAMES_TOLD_APART: usize = 1_000;

fn events() -> CountQuery {
    CountQuery::new(Measure::Events)
}

fn by_event_and_date() -> CountQuery {
    events().by(GroupColumn::Event).by(GroupColumn::Date)
}

/// Two commits of several names and days, some rows renamed.
fn store() -> Fixture {
    let day = |number: i64| {
        let name = if number % 4 == 0 { "Purchase" } else { "View" };
        let row = event(name, &format!("id {}", number % 30)).on_day(number % 3);
        if number % 5 == 0 { row.renamed() } else { row }
    };
    Fixture::with_shards(12).commit((0..200).map(day)).commit((200..230).map(day))
}

fn from(store: &Fixture, day: usize) -> DateRange {
    let dates: Vec<EventDate> = store.snapshot().row_counts().by_date().into_keys().collect();
    DateRange::new(Some(dates[day]), None).unwrap()
}

fn assert_told_as_scanned(query: &CountQuery, store: &Fixture) {
    let snapshot = store.snapshot();
    let (told, scanned) = (query.from_commit_records(&snapshot), query.run(&snapshot));
    let (told, scanned) = (told.unwrap(), scanned.unwrap());
    assert_eq!(told.rows, scanned.rows);
    assert_eq!((told.total, told.damaged), (scanned.total, scanned.damaged));
}

fn questions(store: &Fixture) -> Vec<CountQuery> {
    let mut questions = vec![
        events(),
        events().by(GroupColumn::Event),
        events().by(GroupColumn::Date),
        events().by(GroupColumn::Shard),
        events().by(GroupColumn::Shard).top(5),
        by_event_and_date(),
        events().by(GroupColumn::Date).by(GroupColumn::Event).top(3),
    ];
    for query in [events(), by_event_and_date(), events().by(GroupColumn::Date)] {
        questions.push(query.clone().event("View"));
        questions.push(query.clone().event("Purchase").event("$hotshard_events"));
        questions.push(query.clone().event("never sent"));
        questions.push(query.clone().dates(from(store, 1)));
        questions.push(query.event("View").dates(from(store, 2)));
    }
    questions
}

#[test]
fn what_commit_records_tell_is_what_a_scan_counts() {
    let store = store();
    for query in questions(&store) {
        assert_told_as_scanned(&query, &store);
    }
    let empty = Fixture::with_shards(2);
    for query in [events(), by_event_and_date(), events().by(GroupColumn::Shard)] {
        assert_told_as_scanned(&query, &empty);
    }
}

#[test]
fn a_damaged_commit_record_is_named_and_missing_from_both() {
    let store = store();
    let record = store.store.root().join("_meta/commits/00000000000000000001.json");
    std::fs::write(&record, b"{").unwrap();
    for query in questions(&Fixture::with_shards(12).commit([
        event("View", "a"),
        event("View", "a").on_day(1),
        event("View", "a").on_day(2),
    ])) {
        assert_told_as_scanned(&query, &store);
        let answer = query.from_commit_records(&store.snapshot()).unwrap();
        assert_eq!(answer.damaged[0].path, "_meta/commits/00000000000000000001.json");
        let refused = query.on_damage(OnDamage::Refuse).from_commit_records(&store.snapshot());
        assert!(matches!(refused, Err(Error::Damaged { others: 0, .. })), "{refused:?}");
    }
}

#[test]
fn damaged_data_files_do_not_matter_since_none_is_read() {
    let store = store();
    let files = store.files();
    std::fs::remove_file(store.path(&files[0])).unwrap();
    let answer = by_event_and_date().from_commit_records(&store.snapshot()).unwrap();
    assert_eq!((answer.total, answer.damaged), (230, Vec::new()));
}

#[test]
fn what_they_cannot_tell_is_refused() {
    let store = store();
    let first_day = from(&store, 0);
    let shards = || events().by(GroupColumn::Shard);
    let refused = [
        (CountQuery::new(Measure::Users), "users"),
        (events().id("ada"), "the events of an id"),
        (events().filter("event = View".parse().unwrap()), "which events meet a condition"),
        (events().dedup(Dedup::On), "which events are copies"),
        (events().timing(Timing::isolated()), "how long a scan takes"),
        (
            events().timing(Timing::concurrent().repeated(Repeats::UNTIL_STEADY)),
            "how long a scan takes",
        ),
        (events().by(GroupColumn::DistinctId), "events by distinct_id"),
        (
            events().by(GroupColumn::Event).by(GroupColumn::OriginalEvent),
            "events by original_event",
        ),
        (events().by(GroupColumn::Property("plan".into())), "events by property:plan"),
        (shards().by(GroupColumn::Date), "which events and dates a shard has"),
        (shards().event("View"), "which events and dates a shard has"),
        (shards().dates(first_day), "which events and dates a shard has"),
    ];
    for (query, cannot) in refused {
        let error = query.from_commit_records(&store.snapshot()).unwrap_err();
        assert!(
            matches!(&error, Error::NotInCommitRecords { asked } if asked == cannot),
            "{error:?} instead of {cannot}"
        );
    }
}

/// Names beyond the first thousand are one heap, in which a known name may lie, too.
#[test]
fn too_many_event_names_are_not_told_apart_on_their_days() {
    let named = |number: usize| event(&format!("Viewed {number:04}"), "ada");
    let store = Fixture::with_shards(1).commit((0..NAMES_TOLD_APART).map(named)).commit([
        named(1).on_day(1),
        named(NAMES_TOLD_APART).on_day(1),
        named(2).on_day(2),
    ]);
    let by_event = || events().by(GroupColumn::Event);
    for query in [by_event(), events().event("Viewed 0001"), by_event().dates(from(&store, 1))] {
        let error = query.from_commit_records(&store.snapshot()).unwrap_err();
        assert!(matches!(error, Error::TooManyEventNames { told_apart: NAMES_TOLD_APART }));
    }
    assert_told_as_scanned(&events(), &store);
    assert_told_as_scanned(&events().by(GroupColumn::Date), &store);
    assert_told_as_scanned(&by_event().dates(from(&store, 2)), &store);
}
