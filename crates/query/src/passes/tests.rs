use hotshard_event::{EventBlock, EventTime, NewEvent, TimeZone};
use hotshard_store::{CommitDetails, Settings, ShardCount, Snapshot, Store};

use super::*;
use crate::phases::Pace;
use crate::split_ids::SplitIds;

/// Events of many ids, every third one twice, some of them without an id.
fn snapshot(folder: &tempfile::TempDir) -> Snapshot {
    let settings = Settings { shards: Some(ShardCount::new(4).unwrap()), ..Settings::default() };
    let store = Store::create_or_open(folder.path().join("store"), &settings).unwrap();
    let mut block = EventBlock::default();
    let numbers = (0..6_000_i64).flat_map(|number| {
        let copies = if number % 3 == 0 { 2 } else { 1 };
        (0..copies).map(move |_| number)
    });
    for number in numbers {
        let time = EventTime::from_millis(1_618_716_477_000 + number % 700);
        let (id, insert_id) = (format!("id {}", number % 1_999), format!("i {}", number % 4_000));
        block.push(&NewEvent {
            name: ["View", "Buy", "Leave"][usize::try_from(number % 3).unwrap()],
            distinct_id: if number % 50 == 0 { "" } else { &id },
            time,
            date: TimeZone::UTC.date_of(time),
            insert_id: (number % 7 != 0).then_some(insert_id.as_str()),
            properties: "{}",
        });
    }
    let mut writer = store.writer().unwrap();
    block.number(writer.next_sequence());
    writer.append(&block);
    writer.commit(CommitDetails::default()).unwrap();
    store.snapshot().unwrap()
}

fn run_with(
    query: &CountQuery,
    snapshot: &Snapshot,
    bytes: usize,
) -> (Result<Counted, Error>, Passes) {
    let split = SplitIds::Listed(Default::default());
    let scope = Scope { query, snapshot, split, filters: Vec::new() };
    let mut phases = Phases::new(snapshot, Pace::Pool, []);
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
            CountQuery::new(Measure::Users).by(GroupColumn::Event),
            CountQuery::new(Measure::PerUser).by(GroupColumn::Event),
            CountQuery::new(Measure::PerUser),
        ] {
            let query = query.dedup(dedup);
            let (expected, once) = run_with(&query, &snapshot, PLENTY);
            assert_eq!(once, Passes::ONE);
            let (counted, passes) = run_with(&query, &snapshot, 60_000);
            assert!(passes.counts > 1, "{query:?}");
            assert_eq!(passes.dedup > 1, dedup == Dedup::On, "{query:?}");
            assert_eq!(counted.unwrap(), expected.unwrap(), "{query:?}");
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
