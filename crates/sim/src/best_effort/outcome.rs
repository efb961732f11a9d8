//! What became of a key.

use crate::Key;

/// What became of one key's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyOutcome {
    /// The key.
    pub key: Key,
    /// All its events.
    pub events: u64,
    /// Its first event that was diverted, counted from 1; absent when none was.
    pub declared_at: Option<u64>,
    /// Its events that were let through, wherever they are counted.
    pub let_through: u64,
    /// How many of these past the threshold.
    pub overshoot: u64,
    /// How many of these were lost in crashes.
    pub lost: u64,
}
