//! What the runs of a query cost, and what that says of shards and latency.

use hotshard_store::{ScanStats, ShardId};

use crate::clock::Spent;
use crate::{CpuTime, MeasuredTime, ModelledTime, Noise, RepeatedTime, ShardFigures, Timing};

/// What all runs of a query cost.
#[derive(Debug)]
pub(crate) struct Costs {
    /// The run that found nothing at hand.
    pub(crate) first: RunCost,
    /// The runs after it.
    pub(crate) timed: Vec<RunCost>,
}

/// What one run cost.
#[derive(Debug)]
pub(crate) struct RunCost {
    /// From the question to the answer.
    pub(crate) latency: MeasuredTime,
    /// What all shards have to know.
    pub(crate) preparation: Spent,
    pub(crate) phases: Vec<PhaseCost>,
}

/// What one phase cost.
#[derive(Debug)]
pub(crate) struct PhaseCost {
    /// By shard.
    pub(crate) shards: Vec<ShardCost>,
    pub(crate) merge: Spent,
}

/// What a shard did in one phase.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShardCost {
    pub(crate) files: u64,
    pub(crate) stats: ScanStats,
    pub(crate) spent: Spent,
}

impl Costs {
    /// The runs that count: those after the first, or the first when there was no other.
    pub(crate) fn timed(&self) -> &[RunCost] {
        if self.timed.is_empty() { std::slice::from_ref(&self.first) } else { &self.timed }
    }

    /// The latency of the whole query, if all shards ran at once.
    pub(crate) fn latency(&self) -> RepeatedTime {
        RepeatedTime::of(self.first.latency, self.timed.iter().map(|run| run.latency))
    }

    /// CPU time of all threads in a run.
    pub(crate) fn cpu(&self) -> Option<CpuTime> {
        median_cpu(self.timed().iter().map(|run| run.work().cpu))
    }

    /// Whether all these times can be believed. Only one thread at a time knows what its wall time
    /// should be.
    pub(crate) fn noise(&self, timing: Timing) -> Option<Noise> {
        let spent = |run: &RunCost| match timing {
            Timing::Concurrent { .. } => Spent { wall: run.latency, cpu: None },
            Timing::Isolated { .. } => run.work(),
        };
        Noise::of(&self.timed().iter().map(spent).collect::<Vec<_>>())
    }

    /// What each shard did. Rows are counted in the last phase, which each run ends with.
    pub(crate) fn figures(&self, shards: impl Iterator<Item = ShardId>) -> Vec<ShardFigures> {
        shards.map(|shard| self.shard_figures(shard)).collect()
    }

    fn shard_figures(&self, shard: ShardId) -> ShardFigures {
        let costs = || self.timed().first().into_iter().flat_map(|run| run.of_shard(shard));
        let (files, stats) =
            costs().last().map_or_else(Default::default, |cost| (cost.files, cost.stats));
        let spent = |run: &RunCost| run.of_shard(shard).map(|cost| cost.spent).sum::<Spent>();
        ShardFigures {
            shard,
            files,
            row_groups: stats.row_groups,
            rows: stats.rows,
            bytes: costs().map(|cost| cost.stats.bytes).sum(),
            service: RepeatedTime::of(
                spent(&self.first).wall,
                self.timed.iter().map(|run| spent(run).wall),
            ),
            cpu: median_cpu(self.timed().iter().map(|run| spent(run).cpu)),
        }
    }

    /// What it took to merge what shards found, in all phases: the median of the timed runs.
    pub(crate) fn merge(&self) -> MeasuredTime {
        let of_run = |run: &RunCost| run.phases.iter().map(|phase| phase.merge.wall).sum();
        MeasuredTime::median(self.timed().iter().map(of_run))
    }

    /// The latency with one worker a shard: a phase takes as long as its slowest shard, then its
    /// merge. Model: shards share nothing, and telling a worker what to do takes no time, the list of
    /// split ids included.
    ///
    /// Every time in it is the median of the timed runs, so that a shard which was disturbed in one
    /// of them is not the slowest for it.
    pub(crate) fn modelled_latency(&self) -> ModelledTime {
        let phases = self.timed().first().map_or(0, |run| run.phases.len());
        let phase = |number: usize| {
            let repeats = || self.timed().iter().filter_map(move |run| run.phases.get(number));
            let shards = repeats().next().map_or(0, |phase| phase.shards.len());
            let median = |shard: usize| {
                let costs = repeats().filter_map(|phase| phase.shards.get(shard));
                MeasuredTime::median(costs.map(|cost| cost.spent.wall))
            };
            let slowest = (0..shards).map(median).max().unwrap_or_default();
            slowest.ns() + MeasuredTime::median(repeats().map(|phase| phase.merge.wall)).ns()
        };
        ModelledTime::from_ns((0..phases).map(phase).sum())
    }
}

