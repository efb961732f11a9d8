//! Compaction: many small files of a shard become few large ones, and no answer changes.

mod memory;
mod summary;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;

use hotshard_query::{Stopwatch, wall_clock_ms};
use hotshard_store::{
    CompactionPlan, Error as StoreError, MergeProgress, MergedShard, Merger, ShardPlan, Store,
    TargetSize, Writer,
};

pub use summary::{CompactionSummary, ShardCompaction};

use crate::{Effect, Error, MemoryBudget};
use memory::CompactionMemory;

/// How far a compaction has come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct CompactionProgress {
    /// Rows merged so far; those that are merged twice count twice.
    pub rows: u64,
    /// Rows to merge in all, as far as is known.
    pub total_rows: u64,
}

type OnProgress = dyn Fn(CompactionProgress) + Send + Sync;

/// A compaction to run: of which store, and how.
///
/// ```
/// use hotshard::{Compaction, Ingest, Input};
///
/// # let folder = tempfile::tempdir()?;
/// # let store = folder.path().join("store");
/// for day in ["1618716477", "1618802877"] {
///     let line = format!(r#"{{"event":"A","properties":{{"time":{day},"distinct_id":"a"}}}}"#);
///     Ingest::into_store(&store).run(&[Input::bytes("example", line.into_bytes())])?;
/// }
/// let summary = Compaction::of_store(&store).run()?;
/// assert_eq!((summary.shards[0].files_before, summary.shards[0].files_after), (2, Some(1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Compaction {
    store: PathBuf,
    target: TargetSize,
    memory: MemoryBudget,
    threads: Option<usize>,
    effect: Effect,
    on_progress: Option<Arc<OnProgress>>,
}

impl Compaction {
    /// A compaction of the store in this folder.
    #[must_use]
    pub fn of_store(folder: impl Into<PathBuf>) -> Self {
        Self {
            store: folder.into(),
            target: TargetSize::DEFAULT,
            memory: MemoryBudget::DEFAULT,
            threads: None,
            effect: Effect::Write,
            on_progress: None,
        }
    }

    /// How large files become; 256 MiB by default.
    #[must_use]
    pub fn target_size(self, target: TargetSize) -> Self {
        Self { target, ..self }
    }

    /// The memory budget of the whole process; 512 MiB by default.
    #[must_use]
    pub fn memory(self, memory: MemoryBudget) -> Self {
        Self { memory, ..self }
    }

    /// Number of shards that are merged at once; as many as there are cores by default, and never
    /// more than the memory budget is enough for.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: Some(threads.max(1)), ..self }
    }

    /// Whether anything is written.
    #[must_use]
    pub fn effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// A function to tell how far the compaction has come.
    #[must_use]
    pub fn on_progress(self, tell: impl Fn(CompactionProgress) + Send + Sync + 'static) -> Self {
        Self { on_progress: Some(Arc::new(tell)), ..self }
    }

    /// Compacts the store, with one commit a shard.
    ///
    /// A shard with a damaged file stays as it is, and the summary names the file.
    ///
    /// # Errors
    /// When there is no store, it is locked or has a damaged commit record; when the disk refuses;
    /// when the memory budget is too small. What was committed stays, and the same compaction goes
    /// on with the other shards.
    pub fn run(&self) -> Result<CompactionSummary, Error> {
        let stopwatch = Stopwatch::start();
        let store = Store::open(&self.store)?;
        let mut summary = match self.effect {
            Effect::DryRun => self.look(&store)?,
            Effect::Write => self.compact(&store)?,
        };
        summary.elapsed = stopwatch.elapsed();
        summary.peak_memory_bytes = crate::peak_memory_bytes();
        Ok(summary)
    }

    /// What would happen.
    fn look(&self, store: &Store) -> Result<CompactionSummary, Error> {
        let snapshot = store.snapshot()?;
        CompactionMemory::divide(self.memory, &snapshot, 1)?;
        let plan = snapshot.plan_compaction(self.target);
        let mut summary = CompactionSummary::new(&plan, self.target, self.memory);
        summary.shards = plan.shards.iter().map(ShardCompaction::planned).collect();
        summary.damaged = snapshot.damage().to_vec();
        Ok(summary)
    }

    fn compact(&self, store: &Store) -> Result<CompactionSummary, Error> {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = self.threads.unwrap_or_else(cores);
        // Too little memory shows before the lock is taken.
        CompactionMemory::divide(self.memory, &store.snapshot()?, 1)?;
        let mut writer = store.writer()?;
        let snapshot = writer.committed();
        let plan = snapshot.plan_compaction(self.target);
        let memory = CompactionMemory::divide(self.memory, &snapshot, threads)?;
        // A commit would have to copy what a snapshot still holds.
        drop(snapshot);
        let mut summary = CompactionSummary::new(&plan, self.target, self.memory);
        let merger = writer.merger(self.target, memory.of_merge);
        self.merge_all(&plan, &merger, memory.threads, |shard, merged| {
            summary.add(shard, merged, &mut writer)
        })?;
        summary.shards.sort_by_key(|shard| shard.shard);
        Ok(summary)
    }

    /// Merges the shards of a plan, several at once, and hands each to `finish` on this thread.
    fn merge_all(
        &self,
        plan: &CompactionPlan,
        merger: &Merger,
        threads: usize,
        mut finish: impl FnMut(&ShardPlan, Result<MergedShard, StoreError>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (next, rows, total) =
            (AtomicUsize::new(0), AtomicU64::new(0), AtomicU64::new(plan.rows()));
        let tell = |progress| {
            match progress {
                MergeProgress::MoreRows(more) => total.fetch_add(more, Ordering::Relaxed),
                MergeProgress::MergedRows(merged) => rows.fetch_add(merged, Ordering::Relaxed),
            };
            if let Some(tell) = &self.on_progress {
                let (rows, total_rows) =
                    (rows.load(Ordering::Relaxed), total.load(Ordering::Relaxed));
                tell(CompactionProgress { rows, total_rows });
            }
        };
        std::thread::scope(|scope| {
            let (send, receive) = mpsc::channel();
            for _ in 0..threads.min(plan.shards.len()) {
                let (send, next, tell) = (send.clone(), &next, &tell);
                scope.spawn(move || {
                    while let Some(shard) = plan.shards.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let merged = merger.merge(shard, tell);
                        // Nobody listens any more: another shard failed for good.
                        if send.send((shard, merged)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(send);
            receive.into_iter().try_for_each(|(shard, merged)| finish(shard, merged))
        })
    }
}

impl CompactionSummary {
    /// Commits what a merge made of a shard, or notes why there is nothing.
    fn add(
        &mut self,
        shard: &ShardPlan,
        merged: Result<MergedShard, StoreError>,
        writer: &mut Writer,
    ) -> Result<(), Error> {
        match merged {
            Ok(merged) => {
                let done = ShardCompaction::done(shard, &merged);
                writer.replace(merged, wall_clock_ms())?;
                self.commits += 1;
                self.rows += done.rows;
                self.shards.push(done);
                Ok(())
            }
            Err(StoreError::Damaged(damage)) => {
                self.left_alone += 1;
                self.damaged.push(damage);
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}
