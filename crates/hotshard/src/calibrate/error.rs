//! What can be wrong with a calibration.

use std::path::PathBuf;

/// Why a calibration cannot be read, written or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// The file cannot be read.
    #[error(
        "cannot read the calibration {}; make one with `hotshard calibrate --out FILE`",
        path.display()
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the calibration {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error(
        "{} is no calibration; make one with `hotshard calibrate --out FILE`",
        path.display()
    )]
    NotCalibration {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: serde_json::Error,
    },
    /// The file is of another version.
    #[error(
        "{} is a calibration of format {found}, and this hotshard reads format {known}; calibrate \
         again",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The one that is known.
        known: u64,
    },
    /// A number that no measurement gives.
    #[error(
        "{}: {what} is {value}, and only numbers from 0 make sense; calibrate again",
        path.display()
    )]
    Number {
        /// The file.
        path: PathBuf,
        /// What the number is of.
        what: String,
        /// The number.
        value: f64,
    },
    /// A calibration without counts.
    #[error("{} holds no counts; calibrate again", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Inputs without events.
    #[error(
        "the inputs hold no events; give some, the more the better: times of few rows mean little"
    )]
    NoEvents,
    /// Sizes of shards that leave nothing to fit.
    #[error(
        "shards of {least} to {most} rows cannot be fitted; have the smallest from 1 row, and the \
         largest at least {factor} times that and at most {limit}"
    )]
    Rows {
        /// Fewest rows of a shard.
        least: u64,
        /// Most rows of a shard.
        most: u64,
        /// How far they have to lie apart.
        factor: u64,
        /// The most that is tried.
        limit: u64,
    },
}
