//! Merging files that ingest would not write today: row groups out of order, columns that came
//! later, rows of a size that memory notices.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::Schema;
use hotshard_event::{DateRange, EventBlock, EventTime, NewEvent, TimeZone};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::file::metadata::ColumnChunkMetaData;
use tempfile::TempDir;

use super::*;
use crate::checksum::Piece;
use crate::encoding::writer_properties;
use crate::schema::{self, Texts};
use crate::{
    Column, CommitDetails, DataFile, Error, Settings, ShardCount, Store, ZstdLevel, layout,
};

const DAY_MS: i64 = 86_400_000;
/// 2024-03-01.
const FIRST_DAY_MS: i64 = 19_783 * DAY_MS;
const AMPLE: MergeMemory = MergeMemory { run_bytes: 1 << 30, row_group_bytes: 64 << 20 };

/// A store of one shard in a folder that goes with it.
struct Fixture {
    _folder: TempDir,
    store: Store,
}

impl Fixture {
    fn promoting(promoted: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            shards: Some(ShardCount::new(1).unwrap()),
            promoted: Some(promoted.iter().map(|column| column.parse().unwrap()).collect()),
            ..Settings::default()
        };
        let store = Store::create_or_open(folder.path().join("store"), &settings).unwrap();
        Self { _folder: folder, store }
    }

    /// Commits events of these names, days and properties.
    fn commit<'a>(&self, events: impl IntoIterator<Item = (&'a str, i64, String)>) {
        let mut block = EventBlock::default();
        for (name, day, properties) in events {
            let time = EventTime::from_millis(FIRST_DAY_MS + day * DAY_MS);
            block.push(&NewEvent {
                name,
                distinct_id: "a",
                time,
                date: TimeZone::UTC.date_of(time),
                insert_id: None,
                properties: &properties,
            });
        }
        let mut writer = self.store.writer().unwrap();
        block.number(writer.next_sequence());
        writer.append(&block);
        writer.commit(CommitDetails::default()).unwrap();
    }

    fn files(&self) -> Vec<DataFile> {
        self.store.snapshot().unwrap().files().cloned().collect()
    }

    /// Puts a file with the rows of these row groups, as they are, in the place of all files.
    fn replace_all_by(&self, schema: &Arc<Schema>, row_groups: &[RecordBatch]) {
        let snapshot = self.store.snapshot().unwrap();
        let promoted = snapshot.identity().promoted();
        let path = "_tmp/by-hand.parquet".to_owned();
        let mut bytes = Vec::new();
        let options = ArrowWriterOptions::new()
            .with_properties(writer_properties(promoted, ZstdLevel::DEFAULT))
            .with_skip_arrow_metadata(true);
        let mut writer =
            ArrowWriter::try_new_with_options(&mut bytes, Arc::clone(schema), options).unwrap();
        for row_group in row_groups {
            writer.write(row_group).unwrap();
            writer.flush().unwrap();
        }
        let metadata = writer.close().unwrap();
        let piece = |offset: u64, length| Piece::within(&bytes, 0, offset, length).unwrap();
        let chunks: Vec<Vec<Piece>> = metadata
            .row_groups()
            .iter()
            .map(|group| group.columns().iter().map(ColumnChunkMetaData::byte_range))
            .map(|ranges| ranges.map(|(offset, length)| piece(offset, length)).collect())
            .collect();
        let end = chunks.iter().flatten().map(Piece::end).max().unwrap();
        let footer = piece(end, bytes.len() as u64 - end);
        let files: Vec<&DataFile> = snapshot.files().collect();
        let entry = DataFile {
            path: path.clone(),
            first_date: files.iter().map(|file| file.first_date).min().unwrap(),
            last_date: files.iter().map(|file| file.last_date).max().unwrap(),
            rows: row_groups.iter().map(|batch| batch.num_rows() as u64).sum(),
            length: bytes.len() as u64,
            chunks,
            footer,
            mistyped: std::collections::BTreeMap::new(),
            ..files[0].clone()
        };
        let merged = MergedShard::of(&[entry], files.iter().map(|file| file.path.clone()));
        let mut writer = self.store.writer().unwrap();
        self.store.io().write_new(&self.store.at(&path), &bytes).unwrap();
        writer.replace(merged, 0).unwrap();
    }

    /// All rows of all files, in the order of files and rows, with plain texts.
    fn batches(&self) -> Vec<RecordBatch> {
        let mut batches = Vec::new();
        for file in self.files() {
            batches.extend(read(std::fs::read(self.store.at(&file.path)).unwrap()));
        }
        batches
    }

    fn compact(&self, memory: MergeMemory, target: TargetSize) -> u64 {
        let mut writer = self.store.writer().unwrap();
        let plan = writer.committed().plan_compaction(target);
        let mut temporary_runs = 0;
        for shard in &plan.shards {
            let merged = writer.merger(target, memory).merge(shard, &|_| {}).unwrap();
            temporary_runs += merged.temporary_runs();
            writer.replace(merged, 0).unwrap();
        }
        let snapshot = self.store.snapshot().unwrap();
        assert_eq!(snapshot.plan_compaction(target).shards, [], "once is enough");
        let found = snapshot.verify(|_| {}).unwrap();
        assert!(found.is_sound() && found.strays.is_empty(), "{found:?}");
        temporary_runs
    }

    /// Sequences in the order of files and rows.
    fn sequences(&self) -> Vec<i64> {
        let batches = self.batches();
        let columns = batches.iter().map(|batch| batch.column_by_name("sequence").unwrap().clone());
        columns.flat_map(|column| column.as_primitive::<Int64Type>().values().to_vec()).collect()
    }
}

