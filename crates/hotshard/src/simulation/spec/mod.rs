//! What an experiment by models varies.

mod check;
mod error;
mod wire;

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use hotshard_sim::{Policy, Servers, ServiceLaw, ServiceModel};
use hotshard_workload::{RngSeed, WorkloadSpec};
use serde::{Deserialize, Serialize};

use crate::{Calibration, MergeModel};

pub use error::SpecError;

/// An experiment by models, as data: workloads × shards × policies, under several rng seeds, and the
/// latency of queries over what comes of it.
///
/// [`ExperimentSpec::read`] takes it from a TOML file, whose grammar docs/experiments.md has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExperimentSpec {
    /// What it is called.
    pub name: String,
    /// What it shows.
    pub about: Option<String>,
    /// What every random choice comes from: repeat number i runs under its child number i.
    pub rng_seed: RngSeed,
    /// The streams of events.
    pub workloads: Vec<NamedWorkload>,
    /// What is tried on them.
    pub grids: Vec<Grid>,
    /// How long queries take over the shards of each cell, if that is asked.
    pub latency: Option<LatencyGrid>,
    /// Queries over equal shards, for what theory knows of them.
    pub fan_outs: Vec<FanOut>,
    /// Figures of others, to be held against ours.
    pub published: Vec<Published>,
}

/// A stream of events and its name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedWorkload {
    /// What grids and frames call it.
    pub name: String,
    /// Where its keys come from.
    pub keys: WorkloadKeys,
}

/// Where the keys of a workload come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub enum WorkloadKeys {
    /// From a synthetic stream, drawn anew under each rng seed.
    Synthetic(WorkloadSpec),
    /// From files of events, folders or globs.
    Inputs(Vec<PathBuf>),
    /// From a store. It has lost the order of its events, so they are taken in a random one.
    Store(PathBuf),
}

/// How a stream is modelled.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ModelLevel {
    /// By the counts of keys: the heavy ones one by one, the others as a whole. Any size.
    #[default]
    Fluid,
    /// Event by event.
    Events,
}

/// Combinations to try: each workload with each number of shards and each policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grid {
    /// Names of workloads; all of them where there are none.
    pub workloads: Vec<String>,
    /// Numbers of shards.
    pub shards: Vec<NonZeroU32>,
    /// Policies, remedies among them.
    pub policies: Vec<Policy>,
    /// Numbers of senders that share the stream and know nothing of each other; counts at event level
    /// and for policies that look at loads.
    pub sources: Vec<NonZeroU32>,
    /// How.
    pub level: ModelLevel,
    /// Under how many rng seeds.
    pub seeds: NonZeroU32,
}

/// Queries over the shards of each cell, under the rng seed whose max/mean is the median one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LatencyGrid {
    /// Names of workloads whose cells are queried; all of them where there are none.
    pub workloads: Vec<String>,
    /// The time a shard takes.
    pub service: ServiceModel,
    /// Bytes that a query reads of each row.
    pub bytes_per_row: f64,
    /// What the merge takes after the last shard.
    pub merge: MergeModel,
    /// How the time of a task varies.
    pub law: ServiceLaw,
    /// Who works on shards.
    pub servers: Vec<Servers>,
    /// How many queries come, as shares of what equally full shards could answer, above 0. Cells of
    /// one workload and number of shards so get the same queries, and a hot shard may not keep up.
    pub loads: Vec<f64>,
    /// Queries a run, the warm-up among them.
    pub queries: u64,
    /// When queries come, in nanoseconds, instead of at random; then there are no loads.
    pub arrivals: Option<Vec<u64>>,
}

/// Queries over equal shards.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FanOut {
    /// What frames call it, in the place of a workload.
    pub name: String,
    /// Number of shards.
    pub shards: NonZeroU32,
    /// Mean service time of each shard, in nanoseconds.
    pub service_ns: f64,
    /// How it varies.
    pub law: ServiceLaw,
    /// Who works on them.
    pub servers: Servers,
    /// Shares of its time that the busiest server works, from 0 to below 1.
    pub utilisations: Vec<f64>,
    /// Queries a run, the warm-up among them.
    pub queries: u64,
    /// The share of queries slower than this many mean service times is told.
    pub slower_than: Option<f64>,
}

/// A figure that somebody published.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Published {
    /// Who and where.
    pub source: String,
    /// What it is a figure of.
    pub what: String,
    /// Which cell of ours it is held against: columns of the frame and their values.
    pub cell: Vec<(String, String)>,
    /// Another cell, by whose figure ours is divided.
    pub over: Option<Vec<(String, String)>>,
    /// Our figure: a column of the balance or the latency frame.
    pub figure: String,
    /// The published value.
    pub value: f64,
    /// The least that agrees with it.
    pub low: f64,
    /// The most that agrees with it.
    pub high: f64,
}

