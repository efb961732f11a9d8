use hotshard_event::{EventBlock, EventTime, NewEvent, TimeZone};
use hotshard_store::{CommitDetails, Settings, ShardCount, Snapshot, Store, Writer};

use super::*;
use crate::phases::Pace;
use crate::split_ids::SplitIds;

fn store_of(folder: &tempfile::TempDir, shards: u64) -> Store {
    let shards = Some(ShardCount::new(shards).unwrap());
    let settings = Settings { shards, ..Settings::default() };
    Store::create_or_open(folder.path().join("store"), &settings).unwrap()
}

/// Adds events as a row group of their own in each of their shards.
fn append_row_group(writer: &mut Writer, mut block: EventBlock) {
    block.number(writer.next_sequence());
    writer.append(&block);
    for job in writer.give_all() {
        writer.accept(job.run()).unwrap();
    }
}

/// Events of many ids, every third one twice, some of them without an id.
fn snapshot(folder: &tempfile::TempDir) -> Snapshot {
    let store = store_of(folder, 4);
    let numbers: Vec<i64> = (0..6_000).chain((0..6_000).step_by(3)).collect();
    let mut writer = store.writer().unwrap();
    // Three row groups a file; copies are in another one than what they are copies of.
    for numbers in numbers.chunks(numbers.len() / 3 + 1) {
        let mut block = EventBlock::default();
        numbers.iter().for_each(|number| push(&mut block, *number));
        append_row_group(&mut writer, block);
    }
    writer.commit(CommitDetails::default()).unwrap();
    let snapshot = store.snapshot().unwrap();
    let first = snapshot.files().next().unwrap();
    assert_eq!(snapshot.open(first).unwrap().row_groups(), 3);
    snapshot
}

fn push(block: &mut EventBlock, number: i64) {
    let time = EventTime::from_millis(1_618_716_477_000 + number % 700);
    let (id, insert_id) = (format!("id {}", number % 1_999), format!("i {}", number % 4_000));
    block.push(&NewEvent {
        name: ["View", "Buy", "Leave"][usize::try_from(number % 3).unwrap()],
        distinct_id: if number % 50 == 0 { "" } else { &id },
        time,
        date: TimeZone::UTC.date_of(time),
        insert_id: (number % 7 != 0).then_some(insert_id.as_str()),
        properties: &format!(r#"{{"k":{}}}"#, number % 23),
    });
}

fn run_with(
    query: &CountQuery,
    snapshot: &Snapshot,
    bytes: usize,
) -> (Result<Counted, Error>, Passes) {
    let split = SplitIds::Listed(Default::default());
    let scope = Scope { query, snapshot, split, filters: Vec::new() };
    // One shard at a time, so that what they take together does not depend on threads.
    let mut phases = Phases::new(snapshot, Pace::ThisThread, []);
    let memory = MemoryPlan { shards_at_once: 2, counts_bytes: bytes, answer_bytes: bytes };
    let mut passes = Passes::ONE;
    let counted = run(&scope, &mut phases, &memory, &mut passes);
    (counted, passes)
}

const PLENTY: usize = 1 << 30;

#[test]
fn several_passes_give_the_same_answer() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = snapshot(&folder);
    let by_id = |measure| CountQuery::new(measure).by(GroupColumn::DistinctId).top(30);
    for dedup in [Dedup::Off, Dedup::On] {
        for query in [
            by_id(Measure::Events),
            by_id(Measure::Events).by(GroupColumn::Event),
            CountQuery::new(Measure::Users).by(GroupColumn::Event).top(1),
            CountQuery::new(Measure::Users).by(GroupColumn::Property("k".to_owned())),
            CountQuery::new(Measure::PerUser).by(GroupColumn::Property("k".to_owned())).top(2),
            CountQuery::new(Measure::PerUser).by(GroupColumn::Event),
            CountQuery::new(Measure::PerUser),
        ] {
            let query = query.dedup(dedup);
            let (expected, once) = run_with(&query, &snapshot, PLENTY);
            assert_eq!(once, Passes::ONE);
            let (counted, passes) = run_with(&query, &snapshot, 20_000);
            assert!(passes.counts > 1, "{query:?}");
            assert_eq!(passes.dedup > 1, dedup == Dedup::On, "{query:?}");
            let (counted, expected) = (counted.unwrap(), expected.unwrap());
            assert_eq!(counted, expected, "{query:?}");
            if query.measure == Measure::Events {
                // Every seventh event has no insert id, and so no copies.
                let total = if dedup == Dedup::On { 6_000 + 286 } else { 8_000 };
                assert_eq!(counted.total, total, "{query:?}");
            }
        }
    }
}

