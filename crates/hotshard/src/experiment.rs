//! Before and after: the same events under several shard counts, thresholds and remedies.

mod cost;
pub(crate) mod counts;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hotshard_event::{Remedy, Skew, Threshold};
use hotshard_ingest::source::Input;
use hotshard_query::{MeasuredTime, ModelledTime, Noise, Repeats};
use hotshard_store::{Settings, ShardCount, Store};

pub use cost::AnalysisCost;
pub use counts::{FIXED_COUNTS, TrialCount, fixed_counts};

use crate::{Error, Ingest, IngestSummary, MemoryBudget};
use cost::Baseline;

/// Where an experiment's stores live.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Stores {
    /// In a temporary folder, one at a time.
    #[default]
    Temporary,
    /// In this folder, one sub-folder a trial, kept.
    Keep(PathBuf),
}

/// How far an experiment has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExperimentProgress {
    /// Trials done.
    pub done: usize,
    /// Trials in all.
    pub trials: usize,
    /// What is being tried: shards, threshold, remedy.
    pub trial: String,
}

type OnProgress = dyn Fn(ExperimentProgress) + Send + Sync;

/// A grid of shard counts, thresholds and remedies, tried on the same events.
///
/// Each combination is ingested into a store of its own, and a fixed set of counts
/// ([`FIXED_COUNTS`]) is run on it, one shard at a time, so that service times are honest.
///
/// ```
/// use hotshard::{Experiment, Input, Remedy, ShardCount, Threshold};
///
/// let lines: String = (0..40)
///     .map(|n| {
///         let id = if n % 2 == 0 { "user_id".to_owned() } else { format!("id-{n}") };
///         format!(
///             r#"{{"event":"A","properties":{{"time":{},"distinct_id":"{id}"}}}}{}"#,
///             1_618_716_477 + n,
///             "\n"
///         )
///     })
///     .collect();
/// let report = Experiment::on(vec![Input::bytes("example", lines.into_bytes())])
///     .shards(vec![ShardCount::new(4)?])
///     .thresholds(vec![Threshold::new(5)])
///     .run()?;
/// let of = |remedy| report.trials.iter().find(|trial| trial.remedy == remedy).unwrap();
/// assert!(of(Remedy::Split).skew.max_over_mean < of(Remedy::Off).skew.max_over_mean);
/// assert_eq!(of(Remedy::Rename).cost.events_missing, 15);
/// assert_eq!(of(Remedy::Split).cost.events_missing, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Experiment {
    inputs: Vec<Input>,
    shards: Vec<ShardCount>,
    thresholds: Vec<Threshold>,
    remedies: Vec<Remedy>,
    stores: Stores,
    repeats: Repeats,
    memory: MemoryBudget,
    threads: Option<usize>,
    on_progress: Option<Arc<OnProgress>>,
}

/// What an experiment found.
#[derive(Debug, Clone)]
pub struct ExperimentReport {
    /// One trial a combination: by shards, then threshold, then remedy, as they were given, but
    /// `off` first and, since the threshold moves no row of it, once a number of shards.
    pub trials: Vec<Trial>,
    /// How long the experiment took.
    pub elapsed: MeasuredTime,
}

/// One combination and what came of it.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Number of shards.
    pub shards: ShardCount,
    /// Threshold T.
    pub threshold: Threshold,
    /// What happened to excess.
    pub remedy: Remedy,
    /// Its ingest.
    pub ingest: IngestSummary,
    /// Rows of each shard.
    pub rows: Vec<u64>,
    /// Balance of the rows.
    pub skew: Skew,
    /// The fixed counts, in the order of [`FIXED_COUNTS`].
    pub counts: Vec<TrialCount>,
    /// Measured time of the shard that needs longest for all the counts; medians, as all times of
    /// a trial.
    pub slowest_shard: MeasuredTime,
    /// Measured time of a shard for all the counts, in the mean.
    pub mean_shard: MeasuredTime,
    /// Modelled latency of all the counts, one after another, with one worker a shard.
    pub modelled_latency: ModelledTime,
    /// What analysis loses by the remedy.
    pub cost: AnalysisCost,
    /// The store, if it was kept.
    pub kept: Option<PathBuf>,
}

