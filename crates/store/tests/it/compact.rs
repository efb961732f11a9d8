use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;

use hotshard_store::{
    CommitDetails, Error, Io, MergeMemory, Snapshot, Store, TargetSize, Vacuum, Writer,
};
use proptest::prelude::*;

use crate::crash::{Fault, failing_at};
use crate::fixture::{DAY_MS, Events, Folder, NOON, Rows, count, read_all};

const AMPLE: MergeMemory = MergeMemory { run_bytes: 256 << 20, row_group_bytes: 16 << 20 };

/// Merges what is worth merging and commits it, shard by shard.
fn compact(writer: &mut Writer) -> Result<(), Error> {
    let plan = writer.committed().plan_compaction(TargetSize::DEFAULT);
    for shard in &plan.shards {
        let merged = writer.merger(TargetSize::DEFAULT, AMPLE).merge(shard, &|_| {})?;
        writer.replace(merged, NOON)?;
    }
    Ok(())
}

/// The Parquet files under the data root, relative to the store: what a glob finds.
fn glob(store: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for shard in fs::read_dir(store.join("events")).unwrap() {
        for file in fs::read_dir(shard.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            found.insert(path.strip_prefix(store).unwrap().display().to_string());
        }
    }
    found
}

fn committed(snapshot: &Snapshot) -> BTreeSet<String> {
    snapshot.files().map(|file| file.path().to_owned()).collect()
}

#[track_caller]
fn rows_of(snapshot: &Snapshot) -> Rows {
    let (rows, errors) = read_all(snapshot);
    assert!(errors.is_empty(), "{errors:?}");
    rows
}

fn is_vacuum(error: &Error) -> bool {
    matches!(error, Error::Vacuumed { .. })
}

fn four_batches(folder: &Folder) -> Store {
    let store = folder.store();
    let mut writer = store.writer().unwrap();
    for day in 0..4 {
        let events = Events::default().many(60).split("s", NOON + day * DAY_MS);
        events.event("A", "late", NOON - day * DAY_MS).commit_to(&mut writer).unwrap();
    }
    store
}

#[test]
fn a_compaction_changes_files_and_nothing_else() {
    let folder = Folder::new();
    let store = four_batches(&folder);
    let before = store.snapshot().unwrap();
    compact(&mut store.writer().unwrap()).unwrap();
    let after = store.snapshot().unwrap();
    assert_eq!(rows_of(&after), rows_of(&before));
    assert_eq!(after.rows_per_shard(), before.rows_per_shard());
    assert_eq!(after.row_counts(), before.row_counts());
    assert_eq!(after.next_sequence(), before.next_sequence());
    assert_eq!(after.split_directory().unwrap(), before.split_directory().unwrap());
    let with_rows = after.rows_per_shard().into_iter().filter(|rows| *rows > 0).count();
    assert_eq!(after.files().count(), with_rows, "one a shard, {} before", before.files().count());
    assert!(after.files().all(hotshard_store::DataFile::is_sorted));
    assert_eq!(glob(store.root()), committed(&after));
    let found = after.verify(|_| {}).unwrap();
    assert!(found.is_sound() && found.strays.is_empty(), "{found:?}");
    assert_eq!(found.rows, count(&before));
    assert_eq!(after.plan_compaction(TargetSize::DEFAULT).shards, []);
    assert_eq!(after.plan_compaction(TargetSize::DEFAULT).left_alone, 4);

    // The next batch goes on from there, and the next compaction takes it in.
    let mut writer = store.writer().unwrap();
    Events::default().many(30).commit_to(&mut writer).unwrap();
    compact(&mut writer).unwrap();
    let last = store.snapshot().unwrap();
    assert_eq!((last.files().count(), count(&last)), (with_rows, count(&before) + 30));
}

#[test]
fn an_open_snapshot_reads_on_until_a_vacuum() {
    let folder = Folder::new();
    let store = four_batches(&folder);
    let before = store.snapshot().unwrap();
    let rows = rows_of(&before);
    let mut writer = store.writer().unwrap();
    compact(&mut writer).unwrap();
    assert_eq!(rows_of(&before), rows);
    assert!(before.verify(|_| {}).unwrap().is_sound());

    let vacuum = writer.vacuum().unwrap();
    assert_eq!(vacuum.replaced.len(), before.files().count());
    let bytes: u64 = before.files().map(hotshard_store::DataFile::length_bytes).sum();
    assert_eq!(vacuum.replaced.iter().map(|file| file.bytes).sum::<u64>(), bytes);
    let (read, errors) = read_all(&before);
    assert_eq!((read.len(), errors.len()), (0, before.files().count()));
    for error in errors {
        assert!(matches!(error, Error::Vacuumed { .. }), "{error}");
        assert!(error.to_string().contains("was vacuumed since"), "{error}");
    }
    let error = before.verify(|_| {}).unwrap_err();
    assert!(matches!(error, Error::Vacuumed { .. }), "{error}");
    assert_eq!(rows_of(&store.snapshot().unwrap()), rows);
    assert_eq!(writer.vacuum().unwrap(), Vacuum::default(), "nothing is left to remove");
    assert!(store.snapshot().unwrap().verify(|_| {}).unwrap().is_sound());
}

