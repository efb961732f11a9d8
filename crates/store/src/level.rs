//! How hard data files are compressed.

use std::fmt;
use std::str::FromStr;

use parquet::basic::ZstdLevel as ParquetLevel;

use crate::Error;

/// A level of zstd, 1 (fastest) to 22 (smallest).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ZstdLevel(i32);

impl ZstdLevel {
    /// Level 1: on events, higher ones save some per cent of the bytes for several times the time
    /// (`docs/performance.md`).
    pub const DEFAULT: Self = Self(1);
    /// The highest level.
    pub const MAX: i32 = 22;

    /// A level.
    ///
    /// # Errors
    /// When it is not 1 to 22.
    pub const fn new(level: i32) -> Result<Self, Error> {
        if level < 1 || level > Self::MAX {
            return Err(Error::ZstdLevel { given: level });
        }
        Ok(Self(level))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }

    pub(crate) fn parquet(self) -> ParquetLevel {
        ParquetLevel::try_new(self.0).unwrap_or_default()
    }
}

impl Default for ZstdLevel {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl FromStr for ZstdLevel {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text.parse().unwrap_or(0))
    }
}

impl fmt::Display for ZstdLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
