//! What can be wrong with a spec.

use std::path::{Path, PathBuf};

/// Why an experiment by models cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// The file is not there, or cannot be read.
    #[error("cannot read the spec {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What is wrong in a file.
    #[error("the spec {} cannot be run", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        error: Box<SpecError>,
    },
    /// Not TOML, or a field that no spec has.
    #[error("line {line}, column {column}: {message}")]
    Toml {
        /// The line, from 1.
        line: usize,
        /// The letter of the line, from 1.
        column: usize,
        /// Why.
        message: String,
    },
    /// Nothing to do.
    #[error("the spec has nothing to run; give it a [[workload]] and a [[grid]], or a [[fan_out]]")]
    Nothing,
    /// Streams that nothing is tried on, or the other way round.
    #[error("the spec has {has} but no {lacks}; add [[{lacks}]]")]
    Half {
        /// What there is.
        has: &'static str,
        /// What is missing.
        lacks: &'static str,
    },
    /// A workload without a name, or with that of another one.
    #[error(
        "two of the spec are called `{name}`; give each workload and fan-out a name of its own"
    )]
    SameName {
        /// The name.
        name: String,
    },
    /// A name that says nothing.
    #[error("{what} number {number} has no name; give it one, as in name = \"zipf\"")]
    NoName {
        /// Workload or fan-out.
        what: &'static str,
        /// Which, from 1.
        number: usize,
    },
    /// Keys from two places at once, or from nowhere.
    #[error(
        "the workload `{name}` takes its keys from {given}; give it either `input`, or `store`, or \
         the fields of a synthetic stream"
    )]
    Keys {
        /// Which workload.
        name: String,
        /// What it has.
        given: String,
    },
    /// A synthetic stream that cannot be.
    #[error("the workload `{name}` cannot be made")]
    Workload {
        /// Which.
        name: String,
        /// Why.
        source: hotshard_workload::WorkloadError,
    },
    /// A field of a synthetic stream that is none.
    #[error("in the workload `{name}`: {message}")]
    WorkloadField {
        /// Which workload.
        name: String,
        /// Why.
        message: String,
    },
    /// A workload that is not there.
    #[error("{what} names the workload `{name}`, and there is {known}")]
    UnknownWorkload {
        /// Who does.
        what: String,
        /// The name.
        name: String,
        /// Those there are.
        known: String,
    },
    /// A grid that varies nothing in one direction.
    #[error("grid {grid} has no {what}; give at least one")]
    EmptyGrid {
        /// Which, from 1.
        grid: usize,
        /// What is missing.
        what: &'static str,
    },
    /// Thresholds without remedies, or the other way round.
    #[error(
        "grid {grid} has {has} without {lacks}; give both, as in remedies = [\"split\"] and \
         thresholds = [200000, \"0.2N/n\"]"
    )]
    HalfRemedy {
        /// Which grid, from 1.
        grid: usize,
        /// What there is.
        has: &'static str,
        /// What is missing.
        lacks: &'static str,
    },
    /// A word that is no level.
    #[error("`{given}` is no level; write fluid or events")]
    Level {
        /// What was written.
        given: String,
    },
    /// More events than there is memory for.
    #[error(
        "the workload `{name}` has {events} events, and event by event {most} fit in the memory \
         budget; take level = \"fluid\" for it, or raise --memory"
    )]
    TooManyEvents {
        /// Which workload.
        name: String,
        /// Its events.
        events: u64,
        /// The most.
        most: u64,
    },
    /// A store of which a part cannot be read.
    #[error(
        "the store {} has {files} damaged files, the first of them {first}; mend it first, for what it \
         lacks would be taken for even",
        folder.display()
    )]
    DamagedStore {
        /// The store.
        folder: PathBuf,
        /// The first of its damaged files.
        first: String,
        /// How many there are.
        files: usize,
    },
    /// A store with more events than there is memory for.
    #[error(
        "the store has more events than fit in the memory budget event by event; take level = \
         \"fluid\" for it, or raise --memory"
    )]
    StoreTooLarge,
    /// A number of the latency model that cannot be.
    #[error("{what} is {given}; give {wanted}")]
    Number {
        /// What it is.
        what: String,
        /// What was given.
        given: String,
        /// What would do.
        wanted: &'static str,
    },
    /// No service time.
    #[error(
        "[latency] must say how long a shard takes, in one of two ways: calibration = \"FILE\", made by \
         hotshard calibrate, or service = {{ base_ns = 50000, row_ns = 2, byte_ns = 0 }}"
    )]
    NoService,
    /// A count where there is no calibration to have it.
    #[error(
        "[latency] has `count` beside `service`; give calibration = \"FILE\" with it, or leave it out"
    )]
    CountOfService,
    /// Given arrival times that go backwards.
    #[error("the arrival time {later} stands after {earlier}; sort the file")]
    ArrivalOrder {
        /// The one before, in nanoseconds.
        earlier: u64,
        /// The one that is too early, in nanoseconds.
        later: u64,
    },
    /// A calibration that cannot be used.
    #[error("[latency] has a calibration that cannot be used")]
    Calibration {
        /// Why.
        source: Box<crate::Error>,
    },
    /// A count that the calibration does not have.
    #[error("the calibration has no count `{name}`; it has {known}")]
    UnknownCount {
        /// What was written.
        name: String,
        /// Those it has.
        known: String,
    },
    /// A published figure that nothing of ours can be held against.
    #[error(
        "the published figure \"{what}\" of {source_name} is held against {matches} of our cells; \
         its `where` must fit exactly one"
    )]
    PublishedCell {
        /// Which.
        what: String,
        /// By whom.
        source_name: String,
        /// How many cells fit.
        matches: usize,
    },
    /// A column that no frame has.
    #[error("no frame has a column `{name}`; there is {known}")]
    UnknownColumn {
        /// What was written.
        name: String,
        /// Those there are.
        known: String,
    },
    /// Arrival times that are none.
    #[error("{}: `{given}` is no arrival time; give whole nanoseconds, one a line", path.display())]
    Arrivals {
        /// The file.
        path: PathBuf,
        /// What was found.
        given: String,
    },
}

impl SpecError {
    /// The same, with the file in which it is.
    pub(super) fn in_file(self, path: &Path) -> Self {
        match self {
            Self::Unreadable { .. } => self,
            error => Self::InFile { path: path.to_owned(), error: Box::new(error) },
        }
    }
}
