//! How full shards are.

use hotshard_event::{Skew, Threshold};

/// What a policy made of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    /// Rows of each shard.
    pub rows: Vec<u64>,
    /// How uneven these are.
    pub skew: Skew,
    /// T as it was used, under a remedy.
    pub threshold: Option<Threshold>,
    /// Events past T.
    pub remedied: u64,
    /// Keys past T, or in the head under D-Choices and W-Choices.
    pub hot_keys: u64,
    /// What theory says max/mean stays below, where it says something.
    pub bound: Option<Bound>,
}

/// An upper bound on max/mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// Max/mean.
    pub max_over_mean: f64,
    /// The probability with which it holds over random hashes; 1 is always.
    pub confidence: f64,
}

impl Balance {
    /// These rows and nothing else.
    pub(crate) fn of(rows: Vec<u64>) -> Self {
        let skew = Skew::of(&rows);
        Self { rows, skew, threshold: None, remedied: 0, hot_keys: 0, bound: None }
    }

    /// The same with this bound.
    pub(crate) fn bound(self, bound: Option<Bound>) -> Self {
        Self { bound, ..self }
    }
}
