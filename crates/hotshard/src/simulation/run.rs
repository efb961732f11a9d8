//! Running an experiment by models.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hotshard_query::Stopwatch;
use hotshard_sim::Balance;
use hotshard_workload::{RngSeed, mix64};
use rayon::prelude::*;

use super::cells::{self, Cell, Unit};
use super::figures::SeedFigures;
use super::journal::{Done, Journal};
use super::keys::Keys;
use super::outcome::{CellOutcome, SimulationReport};
use super::spec::{ExperimentSpec, ModelLevel};
use super::{comparisons, latencies};
use crate::{Error, MemoryBudget};

/// How far an experiment by models has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulationProgress {
    /// Steps that are done: a cell under one seed each, and a run of queries each.
    pub done: u64,
    /// All steps.
    pub steps: u64,
}

type OnProgress = dyn Fn(SimulationProgress) + Send + Sync;

/// Runs an [`ExperimentSpec`].
///
/// Each repeat of each workload is a piece of work of its own, on as many threads as there are; the
/// answer depends on the spec alone.
///
/// ```
/// use std::num::NonZeroU32;
///
/// use hotshard::{ExperimentSpec, Grid, IdDistribution, Policy, Simulation, WorkloadSpec};
///
/// // 10¹² events of 10⁹ ids, and one that a fifth of them come under.
/// let stream = WorkloadSpec::new(1_000_000_000_000)
///     .users(1_000_000_000, IdDistribution::Zipf { s: 0.8 })
///     .heavy("user_id", 0.2);
/// let policies: Vec<Policy> = ["hash", "split@0.2N/n"].map(|word| word.parse().expect("a policy")).into();
/// let spec = ExperimentSpec::new("a static id")
///     .workload("static", stream)
///     .grid(Grid::default().shards(NonZeroU32::new(3_200)).policies(policies));
///
/// let report = Simulation::of(spec).run()?;
/// let max_over_mean = |cell: usize| report.cells[cell].max_over_mean().expect("a number").mean();
/// assert!((600.0..800.0).contains(&max_over_mean(0)), "a fifth of the events in one of 3 200 shards");
/// assert!(max_over_mean(1) < 3.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Simulation {
    spec: ExperimentSpec,
    journal: Option<PathBuf>,
    memory: MemoryBudget,
    on_progress: Option<Arc<OnProgress>>,
}

impl Simulation {
    /// The experiment of this spec.
    #[must_use]
    pub fn of(spec: ExperimentSpec) -> Self {
        Self { spec, journal: None, memory: MemoryBudget::DEFAULT, on_progress: None }
    }

    /// A file that keeps what is done. An interrupted run of the same spec goes on where it was.
    #[must_use]
    pub fn journal(self, path: impl Into<PathBuf>) -> Self {
        Self { journal: Some(path.into()), ..self }
    }

    /// The memory budget of what is read or drawn event by event.
    #[must_use]
    pub fn memory(self, memory: MemoryBudget) -> Self {
        Self { memory, ..self }
    }

    /// A function to tell how far it has come.
    #[must_use]
    pub fn on_progress(self, tell: impl Fn(SimulationProgress) + Send + Sync + 'static) -> Self {
        Self { on_progress: Some(Arc::new(tell)), ..self }
    }

