//! State that rides in commits: detector, split directory, notices.
//!
//! The store keeps it as bytes and knows no more of it than kind, date and order; only the split
//! directory is the store's own.

use hotshard_event::EventDate;
use serde::{Deserialize, Serialize};

use crate::checksum::Piece;

/// What a state section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StateKind {
    /// Counts of live keys of one date.
    Counters,
    /// Keys of one date that passed the threshold.
    Hot,
    /// Ids with spread rows on one date.
    Split,
    /// Keys that approached or crossed the threshold in one commit.
    Notices,
}

/// Whether a section adds to earlier ones or replaces them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StateMode {
    /// Values of what changed since the last section.
    Changes,
    /// The whole state of the date.
    Checkpoint,
}

/// A section to commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSection {
    /// What it holds.
    pub kind: StateKind,
    /// The date it is about, for the kinds that have one.
    pub date: Option<EventDate>,
    /// Whether it adds or replaces.
    pub mode: StateMode,
    /// The content, opaque to the store.
    pub bytes: Vec<u8>,
}

/// A committed section: `[kind, date, mode, [offset, length, xxh3]]` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Wire", from = "Wire")]
pub(crate) struct StateSection {
    pub(crate) kind: StateKind,
    pub(crate) date: Option<EventDate>,
    pub(crate) mode: StateMode,
    pub(crate) piece: Piece,
}

/// A flat tuple keeps a record with many dates short.
#[derive(Serialize, Deserialize)]
struct Wire(StateKind, Option<EventDate>, StateMode, Piece);

impl From<StateSection> for Wire {
    fn from(section: StateSection) -> Self {
        Self(section.kind, section.date, section.mode, section.piece)
    }
}

impl From<Wire> for StateSection {
    fn from(Wire(kind, date, mode, piece): Wire) -> Self {
        Self { kind, date, mode, piece }
    }
}