impl ExperimentSpec {
    /// A spec with nothing to try.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            about: None,
            rng_seed: RngSeed::DEFAULT,
            workloads: Vec::new(),
            grids: Vec::new(),
            latency: None,
            fan_outs: Vec::new(),
            published: Vec::new(),
        }
    }

    /// The spec in a TOML file. Paths in it are relative to the file.
    ///
    /// # Errors
    /// When the file cannot be read, is no such spec, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self, SpecError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SpecError::Unreadable { path: path.to_owned(), source })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        wire::parse(&text, folder).map_err(|error| error.in_file(path))
    }

    /// The spec in this text. Paths in it are relative to the folder.
    ///
    /// # Errors
    /// When it is no such spec, or contradicts itself.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, SpecError> {
        wire::parse(text, folder)
    }

    /// With one more synthetic workload.
    #[must_use]
    pub fn workload(self, name: impl Into<String>, spec: WorkloadSpec) -> Self {
        self.keys(name, WorkloadKeys::Synthetic(spec))
    }

    /// With one more workload.
    #[must_use]
    pub fn keys(mut self, name: impl Into<String>, keys: WorkloadKeys) -> Self {
        self.workloads.push(NamedWorkload { name: name.into(), keys });
        self
    }

    /// With more to try.
    #[must_use]
    pub fn grid(mut self, grid: Grid) -> Self {
        self.grids.push(grid);
        self
    }

    /// With queries.
    #[must_use]
    pub fn latency(self, latency: LatencyGrid) -> Self {
        Self { latency: Some(latency), ..self }
    }

    /// Under this rng seed.
    #[must_use]
    pub fn rng_seed(self, rng_seed: RngSeed) -> Self {
        Self { rng_seed, ..self }
    }

    /// Whether it can be run.
    ///
    /// # Errors
    /// The first contradiction, with its values.
    pub fn validate(&self) -> Result<(), SpecError> {
        check::all(self)
    }
}

impl Default for Grid {
    /// `hash` over 64 shards at the fluid level, under 20 seeds, for all workloads.
    fn default() -> Self {
        Self {
            workloads: Vec::new(),
            shards: NonZeroU32::new(64).into_iter().collect(),
            policies: vec![Policy::Hash],
            sources: vec![NonZeroU32::MIN],
            level: ModelLevel::default(),
            seeds: Self::SEEDS,
        }
    }
}

impl Grid {
    /// Seeds where nothing is said.
    pub const SEEDS: NonZeroU32 = NonZeroU32::new(20).unwrap();

    /// On these workloads.
    #[must_use]
    pub fn workloads<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        Self { workloads: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// Over so many shards each.
    #[must_use]
    pub fn shards(self, shards: impl IntoIterator<Item = NonZeroU32>) -> Self {
        Self { shards: shards.into_iter().collect(), ..self }
    }

    /// Under these policies.
    #[must_use]
    pub fn policies(self, policies: impl IntoIterator<Item = Policy>) -> Self {
        Self { policies: policies.into_iter().collect(), ..self }
    }

    /// At this level.
    #[must_use]
    pub fn level(self, level: ModelLevel) -> Self {
        Self { level, ..self }
    }

    /// Under so many rng seeds.
    #[must_use]
    pub fn seeds(self, seeds: NonZeroU32) -> Self {
        Self { seeds, ..self }
    }
}

impl LatencyGrid {
    /// Queries a run where nothing is said: enough for the 99th percentile.
    pub const QUERIES: u64 = 20_000;
    /// Loads where nothing is said.
    pub const LOADS: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];

    /// Queries at random over shards with this service time, with a server a shard, under the usual
    /// loads.
    #[must_use]
    pub fn new(service: ServiceModel) -> Self {
        Self {
            workloads: Vec::new(),
            service,
            bytes_per_row: 0.0,
            merge: MergeModel::default(),
            law: ServiceLaw::Fixed,
            servers: vec![Servers::OnePerShard],
            loads: Self::LOADS.to_vec(),
            queries: Self::QUERIES,
            arrivals: None,
        }
    }
}

impl LatencyGrid {
    /// The same for one of a calibration's counts, or for all of them, one after another. A single
    /// count varies as its residuals do.
    ///
    /// # Errors
    /// When the calibration has no such count.
    pub fn calibrated(calibration: &Calibration, count: Option<&str>) -> Result<Self, SpecError> {
        let Some(name) = count else {
            let usual = Self::new(calibration.all_counts());
            let bytes_per_row = calibration.bytes_per_row();
            return Ok(Self { bytes_per_row, merge: calibration.all_merges(), ..usual });
        };
        let fit = calibration.count(name).ok_or_else(|| {
            let known = calibration.counts.iter().map(|count| count.name.as_str());
            let known = known.collect::<Vec<_>>().join(", ");
            SpecError::UnknownCount { name: name.to_owned(), known }
        })?;
        let usual = Self::new(fit.service);
        Ok(Self { bytes_per_row: fit.bytes_per_row, law: fit.law(), merge: fit.merge, ..usual })
    }
}

impl LatencyGrid {
    /// Whether the cells of this workload are queried.
    pub(super) fn asks(&self, workload: &str) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|name| name == workload)
    }
}

impl ModelLevel {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fluid => "fluid",
            Self::Events => "events",
        }
    }
}

impl std::fmt::Display for ModelLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for ModelLevel {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        match text {
            "fluid" => Ok(Self::Fluid),
            "events" => Ok(Self::Events),
            _ => Err(SpecError::Level { given: text.to_owned() }),
        }
    }
}