    /// Runs everything, on the current rayon pool.
    ///
    /// # Errors
    /// When the spec contradicts itself, or asks for what a model cannot do; when an input or a
    /// store cannot be read; when the journal is one of another spec, or cannot be written.
    pub fn run(&self) -> Result<SimulationReport, Error> {
        let stopwatch = Stopwatch::start();
        let spec = &self.spec;
        spec.validate()?;
        let cells = cells::of(spec);
        let keys = self.prepare(&cells)?;
        let labels: Vec<String> = cells.iter().map(|cell| cell.label(&spec.workloads)).collect();
        let (journal, mut done) = match &self.journal {
            None => (None, Done::new()),
            Some(path) => {
                let events = keys.iter().map(Keys::digest).fold(0, |all, own| mix64(all ^ own));
                let (journal, done) = Journal::open(path, spec, events)?;
                (Some(Mutex::new(journal)), done)
            }
        };
        let wanted = || {
            cells
                .iter()
                .enumerate()
                .flat_map(|(at, cell)| (0..cell.seeds.get()).map(move |repeat| (at, repeat)))
        };
        let label = |at: usize| labels.get(at).cloned().unwrap_or_default();
        let missing: Vec<(usize, u32)> =
            wanted().filter(|&(at, repeat)| !done.contains_key(&(label(at), repeat))).collect();
        let resumed = (wanted().count() - missing.len()) as u64;
        let steps = Steps::new(
            self,
            missing.len() as u64 + cells.len() as u64 + latencies::runs(spec, names(spec, &cells)),
        );
        let units = cells::units(&cells, missing.into_iter());
        let fresh = in_batches(&units, |unit| {
            let figures = |balance: &Balance| SeedFigures::from(balance);
            let repeats = try_unit(spec, &keys, &cells, unit, figures)?;
            steps.add(repeats.len() as u64);
            if let Some(journal) = &journal {
                let lines = repeats.iter().filter_map(|&(at, repeat, figures)| {
                    Some((labels.get(at)?.as_str(), repeat, figures))
                });
                journal.lock().unwrap_or_else(PoisonError::into_inner).add(lines)?;
            }
            Ok(repeats)
        })?;
        done.extend(
            fresh.into_iter().flatten().map(|(at, repeat, figures)| ((label(at), repeat), figures)),
        );
        let outcomes = with_rows(spec, &keys, &cells, &|at| repeats_of(&label(at), &done), &steps)?;
        let latencies = latencies::of_cells(spec, &outcomes, || steps.add(1))?;
        let fan_outs = latencies::of_fan_outs(spec, || steps.add(1))?;
        let mut report = SimulationReport {
            spec: spec.clone(),
            cells: outcomes,
            latencies,
            fan_outs,
            comparisons: Vec::new(),
            rejected: keys.iter().map(Keys::rejected).sum(),
            resumed,
            elapsed: stopwatch.elapsed(),
        };
        report.comparisons = comparisons::of(&report);
        report.elapsed = stopwatch.elapsed();
        Ok(report)
    }

    /// Reads what there is to read.
    fn prepare(&self, cells: &[Cell]) -> Result<Vec<Keys>, Error> {
        let threads = rayon::current_num_threads();
        let levels = |workload: usize| -> Vec<ModelLevel> {
            let own = cells.iter().filter(|cell| cell.workload == workload);
            own.map(|cell| cell.level).collect()
        };
        let workloads = self.spec.workloads.iter().enumerate();
        workloads
            .map(|(at, workload)| Keys::prepare(workload, &levels(at), self.memory, threads))
            .collect()
    }
}

impl std::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulation").field("spec", &self.spec).finish_non_exhaustive()
    }
}

/// Does something with every unit, in parallel. Where streams are drawn event by event, no more are
/// begun than there are threads: a thread that waits for a part of its stream would begin another one.
fn in_batches<T: Send>(
    units: &[Unit],
    of_unit: impl Fn(&Unit) -> Result<T, Error> + Sync,
) -> Result<Vec<T>, Error> {
    let are_drawn = units.iter().any(|unit| unit.level == ModelLevel::Events);
    let at_once = if are_drawn { rayon::current_num_threads() } else { units.len() };
    let mut all = Vec::with_capacity(units.len());
    for batch in units.chunks(at_once.max(1)) {
        let done: Vec<T> = batch.par_iter().map(&of_unit).collect::<Result<_, _>>()?;
        all.extend(done);
    }
    Ok(all)
}

/// One stream through its cells.
fn try_unit<T>(
    spec: &ExperimentSpec,
    keys: &[Keys],
    cells: &[Cell],
    unit: &Unit,
    keep: impl Fn(&Balance) -> T + Sync,
) -> Result<Vec<(usize, u32, T)>, Error>
where
    T: Send,
{
    let seed = spec.rng_seed.child(unit.repeat.into());
    let Some(keys) = keys.get(unit.workload) else { return Ok(Vec::new()) };
    let stream = keys.stream(unit.level, seed)?;
    unit.cells
        .par_iter()
        .filter_map(|&at| Some((at, cells.get(at)?)))
        .map(|(at, cell)| Ok((at, unit.repeat, keep(&stream.balance(cell, seed)?))))
        .collect()
}

