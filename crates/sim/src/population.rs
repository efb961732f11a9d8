//! Keys and how many events each is expected to have.

use hotshard_workload::ExpectedKeys;

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
    /// All events.
    #[must_use]
    pub fn events(&self) -> f64 {
        self.head.iter().map(|key| key.events).sum::<f64>() + self.tail.events + self.nobody
    }
}

impl From<ExpectedKeys> for Population {
    fn from(expected: ExpectedKeys) -> Self {
        let head = expected.head.iter();
        Self {
            head: head.map(|key| HeadKey { events: key.events, hash: key.hash }).collect(),
            tail: TailIds {
                ids: expected.tail.ids,
                events: expected.tail.events,
                squares: expected.tail.squares,
            },
            nobody: expected.nobody,
            days: expected.days,
        }
    }
}
