//! Commit records: what one batch added to the store.

use std::collections::BTreeMap;
use std::fmt;

use hotshard_event::{DateRange, EventDate, Sequence, SourceMark};
use serde::{Deserialize, Serialize};

use crate::checksum::{Piece, Xxh3};
use crate::state::StateSection;
use crate::{RowCounts, ShardId};

/// Number of a commit, from 1 without gaps.
#[derive(
    Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct CommitNumber(u64);

impl CommitNumber {
    /// Before the first commit.
    pub const NONE: Self = Self(0);

    /// The commit with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    pub(crate) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for CommitNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}", self.0)
    }
}

/// One Parquet file of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    pub(crate) path: String,
    pub(crate) shard: ShardId,
    pub(crate) rows: u64,
    pub(crate) first_date: EventDate,
    pub(crate) last_date: EventDate,
    pub(crate) length: u64,
    pub(crate) footer: Piece,
    /// Per row group, per column in file order.
    pub(crate) chunks: Vec<Vec<Piece>>,
    /// Rows per event name; absent when there are too many names.
    pub(crate) events: Option<BTreeMap<String, u64>>,
    pub(crate) mistyped: BTreeMap<String, u64>,
}

impl DataFile {
    /// Path relative to the store's folder, with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The shard it belongs to.
    #[must_use]
    pub const fn shard(&self) -> ShardId {
        self.shard
    }

    /// Rows in it.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Length in bytes.
    #[must_use]
    pub const fn length_bytes(&self) -> u64 {
        self.length
    }

    /// First and last event date in it.
    #[must_use]
    pub const fn dates(&self) -> (EventDate, EventDate) {
        (self.first_date, self.last_date)
    }

    /// Whether it holds a day of the range.
    #[must_use]
    pub fn overlaps(&self, range: &DateRange) -> bool {
        range.overlaps(self.first_date, self.last_date)
    }

    /// Whether it may hold an event of this name.
    #[must_use]
    pub fn may_hold(&self, event: &str) -> bool {
        self.events.as_ref().is_none_or(|events| events.contains_key(event))
    }

    /// Whether the promoted column tells every value: whether no null of it hides a value of
    /// another type.
    #[must_use]
    pub fn tells_all_of(&self, promoted: &str) -> bool {
        self.mistyped.get(promoted) == Some(&0)
    }
}

/// A file that is read as a whole: rejects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RejectsFile {
    pub(crate) path: String,
    pub(crate) rows: u64,
    pub(crate) length: u64,
    pub(crate) xxh3: Xxh3,
}

/// The file that holds a commit's state sections, one after another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StateFile {
    pub(crate) path: String,
    pub(crate) length: u64,
    pub(crate) sections: Vec<StateSection>,
}

/// One commit, as its record has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CommitRecord {
    pub(crate) number: CommitNumber,
    pub(crate) committed_at_ms: i64,
    pub(crate) next_sequence: Sequence,
    pub(crate) lateness_bound: u64,
    pub(crate) added: Vec<DataFile>,
    /// What is in the added files.
    pub(crate) counts: RowCounts,
    pub(crate) removed: Vec<String>,
    pub(crate) sources: Vec<SourceMark>,
    pub(crate) rejects: Option<RejectsFile>,
    pub(crate) state: Option<StateFile>,
}
