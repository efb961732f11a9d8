//! The state of one event date.

use hotshard_event::EventDate;

use super::KeyHash;
use super::counters::Counters;
use super::hot_key::HotKeys;
use super::state::{
    CountersReader, DateState, HotReader, StateKind, StoredState, encode_counters, encode_hot,
};
use crate::Error;

/// Counters of the live keys of a date, and its hot keys.
#[derive(Debug)]
pub(super) struct DateCounters {
    date: EventDate,
    counters: Counters,
    pub(super) hot: HotKeys,
    /// How many events late a key of this date may be found, at most.
    lateness_bound: u64,
    /// Entries of the changes that were stored since the last checkpoint; absent before the first.
    entries_since_checkpoint: Option<u64>,
    /// The number of the block that fed it last.
    pub(super) last_fed: u64,
}

/// How a key stood before a block's events were added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// It had this many events and was counted.
    Counted(u64),
    /// It had crossed.
    Hot,
}

impl DateCounters {
    pub(super) fn new(date: EventDate) -> Self {
        Self {
            date,
            counters: Counters::default(),
            hot: HotKeys::default(),
            lateness_bound: 0,
            entries_since_checkpoint: None,
            last_fed: 0,
        }
    }

    pub(super) fn lateness_bound(&self) -> u64 {
        self.lateness_bound
    }

    /// Adds a block's events of one key. A key that passes `threshold` thereby loses its counter,
    /// and the caller makes it hot; `remedied` of the events count for a key that was hot already.
    pub(super) fn feed(
        &mut self,
        hash: KeyHash,
        events: u64,
        threshold: u64,
        remedied: u64,
    ) -> Before {
        if self.hot.feed(hash, events, remedied) {
            return Before::Hot;
        }
        Before::Counted(self.counters.feed(hash, events, threshold))
    }

    pub(super) fn has_changes(&self) -> bool {
        self.counters.has_changes() || self.hot.has_changes()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.counters.memory_bytes() + self.hot.memory_bytes()
    }

    /// What changed since the last call, or everything where that is cheaper in the long run:
    /// changes are written until they outnumber the live entries, so what is written is at most
    /// about twice what changed, and what is replayed at most about twice what is live.
    pub(super) fn take_changes(&mut self) -> DateState {
        let counts = self.counters.take_changed();
        let keys = self.hot.take_changed();
        let entries = (counts.len() + keys.len()) as u64;
        let live = (self.counters.len() + self.hot.len()) as u64;
        match self.entries_since_checkpoint {
            Some(since) if since + entries <= live => {
                self.entries_since_checkpoint = Some(since + entries);
                let kind = StateKind::Changes;
                let encode_counts =
                    || encode_counters(self.date, kind, self.lateness_bound, &counts);
                DateState {
                    date: self.date,
                    kind,
                    counters: if counts.is_empty() { Vec::new() } else { encode_counts() },
                    hot: if keys.is_empty() {
                        Vec::new()
                    } else {
                        encode_hot(self.date, kind, &keys)
                    },
                    entries,
                }
            }
            _ => self.checkpoint(),
        }
    }

    fn checkpoint(&mut self) -> DateState {
        self.entries_since_checkpoint = Some(0);
        let (date, kind) = (self.date, StateKind::Checkpoint);
        let (counts, keys) = (self.counters.all(), self.hot.all());
        DateState {
            date,
            kind,
            counters: encode_counters(date, kind, self.lateness_bound, &counts),
            hot: encode_hot(date, kind, &keys),
            entries: (counts.len() + keys.len()) as u64,
        }
    }

    /// Applies a stored state that follows what was replayed before.
    ///
    /// # Errors
    /// When it is damaged; the counters are then of no use.
    pub(super) fn replay(&mut self, state: StoredState<'_>) -> Result<(), Error> {
        let counters = CountersReader::new(self.date, state.counters)?;
        let hot = HotReader::new(self.date, state.hot)?;
        match kind_of(counters.as_ref(), hot.as_ref())? {
            None => return Ok(()),
            Some(StateKind::Checkpoint) => {
                *self = Self::new(self.date);
                self.entries_since_checkpoint = Some(0);
            }
            Some(StateKind::Changes) => {
                let entries = counters.as_ref().map_or(0, |reader| reader.left)
                    + hot.as_ref().map_or(0, |reader| reader.left);
                // Changes that follow no checkpoint are replayed all the same; the next state
                // is then a checkpoint.
                if let Some(since) = &mut self.entries_since_checkpoint {
                    *since += entries;
                }
            }
        }
        if let Some(mut reader) = counters {
            self.lateness_bound = reader.lateness_bound;
            self.counters.reserve(usize::try_from(reader.left).unwrap_or(0));
            while let Some((hash, count)) = reader.next_count()? {
                self.counters.restore(hash, count);
            }
        }
        if let Some(mut reader) = hot {
            while let Some(key) = reader.next_key()? {
                let hash = self.hot.restore(key);
                self.counters.release(hash);
            }
        }
        Ok(())
    }
}

/// The kind of a state: that of both parts, and a checkpoint has both.
fn kind_of(
    counters: Option<&CountersReader<'_>>,
    hot: Option<&HotReader<'_>>,
) -> Result<Option<StateKind>, Error> {
    match (counters, hot) {
        (None, None) => Ok(None),
        (Some(counters), Some(hot)) if counters.kind == hot.kind => Ok(Some(hot.kind)),
        (Some(_), Some(hot)) => Err(hot.fault("its counters are of another kind")),
        (Some(reader), None) if reader.kind == StateKind::Checkpoint => {
            Err(reader.fault("the checkpoint lacks its hot keys"))
        }
        (None, Some(reader)) if reader.kind == StateKind::Checkpoint => {
            Err(reader.fault("the checkpoint lacks its counters"))
        }
        _ => Ok(Some(StateKind::Changes)),
    }
}