fn plain(properties: &str) -> String {
    properties.to_owned()
}

/// The first rows of a batch last.
fn turned(batch: &RecordBatch, at: usize) -> [RecordBatch; 2] {
    [batch.slice(at, batch.num_rows() - at), batch.slice(0, at)]
}

#[test]
fn row_groups_that_overlap_are_merged_into_one_order() {
    let fixture = Fixture::promoting(&[]);
    fixture.commit((0..100).map(|number| (["A", "B"][number % 2], 0, plain("{}"))));
    let sorted = fixture.sequences();
    let [batch] = fixture.batches().try_into().unwrap();
    let [late, early] = turned(&batch, 30);
    fixture.replace_all_by(&batch.schema(), &[late, early]);
    assert_ne!(fixture.sequences(), sorted);
    assert!(!fixture.files()[0].is_sorted());
    assert_eq!(fixture.compact(AMPLE, TargetSize::DEFAULT), 0);
    assert_eq!(fixture.sequences(), sorted);
    assert!(fixture.files()[0].is_sorted());
}

#[test]
fn a_row_group_that_is_not_sorted_is_damage_and_nothing_is_left_behind() {
    let fixture = Fixture::promoting(&[]);
    fixture.commit((0..100).map(|number| (["A", "B"][number % 2], 0, plain("{}"))));
    let [batch] = fixture.batches().try_into().unwrap();
    let whole = joined(&turned(&batch, 30));
    fixture.replace_all_by(&batch.schema(), &[whole, batch.slice(0, 10)]);
    let writer = fixture.store.writer().unwrap();
    let plan = writer.committed().plan_compaction(TargetSize::DEFAULT);
    let merger = writer.merger(TargetSize::DEFAULT, AMPLE);
    let error = merger.merge(&plan.shards[0], &|_| {}).unwrap_err();
    assert!(error.to_string().ends_with("the rows of a row group are not sorted"), "{error}");
    let left = fixture.store.io().list(&fixture.store.at(layout::TMP_DIR)).unwrap();
    assert_eq!(left, Vec::<String>::new());
}

/// Rows of several batches as one.
fn joined(batches: &[RecordBatch]) -> RecordBatch {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batches[0].schema(), None).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.close().unwrap();
    read(bytes).remove(0)
}

fn read(bytes: Vec<u8>) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReader::try_new(bytes::Bytes::from(bytes), 10_000).unwrap();
    reader.map(Result::unwrap).collect()
}

