//! What can go wrong with a store.

use std::io;
use std::path::{Path, PathBuf};

use crate::CommitNumber;

/// A failure of the store. Each message names the file and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder is not a store.
    #[error(
        "{} is not a hotshard store: it has no hotshard.json; give the folder of a store, or make \
         one with `hotshard ingest --store`",
        path.display()
    )]
    NotAStore {
        /// The folder.
        path: PathBuf,
    },
    /// A store was to be made where other files are.
    #[error(
        "{} holds other files and no store; choose an empty or a new folder",
        path.display()
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The store was written by a newer program.
    #[error(
        "{} has format version {version}, and this hotshard reads up to {supported}; use a newer \
         hotshard",
        path.display()
    )]
    NewerFormat {
        /// The file that says so.
        path: PathBuf,
        /// Its version.
        version: u32,
        /// The newest version this program reads.
        supported: u32,
    },
    /// Another writer is at work.
    #[error(
        "{} is locked: another process is writing to it; wait for it to end, or write to another \
         store",
        path.display()
    )]
    Locked {
        /// The store.
        path: PathBuf,
    },
    /// The store was created with another setting than asked for.
    #[error(
        "the store {} has {setting} {stored}, not {asked}; leave the option out, or ingest into a \
         new store (a store keeps the setting it was created with)",
        path.display()
    )]
    Mismatch {
        /// The store.
        path: PathBuf,
        /// The setting, as on the command line.
        setting: &'static str,
        /// What was asked for.
        asked: String,
        /// What the store has.
        stored: String,
    },
    /// A compression level that zstd does not have.
    #[error("{given} is not a compression level; give 1 (fastest) to 22 (smallest)")]
    ZstdLevel {
        /// What was given.
        given: i32,
    },
    /// A file is missing, cut, or holds other bytes than were written.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The operating system refused an operation.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// An earlier failure of this writer left its files in an unknown state.
    #[error(
        "this writer failed before and does no more; open the store again, which recovers it to \
         its last commit"
    )]
    Poisoned,
    /// A record with the next number is there already: somebody wrote without the lock.
    #[error(
        "commit {number} exists already: something wrote to the store without its lock; open the \
         store again"
    )]
    CommitExists {
        /// The number.
        number: CommitNumber,
    },
    /// A file that a snapshot needs went with a vacuum.
    #[error(
        "{path} is gone: the store {} was vacuumed since this view of it was opened; do it again, \
         which opens the store as it is now",
        store.display()
    )]
    Vacuumed {
        /// The file, relative to the store, with `/`.
        path: String,
        /// The store.
        store: PathBuf,
    },
    /// A number of shards that no store has.
    #[error("{given} is no number of shards; choose 1 to 65536")]
    ShardCount {
        /// What was given.
        given: u64,
    },
    /// A promoted column that cannot be.
    #[error(
        "cannot promote `{given}`: {problem}; write NAME:TYPE with string, long, double or boolean"
    )]
    Promotion {
        /// What was given.
        given: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The Parquet library failed to write.
    #[error("cannot encode rows as Parquet")]
    Encode(#[source] parquet::errors::ParquetError),
}

/// A file that does not hold what was committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} is damaged: {problem}")]
pub struct Damage {
    /// The file, relative to the store, with `/`.
    pub path: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Damage {
    pub(crate) fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { path: path.into(), problem: problem.into() }
    }
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }
}