/// A combination to try.
#[derive(Debug, Clone, Copy)]
struct Combination {
    shards: ShardCount,
    threshold: Threshold,
    remedy: Remedy,
}

impl Trial {
    /// Measured time of each shard for all the counts; medians.
    #[must_use]
    pub fn service_per_shard(&self) -> Vec<MeasuredTime> {
        counts::total_per_shard(&self.counts, self.rows.len())
    }

    /// The first of the counts whose times should not be trusted, and why.
    #[must_use]
    pub fn noise(&self) -> Option<(&'static str, Noise)> {
        self.counts.iter().find_map(|count| Some((count.name, count.noise?)))
    }
}

impl Experiment {
    /// An experiment on these inputs: 64 shards, the default threshold, all remedies.
    ///
    /// Inputs are read once a combination, so standard input will not do; [`Experiment::run`] says
    /// so.
    #[must_use]
    pub fn on(inputs: Vec<Input>) -> Self {
        Self {
            inputs,
            shards: vec![ShardCount::DEFAULT],
            thresholds: vec![Threshold::DEFAULT],
            remedies: Remedy::ALL.to_vec(),
            stores: Stores::Temporary,
            repeats: Repeats::UNTIL_STEADY,
            memory: MemoryBudget::DEFAULT,
            threads: None,
            on_progress: None,
        }
    }

    /// Shard counts to try.
    #[must_use]
    pub fn shards(self, shards: Vec<ShardCount>) -> Self {
        Self { shards, ..self }
    }

    /// Thresholds to try.
    #[must_use]
    pub fn thresholds(self, thresholds: Vec<Threshold>) -> Self {
        Self { thresholds, ..self }
    }

    /// Remedies to try.
    #[must_use]
    pub fn remedies(self, remedies: Vec<Remedy>) -> Self {
        Self { remedies, ..self }
    }

    /// Where the stores live.
    #[must_use]
    pub fn stores(self, stores: Stores) -> Self {
        Self { stores, ..self }
    }

    /// How often each count is timed, one shard at a time; the median counts.
    #[must_use]
    pub fn repeats(self, repeats: Repeats) -> Self {
        Self { repeats, ..self }
    }

    /// The memory budget of the whole process.
    #[must_use]
    pub fn memory(self, memory: MemoryBudget) -> Self {
        Self { memory, ..self }
    }

