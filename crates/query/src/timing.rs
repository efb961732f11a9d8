//! How a query is timed, and the two kinds of time: measured and modelled.

use std::iter::Sum;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::Error;

/// How a query is run and timed. The two ways answer different questions and are never mixed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// All shards at once on the current rayon pool: the latency on this machine. A shard's
    /// service time is then what its scan took among the others.
    #[default]
    Concurrent,
    /// One shard at a time on this thread, warmed up once and repeated: the honest service time.
    Isolated {
        /// How many timed runs the medians are taken from.
        repeats: NonZeroU32,
    },
}

impl Timing {
    /// Timed runs of [`Timing::isolated`].
    pub const DEFAULT_REPEATS: NonZeroU32 = NonZeroU32::new(3).unwrap();

    /// Isolated timing with [`Timing::DEFAULT_REPEATS`].
    #[must_use]
    pub const fn isolated() -> Self {
        Self::Isolated { repeats: Self::DEFAULT_REPEATS }
    }
}

impl FromStr for Timing {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "concurrent" => Ok(Self::Concurrent),
            "isolated" => Ok(Self::isolated()),
            _ => Err(Error::UnknownTiming { given: text.to_owned() }),
        }
    }
}

/// A time that a clock measured, in nanoseconds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MeasuredTime(u64);

impl MeasuredTime {
    /// The time of `ns` nanoseconds.
    #[must_use]
    pub const fn from_ns(ns: u64) -> Self {
        Self(ns)
    }

    /// Nanoseconds.
    #[must_use]
    pub const fn ns(self) -> u64 {
        self.0
    }

    /// The median: the middle one, or the mean of the middle two; 0 of none.
    #[must_use]
    pub fn median(times: impl IntoIterator<Item = Self>) -> Self {
        let mut sorted: Vec<Self> = times.into_iter().collect();
        sorted.sort_unstable();
        let upper = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
        let lower = sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or_default();
        Self(lower.0.midpoint(upper.0))
    }
}

impl Sum for MeasuredTime {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        Self(times.map(|time| time.0).sum())
    }
}

/// A time that a model gives from measured ones, in nanoseconds. Nobody waited for it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelledTime(u64);

impl ModelledTime {
    /// The time of `ns` nanoseconds.
    #[must_use]
    pub const fn from_ns(ns: u64) -> Self {
        Self(ns)
    }

    /// Nanoseconds.
    #[must_use]
    pub const fn ns(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        let median = |times: &[u64]| {
            MeasuredTime::median(times.iter().copied().map(MeasuredTime::from_ns)).ns()
        };
        assert_eq!(median(&[9, 1, 5]), 5);
        assert_eq!(median(&[9, 1, 5, 7]), 6);
        assert_eq!(median(&[4]), 4);
        assert_eq!(median(&[]), 0);
    }

    #[test]
    fn timings_have_words() {
        assert_eq!("isolated".parse::<Timing>().unwrap(), Timing::isolated());
        let error = "fast".parse::<Timing>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`fast` is not a way of timing; choose concurrent or isolated"
        );
    }
}
