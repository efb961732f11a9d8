//! No answer changes when a store is compacted, whatever the remedy; nor does what comes after.

use std::collections::BTreeMap;
use std::path::Path;

use hotshard::{
    Compaction, CountQuery, DateRange, Dedup, Effect, GroupColumn, HotKeys, Identification, Input,
    Measure, MemoryBudget, QueryError, Remedy, RngSeed, ShardCount, Store, StoreError, TargetSize,
    Threshold, Workload, WorkloadSpec,
};

use crate::fixture::{Folder, counts, flights, ingest, input, line, snapshot};

const DAY_MS: i64 = 86_400_000;

/// A generated day on which identify('user_id') shipped at noon.
fn noon() -> Vec<Input> {
    let workload = Workload::new(WorkloadSpec::identify_at_noon(3_000), RngSeed::DEFAULT).unwrap();
    let mut lines = Vec::new();
    workload.write_to(&mut lines, |_| {}).unwrap();
    vec![Input::bytes("noon", lines)]
}

/// Flights with their duplicates, a generated day, and a backfill of many days.
fn fill(store: &Path, remedy: Remedy) {
    let ingest = ingest(store, 100, remedy).promote(vec!["dest:string".parse().unwrap()]);
    ingest.run_paths(&[flights()]).unwrap();
    ingest.run(&noon()).unwrap();
    let again = ingest.clone().identification(Identification::Again);
    again.run_paths(&[flights()]).unwrap();
    let backfill = |run: i64| {
        let day = |number: i64| 1_360_281_600_000 + (number % 400 - 200) * DAY_MS + run;
        let id = |number: i64| match number % 2 {
            0 => "NA".to_owned(),
            _ => format!("id-{number}"),
        };
        (0..800).map(|at| line("Backfilled", &id(at), day(at))).collect::<String>()
    };
    for run in 0..3 {
        ingest.run(&input(backfill(run))).unwrap();
    }
}

/// The answers of many queries.
fn answers(store: &Path) -> Vec<BTreeMap<String, u64>> {
    use GroupColumn::{Date, DistinctId, Event, OriginalDistinctId, OriginalEvent, Shard};
    let dest = || GroupColumn::Property("dest".to_owned());
    let carrier = || GroupColumn::Property("carrier".to_owned());
    let mut answers = Vec::new();
    for by in [
        vec![],
        vec![Event],
        vec![Event, Date],
        vec![Shard],
        vec![DistinctId],
        vec![OriginalEvent, OriginalDistinctId, Date],
        vec![dest(), carrier()],
    ] {
        answers.push(counts(store, Measure::Events, &by));
        answers.push(counts(store, Measure::Users, &by));
        let query = by.into_iter().fold(CountQuery::new(Measure::Events), CountQuery::by);
        let answer = query.dedup(Dedup::On).run(&snapshot(store)).unwrap();
        assert!(answer.is_whole());
        answers.push(
            answer.rows.into_iter().map(|row| (format!("{:?}", row.key), row.count)).collect(),
        );
    }
    answers
}

/// What commit records tell of events by event and date, and of shards, is what a scan counts.
fn assert_commit_records_agree(store: &Path) {
    let snapshot = snapshot(store);
    let by = |columns: &[GroupColumn]| {
        columns.iter().cloned().fold(CountQuery::new(Measure::Events), CountQuery::by)
    };
    let by_event = [GroupColumn::Event, GroupColumn::Date];
    for query in [by(&by_event), by(&by_event).event("Backfilled"), by(&[GroupColumn::Shard])] {
        let told = query.from_commit_records(&snapshot).unwrap();
        assert_eq!(told.rows, query.run(&snapshot).unwrap().rows);
    }
}

fn hot_keys(store: &Path) -> String {
    let found = HotKeys::of(&snapshot(store), &DateRange::ALL).unwrap();
    let notices = found.notices.iter().map(|notice| format!("{:?}", notice.placed.notice));
    format!("{:?} {:?}", found.keys, notices.collect::<Vec<_>>())
}

#[test]
fn no_answer_changes_under_any_remedy() {
    let folder = Folder::new();
    for remedy in Remedy::ALL {
        let store = folder.store(remedy.as_str());
        fill(&store, remedy);
        let (before, hot) = (answers(&store), hot_keys(&store));
        assert_commit_records_agree(&store);
        let open = snapshot(&store);
        let summary = Compaction::of_store(&store).threads(3).run().unwrap();
        assert_eq!((summary.shards.len(), summary.commits, summary.left_alone), (16, 16, 0));
        assert!(answers(&store) == before, "{remedy}");
        assert_eq!(hot_keys(&store), hot, "{remedy}");
        for shard in &summary.shards {
            assert_eq!((shard.files_before, shard.files_after), (6, Some(1)));
        }
        let rows: u64 = snapshot(&store).rows_per_shard().iter().sum();
        assert_eq!(summary.rows, rows);

        // Who opened the store before counts on, until the replaced files are removed.
        let count = || CountQuery::new(Measure::Events).run(&open).map(|answer| answer.total);
        assert_eq!(count().unwrap(), rows);
        Store::open(&store).unwrap().writer().unwrap().vacuum().unwrap();
        let error = count().unwrap_err();
        assert!(matches!(error, QueryError::Store(StoreError::Vacuumed { .. })), "{error}");
        assert!(answers(&store) == before, "{remedy}: after the vacuum");
        assert_commit_records_agree(&store);
        let again = Compaction::of_store(&store).run().unwrap();
        assert_eq!((again.shards.len(), again.left_alone, again.commits), (0, 16, 0));
    }
}