    /// Number of threads for ingest.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: Some(threads), ..self }
    }

    /// A function to tell how far the experiment has come.
    #[must_use]
    pub fn on_progress(self, tell: impl Fn(ExperimentProgress) + Send + Sync + 'static) -> Self {
        Self { on_progress: Some(Arc::new(tell)), ..self }
    }

    /// Tries every combination.
    ///
    /// # Errors
    /// As [`Ingest::run`] and [`crate::CountQuery::run`]; when there is nothing to try; when two
    /// remedies that keep every event give different totals.
    pub fn run(&self) -> Result<ExperimentReport, Error> {
        let stopwatch = hotshard_query::Stopwatch::start();
        let combinations = self.combinations()?;
        let temporary = tempfile::Builder::new()
            .prefix("hotshard-experiment-")
            .tempdir()
            .map_err(|source| Error::Temporary { source })?;
        let mut trials = Vec::with_capacity(combinations.len());
        let mut baseline: Option<Baseline> = None;
        if !self.remedies.contains(&Remedy::Off) {
            // What a remedy costs is told against the untouched events.
            let first = combinations
                .first()
                .copied()
                .map(|first| Combination { remedy: Remedy::Off, ..first });
            if let Some(first) = first {
                let store = self.ingest(&first, &temporary.path().join("baseline"))?.1;
                baseline = Some(Baseline::of(&store.snapshot()?, self.memory)?);
                remove(store.root())?;
            }
        }
        for (done, combination) in combinations.iter().enumerate() {
            self.tell(done, combinations.len(), &combination.to_string());
            let name = combination.folder_name();
            let folder = match &self.stores {
                Stores::Temporary => temporary.path().join(name),
                Stores::Keep(folder) => folder.join(name),
            };
            trials.push(self.try_one(combination, &folder, &mut baseline)?);
        }
        self.tell(combinations.len(), combinations.len(), "");
        Ok(ExperimentReport { trials, elapsed: stopwatch.elapsed() })
    }

    /// Every combination, `off` before the others, since they are held against it. Without a
    /// remedy the threshold moves no row, so `off` is tried once a number of shards.
    fn combinations(&self) -> Result<Vec<Combination>, Error> {
        let missing = [
            (self.inputs.is_empty(), "input"),
            (self.shards.is_empty(), "number of shards"),
            (self.thresholds.is_empty(), "threshold"),
            (self.remedies.is_empty(), "remedy"),
        ];
        if let Some((_, missing)) = missing.into_iter().find(|(is_missing, _)| *is_missing) {
            return Err(Error::EmptyExperiment { missing });
        }
        if let Some(input) = self.inputs.iter().find(|input| !input.is_repeatable()) {
            return Err(Error::ReadOnce { name: input.name().to_owned() });
        }
        let mut remedies = self.remedies.clone();
        remedies.sort_by_key(|remedy| *remedy != Remedy::Off);
        let mut combinations = Vec::new();
        for &shards in &self.shards {
            for (number, &threshold) in self.thresholds.iter().enumerate() {
                let tried = |remedy: &&Remedy| number == 0 || **remedy != Remedy::Off;
                for &remedy in remedies.iter().filter(tried) {
                    combinations.push(Combination { shards, threshold, remedy });
                }
            }
        }
        Ok(combinations)
    }

    fn try_one(
        &self,
        combination: &Combination,
        folder: &Path,
        baseline: &mut Option<Baseline>,
    ) -> Result<Trial, Error> {
        let (ingest, store) = self.ingest(combination, folder)?;
        let snapshot = store.snapshot()?;
        let rows = snapshot.rows_per_shard();
        let counts = counts::run_all(&snapshot, self.repeats, self.memory)?;
        let here = Baseline::of(&snapshot, self.memory)?;
        let baseline = baseline.get_or_insert_with(|| here.clone());
        let cost = AnalysisCost::between(baseline, &here, combination.remedy)?;
        let kept = match self.stores {
            Stores::Temporary => {
                remove(folder)?;
                None
            }
            Stores::Keep(_) => Some(folder.to_path_buf()),
        };
        let per_shard = counts::total_per_shard(&counts, rows.len());
        let mean = per_shard.iter().map(|time| time.ns()).sum::<u64>() / rows.len().max(1) as u64;
        Ok(Trial {
            shards: combination.shards,
            threshold: combination.threshold,
            remedy: combination.remedy,
            ingest,
            skew: Skew::of(&rows),
            rows,
            slowest_shard: per_shard.into_iter().max().unwrap_or_default(),
            mean_shard: MeasuredTime::from_ns(mean),
            modelled_latency: counts::total_latency(&counts),
            counts,
            cost,
            kept,
        })
    }

    fn ingest(
        &self,
        combination: &Combination,
        folder: &Path,
    ) -> Result<(IngestSummary, Store), Error> {
        let settings = Settings {
            shards: Some(combination.shards),
            threshold: Some(combination.threshold),
            remedy: Some(combination.remedy),
            ..Settings::default()
        };
        let mut ingest = Ingest::into_store(folder).settings(settings).memory(self.memory);
        if let Some(threads) = self.threads {
            ingest = ingest.threads(threads);
        }
        let summary = ingest.run(&self.inputs)?;
        Ok((summary, Store::open(folder)?))
    }

    fn tell(&self, done: usize, trials: usize, trial: &str) {
        if let Some(tell) = &self.on_progress {
            tell(ExperimentProgress { done, trials, trial: trial.to_owned() });
        }
    }
}

impl Combination {
    fn folder_name(&self) -> String {
        format!("shards={}-threshold={}-remedy={}", self.shards, self.threshold, self.remedy)
    }
}

impl std::fmt::Display for Combination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} shards, T = {}, {}", self.shards, self.threshold, self.remedy)
    }
}

fn remove(folder: &Path) -> Result<(), Error> {
    std::fs::remove_dir_all(folder).map_err(|source| Error::Temporary { source })
}
