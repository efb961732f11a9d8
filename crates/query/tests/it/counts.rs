//! What is counted, grouped and filtered.

use hotshard_event::DateRange;
use hotshard_query::{Answer, CountQuery, Dedup, GroupColumn, Measure};
use hotshard_store::{Io, Operation, Store};

use crate::fixture::{Event, Fixture, event, told};

fn events() -> CountQuery {
    CountQuery::new(Measure::Events)
}

fn users() -> CountQuery {
    CountQuery::new(Measure::Users)
}

fn run(query: &CountQuery, store: &Fixture) -> Answer {
    let answer = query.run(&store.snapshot()).unwrap();
    assert!(answer.is_whole());
    answer
}

fn shop() -> Fixture {
    Fixture::with_shards(4)
        .commit([
            event("View", "ada").with(r#"{"plan":"pro","price":9.50}"#),
            event("View", "bob").with(r#"{"plan":null}"#),
            event("Purchase", "ada").on_day(1).with(r#"{"plan":"pro","price":10}"#),
            event("View", "").on_day(1),
        ])
        .commit([
            event("Purchase", "cyd").on_day(2).with(r#"{"price":"10 EUR"}"#),
            event("View", "ada").on_day(2).renamed(),
        ])
}

#[test]
fn an_empty_store_counts_nothing() {
    let store = Fixture::with_shards(3);
    let all = run(&events(), &store);
    assert_eq!((told(&all), all.total), (vec!["=0".to_owned()], 0));
    assert_eq!(all.shards.len(), 3);
    assert!(all.shards.iter().all(|shard| (shard.files, shard.rows, shard.bytes) == (0, 0, 0)));
    let by_event = run(&events().by(GroupColumn::Event), &store);
    assert_eq!((by_event.rows.len(), by_event.total), (0, 0));
    assert_eq!(told(&run(&users(), &store)), ["=0"]);
}

#[test]
fn groups_go_by_count_then_key_with_missing_first() {
    let store = shop();
    let by_plan = run(&events().by("property:plan".parse().unwrap()), &store);
    assert_eq!(told(&by_plan), ["-=4", "pro=2"]);
    let by_both = run(&events().by(GroupColumn::Event).by(GroupColumn::Date), &store);
    assert_eq!(
        told(&by_both),
        [
            "View|2024-03-01=2",
            "$hotshard_events|2024-03-03=1",
            "Purchase|2024-03-02=1",
            "Purchase|2024-03-03=1",
            "View|2024-03-02=1",
        ]
    );
    assert_eq!(by_both.total, 6);
}

#[test]
fn originals_stand_for_what_a_remedy_took_away() {
    let store = shop();
    assert_eq!(
        told(&run(&events().by(GroupColumn::OriginalEvent), &store)),
        ["View=4", "Purchase=2"]
    );
    let ids = run(&events().by(GroupColumn::OriginalDistinctId), &store);
    assert_eq!(told(&ids), ["ada=3", "=1", "bob=1", "cyd=1"]);
    assert_eq!(
        told(&run(&events().by(GroupColumn::DistinctId), &store)),
        ["=2", "ada=2", "bob=1", "cyd=1"]
    );
}

#[test]
fn top_cuts_rows_and_not_the_total() {
    let top = run(&events().by(GroupColumn::OriginalDistinctId).top(2), &shop());
    assert_eq!((told(&top), top.total), (vec!["ada=3".to_owned(), "=1".to_owned()], 6));
    assert!(run(&events().by(GroupColumn::Event).top(0), &shop()).rows.is_empty());
}

#[test]
fn filters_all_hold_at_once() {
    let store = shop();
    let total = |query: &CountQuery| run(query, &store).total;
    assert_eq!(total(&events().event("View")), 3);
    assert_eq!(total(&events().event("View").event("Purchase")), 5);
    assert_eq!(total(&events().event("View").id("ada").id("bob")), 2);
    assert_eq!(total(&events().id("")), 2);
    let second_day = "2024-03-02".parse().unwrap();
    let dates = DateRange::new(Some(second_day), Some(second_day)).unwrap();
    assert_eq!(total(&events().dates(dates)), 2);
    assert_eq!(total(&events().event("View").dates(dates)), 1);
    for (condition, expected) in [
        ("property:price < 9.6", 2), // 9.50 as a number, and "10 EUR" as a text
        ("property:price >= 9.5", 2),
        ("property:price is set", 3),
        ("property:plan != pro", 0),
        ("property:plan is not set", 4),
        ("original_event = View", 4),
        ("date <= 2024-03-02", 4),
        ("distinct_id is not set", 2),
        ("insert_id is set", 0),
        (r#"distinct_id in (ada, "cyd")"#, 3),
        ("event contains ur", 2),
    ] {
        assert_eq!(total(&events().filter(condition.parse().unwrap())), expected, "{condition}");
    }
    let both = ["property:plan = pro", "event = View"].map(|text| text.parse().unwrap());
    assert_eq!(total(&both.into_iter().fold(events(), CountQuery::filter)), 1);
}

#[test]
fn promoted_and_plain_properties_give_the_same_texts() {
    let rows = || -> Vec<Event> {
        [
            r#"{"plan":"pro","seats":3,"trial":true,"price":1.50}"#,
            r#"{"plan":"a \"b\"","seats":-2,"trial":false,"price":2}"#,
            r#"{"plan":null}"#,
            "{}",
        ]
        .into_iter()
        .map(|properties| event("View", "ada").with(properties))
        .collect()
    };
    let mistyped = event("View", "ada").with(r#"{"plan":7,"seats":"3","trial":"yes"}"#);
    let columns = ["plan:string", "seats:long", "trial:boolean", "price:double"];
    let promoted = Fixture::promoting(2, &columns).commit(rows()).commit([mistyped.clone()]);
    let plain = Fixture::with_shards(2).commit(rows()).commit([mistyped]);
    for name in ["plan", "seats", "trial", "price"] {
        let by = events().by(GroupColumn::Property(name.into()));
        assert_eq!(told(&run(&by, &promoted)), told(&run(&by, &plain)), "{name}");
    }
    let plans = run(&events().by(GroupColumn::Property("plan".into())), &promoted);
    assert_eq!(told(&plans), ["-=2", "7=1", "a \"b\"=1", "pro=1"]);
}

#[test]
fn split_users_count_once_though_they_are_everywhere() {
    // Thirty rows of one id over eight shards: adding up the shards would count it many times.
    let spread = (0..30).map(|_| event("View", "hot").split());
    let store = Fixture::with_shards(8).commit(spread.chain([
        event("View", "hot"),
        event("View", "ada"),
        event("Purchase", "hot").on_day(1),
        event("View", ""),
    ]));
    assert_eq!(told(&run(&users(), &store)), ["=2"]);
    let by_event = run(&users().by(GroupColumn::Event), &store);
    assert_eq!((told(&by_event), by_event.total), (vec!["View=2".into(), "Purchase=1".into()], 3));
    let by_shard = run(&users().by(GroupColumn::Shard), &store);
    assert!(by_shard.total > 8, "a split user is one of every shard it has rows in");
    assert_eq!(told(&run(&events(), &store)), ["=34"]);
}

#[test]
fn shards_are_ordered_by_number() {
    let ids = (0..200).map(|number| event("View", &format!("id {number}")));
    let store = Fixture::with_shards(12).commit(ids);
    let by_shard = run(&users().by(GroupColumn::Shard), &store);
    assert_eq!(by_shard.total, 200);
    let ranked = |row: &hotshard_query::GroupRow| {
        (std::cmp::Reverse(row.count), row.key[0].as_ref().unwrap().parse::<u32>().unwrap())
    };
    assert!(by_shard.rows.is_sorted_by_key(ranked), "{:?}", told(&by_shard));
}

#[test]
fn figures_tell_what_was_read_and_what_was_skipped() {
    let store = shop();
    let all = run(&events(), &store);
    assert_eq!(all.shards.iter().map(|shard| shard.rows).sum::<u64>(), 6);
    let files: Vec<u64> = all.shards.iter().map(|shard| shard.files).collect();
    assert_eq!(files.iter().sum::<u64>(), store.files().len() as u64);
    let narrow = run(&events().by(GroupColumn::Event), &store);
    let wide = run(&events().by(GroupColumn::Event).by("property:plan".parse().unwrap()), &store);
    let bytes = |answer: &Answer| answer.shards.iter().map(|shard| shard.bytes).sum::<u64>();
    assert!(bytes(&wide) > bytes(&narrow), "properties are read when they are asked for");
    let hotshard = run(&events().event("$hotshard_events"), &store);
    assert_eq!(hotshard.shards.iter().map(|shard| shard.files).sum::<u64>(), 1);
    let nothing = run(&events().event("Nobody sent this"), &store);
    assert_eq!((told(&nothing), bytes(&nothing)), (vec!["=0".to_owned()], 0));
}

#[test]
fn a_row_that_lost_its_id_has_its_own_name_and_the_id_it_had() {
    let store = shop().commit([event("View", "bob").unattributed()]);
    let by = [GroupColumn::OriginalEvent, GroupColumn::OriginalDistinctId, GroupColumn::DistinctId];
    let query = by.into_iter().fold(events(), CountQuery::by);
    let bob = query.clone().filter("original_distinct_id = bob".parse().unwrap());
    assert_eq!(told(&run(&bob, &store)), ["View|bob|=1", "View|bob|bob=1"]);
    let of_id = query.filter("distinct_id = bob".parse().unwrap());
    assert_eq!(told(&run(&of_id, &store)), ["View|bob|bob=1"]);
    assert_eq!(told(&run(&users(), &store)), told(&run(&users(), &shop())));
}

/// So a query that is stopped, or fails, leaves nothing behind.
#[test]
fn a_query_does_nothing_but_read() {
    let events = [event("View", "ada"), event("View", "ada").renamed(), event("Buy", "bob")];
    let store = Fixture::with_shards(2).commit(events.map(|event| event.insert_id("i")));
    let root = store.root();
    let io = Io::with_hook(|operation, path| match operation {
        Operation::Read | Operation::List => Ok(()),
        other => Err(std::io::Error::other(format!("{other:?} of {}", path.display()))),
    });
    let snapshot = Store::open_with(root, io).unwrap().snapshot().unwrap();
    for measure in [Measure::Events, Measure::Users, Measure::PerUser] {
        for dedup in [Dedup::Off, Dedup::On] {
            let query = CountQuery::new(measure).by(GroupColumn::DistinctId).dedup(dedup);
            assert!(query.run(&snapshot).unwrap().is_whole());
        }
    }
}
