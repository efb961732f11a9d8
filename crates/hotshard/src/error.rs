//! What can go wrong in an ingest, a count or an experiment.

/// A failure, from whichever part it comes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input cannot be read.
    #[error(transparent)]
    Ingest(#[from] hotshard_ingest::Error),
    /// The store refuses or cannot.
    #[error(transparent)]
    Store(#[from] hotshard_store::Error),
    /// A count cannot be answered.
    #[error(transparent)]
    Query(#[from] hotshard_query::Error),
    /// A synthetic stream cannot be made.
    #[error(transparent)]
    Workload(#[from] hotshard_workload::WorkloadError),
    /// A model cannot be run.
    #[error(transparent)]
    Model(#[from] hotshard_sim::SimError),
    /// An experiment by models that cannot be run as it is written.
    #[error(transparent)]
    Spec(#[from] crate::SpecError),
    /// Results of an experiment by models cannot be written or taken up again.
    #[error(transparent)]
    Output(#[from] crate::OutputError),
    /// A calibration cannot be read, written or made.
    #[error(transparent)]
    Calibration(#[from] crate::CalibrationError),
    /// Text that is no target.
    #[error(
        "`{given}` is no target; write max/mean=1.2 or cv=0.1: the fullest shard over the mean \
         one, or the coefficient of variation of rows per shard"
    )]
    UnknownTarget {
        /// What was written.
        given: String,
    },
    /// A target that is more even than even.
    #[error(
        "no shards can be as even as `{given}`: all equally full is {least}; give a target above \
         that"
    )]
    ImpossibleTarget {
        /// What was written.
        given: String,
        /// What even shards have.
        least: &'static str,
    },
    /// A memory budget no ingest can keep.
    #[error(
        "a memory budget of {} MiB is too small; give at least {}",
        given_bytes >> 20,
        mebibytes(*minimum_bytes)
    )]
    BudgetTooSmall {
        /// What was given, in bytes.
        given_bytes: u64,
        /// The least, in bytes.
        minimum_bytes: u64,
    },
    /// The hot ids of the days being ingested do not fit into the budget.
    #[error(
        "the hot ids of the days at hand take {}, more than the {} that the memory budget leaves \
         for counting; give a larger budget, or a store with a higher threshold. What was \
         committed so far is in the store, and the same command goes on there",
        mebibytes(*needed_bytes),
        mebibytes(*share_bytes)
    )]
    TooManyHotIds {
        /// What they take, in bytes.
        needed_bytes: u64,
        /// What the budget leaves for counting, in bytes.
        share_bytes: u64,
    },
    /// Another thread of the ingest panicked, which is a bug of this program.
    #[error("the ingest was stopped: one of its threads failed; what was committed stays")]
    Stopped,
    /// Threads could not be started.
    #[error("cannot start {threads} threads")]
    Threads {
        /// How many.
        threads: usize,
        /// The cause.
        source: rayon::ThreadPoolBuildError,
    },
    /// A temporary file or folder cannot be used.
    #[error(
        "cannot use the temporary folder {}; free some space there, or set TMPDIR",
        std::env::temp_dir().display()
    )]
    Temporary {
        /// The cause.
        source: std::io::Error,
    },
    /// Notices in the store that cannot be understood, although they pass their checksum.
    #[error("the store's notices cannot be read; they may be of a newer hotshard")]
    Notices {
        /// The cause.
        source: serde_json::Error,
    },
    /// More keys than fit in memory, of an input that can be read once.
    #[error(
        "the input has more than {most_keys} keys (an id on a day each), which is what {} hold, \
         and {name} can be read once; write it to a file, which is read several times, or raise \
         --memory",
        mebibytes(*budget_bytes)
    )]
    TooManyKeys {
        /// How many fit.
        most_keys: usize,
        /// The budget.
        budget_bytes: u64,
        /// The input's name.
        name: String,
    },
    /// More events or keys than fit in memory where each is needed.
    #[error(
        "event by event, the model holds {most_events} events and {most_keys} keys in {} of \
         memory, and the input has more; raise --memory, or use the fluid model, which needs the \
         counts alone",
        mebibytes(*budget_bytes)
    )]
    TooManyEvents {
        /// How many events fit.
        most_events: usize,
        /// How many keys fit.
        most_keys: usize,
        /// The budget.
        budget_bytes: u64,
    },
    /// An experiment with nothing to vary or to ingest.
    #[error("the experiment has no {missing}; give at least one")]
    EmptyExperiment {
        /// What is missing.
        missing: &'static str,
    },
    /// An experiment on an input that is gone once it was read.
    #[error(
        "an experiment reads its input once a trial, and {name} can be read once; write it to a \
         file first"
    )]
    ReadOnce {
        /// The input's name.
        name: String,
    },
    /// Two stores that hold the same events gave different counts: a bug of ours.
    #[error("{what}: {left} and {right} should be equal; please report this")]
    Inconsistent {
        /// What was compared.
        what: String,
        /// One side.
        left: u64,
        /// The other side.
        right: u64,
    },
}

/// Bytes for people.
fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1 << 20))
}
