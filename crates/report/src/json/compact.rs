//! What a compaction did.

use std::path::Path;

use hotshard::{CompactionSummary, Effect, ShardCompaction};
use serde::Serialize;

use super::damage::DamageJson;

/// The answer of `compact`.
#[derive(Debug, Serialize)]
pub(crate) struct CompactJson {
    shards: Vec<ShardCompactionJson>,
    left_alone: u64,
    rows: u64,
    commits: u64,
    elapsed_ns: u64,
    peak_memory_bytes: Option<u64>,
    memory_budget_bytes: u64,
    target_bytes: u64,
    dry_run: bool,
    #[serde(flatten)]
    damage: DamageJson,
    store: String,
}

/// A shard with new files.
#[derive(Debug, Serialize)]
struct ShardCompactionJson {
    shard: u32,
    files_before: u64,
    files_after: Option<u64>,
    bytes_before: u64,
    bytes_after: Option<u64>,
    merged_files: u64,
    merged_bytes: u64,
    rows: u64,
}

impl From<&ShardCompaction> for ShardCompactionJson {
    fn from(shard: &ShardCompaction) -> Self {
        Self {
            shard: shard.shard.get(),
            files_before: shard.files_before,
            files_after: shard.files_after,
            bytes_before: shard.bytes_before,
            bytes_after: shard.bytes_after,
            merged_files: shard.merged_files,
            merged_bytes: shard.merged_bytes,
            rows: shard.rows,
        }
    }
}

impl CompactJson {
    pub(crate) fn new(summary: &CompactionSummary, store: &Path, effect: Effect) -> Self {
        Self {
            shards: summary.shards.iter().map(ShardCompactionJson::from).collect(),
            left_alone: summary.left_alone,
            rows: summary.rows,
            commits: summary.commits,
            elapsed_ns: summary.elapsed.ns(),
            peak_memory_bytes: summary.peak_memory_bytes,
            memory_budget_bytes: summary.memory_budget.bytes(),
            target_bytes: summary.target.bytes(),
            dry_run: effect == Effect::DryRun,
            damage: DamageJson::of(&summary.damaged),
            store: store.display().to_string(),
        }
    }
}
