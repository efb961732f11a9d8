//! Damaged files are named, and nothing of them counts.

use hotshard_query::{Answer, CountQuery, Dedup, Error, GroupColumn, Measure, OnDamage, Timing};

use crate::fixture::{Fixture, event, in_footer, in_properties, told};

/// More rows than fit in a row group of the store.
const MORE_THAN_A_ROW_GROUP: usize = 262_144 + 10;

fn events() -> CountQuery {
    CountQuery::new(Measure::Events)
}

fn by_plan() -> CountQuery {
    events().by(GroupColumn::Property("plan".into()))
}

fn damaged(answer: &Answer) -> Vec<&str> {
    answer.damaged.iter().map(|damage| damage.path.as_str()).collect()
}

#[test]
fn the_other_files_answer_and_the_damaged_one_is_named() {
    let store = Fixture::with_shards(1)
        .commit([event("View", "ada"), event("View", "bob")])
        .commit([event("View", "cyd")])
        .commit([event("View", "dan")]);
    let files = store.files();
    store.damage(&files[0], in_footer);
    std::fs::remove_file(store.path(&files[2])).unwrap();
    for timing in [Timing::concurrent(), Timing::isolated()] {
        let answer = events().timing(timing).run(&store.snapshot()).unwrap();
        assert_eq!(told(&answer), ["=1"]);
        assert_eq!(damaged(&answer), [files[0].path(), files[2].path()]);
        assert!(answer.damaged[0].problem.contains("do not match their checksum"));
        assert!(answer.damaged[1].problem.contains("it is missing"));
        assert_eq!((answer.shards[0].files, answer.shards[0].rows), (1, 1));
    }
}

#[test]
fn no_partial_gives_no_answer() {
    let store = Fixture::with_shards(1)
        .commit([event("View", "ada")])
        .commit([event("View", "cyd")])
        .commit([event("View", "dan")]);
    let files = store.files();
    let refuse = events().on_damage(OnDamage::Refuse);
    assert_eq!(refuse.run(&store.snapshot()).unwrap().total, 3);
    store.damage(&files[1], in_footer);
    store.damage(&files[2], in_footer);
    let error = refuse.run(&store.snapshot()).unwrap_err();
    assert!(matches!(error, Error::Damaged { others: 1, .. }));
    let message = error.to_string();
    assert!(message.starts_with(&format!("{} is damaged: bytes", files[1].path())), "{message}");
    assert!(message.contains("(and 1 file more); no answer was given"), "{message}");
}

#[test]
fn damage_in_what_is_not_read_does_no_harm() {
    let store = Fixture::with_shards(1).commit([event("View", "ada").with(r#"{"plan":"pro"}"#)]);
    store.damage(&store.files()[0], in_properties);
    assert!(events().run(&store.snapshot()).unwrap().is_whole());
    assert!(!by_plan().run(&store.snapshot()).unwrap().is_whole());
}

/// A file whose second row group is damaged was counted up to there when that shows.
#[test]
fn nothing_of_a_half_read_file_counts() {
    let rows = (0..MORE_THAN_A_ROW_GROUP).map(|_| event("View", "ada"));
    let store = Fixture::with_shards(1).commit(rows).commit([event("View", "bob")]);
    let files = store.files();
    store.damage(&files[0], in_properties);
    for measure in [Measure::Events, Measure::Users] {
        let query = CountQuery::new(measure).by(GroupColumn::Property("plan".into()));
        let answer = query.run(&store.snapshot()).unwrap();
        assert_eq!(told(&answer), ["-=1"]);
        assert_eq!(damaged(&answer), [files[0].path()]);
    }
}

/// The winner of two copies lies in a file whose damage shows only after the winner was chosen.
#[test]
fn the_copy_counts_when_the_winner_cannot_be_read() {
    let copy = |plan| event("View", "ada").insert_id("1").with(plan);
    let store = Fixture::with_shards(2)
        .commit([copy(r#"{"plan":"pro"}"#)])
        .commit([copy(r#"{"plan":"free"}"#)]);
    let query = by_plan().dedup(Dedup::On);
    assert_eq!(told(&query.run(&store.snapshot()).unwrap()), ["free=1"]);
    let files = store.files();
    store.damage(&files[1], in_properties);
    for timing in [Timing::concurrent(), Timing::isolated()] {
        let answer = query.clone().timing(timing).run(&store.snapshot()).unwrap();
        assert_eq!(told(&answer), ["pro=1"]);
        assert_eq!(damaged(&answer), [files[1].path()]);
    }
}

/// Without the list of split ids every id might be one; users stay exact all the same.
#[test]
fn users_stay_exact_without_the_split_directory() {
    let hot = || (0..20).map(|_| event("View", "hot").split());
    let store = Fixture::with_shards(4).commit(hot().chain([event("View", "ada")]));
    let state = store.store.root().join("_meta/state/00000000000000000001.state");
    std::fs::write(&state, b"[]").unwrap();
    let answer = CountQuery::new(Measure::Users).run(&store.snapshot()).unwrap();
    assert_eq!(told(&answer), ["=2"]);
    assert_eq!(damaged(&answer), ["_meta/state/00000000000000000001.state"]);
    assert!(events().run(&store.snapshot()).unwrap().is_whole(), "events need no such list");
}

#[test]
fn a_damaged_commit_record_is_part_of_the_answer() {
    let store =
        Fixture::with_shards(1).commit([event("View", "ada")]).commit([event("View", "bob")]);
    let record = store.store.root().join("_meta/commits/00000000000000000002.json");
    std::fs::write(&record, b"{").unwrap();
    let answer = CountQuery::new(Measure::Users).run(&store.snapshot()).unwrap();
    assert_eq!(told(&answer), ["=1"]);
    assert_eq!(damaged(&answer), ["_meta/commits/00000000000000000002.json"]);
}
