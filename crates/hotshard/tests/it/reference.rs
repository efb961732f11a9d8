//! The whole ingest against a naive reference, over generated streams.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use hotshard::{DateRange, Input, Remedy, Router, Sequence, ShardCount};
use hotshard_store::Column;
use proptest::prelude::*;

use crate::fixture::{Folder, hot_of, ingest, snapshot};

/// One row as it lies in the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StoredRow {
    sequence: i64,
    shard: u32,
    date: i32,
    event: String,
    time: i64,
    distinct_id: String,
    insert_id: Option<String>,
    original_name: Option<String>,
    original_distinct_id: Option<String>,
    spread: bool,
    properties: String,
}

/// Every row of a store, by sequence.
pub(crate) fn rows_of(store: &Path) -> Vec<StoredRow> {
    let columns = [
        Column::Sequence,
        Column::EventDate,
        Column::Event,
        Column::Time,
        Column::DistinctId,
        Column::InsertId,
        Column::OriginalName,
        Column::OriginalDistinctId,
        Column::Spread,
        Column::Properties,
    ];
    let snapshot = snapshot(store);
    let mut rows = Vec::new();
    for file in snapshot.files() {
        let visit = |batch: &RecordBatch| {
            rows.extend(
                (0..batch.num_rows()).map(|row| stored_row(batch, row, file.shard().get())),
            );
        };
        snapshot.scan(file, &columns, &DateRange::ALL, visit).unwrap();
    }
    rows.sort();
    rows
}

fn stored_row(batch: &RecordBatch, row: usize, shard: u32) -> StoredRow {
    let dictionary = |column: usize| {
        let array = batch.column(column).as_dictionary::<Int32Type>();
        let value = |key| array.values().as_string::<i32>().value(key).to_owned();
        array.key(row).map(value)
    };
    let insert_ids = batch.column(5).as_string::<i32>();
    StoredRow {
        sequence: batch.column(0).as_primitive::<Int64Type>().value(row),
        shard,
        date: batch.column(1).as_primitive::<Date32Type>().value(row),
        event: dictionary(2).unwrap(),
        time: batch.column(3).as_primitive::<TimestampMillisecondType>().value(row),
        distinct_id: dictionary(4).unwrap(),
        insert_id: insert_ids.is_valid(row).then(|| insert_ids.value(row).to_owned()),
        original_name: dictionary(6),
        original_distinct_id: dictionary(7),
        spread: batch.column(8).as_boolean().value(row),
        properties: batch.column(9).as_string::<i32>().value(row).to_owned(),
    }
}

/// A generated event: `id` and `rest` as JSON text, the id as it must be stored.
#[derive(Debug, Clone)]
struct Event {
    name: &'static str,
    time_ms: i64,
    in_seconds: bool,
    id_json: Option<&'static str>,
    id: &'static str,
    insert_id: Option<u8>,
    rest: &'static str,
}

impl Event {
    fn line(&self) -> String {
        let time = if self.in_seconds { self.time_ms / 1_000 } else { self.time_ms };
        let id = self.id_json.map_or(String::new(), |id| format!(",\"distinct_id\":{id}"));
        let insert_id =
            self.insert_id.map_or(String::new(), |id| format!(",\"$insert_id\":\"i-{id}\""));
        let rest = if self.rest.is_empty() { String::new() } else { format!(",{}", self.rest) };
        format!(
            "{{\"event\":\"{}\",\"properties\":{{\"time\":{time}{id}{insert_id}{rest}}}}}\n",
            self.name
        )
    }
}