#[test]
fn a_promoted_column_that_a_file_lacks_comes_from_its_properties() {
    let fixture =
        Fixture::promoting(&["plan:string", "seats:long", "price:double", "paid:boolean"]);
    let properties = [
        r#"{"plan":"pro","seats":5,"price":1.50,"paid":true}"#,
        r#"{"plan":7,"seats":"many","price":"dear","paid":0}"#,
        r#"{"plan":null}"#,
        r#"{"seats":-3,"plan":"caf\u00e9"}"#,
    ];
    fixture.commit(properties.iter().map(|text| ("A", 0, plain(text))));
    let [with] = fixture.batches().try_into().unwrap();
    let known = fixture.files()[0].mistyped.clone();
    assert_eq!(known.values().copied().collect::<Vec<_>>(), [1, 1, 1, 1]);

    let fixed: Vec<usize> = (0..9).chain([13]).collect();
    let without = with.project(&fixed).unwrap();
    fixture.replace_all_by(&without.schema(), &turned(&without, 2));
    fixture.commit(properties.iter().map(|text| ("A", 1, plain(text))));
    fixture.compact(AMPLE, TargetSize::DEFAULT);
    let [filled] = fixture.batches().try_into().unwrap();
    assert_eq!(filled.num_rows(), 8);
    for column in 9..13 {
        let (had, has) = (with.column(column).slice(0, 4), filled.column(column));
        assert_eq!(&had, &has.slice(0, 4), "filled column {column}");
        assert_eq!(&had, &has.slice(4, 4), "kept column {column}");
        assert!(had.null_count() > 0);
    }
    let entry = &fixture.files()[0];
    assert_eq!(entry.mistyped.values().copied().collect::<Vec<_>>(), [2, 2, 2, 2]);
}

