//! Compaction: a shard's files become large ones whose days do not overlap and whose rows are
//! sorted throughout.
//!
//! What is merged is decided first ([`CompactionPlan`]), then carried out ([`Merger`]), then
//! committed ([`crate::Writer::replace`]). No row changes on the way.
//!
//! A data file's row groups are sorted, the file as a whole need not be. So a merge takes each row
//! group for a sorted run, and merges all of a day's at once. An open run holds a page of each
//! column; where memory has no room for all that overlap, the shortest are merged into one run in
//! `_tmp/` first.

mod chunk;
mod column;
mod merge;
mod output;
mod passes;
mod plan;
mod rows;
mod run;
#[cfg(test)]
mod tests;

pub use merge::{MergeMemory, MergeProgress, MergedShard, Merger};
pub use plan::{CompactionPlan, ShardPlan, TargetSize};
pub use run::largest_run_bytes;
