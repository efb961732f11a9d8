//! Commit records: what one batch added to the store.

use std::collections::BTreeMap;
use std::fmt;

use hotshard_event::{DateRange, EventDate, Sequence, SourceMark};
use serde::{Deserialize, Serialize};

use crate::checksum::{Piece, Xxh3};
use crate::codec::Codec;
use crate::encoding::MAX_ROW_GROUP_ROWS;
use crate::state::StateSection;
use crate::{Column, RowCounts, ShardId};

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
    /// Per column in file order, the most bytes that its pages in one row group have unpacked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unpacked: Vec<u64>,
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

/// How much longer a column may be unpacked than in its file, where that is not known.
const UNPACKED_TIMES: u64 = 3;
/// A dictionary and its values by their hash, each with room to grow.
const COPIES_OF_VALUES: u64 = 4;
/// The codes of a row in several columns, and the table that numbers their combinations.
const CODES_BYTES: u64 = 96;
/// Where Parquet's writer ends a page, and how many rows it may add at once before it looks.
const PAGE_BYTES: u64 = 2 << 20;
const PAGE_ROWS: u64 = 2_048;

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

    /// About how much memory it takes to count the rows of a row group, in bytes.
    #[must_use]
    pub fn scan_memory_bytes(&self) -> u64 {
        let chunks = self.chunks.iter().flatten();
        let longest_chunk = chunks.map(|chunk| chunk.length).max().unwrap_or(0);
        let (texts, coded) = self.unpacked_bytes(longest_chunk);
        let rows = self.rows.min(MAX_ROW_GROUP_ROWS as u64);
        longest_chunk + texts.max(COPIES_OF_VALUES * coded) + CODES_BYTES * rows
    }

    /// About how long the texts that hardly repeat are in one row group, in bytes: those of insert
    /// ids, or of properties.
    #[must_use]
    pub fn text_memory_bytes(&self) -> u64 {
        let longest_chunk = self.chunks.iter().flatten().map(|chunk| chunk.length).max();
        let columns = self.unpacked.len();
        let texts = [Column::InsertId, Column::Properties].into_iter();
        let unpacked = texts.filter_map(|text| self.unpacked.get(text.place(columns)?)).max();
        unpacked.copied().unwrap_or(UNPACKED_TIMES * longest_chunk.unwrap_or(0))
    }

    /// What is unpacked at a time of the columns whose texts hardly repeat, and of all others.
    fn unpacked_bytes(&self, longest_chunk: u64) -> (u64, u64) {
        let columns = self.unpacked.len();
        let is_text = |column: &usize| {
            let texts = [Column::InsertId, Column::Properties];
            texts.iter().any(|text| text.place(columns) == Some(*column))
        };
        let most = |texts: bool| {
            let lengths = (0..).zip(&self.unpacked).filter(|(column, _)| is_text(column) == texts);
            lengths.map(|(_, length)| *length).max()
        };
        // A page is no longer than this, unless so few rows are.
        let row_group_rows = (self.rows / (self.chunks.len() as u64).max(1)).max(1);
        let page =
            |column: u64| (column / row_group_rows).saturating_mul(PAGE_ROWS).max(PAGE_BYTES);
        match (most(true), most(false)) {
            (Some(texts), Some(coded)) => (page(texts).min(texts), coded),
            // Records of earlier versions do not say it.
            _ => (PAGE_BYTES, UNPACKED_TIMES * longest_chunk),
        }
    }

    /// About how much memory this entry takes, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|group| size_of_val(group.as_slice())).sum();
        let codecs = self.codecs.len() + size_of_val(self.unpacked.as_slice());
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
