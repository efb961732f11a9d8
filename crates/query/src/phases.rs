//! A query as a sequence of phases: every shard works for itself, then their results are merged.

use std::collections::BTreeMap;

use hotshard_store::{Damage, DataFile, Error as StoreError, ScanStats, ShardId, Snapshot};
use rayon::prelude::*;

use crate::shard_files::{Scanned, ShardFiles};
use crate::{MeasuredTime, ModelledTime, ShardFigures, Stopwatch};

/// Who works on the shards of a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// The threads of the current rayon pool, all shards at once.
    Pool,
    /// This thread, one shard after the other.
    ThisThread,
}

/// Runs phases; keeps what they cost, and which files turned out to be damaged.
#[derive(Debug)]
pub(crate) struct Phases<'a> {
    snapshot: &'a Snapshot,
    pace: Pace,
    damaged: BTreeMap<String, Damage>,
    vacuumed: Option<StoreError>,
    costs: RunCost,
}

impl<'a> Phases<'a> {
    /// Nothing done yet, with the damage known so far.
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        pace: Pace,
        damaged: impl IntoIterator<Item = Damage>,
    ) -> Self {
        let damaged = damaged.into_iter().map(|damage| (damage.path.clone(), damage)).collect();
        Self { snapshot, pace, damaged, vacuumed: None, costs: RunCost::default() }
    }

    /// Runs one phase over the files that `needs` picks and that are not known to be damaged.
    pub(crate) fn run<T: Send, M>(
        &mut self,
        needs: impl Fn(&DataFile) -> bool,
        scan: impl Fn(&ShardFiles<'a>) -> Scanned<T> + Sync,
        merge: impl FnOnce(Vec<T>) -> M,
    ) -> M {
        let shards = self.files(needs);
        let timed = |shard: &ShardFiles<'a>| {
            let watch = Stopwatch::start();
            let scanned = scan(shard);
            (scanned, watch.elapsed())
        };
        let scanned: Vec<(Scanned<T>, MeasuredTime)> = match self.pace {
            Pace::Pool => shards.par_iter().map(timed).collect(),
            Pace::ThisThread => shards.iter().map(timed).collect(),
        };
        let watch = Stopwatch::start();
        let (mut values, mut costs) = (Vec::new(), Vec::new());
        for (shard, time) in scanned {
            values.push(shard.value);
            costs.push(ShardCost { files: shard.files, stats: shard.stats, time });
            self.vacuumed = self.vacuumed.take().or(shard.vacuumed);
            let damaged = shard.damaged.into_iter();
            self.damaged.extend(damaged.map(|damage| (damage.path.clone(), damage)));
        }
        let merged = merge(values);
        self.costs.phases.push(PhaseCost { shards: costs, merge: watch.elapsed() });
        merged
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
    pub(crate) fn take_costs(&mut self) -> RunCost {
        std::mem::take(&mut self.costs)
    }
}

/// What the phases of one run cost.
#[derive(Debug, Default)]
pub(crate) struct RunCost {
    phases: Vec<PhaseCost>,
}

#[derive(Debug)]
struct PhaseCost {
    shards: Vec<ShardCost>,
    merge: MeasuredTime,
}

#[derive(Debug, Clone, Copy)]
struct ShardCost {
    files: u64,
    stats: ScanStats,
    time: MeasuredTime,
}

impl RunCost {
    /// What repeats of the same run cost: every time is the median of theirs.
    pub(crate) fn median(runs: &[Self]) -> Self {
        let Some(first) = runs.first() else { return Self::default() };
        let phases = first.phases.iter().enumerate().map(|(number, phase)| {
            let repeats = || runs.iter().filter_map(move |run| run.phases.get(number));
            let shards = phase.shards.iter().enumerate().map(|(shard, cost)| {
                let times = repeats().filter_map(|phase| phase.shards.get(shard));
                ShardCost { time: MeasuredTime::median(times.map(|cost| cost.time)), ..*cost }
            });
            PhaseCost {
                shards: shards.collect(),
                merge: MeasuredTime::median(repeats().map(|phase| phase.merge)),
            }
        });
        Self { phases: phases.collect() }
    }

    /// What each shard did. Rows are counted in the last phase, which each run ends with.
    pub(crate) fn figures(&self, shards: impl Iterator<Item = ShardId>) -> Vec<ShardFigures> {
        let figures = |shard: ShardId| {
            let costs = || self.phases.iter().filter_map(|phase| phase.shards.get(shard.index()));
            let (files, stats) =
                costs().next_back().map_or_else(Default::default, |cost| (cost.files, cost.stats));
            ShardFigures {
                shard,
                files,
                row_groups: stats.row_groups,
                rows: stats.rows,
                bytes: costs().map(|cost| cost.stats.bytes).sum(),
                service: costs().map(|cost| cost.time).sum(),
            }
        };
        shards.map(figures).collect()
    }

    /// The latency with one worker a shard: a phase takes as long as its slowest shard, then its
    /// merge. Model: shards share nothing, and telling a worker what to do takes no time.
    pub(crate) fn modelled_latency(&self) -> ModelledTime {
        let phase = |phase: &PhaseCost| {
            let slowest = phase.shards.iter().map(|cost| cost.time).max().unwrap_or_default();
            slowest.ns() + phase.merge.ns()
        };
        ModelledTime::from_ns(self.phases.iter().map(phase).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(shards_ns: &[u64], merge_ns: u64) -> PhaseCost {
        let cost = |&ns: &u64| {
            let stats = ScanStats { rows: 10, bytes: 100, ..ScanStats::default() };
            ShardCost { files: 1, stats, time: MeasuredTime::from_ns(ns) }
        };
        PhaseCost {
            shards: shards_ns.iter().map(cost).collect(),
            merge: MeasuredTime::from_ns(merge_ns),
        }
    }

    #[test]
    fn the_model_waits_for_the_slowest_shard_of_every_phase() {
        let run = RunCost { phases: vec![phase(&[10, 70], 1), phase(&[50, 20], 2)] };
        assert_eq!(run.modelled_latency(), ModelledTime::from_ns(70 + 1 + 50 + 2));
        let shards = hotshard_store::ShardCount::new(2).unwrap();
        let figures = run.figures(shards.shards());
        let service: Vec<u64> = figures.iter().map(|shard| shard.service.ns()).collect();
        assert_eq!(service, [60, 90]);
        assert!(figures.iter().all(|shard| (shard.rows, shard.bytes) == (10, 200)));
    }

    #[test]
    fn repeats_are_judged_by_their_medians() {
        let run = |ns| RunCost { phases: vec![phase(&[ns, 5], ns)] };
        let median = RunCost::median(&[run(90), run(10), run(20)]);
        assert_eq!(median.modelled_latency(), ModelledTime::from_ns(20 + 20));
    }
}