#[test]
fn a_lost_file_is_damage_and_not_a_vacuum() {
    let folder = Folder::new();
    let store = four_batches(&folder);
    compact(&mut store.writer().unwrap()).unwrap();
    let snapshot = store.snapshot().unwrap();
    let lost = snapshot.files().next().unwrap();
    fs::remove_file(snapshot.absolute_path(lost)).unwrap();
    let (_, errors) = read_all(&snapshot);
    assert!(matches!(&errors[..], [Error::Damaged(_)]), "{errors:?}");
}

#[test]
fn a_vacuum_says_before_what_it_removes() {
    let folder = Folder::new();
    let store = four_batches(&folder);
    assert_eq!(store.snapshot().unwrap().plan_vacuum().unwrap(), Vacuum::default());
    compact(&mut store.writer().unwrap()).unwrap();
    let planned = store.snapshot().unwrap().plan_vacuum().unwrap();
    assert!(planned.bytes() > 0 && planned.state.is_empty());
    assert_eq!(store.writer().unwrap().vacuum().unwrap(), planned);
}

#[test]
fn a_snapshot_that_is_merged_while_others_read_stays_whole() {
    let folder = Folder::new();
    let store = four_batches(&folder);
    let rows = rows_of(&store.snapshot().unwrap());
    std::thread::scope(|threads| {
        let reader = threads.spawn(|| {
            for _ in 0..200 {
                let snapshot = store.snapshot().unwrap();
                assert!(rows_of(&snapshot).starts_with(&rows));
            }
        });
        let mut writer = store.writer().unwrap();
        while !reader.is_finished() {
            Events::default().many(8).commit_to(&mut writer).unwrap();
            compact(&mut writer).unwrap();
        }
    });
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_failure_at_any_operation_of_a_compaction_changes_no_row() {
    let run = |folder: &Folder, io: Io| -> Result<(), Error> {
        let mut writer = folder.store_with(io)?.writer()?;
        compact(&mut writer)?;
        writer.vacuum().map(drop)
    };
    let pristine = Folder::new();
    let store = pristine.store();
    let mut writer = store.writer().unwrap();
    for _ in 0..2 {
        let events = Events::default().event("A", "a", NOON).event("B", "b", NOON);
        events.event("A", "c", NOON).commit_to(&mut writer).unwrap();
    }
    let rows = rows_of(&store.snapshot().unwrap());
    let shards = store.snapshot().unwrap().plan_compaction(TargetSize::DEFAULT).shards.len();
    assert!(shards > 1, "there is more than one commit");
    let before = || {
        let folder = Folder::new();
        copy(&pristine.path(), &folder.path());
        folder
    };
    let (io, operations) = failing_at(usize::MAX, Fault::Once);
    run(&before(), io).unwrap();
    let total = operations.load(Ordering::SeqCst);
    assert!(total > 100, "the scenario has {total} operations");

    for fault in [Fault::Once, Fault::Sticky] {
        for n in 0..total {
            let folder = before();
            let open = folder.store().snapshot().unwrap();
            let result = run(&folder, failing_at(n, fault).0);
            if let Err(error) = &result {
                assert!(matches!(error, Error::Io { .. }), "operation {n}: {error}");
            }
            let store = folder.store();
            assert_eq!(rows_of(&store.snapshot().unwrap()), rows, "operation {n}");
            // The snapshot from before reads its files, or says that they were vacuumed.
            let (read, errors) = read_all(&open);
            assert!(errors.iter().all(is_vacuum), "operation {n}: {errors:?}");
            assert!(read == rows || !errors.is_empty(), "operation {n}");

            // The next writer recovers, and finishes.
            let mut writer = store.writer().unwrap();
            let snapshot = store.snapshot().unwrap();
            let found = snapshot.verify(|_| {}).unwrap();
            assert!(found.is_sound() && found.strays.is_empty(), "operation {n}: {found:?}");
            assert_eq!(glob(store.root()), committed(&snapshot), "operation {n}");
            assert!(read_all(&open).1.iter().all(is_vacuum), "operation {n}");
            compact(&mut writer).unwrap();
            Events::default().many(5).commit_to(&mut writer).unwrap();
            assert_eq!(rows_of(&store.snapshot().unwrap()).len(), rows.len() + 5);
            writer.vacuum().unwrap();
            assert_eq!(files_under(&store.root().join("_meta/replaced")), 0, "operation {n}");
        }
    }
}

fn files_under(folder: &Path) -> usize {
    let shards = fs::read_dir(folder).unwrap().map(|shard| shard.unwrap().path());
    shards.map(|shard| fs::read_dir(shard).unwrap().count()).sum()
}

/// A record that was tampered with could have any file moved.
#[test]
fn a_record_that_removes_what_is_no_data_file_is_damaged() {
    let folder = Folder::new();
    let store = four_batches(&folder);
    compact(&mut store.writer().unwrap()).unwrap();
    let path = folder.path().join("_meta/commits/00000000000000000005.json");
    let record = fs::read_to_string(&path).unwrap();
    let (removed, other) =
        ("events/shard=0000/00000000000000000001.parquet", "events/../hotshard.json");
    let body = record.split_once("\"body\":").unwrap().1.trim_end().strip_suffix('}').unwrap();
    let body = body.replace(removed, other);
    let xxh3 = xxhash_rust::xxh3::xxh3_64(body.as_bytes());
    let forged =
        format!(r#"{{"hotshard":"commit","version":1,"xxh3":"{xxh3:016x}","body":{body}}}"#);
    fs::write(&path, forged + "\n").unwrap();
    let damage = store.snapshot().unwrap().damage()[0].to_string();
    assert!(damage.contains("it removes `events/../hotshard.json`"), "{damage}");
}

/// What happens to a store.
#[derive(Debug, Clone)]
enum Step {
    /// A commit of so many row groups, each of which covers the days from this one on.
    Batch {
        rows: usize,
        day: i64,
        row_groups: usize,
    },
    Split {
        day: i64,
    },
    Compact,
    Vacuum,
    OpenSnapshot,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..40_usize, 0..6_i64, 1..4_usize)
            .prop_map(|(rows, day, row_groups)| Step::Batch { rows, day, row_groups }),
        1 => (0..6_i64).prop_map(|day| Step::Split { day }),
        3 => Just(Step::Compact),
        1 => Just(Step::Vacuum),
        2 => Just(Step::OpenSnapshot),
    ];
    prop::collection::vec(step, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever came in, and whenever it was compacted or vacuumed: the store has each row once,
    /// and a snapshot has the rows it had, or says that it was vacuumed.
    #[test]
    fn rows_are_what_came_in_whatever_is_done_to_files(steps in steps()) {
        let folder = Folder::new();
        let store = folder.store();
        let mut writer = store.writer().unwrap();
        let mut rows = 0;
        let mut open: Vec<(Snapshot, Rows)> = Vec::new();
        let mut vacuumed = false;
        for step in steps {
            match step {
                Step::Batch { rows: new, day, row_groups } => {
                    for _ in 0..row_groups {
                        let events = Events::default().many_from(new, NOON + day * DAY_MS, DAY_MS / 9);
                        events.append_to(&mut writer);
                        for job in writer.give_all() {
                            writer.accept(job.run()).unwrap();
                        }
                    }
                    writer.commit(CommitDetails::default()).unwrap();
                    rows += new * row_groups;
                }
                Step::Split { day } => {
                    let events = Events::default().split("s", NOON + day * DAY_MS);
                    events.commit_to(&mut writer).unwrap();
                    rows += 1;
                }
                Step::Compact => compact(&mut writer).unwrap(),
                Step::Vacuum => vacuumed |= writer.vacuum().unwrap().bytes() > 0,
                Step::OpenSnapshot => {
                    let snapshot = store.snapshot().unwrap();
                    let rows = rows_of(&snapshot);
                    open.push((snapshot, rows));
                }
            }
            let snapshot = store.snapshot().unwrap();
            let now = rows_of(&snapshot);
            let sequences: Vec<i64> = now.iter().map(|row| row.0).collect();
            prop_assert_eq!(sequences, (0..rows as i64).collect::<Vec<_>>());
            prop_assert_eq!(snapshot.row_counts().by_date().values().sum::<u64>(), rows as u64);
            prop_assert_eq!(glob(store.root()), committed(&snapshot));
            for (snapshot, had) in &open {
                let (read, errors) = read_all(snapshot);
                if errors.is_empty() {
                    prop_assert_eq!(&read, had);
                } else {
                    prop_assert!(vacuumed);
                    prop_assert!(errors.iter().all(is_vacuum));
                }
                prop_assert!(now.starts_with(had));
            }
        }
        compact(&mut writer).unwrap();
        let last = store.snapshot().unwrap();
        prop_assert!(last.plan_compaction(TargetSize::DEFAULT).shards.is_empty());
        prop_assert!(last.files().count() <= 4);
        let found = last.verify(|_| {}).unwrap();
        prop_assert!(found.is_sound() && found.strays.is_empty());
    }
}
