//! The answer to a count.

use hotshard::{Answer, GroupColumn, Latency, ShardFigures, Timing};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::damage::DamageJson;

/// The answer of `query`. Measured and modelled latency never stand together.
#[derive(Debug, Serialize)]
pub(crate) struct QueryJson<'a> {
    rows: Vec<RowJson<'a>>,
    shards: Vec<ShardJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modelled_latency_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<u32>,
    #[serde(flatten)]
    damage: DamageJson,
    total: u64,
    measure: &'a str,
    by: Vec<String>,
    timing: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeats: Option<u32>,
    dedup: bool,
    store: String,
}

/// One group: its keys, named as in `--by` and in that order, then `count`.
#[derive(Debug)]
struct RowJson<'a> {
    columns: &'a [GroupColumn],
    key: &'a [Option<String>],
    count: u64,
}

/// What one shard did.
#[derive(Debug, Serialize)]
struct ShardJson {
    shard: u32,
    files: u64,
    rows: u64,
    bytes: u64,
    service_ns: u64,
}

/// What was asked, as far as the answer repeats it.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) measure: &'a str,
    pub(crate) columns: &'a [GroupColumn],
    pub(crate) timing: Timing,
    pub(crate) dedup: bool,
    pub(crate) store: String,
}

impl<'a> QueryJson<'a> {
    pub(crate) fn new(answer: &'a Answer, asked: Asked<'a>) -> Self {
        let row = |row: &'a hotshard::GroupRow| RowJson {
            columns: asked.columns,
            key: &row.key,
            count: row.count,
        };
        let (latency_ns, modelled_latency_ns, workers) = match answer.latency {
            Latency::Measured(latency) => (Some(latency.ns()), None, None),
            Latency::Modelled { latency, workers } => (None, Some(latency.ns()), Some(workers)),
        };
        let (timing, repeats) = match asked.timing {
            Timing::Concurrent => ("concurrent", None),
            Timing::Isolated { repeats } => ("isolated", Some(repeats.get())),
        };
        Self {
            rows: answer.rows.iter().map(row).collect(),
            shards: answer.shards.iter().map(ShardJson::from).collect(),
            latency_ns,
            modelled_latency_ns,
            workers,
            damage: DamageJson::of(&answer.damaged),
            total: answer.total,
            measure: asked.measure,
            by: asked.columns.iter().map(ToString::to_string).collect(),
            timing,
            repeats,
            dedup: asked.dedup,
            store: asked.store,
        }
    }
}

impl From<&ShardFigures> for ShardJson {
    fn from(figures: &ShardFigures) -> Self {
        Self {
            shard: figures.shard.get(),
            files: figures.files,
            rows: figures.rows,
            bytes: figures.bytes,
            service_ns: figures.service.ns(),
        }
    }
}

impl Serialize for RowJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(Some(self.columns.len() + 1))?;
        for (column, value) in self.columns.iter().zip(self.key) {
            let shard = match (column, value) {
                (GroupColumn::Shard, Some(text)) => text.parse::<u32>().ok(),
                _ => None,
            };
            match shard {
                Some(number) => row.serialize_entry(&column.to_string(), &number)?,
                None => row.serialize_entry(&column.to_string(), value)?,
            }
        }
        row.serialize_entry("count", &self.count)?;
        row.end()
    }
}
