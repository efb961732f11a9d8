//! What an experiment by models came to.

use std::num::NonZeroU32;
use std::path::PathBuf;

use hotshard_query::MeasuredTime;
use hotshard_sim::{Distribution, LatencyReport, Locality, Policy, Servers, ServiceLaw};

use super::figures::SeedFigures;
use super::spec::{ExperimentSpec, ModelLevel, Published};

/// Everything that came of an experiment by models.
#[derive(Debug, Clone)]
pub struct SimulationReport {
    /// What was asked.
    pub spec: ExperimentSpec,
    /// The balance of each combination, in the order of the spec.
    pub cells: Vec<CellOutcome>,
    /// Queries over the shards of the cells.
    pub latencies: Vec<LatencyOutcome>,
    /// Queries over equal shards.
    pub fan_outs: Vec<FanOutOutcome>,
    /// Our figures beside the published ones.
    pub comparisons: Vec<Comparison>,
    /// Records of input files that are no events, with which nothing was done.
    pub rejected: u64,
    /// Repeats that were taken from an earlier run that was interrupted.
    pub resumed: u64,
    /// How long it took.
    pub elapsed: MeasuredTime,
}

/// One combination of workload, level, shards and policy.
#[derive(Debug, Clone, PartialEq)]
pub struct CellOutcome {
    /// The workload's name.
    pub workload: String,
    /// How it was modelled.
    pub level: ModelLevel,
    /// Number of shards.
    pub shards: NonZeroU32,
    /// The policy.
    pub policy: Policy,
    /// How many senders shared the stream.
    pub sources: NonZeroU32,
    /// Where the rows of an id are.
    pub locality: Locality,
    /// The figures of each repeat, in the order of their numbers.
    pub repeats: Vec<SeedFigures>,
    /// Rows of each shard in the repeat whose max/mean is the median one.
    pub rows: Vec<u64>,
    /// Which repeat that is.
    pub rows_of_repeat: u32,
}

/// Queries over the shards of a cell.
#[derive(Debug, Clone)]
pub struct LatencyOutcome {
    /// Which cell of the report.
    pub cell: usize,
    /// Who works on shards.
    pub servers: Servers,
    /// How many queries come, as a share of what equally full shards could answer; none for given
    /// times.
    pub load: Option<f64>,
    /// Queries a second.
    pub queries_per_second: f64,
    /// The rate from which queues grow for ever, in queries a second.
    pub saturation_per_second: f64,
    /// The latency of a query that is alone, in nanoseconds.
    pub modelled_idle_ns: f64,
    /// The same if all shards were equally full.
    pub modelled_even_ns: f64,
    /// What the run came to; none past saturation, where latency is whatever the length of the run
    /// makes it.
    pub report: Option<LatencyReport>,
}

/// Queries over equal shards.
#[derive(Debug, Clone)]
pub struct FanOutOutcome {
    /// Its name.
    pub name: String,
    /// Number of shards.
    pub shards: NonZeroU32,
    /// Who works on them.
    pub servers: Servers,
    /// How the service time varies.
    pub law: ServiceLaw,
    /// The share of its time that the busiest server works.
    pub utilisation: f64,
    /// What the run came to.
    pub report: LatencyReport,
    /// The share of queries slower than asked for.
    pub slower_share: Option<f64>,
}

/// A published figure and ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What was published.
    pub published: Published,
    /// Ours; none where our cell has no such figure.
    pub ours: Option<f64>,
    /// Between which our repeats, or our confidence interval, lie.
    pub between: Option<(f64, f64)>,
}

/// What went wrong while results were written or taken up again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A journal cannot be read.
    #[error("cannot read the journal {}", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another run has the journal.
    #[error("another run is using {}; wait for its end, or give another folder", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The journal is one of something else.
    #[error(
        "{} is of another spec, of other events, or of another version of this program; give another \
         folder, or remove it to begin anew",
        path.display()
    )]
    OtherSpec {
        /// The file.
        path: PathBuf,
    },
}

impl CellOutcome {
    /// The policy, and how many senders shared the stream if there were several.
    #[must_use]
    pub fn policy_and_sources(&self) -> String {
        match self.sources.get() {
            1 => self.policy.to_string(),
            sources => format!("{}, {sources} sources", self.policy),
        }
    }

    /// Max/mean over the repeats.
    #[must_use]
    pub fn max_over_mean(&self) -> Option<Distribution> {
        self.distribution(|figures| Some(figures.max_over_mean))
    }

    /// Rows that a remedy spread, in the repeat whose rows are kept.
    pub(super) fn spread(&self) -> u64 {
        let place = usize::try_from(self.rows_of_repeat).unwrap_or(usize::MAX);
        self.repeats.get(place).map_or(0, |figures| figures.remedied)
    }

    /// A figure over the repeats; none if some repeat lacks it.
    pub fn distribution(
        &self,
        figure: impl Fn(&SeedFigures) -> Option<f64>,
    ) -> Option<Distribution> {
        let figures: Option<Vec<f64>> = self.repeats.iter().map(figure).collect();
        Distribution::of(figures?)
    }

    /// The mean of a figure over the repeats; none if some repeat lacks it.
    pub fn mean(&self, figure: impl Fn(&SeedFigures) -> Option<f64>) -> Option<f64> {
        self.distribution(figure).map(|repeats| repeats.mean())
    }
}

impl Comparison {
    /// Whether ours lies where the published figure allows.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let range = self.published.low..=self.published.high;
        self.ours.is_some_and(|ours| range.contains(&ours))
    }
}