/// The reference: what every row and every hot key must be, in the plainest words.
fn expected(
    events: &[Event],
    threshold: u64,
    remedy: Remedy,
    router: Router,
) -> (Vec<StoredRow>, Vec<(String, i32, u64)>) {
    let mut counters: BTreeMap<(&str, i32), u64> = BTreeMap::new();
    let mut rows = Vec::new();
    for (sequence, event) in (0_u64..).zip(events) {
        let time = if event.in_seconds { event.time_ms / 1_000 * 1_000 } else { event.time_ms };
        let date = i32::try_from(time.div_euclid(86_400_000)).unwrap();
        let mut excess = false;
        if !event.id.is_empty() {
            let counter = counters.entry((event.id, date)).or_default();
            *counter += 1;
            excess = *counter > threshold;
        }
        let renamed = excess && remedy == Remedy::Rename;
        let spread = event.id.is_empty() || (excess && remedy != Remedy::Off);
        let shard = match spread {
            true => router.spread(Sequence::new(sequence)),
            false => router.home(event.id),
        };
        rows.push(StoredRow {
            sequence: i64::try_from(sequence).unwrap(),
            shard: shard.get(),
            date,
            event: if renamed { "$hotshard_events" } else { event.name }.to_owned(),
            time,
            distinct_id: if renamed { "" } else { event.id }.to_owned(),
            insert_id: event.insert_id.map(|id| format!("i-{id}")),
            original_name: renamed.then(|| event.name.to_owned()),
            original_distinct_id: renamed.then(|| event.id.to_owned()),
            spread,
            properties: format!("{{{}}}", event.rest),
        });
    }
    let hot = counters.into_iter().filter(|(_, events)| *events > threshold);
    let mut hot: Vec<_> = hot.map(|((id, date), events)| (id.to_owned(), date, events)).collect();
    hot.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)).then(a.1.cmp(&b.1)));
    (rows, hot)
}

/// Events around one midnight, a few of them days late, with the ids that are told apart or not.
fn event() -> impl Strategy<Value = Event> {
    let ids = prop_oneof![
        4 => Just((Some("\"a\""), "a")),
        2 => Just((Some("\"b\""), "b")),
        2 => Just((Some("123"), "123")),
        2 => Just((Some("\"123\""), "123")),
        1 => Just((Some("1.50"), "1.5")),
        1 => Just((Some("\"\""), "")),
        1 => Just((Some("null"), "")),
        1 => Just((None, "")),
        1 => Just((Some("\"\\u00e9 名\""), "é 名")),
    ];
    let midnight = 18_736_i64 * 86_400_000;
    let times = prop_oneof![
        5 => (-2_000_i64..2_000).prop_map(move |ms| midnight + ms),
        1 => (1_i64..5).prop_map(move |days| midnight - days * 86_400_000),
    ];
    let rests =
        prop::sample::select(vec!["", "\"n\":1.50", "\"x\":{\"y\":[1, null]},\"é\":\"\\u0041\""]);
    let names = prop::sample::select(vec!["A", "B"]);
    (names, times, any::<bool>(), ids, prop::option::of(0_u8..3), rests).prop_map(
        |(name, time_ms, in_seconds, (id_json, id), insert_id, rest)| Event {
            name,
            time_ms,
            in_seconds,
            id_json,
            id,
            insert_id,
            rest,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_row_and_hot_key_is_what_the_reference_says(
        events in prop::collection::vec(event(), 0..120),
        threshold in prop_oneof![0_u64..6, 6_u64..40],
        remedy in prop::sample::select(Remedy::ALL.to_vec()),
        cut in any::<prop::sample::Index>(),
    ) {
        let folder = Folder::new();
        let store = folder.store("s");
        let router = Router::new(ShardCount::new(16).unwrap());
        let (rows, hot) = expected(&events, threshold, remedy, router);
        // Two runs of two inputs each; parts that are alike are told apart by their blank lines.
        let lines: Vec<String> = events.iter().map(Event::line).collect();
        let cut = if lines.is_empty() { 0 } else { cut.index(lines.len()) };
        let parts = [&lines[..cut / 2], &lines[cut / 2..cut], &lines[cut..]];
        let input = |at: usize| Input::bytes(format!("part {at}"), format!("{}{}", "\n".repeat(at), parts[at].concat()).into_bytes());
        let first = ingest(&store, threshold, remedy).threads(2).run(&[input(0), input(1)]).unwrap();
        let second = ingest(&store, threshold, remedy).threads(1).run(&[input(2)]).unwrap();

        prop_assert_eq!(rows_of(&store), rows);
        let found: Vec<_> = hotshard::HotKeys::of(&snapshot(&store), &DateRange::ALL)
            .unwrap()
            .keys
            .into_iter()
            .map(|key| (key.distinct_id, key.event_date.epoch_days(), key.events))
            .collect();
        prop_assert_eq!(&found, &hot);
        let excess: u64 = hot.iter().map(|(_, _, events)| events - threshold).sum();
        let remedied = if remedy == Remedy::Off { 0 } else { excess };
        prop_assert_eq!(first.remedied + second.remedied, remedied);
        let named: u64 = [&first, &second].iter().flat_map(|summary| hot_of(summary)).map(|key| key.3).sum();
        prop_assert_eq!(named, remedied);
    }
}
