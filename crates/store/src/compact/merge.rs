//! Carrying a plan out: the external merge of one shard's files.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::sync::Arc;

use super::output::{Output, OutputSettings, Purpose};
use super::passes;
use super::plan::{ShardPlan, TargetSize};
use super::run::{self, Run, RunSource};
use crate::{DataFile, Error, ShardId, Store, layout};

/// Rows merged before progress is told.
const PROGRESS_ROWS: u64 = 16_384;

/// How much memory one merge may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeMemory {
    /// For the runs that are read at once, in bytes. Two are always read, whatever they take; see
    /// [`crate::largest_run_bytes`].
    pub run_bytes: u64,
    /// For the row group that is written, encoded, in bytes.
    pub row_group_bytes: usize,
}

/// How a merge comes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeProgress {
    /// So many rows must be merged once more than planned.
    MoreRows(u64),
    /// So many rows more are merged.
    MergedRows(u64),
}

/// Merges files of a store as planned. What it writes belongs to the store only once
/// [`crate::Writer::replace`] commits it.
#[derive(Debug, Clone)]
pub struct Merger {
    store: Store,
    target: TargetSize,
    memory: MergeMemory,
}

/// The files that take the place of others in a shard, not committed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedShard {
    pub(crate) shard: ShardId,
    /// By date; still in `_tmp/`.
    pub(crate) files: Vec<DataFile>,
    pub(crate) replaced: Vec<String>,
    temporary_runs: u64,
}

impl MergedShard {
    /// These files, which are in `_tmp/`, in the place of those.
    #[cfg(test)]
    pub(crate) fn of(files: &[DataFile], replaced: impl Iterator<Item = String>) -> Self {
        let shard = files[0].shard;
        Self { shard, files: files.to_vec(), replaced: replaced.collect(), temporary_runs: 0 }
    }

    /// The shard.
    #[must_use]
    pub const fn shard(&self) -> ShardId {
        self.shard
    }

    /// The new files.
    pub fn files(&self) -> impl Iterator<Item = &DataFile> {
        self.files.iter()
    }

    /// How many merges came before the last ones, because memory had no room for all runs at once.
    #[must_use]
    pub const fn temporary_runs(&self) -> u64 {
        self.temporary_runs
    }
}

impl Merger {
    pub(crate) fn new(store: Store, target: TargetSize, memory: MergeMemory) -> Self {
        Self { store, target, memory }
    }

    /// Merges the files of a shard as planned.
    ///
    /// # Errors
    /// When a file is damaged or the disk refuses. Nothing is left behind then, if the disk
    /// permits; the store is as it was.
    pub fn merge(
        &self,
        plan: &ShardPlan,
        progress: &dyn Fn(MergeProgress),
    ) -> Result<MergedShard, Error> {
        let merged = ShardMerge { merger: self, shard: plan.shard, progress, temporary_runs: 0 };
        let merged = merged.run(plan);
        if merged.is_err() {
            // The failure is told, not what cleaning up made of it: recovery does it again.
            let _ = self.remove_temporary(plan.shard);
        }
        merged
    }

    fn remove_temporary(&self, shard: ShardId) -> Result<(), Error> {
        let io = self.store.io();
        let name = temporary_name(shard);
        for file in io.list(&self.store.at(layout::TMP_DIR))? {
            if file.starts_with(&name) {
                io.remove(&self.store.at(&format!("{}/{file}", layout::TMP_DIR)))?;
            }
        }
        Ok(())
    }
}

/// What the names of a shard's unfinished files begin with.
fn temporary_name(shard: ShardId) -> String {
    format!("compact.{shard}.")
}

/// A merge of one shard under way.
struct ShardMerge<'a> {
    merger: &'a Merger,
    shard: ShardId,
    progress: &'a dyn Fn(MergeProgress),
    temporary_runs: u64,
}

impl ShardMerge<'_> {
    fn run(mut self, plan: &ShardPlan) -> Result<MergedShard, Error> {
        let mut files = Vec::new();
        for (number, group) in plan.groups.iter().enumerate() {
            files.extend(self.merge_group(number, group)?);
        }
        Ok(MergedShard {
            shard: self.shard,
            files,
            replaced: plan.merged().map(|file| file.path.clone()).collect(),
            temporary_runs: self.temporary_runs,
        })
    }

    fn merge_group(&mut self, number: usize, files: &[DataFile]) -> Result<Vec<DataFile>, Error> {
        let store = &self.merger.store;
        let mut runs = Vec::new();
        for file in files {
            runs.extend(RunSource::of_file(store, &Arc::new(file.clone()))?);
        }
        let promoted = store.identity().promoted().len();
        let cost = run::temporary_run_bytes(promoted);
        let limit = self.merger.memory.run_bytes;
        while let Some(first) = passes::take_first(&mut runs, limit, cost) {
            let rows = first.iter().map(|run| run.rows).sum();
            (self.progress)(MergeProgress::MoreRows(rows));
            self.temporary_runs += 1;
            let name = format!("run{:06}", self.temporary_runs);
            for file in self.merge_runs(first, &name, Purpose::Run)? {
                runs.extend(RunSource::of_file(store, &Arc::new(file))?);
            }
        }
        self.merge_runs(runs, &format!("group{number:06}"), Purpose::Files(self.merger.target))
    }

    /// Merges runs into files; those that were temporary are gone afterwards.
    fn merge_runs(
        &self,
        runs: Vec<RunSource>,
        name: &str,
        purpose: Purpose,
    ) -> Result<Vec<DataFile>, Error> {
        let store = &self.merger.store;
        let mut temporary: Vec<String> = runs.iter().map(|run| run.file.path.clone()).collect();
        temporary.retain(|path| path.starts_with(layout::TMP_DIR));
        let mut output = Output::new(OutputSettings {
            store: store.clone(),
            shard: self.shard,
            purpose,
            row_group_bytes: self.merger.memory.row_group_bytes,
            name: format!("{}{name}", temporary_name(self.shard)),
        });
        self.merge_into(runs, &mut output)?;
        let files = output.finish()?;
        temporary.dedup();
        temporary.iter().try_for_each(|path| store.io().remove(&store.at(path)))?;
        Ok(files)
    }

    fn merge_into(&self, mut waiting: Vec<RunSource>, output: &mut Output) -> Result<(), Error> {
        waiting.sort_by_key(|run| Reverse(run.first_date));
        let mut open: BinaryHeap<Lead> = BinaryHeap::new();
        let mut rows = 0;
        loop {
            let is_due = |run: &mut RunSource| {
                open.peek().is_none_or(|Lead(lead)| run.first_date <= lead.key().date())
            };
            if let Some(source) = waiting.pop_if(is_due) {
                let run = Run::open(&self.merger.store, source, output.schema())?;
                open.extend(run.map(|run| Lead(Box::new(run))));
                continue;
            }
            let Some(mut lead) = open.peek_mut() else { break };
            output.push(&lead.0)?;
            rows += 1;
            if rows == PROGRESS_ROWS {
                (self.progress)(MergeProgress::MergedRows(rows));
                rows = 0;
            }
            if !lead.0.step()? {
                PeekMut::pop(lead);
            }
        }
        (self.progress)(MergeProgress::MergedRows(rows));
        Ok(())
    }
}

/// An open run in a heap whose greatest is the run with the least key.
struct Lead(Box<Run>);

impl Ord for Lead {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.key().compare(self.0.key())
    }
}

impl PartialOrd for Lead {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Lead {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Lead {}
