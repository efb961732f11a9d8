//! Stores and events that read as sentences.

use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use hotshard_event::{
    DateRange, EventBlock, EventTime, NewEvent, Placement, Remedy, Threshold, TimeZone,
};
use hotshard_store::{
    Column, CommitDetails, Error, Io, Settings, ShardCount, Snapshot, Store, Writer,
};
use tempfile::TempDir;

/// 2021-04-18T03:27:57Z.
pub(crate) const NOON: i64 = 1_618_716_477_000;
pub(crate) const DAY_MS: i64 = 86_400_000;

/// A folder that holds one store and goes with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("store")
    }

    pub(crate) fn store(&self) -> Store {
        self.store_with(Io::default()).unwrap()
    }

    pub(crate) fn store_with(&self, io: Io) -> Result<Store, Error> {
        Store::create_or_open_with(self.path(), &settings(), io)
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        shards: Some(ShardCount::new(4).unwrap()),
        threshold: Some(Threshold::new(10)),
        remedy: Some(Remedy::Split),
        time_zone: Some(TimeZone::UTC),
        promoted: Some(vec!["plan:string".parse().unwrap(), "seats:long".parse().unwrap()]),
    }
}

/// Events to put into a block, one call each.
#[derive(Default)]
pub(crate) struct Events(EventBlock);

impl Events {
    pub(crate) fn event(mut self, name: &str, distinct_id: &str, time: i64) -> Self {
        self.push(name, distinct_id, time, "{}");
        self
    }

    pub(crate) fn with_properties(mut self, properties: &str) -> Self {
        self.push("Signed up", "a", NOON, properties);
        self
    }

    /// An event that a split placed by its sequence.
    pub(crate) fn split(mut self, distinct_id: &str, time: i64) -> Self {
        self.push("Signed up", distinct_id, time, "{}");
        self.0.rows_mut().last_mut().unwrap().placement = Placement::Spread;
        self
    }

    pub(crate) fn many(self, count: usize) -> Self {
        self.many_from(count, NOON, 1_000)
    }

    /// So many events from a time on, so many milliseconds apart.
    pub(crate) fn many_from(mut self, count: usize, time: i64, apart: i64) -> Self {
        for number in 0..count {
            let id = format!("id-{}", number % 7);
            let time = time + (number as i64) * apart;
            self.push(["A", "B", "C"][number % 3], &id, time, "{\"n\":1}");
        }
        self
    }

    fn push(&mut self, name: &str, distinct_id: &str, time: i64, properties: &str) {
        let time = EventTime::from_millis(time);
        let date = TimeZone::UTC.date_of(time);
        self.0.push(&NewEvent { name, distinct_id, time, date, insert_id: None, properties });
    }

    pub(crate) fn append_to(mut self, writer: &mut Writer) {
        self.0.number(writer.next_sequence());
        writer.append(&self.0);
    }

    pub(crate) fn commit_to(self, writer: &mut Writer) -> Result<(), Error> {
        self.append_to(writer);
        writer.commit(CommitDetails { committed_at_ms: NOON, ..CommitDetails::default() })?;
        Ok(())
    }
}

/// (sequence, event, distinct id, properties) of every row, by sequence.
pub(crate) type Rows = Vec<(i64, String, String, String)>;

/// Every row of a snapshot that can be read, and the errors of those files that cannot.
pub(crate) fn read_all(snapshot: &Snapshot) -> (Rows, Vec<Error>) {
    let columns = [Column::Sequence, Column::Event, Column::DistinctId, Column::Properties];
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for file in snapshot.files() {
        let mut of_file = Vec::new();
        let scanned = snapshot.scan(file, &columns, &DateRange::ALL, |batch| {
            for row in 0..batch.num_rows() {
                let sequence = batch.column(0).as_primitive::<Int64Type>().value(row);
                let properties = batch.column(3).as_string::<i32>().value(row).to_owned();
                of_file.push((sequence, text(batch, 1, row), text(batch, 2, row), properties));
            }
        });
        match scanned {
            Ok(_) => rows.extend(of_file),
            Err(error) => errors.push(error),
        }
    }
    rows.sort();
    (rows, errors)
}

/// The text of a dictionary column; empty for null.
pub(crate) fn text(batch: &RecordBatch, column: usize, row: usize) -> String {
    let dictionary = batch.column(column).as_dictionary::<Int32Type>();
    match dictionary.key(row) {
        Some(key) => dictionary.values().as_string::<i32>().value(key).to_owned(),
        None => String::new(),
    }
}

pub(crate) fn count(snapshot: &Snapshot) -> u64 {
    snapshot.rows_per_shard().iter().sum()
}
