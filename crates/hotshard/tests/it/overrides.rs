use std::path::Path;

use hotshard::{
    CountQuery, Dedup, Effect, GroupColumn, Input, Measure, Override, OverrideChanges, Overrides,
    Remedy, Store,
};

use crate::fixture::{Folder, MORNING, counts, hot, hot_of, ingest, input, line, snapshot};
use crate::reference::rows_of;

fn changes(all: &[(&str, Override)]) -> OverrideChanges {
    let mut changes = OverrideChanges::default();
    for &(id, to) in all {
        changes.set(id, to).unwrap();
    }
    changes
}

fn unattributed(id: &str) -> OverrideChanges {
    changes(&[(id, Override::Unattributed)])
}

fn kept(store: &Path) -> Overrides {
    Store::open(store).unwrap().identity().overrides().clone()
}

/// Events of the id `0`, so many, and two of `a`.
fn spend(events: i64) -> String {
    let of = |id: &'static str, events| (0..events).map(move |n| line("Ad spend", id, MORNING + n));
    of("0", events).chain(of("a", 2)).collect()
}

#[test]
fn an_unattributed_id_is_stored_without_it_and_never_hot() {
    let folder = Folder::new();
    for remedy in Remedy::ALL {
        let store = folder.store(remedy.as_str());
        let ingest = ingest(&store, 5, remedy).overrides(unattributed("0"));
        let summary = ingest.run(&input(spend(40))).unwrap();
        assert_eq!((summary.stored, summary.unattributed, summary.remedied), (42, 40, 0));
        assert_eq!((hot_of(&summary), summary.notices), (vec![], vec![]), "{remedy}");
        assert!(summary.overrides.is_unattributed("0"));
        let by = [GroupColumn::OriginalDistinctId, GroupColumn::DistinctId, GroupColumn::Event];
        let expected = [("0||Ad spend".to_owned(), 40), ("a|a|Ad spend".to_owned(), 2)];
        assert_eq!(counts(&store, Measure::Events, &by), expected.into());
        let by = [GroupColumn::OriginalEvent];
        assert_eq!(counts(&store, Measure::Events, &by), [("Ad spend".to_owned(), 42)].into());
        assert_eq!(counts(&store, Measure::Users, &[])[""], 1, "an id that is nobody's is no user");
        // Nothing of one id is left that would make a shard hot.
        let shards = counts(&store, Measure::Events, &[GroupColumn::Shard]);
        assert!(shards.len() > 8 && shards.values().all(|rows| *rows < 15), "{shards:?}");
        assert!(snapshot(&store).split_directory().unwrap().is_empty());
    }
}