/// The rows of a damaged commit record live on in the file that a compaction made of them, so what
/// is left of the counts is too little, and that shows.
#[test]
fn commit_records_know_that_they_lack_what_a_compaction_moved() {
    let folder = Folder::new();
    let store = folder.store("store");
    let ingest = ingest(&store, 100, Remedy::Off).shards(ShardCount::new(1).unwrap());
    for run in 0..2 {
        ingest.run(&input(line("View", "ada", 1_360_281_600_000 + run))).unwrap();
    }
    Compaction::of_store(&store).run().unwrap();
    let records = store.join("_meta/commits");
    std::fs::write(records.join("00000000000000000001.json"), b"{").unwrap();
    let query = CountQuery::new(Measure::Events);
    let scanned = query.run(&snapshot(&store)).unwrap();
    assert_eq!((scanned.total, scanned.damaged.len()), (2, 1));
    let error = query.from_commit_records(&snapshot(&store)).unwrap_err();
    assert!(
        matches!(error, QueryError::CommitRecordsDisagree { recorded: 1, stored: 2 }),
        "{error:?}"
    );
    let shards = query.by(GroupColumn::Shard);
    let told = shards.from_commit_records(&snapshot(&store)).unwrap();
    assert_eq!(told.rows, shards.run(&snapshot(&store)).unwrap().rows);
}

/// Counters, split directory and sources go on as if nothing had happened.
#[test]
fn an_ingest_after_a_compaction_finds_what_it_would_have_found() {
    let folder = Folder::new();
    let [plain, compacted] = ["plain", "compacted"].map(|name| folder.store(name));
    let mut summaries = Vec::new();
    for store in [&plain, &compacted] {
        let ingest = ingest(store, 150, Remedy::Split).threshold(Threshold::new(150));
        ingest.run_paths(&[flights()]).unwrap();
        if store == &compacted {
            Compaction::of_store(store).run().unwrap();
            Store::open(store).unwrap().writer().unwrap().vacuum().unwrap();
        }
        assert_eq!(ingest.run_paths(&[flights()]).unwrap().duplicate_sources.len(), 1);
        let again = ingest.identification(Identification::Again);
        let summary = again.run_paths(&[flights()]).unwrap();
        summaries.push(format!("{:?} {}", summary.hot, summary.remedied));
    }
    assert_eq!(summaries[0], summaries[1]);
    assert!(answers(&plain) == answers(&compacted));
    Compaction::of_store(&compacted).run().unwrap();
    assert!(answers(&plain) == answers(&compacted));
}

#[test]
fn a_dry_run_says_what_would_be_merged_and_writes_nothing() {
    let folder = Folder::new();
    let store = folder.store("store");
    fill(&store, Remedy::Rename);
    let before = snapshot(&store).last_commit();
    let dry = Compaction::of_store(&store).effect(Effect::DryRun).run().unwrap();
    assert_eq!(snapshot(&store).last_commit(), before);
    assert_eq!((dry.commits, dry.rows, dry.shards.len()), (0, 0, 16));
    let done = Compaction::of_store(&store).run().unwrap();
    for (planned, done) in dry.shards.iter().zip(&done.shards) {
        assert_eq!(planned.files_after, None);
        assert_eq!((planned.merged_files, planned.rows), (done.merged_files, done.rows));
    }
}

#[test]
fn a_damaged_file_leaves_its_shard_alone_and_the_others_are_compacted() {
    let folder = Folder::new();
    let store = folder.store("store");
    fill(&store, Remedy::Rename);
    let damaged = snapshot(&store).files().nth(8).unwrap().clone();
    let path = snapshot(&store).absolute_path(&damaged);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[30] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let summary = Compaction::of_store(&store).run().unwrap();
    assert_eq!((summary.shards.len(), summary.left_alone), (15, 1));
    assert_eq!(summary.damaged[0].path, damaged.path());
    assert!(summary.shards.iter().all(|shard| shard.shard != damaged.shard()));
    assert_eq!(snapshot(&store).files_of(damaged.shard()).count(), 6);
    let found = snapshot(&store).verify(|_| {}).unwrap();
    assert_eq!((found.damaged.len(), found.strays.len()), (1, 0));
}

#[test]
fn a_budget_that_is_too_small_says_what_is_enough() {
    let folder = Folder::new();
    let store = folder.store("store");
    fill(&store, Remedy::Off);
    let compaction = Compaction::of_store(&store).target_size(TargetSize::from_mib(1));
    let error = compaction.clone().memory(MemoryBudget::from_mib(20)).run().unwrap_err();
    let message = error.to_string();
    let enough = message.strip_prefix("a memory budget of 20 MiB is too small; give at least ");
    let enough = enough.unwrap().strip_suffix(" MiB").unwrap().parse().unwrap();
    assert!(compaction.memory(MemoryBudget::from_mib(enough)).run().is_ok(), "{message}");
}
