//! A date's state as bytes.
//!
//! What changed is written with each commit; when that has grown past the live state, a checkpoint
//! of the whole takes its place. Replaying a date's states in commit order, each once, from its
//! last checkpoint on, gives its state back. The same events give the same bytes, however they were
//! cut into blocks, as long as no date had to leave memory.
//!
//! A counter is written as its *value*: its lower bound plus the certificate d at that time, which
//! is its upper bound. A purge raises d and leaves values alone, so a stored value stays true until
//! it is written again, and a value that is not above d is none. While a date's counters are in
//! part not in memory, the events of keys that are not are written as *additions* to whatever is
//! stored of them. Of one state, the certificate comes first, then the counters, then the additions.
//!
//! A state has two parts, each absent (no bytes) when a change did not touch it. Integers are
//! little-endian; a *varint* is an unsigned LEB128 of at most 10 bytes. Nothing follows the last
//! entry. The bytes carry no checksum: the store keeps one.
//!
//! | counters part | |
//! |---|---|
//! | 4 bytes | `HSDC` |
//! | 1 byte | version, 1 |
//! | 1 byte | 0 changes, 1 checkpoint |
//! | 4 bytes | event date, days since 1970-01-01, signed |
//! | varint | certificate d of the date; 0 while it is exact |
//! | varint | number of counters |
//! | per counter: 16 bytes, varint | XXH3-128 of the distinct id; twice its value, plus 1 if its key was noticed as approaching T |
//! | varint | number of additions |
//! | per addition: 16 bytes, varint | XXH3-128 of the distinct id; its events, at least 1 |
//!
//! Counters ascend strictly by hash, compared as numbers, and so do additions. A value is at least
//! d, at least 1, and below 2⁶⁰; an addition is below 2⁶⁰.
//!
//! | hot part | |
//! |---|---|
//! | 4 bytes | `HSDH` |
//! | 1 byte | version, 1 |
//! | 1 byte | 0 changes, 1 checkpoint |
//! | 4 bytes | event date, days since 1970-01-01, signed |
//! | varint | number of entries |
//! | per entry: varint, bytes | length of the distinct id, at least 1, and its UTF-8 text |
//! | varint, varint | events so far; how many of them were remedied |
//! | varint | sequence of the first excess event |
//! | 8 bytes | that event's time, milliseconds since 1970-01-01T00:00:00Z, signed |
//!
//! Entries ascend strictly by id. A hot key stays hot and has no counter: whoever replays a hot
//! part drops the counters of the keys in it.

mod decode;
mod encode;
mod load;

use hotshard_event::EventDate;

pub use decode::decode_hot;
pub(super) use encode::{encode_counters, encode_hot};
pub(super) use load::load;

const COUNTERS_MAGIC: [u8; 4] = *b"HSDC";
const HOT_MAGIC: [u8; 4] = *b"HSDH";
const VERSION: u8 = 1;

/// Whether a state tells what changed or everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateKind {
    /// What changed since the state before.
    Changes,
    /// All of the date's state: what was stored before is not needed any more.
    Checkpoint,
}

impl StateKind {
    const fn code(self) -> u8 {
        match self {
            Self::Changes => 0,
            Self::Checkpoint => 1,
        }
    }
}

/// State of one date to store with a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateState {
    /// The date.
    pub date: EventDate,
    /// Changes, or everything.
    pub kind: StateKind,
    /// The counters part; empty when no counter changed.
    pub counters: Vec<u8>,
    /// The hot part; empty when no hot key changed.
    pub hot: Vec<u8>,
    /// Counters, additions and hot keys in it.
    pub entries: u64,
}

/// State of one date as it was stored.
#[derive(Debug, Clone, Copy)]
pub struct StoredState<'a> {
    /// The counters part.
    pub counters: &'a [u8],
    /// The hot part.
    pub hot: &'a [u8],
}

impl<'a> From<&'a DateState> for StoredState<'a> {
    fn from(state: &'a DateState) -> Self {
        Self { counters: &state.counters, hot: &state.hot }
    }
}
