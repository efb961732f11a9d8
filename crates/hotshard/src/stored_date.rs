//! A date's detector state, as the store has it.

use std::collections::BTreeMap;

use hotshard_event::EventDate;
use hotshard_ingest::detect::StoredState;
use hotshard_store::{CommitNumber, Snapshot, StateKind};

use crate::Error;

/// The states of one date, oldest first. What belongs together was written by one commit.
#[derive(Debug)]
pub(crate) struct StoredDate {
    parts: BTreeMap<CommitNumber, Parts>,
}

#[derive(Debug, Default)]
struct Parts {
    counters: Vec<u8>,
    hot: Vec<u8>,
}

impl StoredDate {
    /// Reads the states of a date, verified.
    pub(crate) fn read(snapshot: &Snapshot, date: EventDate) -> Result<Self, Error> {
        let mut parts: BTreeMap<CommitNumber, Parts> = BTreeMap::new();
        for section in snapshot.state(StateKind::Counters, Some(date))? {
            parts.entry(section.commit).or_default().counters = section.bytes;
        }
        for section in snapshot.state(StateKind::Hot, Some(date))? {
            parts.entry(section.commit).or_default().hot = section.bytes;
        }
        Ok(Self { parts })
    }

    /// Bytes of the counters in it.
    pub(crate) fn counters_bytes(&self) -> usize {
        self.parts.values().map(|parts| parts.counters.len()).sum()
    }

    /// The states, as the detector reads them.
    pub(crate) fn states(&self) -> Vec<StoredState<'_>> {
        self.parts.values().map(|Parts { counters, hot }| StoredState { counters, hot }).collect()
    }
}