#[test]
fn a_file_tells_how_many_rows_each_event_name_has() {
    let fixture = Fixture::promoting(&["plan:string"]);
    fixture.commit([("A", 0, plain("{}")), ("B", 0, plain("{}")), ("A", 2, plain("{}"))]);
    fixture.commit([("C", 1, plain("{}")), ("A", 1, plain("{}"))]);
    let counts = fixture.store.snapshot().unwrap().row_counts().clone();
    fixture.compact(AMPLE, TargetSize::DEFAULT);
    let [file] = fixture.files().try_into().unwrap();
    let events = file.events.as_ref().unwrap();
    assert_eq!(format!("{events:?}"), r#"{"A": 3, "B": 1, "C": 1}"#);
    assert_eq!((file.rows(), file.tells_all_of("plan")), (5, true));
    assert_eq!(fixture.store.snapshot().unwrap().row_counts(), &counts, "no row was added");
    let names: Vec<String> = (0..1_001).map(|number| format!("Viewed {number}")).collect();
    fixture.commit(names.iter().map(|name| (name.as_str(), 1, plain("{}"))));
    fixture.compact(AMPLE, TargetSize::DEFAULT);
    assert!(fixture.files()[0].events.is_none() && fixture.files()[0].may_hold("anything"));
}

/// Backfills that each cover every day, many more of them than may be open at once, merged in
/// several passes: the result is the one that ample memory gives, byte for byte.
#[test]
fn more_runs_than_memory_has_room_for_are_merged_in_passes() {
    let build = || {
        let fixture = Fixture::promoting(&["n:long"]);
        for batch in 0..12_i64 {
            let event = |number: i64| {
                let properties = format!(r#"{{"n":{number},"text":"{}"}}"#, "x".repeat(50));
                let name = ["A", "B", "C"][usize::try_from(number % 3).unwrap()];
                (name, (number * 7) % 60, properties)
            };
            fixture.commit((0..200).map(|number| event(batch * 200 + number)));
        }
        fixture
    };
    let (ample, scarce) = (build(), build());
    assert_eq!(ample.compact(AMPLE, TargetSize::DEFAULT), 0);
    let little = MergeMemory { run_bytes: 0, row_group_bytes: 64 << 20 };
    assert_eq!(scarce.compact(little, TargetSize::DEFAULT), 10, "two at a time");
    let content = |fixture: &Fixture| {
        let [file] = fixture.files().try_into().unwrap();
        std::fs::read(fixture.store.at(&file.path)).unwrap()
    };
    assert!(content(&ample) == content(&scarce));
    assert_eq!(ample.sequences().len(), 2_400);
}

#[test]
fn little_memory_makes_small_row_groups() {
    let fixture = Fixture::promoting(&[]);
    let text = |number: u64| {
        format!(r#"{{"t":"{:x}"}}"#, xxhash_rust::xxh3::xxh3_128(&number.to_le_bytes()))
    };
    for batch in 0..2 {
        fixture.commit((0..20_000).map(|number| ("A", 0, text(batch * 20_000 + number))));
    }
    let little = MergeMemory { run_bytes: 1 << 30, row_group_bytes: 256 << 10 };
    fixture.compact(little, TargetSize::DEFAULT);
    let [file] = fixture.files().try_into().unwrap();
    assert!(file.chunks.len() >= 3, "{} row groups", file.chunks.len());
    assert!(fixture.sequences().is_sorted());
    assert_eq!(file.rows(), 40_000);
}

#[test]
fn files_end_at_the_target_size_and_where_a_day_does() {
    let fixture = Fixture::promoting(&[]);
    let text = |number: u64| {
        format!(r#"{{"t":"{:x}"}}"#, xxhash_rust::xxh3::xxh3_128(&number.to_le_bytes()))
    };
    // Day 5 is larger than a file.
    let day = |number: u64| if number.is_multiple_of(2) { 5 } else { (number % 10) as i64 };
    for batch in 0..3_u64 {
        let rows = (0..20_000).map(|at| batch * 20_000 + at);
        fixture.commit(rows.map(|number| ("A", day(number), text(number))));
    }
    let target = TargetSize::from_bytes(200 << 10);
    fixture.compact(AMPLE, target);
    let files = fixture.files();
    let dates: Vec<(i32, i32)> = files
        .iter()
        .map(|file| (file.first_date.epoch_days() - 19_783, file.last_date.epoch_days() - 19_783))
        .collect();
    assert!(files.len() > 4, "{dates:?}");
    for (pair, file) in dates.windows(2).zip(&files) {
        assert!(pair[0].1 < pair[1].0 || pair[0].1 == 5 && pair[1].0 == 5, "{dates:?}");
        assert!(file.length >= 100 << 10 && file.length < 500 << 10, "{}", file.length);
    }
    let keys = |batch: &RecordBatch| {
        let days = batch.column_by_name(schema::EVENT_DATE).unwrap().clone();
        days.as_primitive::<arrow_array::types::Date32Type>().values().to_vec()
    };
    let days: Vec<i32> = fixture.batches().iter().flat_map(keys).collect();
    assert!(days.is_sorted() && days.len() == 60_000);
}

#[test]
fn damage_in_a_chunk_is_named_before_it_is_decoded() {
    let fixture = Fixture::promoting(&[]);
    for _ in 0..2 {
        fixture.commit((0..50).map(|_| ("A", 0, plain("{}"))));
    }
    let path = fixture.store.at(&fixture.files()[1].path);
    let whole = std::fs::read(&path).unwrap();
    let plan = fixture.store.snapshot().unwrap().plan_compaction(TargetSize::DEFAULT);
    let writer = fixture.store.writer().unwrap();
    for at in 4..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        std::fs::write(&path, &flipped).unwrap();
        let merger = writer.merger(TargetSize::DEFAULT, AMPLE);
        let error = merger.merge(&plan.shards[0], &|_| {}).unwrap_err();
        assert!(matches!(error, Error::Damaged(_)), "byte {at}: {error}");
    }
}

#[test]
fn a_schema_of_the_store_is_what_a_merge_writes() {
    let fixture = Fixture::promoting(&["plan:string", "a.b:double"]);
    fixture.commit([("A", 0, plain(r#"{"plan":"pro","a.b":1.5}"#))]);
    fixture.commit([("A", 0, plain("{}"))]);
    fixture.compact(AMPLE, TargetSize::DEFAULT);
    let expected = schema::schema(fixture.store.identity().promoted(), Texts::Plain);
    let [batch] = fixture.batches().try_into().unwrap();
    let names = |schema: &Schema| {
        let fields = schema.fields().iter();
        fields.map(|field| (field.name().clone(), field.is_nullable())).collect::<Vec<_>>()
    };
    assert_eq!(names(&batch.schema()), names(&expected));
    let snapshot = fixture.store.snapshot().unwrap();
    let file = snapshot.files().next().unwrap();
    let mut rows = 0;
    snapshot
        .scan(file, &[Column::Promoted(1)], &DateRange::ALL, |batch| rows += batch.num_rows())
        .unwrap();
    assert_eq!(rows, 2);
}