#[test]
fn an_answer_that_no_passes_make_fit_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = snapshot(&folder);
    let by_id = CountQuery::new(Measure::Events).by(GroupColumn::DistinctId);
    let error = run_with(&by_id, &snapshot, 60_000).0.unwrap_err();
    assert!(error.to_string().contains("--top"), "{error}");
    let by_event = CountQuery::new(Measure::Events).by(GroupColumn::Event);
    assert!(matches!(run_with(&by_event, &snapshot, 10).0, Err(Error::AnswerTooLarge { .. })));
}

/// Two passes once counted the first row group of a file whose second one turned out to be damaged
/// in the second pass.
#[test]
fn a_file_that_turns_out_damaged_in_a_later_pass_counts_with_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_of(&folder, 1);
    let mut writer = store.writer().unwrap();
    for (day, id) in [(0, "ann"), (1, "bob")] {
        let time = EventTime::from_millis(1_618_716_477_000 + day * 86_400_000);
        let mut block = EventBlock::default();
        block.push(&NewEvent {
            name: "View",
            distinct_id: id,
            time,
            date: TimeZone::UTC.date_of(time),
            insert_id: None,
            properties: r#"{"plan":"pro"}"#,
        });
        append_row_group(&mut writer, block);
    }
    writer.commit(CommitDetails::default()).unwrap();
    let snapshot = store.snapshot().unwrap();
    let files: Vec<_> = snapshot.files().map(|file| snapshot.absolute_path(file)).collect();
    assert_eq!(files.len(), 1);
    let first = snapshot.files().next().unwrap();
    assert!(snapshot.open(first).unwrap().row_groups() > 1);
    let mut bytes = std::fs::read(&files[0]).unwrap();
    let end = bytes.len();
    let footer = u32::from_le_bytes(bytes[end - 8..end - 4].try_into().unwrap()) as usize;
    bytes[end - 8 - footer - 1] ^= 1;
    std::fs::write(&files[0], bytes).unwrap();

    let query = CountQuery::new(Measure::Users).by(GroupColumn::Property("plan".to_owned()));
    let split = SplitIds::Listed(Default::default());
    let scope = Scope { query: &query, snapshot: &snapshot, split, filters: Vec::new() };
    let memory = MemoryPlan { shards_at_once: 2, counts_bytes: PLENTY, answer_bytes: PLENTY };
    let mut phases = Phases::new(&snapshot, Pace::ThisThread, []);
    let mut passes = Passes { counts: 2, dedup: 1 };
    let counted = run(&scope, &mut phases, &memory, &mut passes).unwrap();
    assert_eq!(phases.damaged().count(), 1);
    assert_eq!(counted.total, 0, "{counted:?}");
}

/// Passes were once divided by time: where all events have the same one, or nobody's rows make the
/// groups, there were tens of thousands of them, and no answer.
#[test]
fn passes_help_where_rows_are_alike() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = events_of_one_instant(&folder);
    let once = CountQuery::new(Measure::Events).dedup(Dedup::On);
    let (counted, passes) = run_with(&once, &snapshot, 60_000);
    assert_eq!(counted.unwrap().total, 3_000);
    assert!((2..=64).contains(&passes.dedup), "{passes:?}");
    let by_key = CountQuery::new(Measure::Users).by(GroupColumn::Property("key".to_owned()));
    let (counted, passes) = run_with(&by_key, &snapshot, 400_000);
    assert_eq!(counted.unwrap().total, 2_000);
    assert!(passes.counts <= 8, "{passes:?}");
}

/// Three thousand events, most of them of nobody, and copies of them.
fn events_of_one_instant(folder: &tempfile::TempDir) -> Snapshot {
    let store = store_of(folder, 4);
    let time = EventTime::from_millis(1_618_716_477_000);
    let mut block = EventBlock::default();
    for number in 0..6_000 {
        let is_nobody = number % 6 < 4;
        let (id, name) = (format!("id {}", number / 2), format!("name {}", number / 3));
        block.push(&NewEvent {
            name: if is_nobody { &name } else { "View" },
            distinct_id: if is_nobody { "" } else { &id },
            time,
            date: TimeZone::UTC.date_of(time),
            insert_id: Some("i"),
            properties: &format!(r#"{{"key":{number}}}"#),
        });
    }
    let mut writer = store.writer().unwrap();
    block.number(writer.next_sequence());
    writer.append(&block);
    writer.commit(CommitDetails::default()).unwrap();
    store.snapshot().unwrap()
}