/// The names of the cells' workloads.
fn names<'a>(spec: &'a ExperimentSpec, cells: &'a [Cell]) -> impl Iterator<Item = &'a str> {
    let workload = |cell: &Cell| spec.workloads.get(cell.workload);
    cells.iter().map(move |cell| workload(cell).map_or("", |workload| &workload.name))
}

/// The repeats of a cell, in their order.
fn repeats_of(label: &str, done: &Done) -> Vec<SeedFigures> {
    let of_cell = (label.to_owned(), 0)..=(label.to_owned(), u32::MAX);
    done.range(of_cell).map(|(_, figures)| *figures).collect()
}

/// The cells with the rows of the repeat whose max/mean is the median one. Rows are not kept while
/// repeats run: 3 200 shards times 200 seeds times hundreds of cells is too much.
fn with_rows(
    spec: &ExperimentSpec,
    keys: &[Keys],
    cells: &[Cell],
    repeats: &dyn Fn(usize) -> Vec<SeedFigures>,
    steps: &Steps,
) -> Result<Vec<CellOutcome>, Error> {
    let mut outcomes: Vec<CellOutcome> = Vec::with_capacity(cells.len());
    for (at, cell) in cells.iter().enumerate() {
        let mut repeats = repeats(at);
        // A journal may hold more than is asked for now.
        repeats.truncate(usize::try_from(cell.seeds.get()).unwrap_or(usize::MAX));
        outcomes.push(CellOutcome {
            workload: spec
                .workloads
                .get(cell.workload)
                .map_or_else(String::new, |workload| workload.name.clone()),
            level: cell.level,
            shards: cell.shards,
            policy: cell.policy,
            sources: cell.sources,
            locality: cell.policy.locality(),
            rows_of_repeat: median_repeat(&repeats),
            repeats,
            rows: Vec::new(),
        });
    }
    let wanted = outcomes.iter().enumerate().map(|(at, cell)| (at, cell.rows_of_repeat));
    let units = cells::units(cells, wanted);
    let rows = in_batches(&units, |unit| {
        let rows = try_unit(spec, keys, cells, unit, |balance| balance.rows.clone());
        steps.add(unit.cells.len() as u64);
        rows
    })?;
    let mut by_cell: BTreeMap<usize, Vec<u64>> =
        rows.into_iter().flatten().map(|(at, _, rows)| (at, rows)).collect();
    for (at, outcome) in outcomes.iter_mut().enumerate() {
        outcome.rows = by_cell.remove(&at).unwrap_or_default();
    }
    Ok(outcomes)
}

/// The repeat with the median max/mean; the lower one of two.
fn median_repeat(repeats: &[SeedFigures]) -> u32 {
    let mut order: Vec<(f64, u32)> =
        repeats.iter().zip(0..).map(|(figures, repeat)| (figures.max_over_mean, repeat)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    order.get(order.len().saturating_sub(1) / 2).map_or(0, |&(_, repeat)| repeat)
}

/// Counts steps and tells of them.
pub(super) struct Steps {
    done: AtomicU64,
    steps: u64,
    on_progress: Option<Arc<OnProgress>>,
}

impl Steps {
    fn new(simulation: &Simulation, steps: u64) -> Self {
        let on_progress = simulation.on_progress.clone();
        let new = Self { done: AtomicU64::new(0), steps, on_progress };
        new.add(0);
        new
    }

    fn add(&self, steps: u64) {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        if let Some(tell) = &self.on_progress {
            tell(SimulationProgress { done, steps: self.steps });
        }
    }
}

/// The seed of the queries of an experiment: one for all runs, so that cells answer the same ones.
pub(super) fn query_seed(spec: &ExperimentSpec) -> RngSeed {
    spec.rng_seed
}
