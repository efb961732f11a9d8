//! Commit records: what one batch added to the store.

use std::collections::BTreeMap;
use std::fmt;

use hotshard_event::{DateRange, EventDate, Sequence, SourceMark};
use serde::{Deserialize, Serialize};

use crate::checksum::{Piece, Xxh3};
use crate::codec::Codec;
use crate::encoding::MAX_ROW_GROUP_ROWS;
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
    /// Per column in file order; empty when only the footer tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) codecs: Vec<Codec>,
    /// Rows per event name; absent when there are too many names.
    pub(crate) events: Option<BTreeMap<String, u64>>,
    pub(crate) mistyped: BTreeMap<String, u64>,
    /// Whether all of its rows are sorted, not just those of each row group. The parts that one
    /// compaction made of a shard are sorted across, too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) sorted: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape serde asks for")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// How much longer a column may be in memory than in a file. Texts are unpacked page by page, and
/// dictionaries are seldom larger than a page.
const UNPACKED_TIMES: u64 = 3;
/// The codes of a row in about ten columns and combinations of them.
const CODES_BYTES: u64 = 48;

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

    /// Whether all of its rows are known to be sorted by (event date, event, time, sequence), not
    /// just those of each row group.
    #[must_use]
    pub fn is_sorted(&self) -> bool {
        self.sorted || self.chunks.len() <= 1
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

    /// About how much memory it takes to count the rows of a row group, in bytes: the longest
    /// column, unpacked, and the codes of a few columns.
    #[must_use]
    pub fn scan_memory_bytes(&self) -> u64 {
        let longest = self.chunks.iter().flatten().map(|chunk| chunk.length).max().unwrap_or(0);
        let rows = self.rows.min(MAX_ROW_GROUP_ROWS as u64);
        UNPACKED_TIMES * longest + CODES_BYTES * rows
    }

    /// About how much memory this entry takes, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|group| size_of_val(group.as_slice())).sum();
        let codecs = self.codecs.len();
        let names: usize = self.events.iter().flatten().map(|(name, _)| name.len() + 48).sum();
        size_of::<Self>() + 2 * self.path.len() + chunks + 24 * self.chunks.len() + codecs + names
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
    /// The rows that this commit brought into the store: none when its files only replace others.
    pub(crate) counts: RowCounts,
    /// Data files that are no longer part of the store.
    pub(crate) removed: Vec<String>,
    pub(crate) sources: Vec<SourceMark>,
    pub(crate) rejects: Option<RejectsFile>,
    pub(crate) state: Option<StateFile>,
}
