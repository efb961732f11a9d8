//! What can go wrong between an input and a block of events.

use std::io;
use std::path::PathBuf;

use hotshard_event::EventDate;

/// A failure of ingest that is not a rejected line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input that does not exist.
    #[error("no such file or directory: {}; check the path, or quote the glob", path.display())]
    NotFound {
        /// The path as given.
        path: PathBuf,
    },
    /// A folder without files.
    #[error(
        "the folder {} holds no file to ingest; hidden ones are passed over, name one to take it",
        path.display()
    )]
    NoFiles {
        /// The folder as given.
        path: PathBuf,
    },
    /// A glob that matches nothing.
    #[error("no file matches {pattern}; check the pattern")]
    NoMatch {
        /// The glob as given.
        pattern: String,
    },
    /// A glob that cannot be understood.
    #[error("{pattern} is neither a file nor a glob that can be understood")]
    BadGlob {
        /// The glob as given.
        pattern: String,
        /// What is wrong with it.
        source: globset::Error,
    },
    /// Standard input named more than once.
    #[error("standard input (-) is named twice; it can be read once, leave one out")]
    StdinTwice,
    /// An input that is there but cannot be opened.
    #[error("cannot open {}; check its permissions", path.display())]
    Open {
        /// Its path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file that changed while it was read.
    #[error(
        "{name} changed while it was read: it now ends at byte {offset} of its content; ingest it \
         again once nothing writes to it"
    )]
    Changed {
        /// The source's name.
        name: String,
        /// Where its decompressed content ends now.
        offset: u64,
    },
    /// Trouble with the temporary copy of an input that can be read only once.
    #[error(
        "cannot keep a copy of the input in the temporary folder {}, which is needed to tell \
         whether it was ingested before; free some space, set TMPDIR, or ingest it as a file",
        std::env::temp_dir().display()
    )]
    Spool {
        /// The cause.
        source: io::Error,
    },
    /// An input that cannot be read.
    #[error("cannot read {name} at byte {offset} of its content")]
    Read {
        /// The source's name.
        name: String,
        /// Offset in its decompressed content.
        offset: u64,
        /// The cause.
        source: io::Error,
    },
    /// Detector state that cannot be understood.
    #[error(
        "the detector's state of {date} is damaged at byte {offset} of its {part}: {fault}; run \
         `hotshard verify` to see which files of the store are damaged"
    )]
    DetectorState {
        /// The event date.
        date: EventDate,
        /// Which part of the state.
        part: &'static str,
        /// Where in that part.
        offset: usize,
        /// What is wrong there.
        fault: &'static str,
    },
}
