//! The answer to a count.

use hotshard::{
    Answer, Bucket, CpuTime, Damage, Distribution, GroupColumn, GroupRow, Latency, RecordedAnswer,
    ShardFigures, Timing, peak_memory_bytes,
};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::damage::DamageJson;

/// The answer of `query`. Measured and modelled latency never stand together, and an answer from
/// commit records has no times.
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
    timing: Option<&'static str>,
    repeats: Option<usize>,
    dedup: bool,
    store: String,
    #[serde(flatten)]
    spread: Option<LatencyJson>,
    cpu_ns: Option<u64>,
    noise: Option<String>,
    source: &'static str,
    passes: Option<u64>,
    dedup_passes: Option<u64>,
    memory_budget_bytes: u64,
    peak_memory_bytes: Option<u64>,
}

/// How measured latency came out from run to run.
#[derive(Debug, Serialize)]
struct LatencyJson {
    latency_best_ns: u64,
    latency_worst_ns: u64,
    latency_first_ns: u64,
}

/// One group: its keys, named as in `--by` and in that order, then `count`.
#[derive(Debug)]
struct RowJson<'a> {
    columns: &'a [GroupColumn],
    key: &'a [Option<String>],
    count: u64,
    per_user: Option<&'a Distribution>,
}

/// The percentiles of events per user that are shown, by their names.
pub(crate) const PERCENTILES: [(&str, u8); 3] = [("p50", 50), ("p90", 90), ("p99", 99)];

/// Users whose number of events lies in a range, both ends included.
#[derive(Debug, Serialize)]
struct BucketJson {
    from: u64,
    to: u64,
    users: u64,
}

impl From<Bucket> for BucketJson {
    fn from(bucket: Bucket) -> Self {
        Self { from: bucket.from, to: bucket.to, users: bucket.users }
    }
}

/// What one shard did.
#[derive(Debug, Serialize)]
struct ShardJson {
    shard: u32,
    files: u64,
    rows: u64,
    bytes: u64,
    service_ns: u64,
    row_groups: u64,
    service_best_ns: u64,
    service_worst_ns: u64,
    first_ns: u64,
    cpu_ns: Option<u64>,
}

/// What was asked, as far as the answer repeats it.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) measure: &'a str,
    pub(crate) columns: &'a [GroupColumn],
    pub(crate) dedup: bool,
    pub(crate) store: String,
    pub(crate) memory_budget_bytes: u64,
}

impl<'a> QueryJson<'a> {
    /// An answer without times.
    pub(crate) fn of_commit_records(answer: &'a RecordedAnswer, asked: Asked<'a>) -> Self {
        Self::counted(&answer.rows, answer.total, &answer.damaged, asked)
    }

    /// An answer with times.
    pub(crate) fn of_scan(answer: &'a Answer, timing: Timing, asked: Asked<'a>) -> Self {
        let asked_dedup = asked.dedup;
        let counted = Self::counted(&answer.rows, answer.total, &answer.damaged, asked);
        let timed = Self {
            shards: answer.shards.iter().map(ShardJson::from).collect(),
            timing: Some(match timing {
                Timing::Concurrent { .. } => "concurrent",
                Timing::Isolated { .. } => "isolated",
            }),
            repeats: Some(answer.repeats),
            cpu_ns: answer.cpu.map(CpuTime::ns),
            noise: answer.noise.map(|noise| noise.to_string()),
            source: "scan",
            passes: Some(answer.passes.counts),
            dedup_passes: asked_dedup.then_some(answer.passes.dedup),
            ..counted
        };
        match answer.latency {
            Latency::Measured(latency) => Self {
                latency_ns: Some(latency.median.ns()),
                spread: Some(LatencyJson {
                    latency_best_ns: latency.best.ns(),
                    latency_worst_ns: latency.worst.ns(),
                    latency_first_ns: latency.first.ns(),
                }),
                ..timed
            },
            Latency::Modelled { latency, workers } => {
                Self { modelled_latency_ns: Some(latency.ns()), workers: Some(workers), ..timed }
            }
        }
    }

    fn counted(rows: &'a [GroupRow], total: u64, damaged: &[Damage], asked: Asked<'a>) -> Self {
        let row = |row: &'a GroupRow| RowJson {
            columns: asked.columns,
            key: &row.key,
            count: row.count,
            per_user: row.per_user.as_ref(),
        };
        Self {
            rows: rows.iter().map(row).collect(),
            shards: Vec::new(),
            latency_ns: None,
            modelled_latency_ns: None,
            workers: None,
            damage: DamageJson::of(damaged),
            total,
            measure: asked.measure,
            by: asked.columns.iter().map(ToString::to_string).collect(),
            timing: None,
            repeats: None,
            dedup: asked.dedup,
            store: asked.store,
            spread: None,
            cpu_ns: None,
            noise: None,
            source: "commit_records",
            passes: None,
            dedup_passes: None,
            memory_budget_bytes: asked.memory_budget_bytes,
            peak_memory_bytes: peak_memory_bytes(),
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
            service_ns: figures.service.median.ns(),
            row_groups: figures.row_groups,
            service_best_ns: figures.service.best.ns(),
            service_worst_ns: figures.service.worst.ns(),
            first_ns: figures.service.first.ns(),
            cpu_ns: figures.cpu.map(CpuTime::ns),
        }
    }
}

impl Serialize for RowJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(None)?;
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
        if let Some(users) = self.per_user {
            row.serialize_entry("events", &users.events())?;
            row.serialize_entry("mean", &users.mean())?;
            row.serialize_entry("min", &users.min())?;
            for (name, percent) in PERCENTILES {
                row.serialize_entry(name, &users.percentile(percent))?;
            }
            row.serialize_entry("max", &users.max())?;
            let histogram: Vec<BucketJson> =
                users.histogram().into_iter().map(BucketJson::from).collect();
            row.serialize_entry("histogram", &histogram)?;
        }
        row.end()
    }
}
