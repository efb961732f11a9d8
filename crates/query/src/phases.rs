//! A query as a sequence of phases: every shard works for itself, then their results are merged.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use hotshard_store::{Damage, DataFile, Error as StoreError, Snapshot};
use rayon::prelude::*;

use crate::Stopwatch;
use crate::clock::{self, Spent};
use crate::costs::{PhaseCost, ShardCost};
use crate::shard_files::{Scanned, ShardFiles};

/// Who works on the shards of a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// The threads of the current rayon pool, all shards at once.
    Pool,
    /// This thread, one shard after the other.
    ThisThread,
}

impl Pace {
    /// How many shards are worked on at the same time.
    pub(crate) fn threads(self) -> usize {
        match self {
            Self::Pool => rayon::current_num_threads(),
            Self::ThisThread => 1,
        }
    }
}

/// Runs phases; keeps what they cost, and which files turned out to be damaged.
#[derive(Debug)]
pub(crate) struct Phases<'a> {
    snapshot: &'a Snapshot,
    pace: Pace,
    damaged: BTreeMap<String, Damage>,
    vacuumed: Option<StoreError>,
    costs: Vec<PhaseCost>,
    /// Most shards that are scanned at the same time.
    at_once: usize,
}

impl<'a> Phases<'a> {
    /// Nothing done yet, with the damage known so far.
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        pace: Pace,
        damaged: impl IntoIterator<Item = Damage>,
    ) -> Self {
        let damaged = damaged.into_iter().map(|damage| (damage.path.clone(), damage)).collect();
        Self { snapshot, pace, damaged, vacuumed: None, costs: Vec::new(), at_once: usize::MAX }
    }

    /// Has no more shards than this scanned at the same time from now on.
    pub(crate) const fn scan_at_once(&mut self, shards: usize) {
        self.at_once = shards;
    }

    /// Notes damage, which may be known already.
    pub(crate) fn note_damage(&mut self, damaged: impl IntoIterator<Item = Damage>) {
        let damaged = damaged.into_iter().map(|damage| (damage.path.clone(), damage));
        self.damaged.extend(damaged);
    }

    /// Runs one phase over the files that `needs` picks and that are not known to be damaged.
    pub(crate) fn run<T: Send, M>(
        &mut self,
        needs: impl Fn(&DataFile) -> bool,
        scan: impl Fn(&ShardFiles<'a>) -> Scanned<T> + Sync,
        merge: impl FnOnce(Vec<T>) -> M,
    ) -> M {
        let shards = self.files(needs);
        let timed = |shard: &ShardFiles<'a>| clock::timed(|| scan(shard));
        let scanned: Vec<(Scanned<T>, Spent)> = match self.pace {
            Pace::Pool => {
                let workers = self.at_once.min(self.pace.threads());
                largest_first(&shards, ShardFiles::rows, workers, timed)
            }
            Pace::ThisThread => shards.iter().map(timed).collect(),
        };
        let (mut values, mut costs) = (Vec::new(), Vec::new());
        for (shard, spent) in scanned {
            values.push(shard.value);
            costs.push(ShardCost { files: shard.files, stats: shard.stats, spent });
            self.vacuumed = self.vacuumed.take().or(shard.vacuumed);
            self.note_damage(shard.damaged);
        }
        let (merged, spent) = clock::timed(|| merge(values));
        self.costs.push(PhaseCost { shards: costs, merge: spent });
        merged
    }

    /// Adds work that follows a phase to its merge.
    pub(crate) fn merge<M>(&mut self, work: impl FnOnce() -> M) -> M {
        let (merged, spent) = clock::timed(work);
        if let Some(phase) = self.costs.last_mut() {
            phase.merge.add(spent);
        }
        merged
    }

    /// Adds work in parts to the merge of a phase: those who work on shards share it.
    pub(crate) fn merge_in_parallel<R: Send>(
        &mut self,
        parts: Range<usize>,
        work: impl Fn(usize) -> R + Sync,
    ) -> Vec<R> {
        let watch = Stopwatch::start();
        let timed = |part: usize| clock::timed(|| work(part));
        let done: Vec<(R, Spent)> = match self.pace {
            Pace::Pool => parts.into_par_iter().map(timed).collect(),
            Pace::ThisThread => parts.map(timed).collect(),
        };
        let wall = watch.elapsed();
        let cpu = done.iter().map(|(_, spent)| *spent).sum::<Spent>().cpu;
        if let Some(phase) = self.costs.last_mut() {
            phase.merge.add(Spent { wall, cpu });
        }
        done.into_iter().map(|(result, _)| result).collect()
    }

    fn files(&self, needs: impl Fn(&DataFile) -> bool) -> Vec<ShardFiles<'a>> {
        let shards = self.snapshot.identity().shards().shards();
        let mut shards: Vec<ShardFiles<'a>> = shards.map(|_| ShardFiles::default()).collect();
        for file in self.snapshot.files() {
            if needs(file)
                && !self.damaged.contains_key(file.path())
                && let Some(shard) = shards.get_mut(file.shard().index())
            {
                shard.files.push(file);
            }
        }
        shards
    }

    /// Who works on the shards.
    pub(crate) const fn pace(&self) -> Pace {
        self.pace
    }

    /// How many files are known to be damaged.
    pub(crate) fn damaged_files(&self) -> usize {
        self.damaged.len()
    }

    /// Hands over that files of the snapshot went with a vacuum, if they did.
    pub(crate) fn take_vacuumed(&mut self) -> Option<StoreError> {
        self.vacuumed.take()
    }

    /// The damage found so far, by path.
    pub(crate) fn damaged(&self) -> impl Iterator<Item = &Damage> {
        self.damaged.values()
    }

    /// Hands over the costs of the phases since the last time.
    pub(crate) fn take_costs(&mut self) -> Vec<PhaseCost> {
        std::mem::take(&mut self.costs)
    }
}

/// Has so many workers do each task, the largest ones first, so that none of those is left at the
/// end when the others are done. Gives the results in the order of the tasks.
fn largest_first<T: Sync, R: Send>(
    tasks: &[T],
    size: impl Fn(&T) -> u64,
    workers: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let mut order: Vec<(usize, &T)> = tasks.iter().enumerate().collect();
    order.sort_by_key(|(_, task)| Reverse(size(task)));
    let next = AtomicUsize::new(0);
    let worker = |_| {
        let take = || order.get(next.fetch_add(1, Ordering::Relaxed));
        std::iter::from_fn(take).map(|(place, task)| (*place, work(task))).collect::<Vec<_>>()
    };
    let workers = 0..workers.clamp(1, tasks.len().max(1));
    let mut done: Vec<(usize, R)> =
        workers.into_par_iter().with_max_len(1).map(worker).flatten_iter().collect();
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_tasks() {
        let tasks = [3_u64, 9, 1, 0, 7];
        for workers in [0, 1, 3, 100] {
            let doubled = largest_first(&tasks, |task| *task, workers, |task| task * 2);
            assert_eq!(doubled, [6, 18, 2, 0, 14]);
        }
        assert!(largest_first(&[], |task: &u64| *task, 4, |task| *task).is_empty());
    }
}
