//! Stores, lines and answers that read as sentences.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hotshard::{
    CountQuery, DateRange, GroupColumn, HotKeys, Ingest, IngestSummary, Input, Measure, Remedy,
    ShardCount, Snapshot, Store, Threshold,
};
use tempfile::TempDir;

/// 2021-04-18T03:27:57Z.
pub(crate) const MORNING: i64 = 1_618_716_477_000;

/// A folder for stores that goes with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn store(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// An ingest with 16 shards and this threshold and remedy.
pub(crate) fn ingest(store: &Path, threshold: u64, remedy: Remedy) -> Ingest {
    Ingest::into_store(store)
        .shards(ShardCount::new(16).unwrap())
        .threshold(Threshold::new(threshold))
        .remedy(remedy)
}

/// One JSON line.
pub(crate) fn line(event: &str, distinct_id: &str, time: i64) -> String {
    format!(
        "{{\"event\":\"{event}\",\"properties\":{{\"time\":{time},\"distinct_id\":\"{distinct_id}\"}}}}\n"
    )
}

pub(crate) fn input(lines: impl Into<String>) -> Vec<Input> {
    vec![Input::bytes("lines", lines.into().into_bytes())]
}

/// The flights that ship with the project.
pub(crate) fn flights() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/nycflights13_sample.jsonl.gz")
}

pub(crate) fn snapshot(store: &Path) -> Snapshot {
    Store::open(store).unwrap().snapshot().unwrap()
}

/// Counts by their keys, joined with `|`.
pub(crate) fn counts(store: &Path, measure: Measure, by: &[GroupColumn]) -> BTreeMap<String, u64> {
    let query = by.iter().cloned().fold(CountQuery::new(measure), CountQuery::by);
    let answer = query.run(&snapshot(store)).unwrap();
    assert!(answer.is_whole());
    let text = |key: Vec<Option<String>>| {
        key.into_iter().map(|part| part.unwrap_or_else(|| "∅".into())).collect::<Vec<_>>().join("|")
    };
    answer.rows.into_iter().map(|row| (text(row.key), row.count)).collect()
}

/// (id, date, events) of every hot key in the store.
pub(crate) fn hot(store: &Path) -> Vec<(String, String, u64)> {
    let keys = HotKeys::of(&snapshot(store), &DateRange::ALL).unwrap().keys;
    keys.into_iter().map(|key| (key.distinct_id, key.event_date.to_string(), key.events)).collect()
}

/// (id, date, events, remedied) of the hot keys a summary names.
pub(crate) fn hot_of(summary: &IngestSummary) -> Vec<(String, String, u64, u64)> {
    let row = |hot: &hotshard::TouchedKey| {
        let key = &hot.key;
        (key.distinct_id.clone(), key.event_date.to_string(), key.events, hot.remedied)
    };
    summary.hot.iter().map(row).collect()
}