/// The rows are those of the same events sent with `""`, but for the original id.
#[test]
fn the_rows_are_those_of_events_sent_without_an_id() {
    let folder = Folder::new();
    let (declared, sent) = (folder.store("declared"), folder.store("sent"));
    let lines = spend(40);
    ingest(&declared, 1, Remedy::Rename)
        .overrides(unattributed("0"))
        .run(&input(lines.clone()))
        .unwrap();
    let empty = lines.replace(r#""distinct_id":"0""#, r#""distinct_id":"""#);
    ingest(&sent, 1, Remedy::Rename).run(&input(empty)).unwrap();
    let by = [GroupColumn::Shard, GroupColumn::DistinctId, GroupColumn::Event, GroupColumn::Date];
    let of = |store: &Path| counts(store, Measure::Events, &by);
    assert_eq!(of(&declared), of(&sent));
    assert_eq!(hot(&declared), hot(&sent));
}

/// A retry from before the id was declared lies in its home shard, one from after it is spread.
#[test]
fn copies_are_found_across_the_declaration() {
    let folder = Folder::new();
    let store = folder.store("s");
    let event = |n: i64| {
        format!(
            "{{\"event\":\"A\",\"properties\":{{\"time\":{},\"distinct_id\":0,\"$insert_id\":\"i-{n}\"}}}}\n",
            MORNING + n
        )
    };
    let lines = |from, to| (from..to).map(event).collect::<String>();
    let plain = ingest(&store, 8, Remedy::Rename);
    // Three of the eleven are excess and renamed.
    plain.run(&input(lines(0, 11))).unwrap();
    let later = plain.clone().overrides(unattributed("0")).run(&input(lines(5, 20))).unwrap();
    assert_eq!((later.unattributed, later.remedied, later.hot.len()), (15, 0, 0));
    let dedup = CountQuery::new(Measure::Events).dedup(Dedup::On);
    let answer = dedup.clone().by(GroupColumn::OriginalDistinctId).run(&snapshot(&store)).unwrap();
    assert_eq!((answer.total, answer.rows.len()), (20, 1));
    // The renamed copies lose against those that are not.
    let by_event = dedup.by(GroupColumn::Event).run(&snapshot(&store)).unwrap();
    assert_eq!(by_event.rows[0].key, [Some("A".to_owned())]);
    assert_eq!(by_event.rows.len(), 1);
    // What was hot before stays so.
    assert_eq!(hot(&store), [("0".to_owned(), "2021-04-18".to_owned(), 11)]);
}

#[test]
fn overrides_hold_for_later_ingests_until_they_are_removed() {
    let folder = Folder::new();
    let store = folder.store("s");
    let plain = ingest(&store, 100, Remedy::Split);
    plain.clone().overrides(unattributed("0")).run(&input(spend(3))).unwrap();
    assert_eq!(plain.run(&input(spend(4))).unwrap().unattributed, 4);
    let more = plain.clone().overrides(unattributed("a"));
    assert_eq!(more.run(&input(spend(5))).unwrap().unattributed, 7);
    let mut removal = OverrideChanges::default();
    removal.remove("0").unwrap();
    removal.remove("never set").unwrap();
    let summary = plain.clone().overrides(removal).run(&input(spend(6))).unwrap();
    assert_eq!(summary.unattributed, 2);
    assert_eq!(summary.overrides, Overrides::default().changed(&unattributed("a")));
    assert_eq!(kept(&store), summary.overrides);
}

#[test]
fn overrides_are_kept_without_an_input() {
    let folder = Folder::new();
    let store = folder.store("s");
    let only = ingest(&store, 100, Remedy::Split).overrides(unattributed("0"));
    let summary = only.run(&[]).unwrap();
    assert_eq!((summary.events, summary.commits), (0, 0));
    assert!(kept(&store).is_unattributed("0"));
}

#[test]
fn a_dry_run_uses_overrides_and_writes_none() {
    let folder = Folder::new();
    let store = folder.store("s");
    let plain = ingest(&store, 3, Remedy::Rename);
    let dry = plain.clone().effect(Effect::DryRun).overrides(unattributed("0"));
    assert_eq!(dry.run(&input(spend(9))).unwrap().unattributed, 9);
    assert!(!store.exists());

    plain.clone().overrides(unattributed("a")).run(&input(spend(1))).unwrap();
    let before = std::fs::read(store.join("hotshard.json")).unwrap();
    let said = dry.run(&input(spend(9))).unwrap();
    assert_eq!((said.unattributed, said.overrides.len()), (11, 2));
    assert_eq!(std::fs::read(store.join("hotshard.json")).unwrap(), before);
    let done = plain.overrides(unattributed("0")).run(&input(spend(9))).unwrap();
    assert_eq!((said.skew, said.unattributed), (done.skew, done.unattributed));
}

#[test]
fn a_cut_into_runs_and_threads_change_no_row() {
    let folder = Folder::new();
    let lines = spend(30);
    let whole = folder.store("whole");
    ingest(&whole, 1, Remedy::Rename).overrides(unattributed("0")).run(&input(&*lines)).unwrap();
    let expected = rows_of(&whole);
    for threads in [1, 2, 8] {
        let store = folder.store(&format!("cut-{threads}"));
        let at = lines.match_indices('\n').nth(10 * threads / 3).unwrap().0 + 1;
        let (first, second) = lines.split_at(at);
        let plain = ingest(&store, 1, Remedy::Rename).threads(threads);
        plain.clone().overrides(unattributed("0")).run(&input(first)).unwrap();
        plain.run(&[Input::bytes("second", second.as_bytes())]).unwrap();
        assert!(rows_of(&store) == expected, "{threads} threads: other rows");
    }
}
