//! Keys and how many events each is expected to have.

use hotshard_workload::{ExpectedKey, ExpectedKeys};

use crate::{KeyEvents, SimError};

/// A stream as numbers of events a key, for models that route no single event: the heavy keys one by
/// one, all others as one.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// Keys with many events.
    pub head: Vec<HeadKey>,
    /// The ids of all other keys.
    pub tail: TailIds,
    /// Events without an id, which are spread by sequence.
    pub nobody: f64,
    /// Days that the stream covers, at least 1.
    pub days: u32,
}

/// One (distinct id, event date) of many events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeadKey {
    /// How many, not necessarily whole.
    pub events: f64,
    /// The hash of its id.
    pub hash: u64,
}

/// Ids of few events each, none of which is ever hot.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct TailIds {
    /// How many ids.
    pub ids: u64,
    /// Their events, on all days.
    pub events: f64,
    /// The sum, over the ids, of the square of an id's events on all days.
    pub squares: f64,
}

impl Population {
    /// The most events that are modelled: as many as an `f64` counts one by one.
    const MOST_EVENTS: u64 = 1 << 53;

    /// All events.
    #[must_use]
    pub fn events(&self) -> f64 {
        self.head.iter().map(|key| key.events).sum::<f64>() + self.tail.events + self.nobody
    }

    /// Whether all numbers are numbers of events.
    #[expect(clippy::cast_precision_loss, reason = "a power of two")]
    pub(crate) fn check(&self) -> Result<(), SimError> {
        let most = Self::MOST_EVENTS;
        let tail = [self.tail.events, self.tail.squares, self.nobody];
        let mut all = self.head.iter().map(|key| key.events).chain(tail);
        let bad = all.find(|events| !(events.is_finite() && *events >= 0.0));
        match bad.or_else(|| Some(self.events()).filter(|&sum| sum > most as f64)) {
            None => Ok(()),
            Some(given) => Err(SimError::PopulationEvents { given, most }),
        }
    }
}

impl From<ExpectedKeys> for Population {
    /// What a synthetic stream is expected to be.
    fn from(expected: ExpectedKeys) -> Self {
        let head_key = |key: &ExpectedKey| HeadKey { events: key.events, hash: key.hash };
        let ids = expected.tail;
        Self {
            head: expected.head.iter().map(head_key).collect(),
            tail: TailIds { ids: ids.ids, events: ids.events, squares: ids.squares },
            nobody: expected.nobody,
            days: expected.days,
        }
    }
}

impl From<&KeyEvents> for Population {
    /// The numbers of a stream, every key in the head.
    fn from(events: &KeyEvents) -> Self {
        let keys = events.counts().into_iter().zip(events.hashes());
        let head_key = |(events, &hash)| HeadKey { events: f64::from(events), hash };
        Self {
            head: keys.filter(|&(events, _)| events > 0).map(head_key).collect(),
            tail: TailIds::default(),
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53 events")]
            nobody: events.nobodys() as f64,
            days: events.days(),
        }
    }
}