impl RunCost {
    /// All the work of the run, whoever did it.
    fn work(&self) -> Spent {
        let phase = |phase: &PhaseCost| {
            phase.shards.iter().map(|cost| cost.spent).chain([phase.merge]).sum::<Spent>()
        };
        self.phases.iter().map(phase).chain([self.preparation]).sum()
    }

    /// What one shard did, phase by phase.
    fn of_shard(&self, shard: ShardId) -> impl Iterator<Item = &ShardCost> {
        self.phases.iter().filter_map(move |phase| phase.shards.get(shard.index()))
    }
}

fn median_cpu(times: impl Iterator<Item = Option<CpuTime>>) -> Option<CpuTime> {
    times.collect::<Option<Vec<_>>>().map(CpuTime::median)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A piece of work that took so long, half of it on the processor.
    fn spent(ns: u64) -> Spent {
        Spent { wall: MeasuredTime::from_ns(ns), cpu: Some(CpuTime::from_ns(ns / 2)) }
    }

    fn phase(shards_ns: &[u64], merge_ns: u64) -> PhaseCost {
        let cost = |&ns: &u64| {
            let stats = ScanStats { rows: 10, bytes: 100, ..ScanStats::default() };
            ShardCost { files: 1, stats, spent: spent(ns) }
        };
        PhaseCost { shards: shards_ns.iter().map(cost).collect(), merge: spent(merge_ns) }
    }

    fn run(phases: Vec<PhaseCost>) -> RunCost {
        RunCost { latency: MeasuredTime::from_ns(1_000), preparation: Spent::NONE, phases }
    }

    fn figures(costs: &Costs) -> Vec<ShardFigures> {
        costs.figures(hotshard_store::ShardCount::new(2).unwrap().shards())
    }

    #[test]
    fn the_model_waits_for_the_slowest_shard_of_every_phase() {
        let first = run(vec![phase(&[10, 70], 2), phase(&[50, 20], 4)]);
        let costs = Costs { first, timed: Vec::new() };
        assert_eq!(costs.modelled_latency(), ModelledTime::from_ns(70 + 2 + 50 + 4));
        assert_eq!(costs.cpu(), Some(CpuTime::from_ns(5 + 35 + 1 + 25 + 10 + 2)));
        let figures = figures(&costs);
        let service: Vec<u64> = figures.iter().map(|shard| shard.service.median.ns()).collect();
        assert_eq!(service, [60, 90]);
        assert!(figures.iter().all(|shard| (shard.rows, shard.bytes) == (10, 200)));
    }

    #[test]
    fn repeats_are_judged_by_their_medians_and_the_first_run_is_none_of_them() {
        let once = |ns| run(vec![phase(&[ns, 5], ns)]);
        let costs = Costs { first: once(900), timed: vec![once(90), once(10), once(20)] };
        assert_eq!(costs.modelled_latency(), ModelledTime::from_ns(20 + 20));
        let shards = figures(&costs);
        let service = shards[0].service;
        let told = [service.first, service.best, service.median, service.worst];
        assert_eq!(told.map(MeasuredTime::ns), [900, 10, 20, 90]);
        assert_eq!(shards[0].cpu, Some(CpuTime::from_ns(10)));
        assert_eq!(costs.cpu(), Some(CpuTime::from_ns(10 + 2 + 10)));
    }

    #[test]
    fn only_isolated_runs_are_suspected_of_waiting() {
        let costs = Costs { first: run(vec![phase(&[500, 400], 100)]), timed: Vec::new() };
        assert_eq!(costs.noise(Timing::isolated()), Some(Noise::Waited { percent: 100 }));
        assert_eq!(costs.noise(Timing::concurrent()), None);
    }

    #[test]
    fn without_a_cpu_clock_there_is_no_cpu_time() {
        let mut first = run(vec![phase(&[10, 70], 2)]);
        first.phases[0].merge.cpu = None;
        let costs = Costs { first, timed: Vec::new() };
        assert_eq!((costs.cpu(), costs.noise(Timing::isolated())), (None, None));
        assert!(figures(&costs).iter().all(|shard| shard.cpu.is_some()));
    }
}
