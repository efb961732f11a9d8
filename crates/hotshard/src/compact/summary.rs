//! What a compaction did.

use hotshard_query::MeasuredTime;
use hotshard_store::{
    CompactionPlan, Damage, DataFile, MergedShard, ShardId, ShardPlan, TargetSize,
};

use crate::MemoryBudget;

/// What a compaction did, or would do.
#[derive(Debug, Clone)]
pub struct CompactionSummary {
    /// The shards with new files, ascending.
    pub shards: Vec<ShardCompaction>,
    /// How many shards stayed as they are.
    pub left_alone: u64,
    /// Rows that were merged into new files.
    pub rows: u64,
    /// Commits made.
    pub commits: u64,
    /// How large files were to become.
    pub target: TargetSize,
    /// Files that are damaged: their shards stayed as they are.
    pub damaged: Vec<Damage>,
    /// How long it took.
    pub elapsed: MeasuredTime,
    /// The most memory the process held, in bytes; `None` where the system does not tell.
    pub peak_memory_bytes: Option<u64>,
    /// The memory budget of the process.
    pub memory_budget: MemoryBudget,
}

/// What a compaction did to a shard, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardCompaction {
    /// The shard.
    pub shard: ShardId,
    /// Its data files before.
    pub files_before: u64,
    /// Its data files afterwards; `None` when it is not done.
    pub files_after: Option<u64>,
    /// Length of its data files before, in bytes.
    pub bytes_before: u64,
    /// Length of its data files afterwards, in bytes; `None` when it is not done.
    pub bytes_after: Option<u64>,
    /// How many of the files before were merged; the others stayed.
    pub merged_files: u64,
    /// Their length in bytes.
    pub merged_bytes: u64,
    /// Rows in them.
    pub rows: u64,
}

impl CompactionSummary {
    /// Nothing done yet.
    pub(super) fn new(plan: &CompactionPlan, target: TargetSize, budget: MemoryBudget) -> Self {
        Self {
            shards: Vec::new(),
            left_alone: plan.left_alone,
            rows: 0,
            commits: 0,
            target,
            damaged: Vec::new(),
            elapsed: MeasuredTime::default(),
            peak_memory_bytes: None,
            memory_budget: budget,
        }
    }
}

impl ShardCompaction {
    pub(super) fn planned(plan: &ShardPlan) -> Self {
        Self {
            shard: plan.shard(),
            files_before: plan.files_before(),
            files_after: None,
            bytes_before: plan.bytes_before(),
            bytes_after: None,
            merged_files: plan.merged().count() as u64,
            merged_bytes: plan.merged().map(DataFile::length_bytes).sum(),
            rows: plan.rows(),
        }
    }

    pub(super) fn done(plan: &ShardPlan, merged: &MergedShard) -> Self {
        let planned = Self::planned(plan);
        let (files, bytes) = merged
            .files()
            .fold((0, 0), |(files, bytes), file| (files + 1, bytes + file.length_bytes()));
        Self {
            files_after: Some(planned.files_before - planned.merged_files + files),
            bytes_after: Some(planned.bytes_before - planned.merged_bytes + bytes),
            ..planned
        }
    }
}
