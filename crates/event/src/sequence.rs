//! The running number of an event in its store.

use serde::{Deserialize, Serialize};

/// An event's running number in the store, in ingest order, from 0.
#[derive(
    Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sequence(u64);

impl Sequence {
    /// The sequence with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The sequence `events` further on.
    #[must_use]
    pub const fn after(self, events: u64) -> Self {
        Self(self.0 + events)
    }
}
