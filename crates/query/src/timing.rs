//! How a query is timed: in which of two ways, and how often.

use std::num::NonZeroU32;
use std::str::FromStr;

use crate::{Error, MeasuredTime};

/// How a query is run and timed. The two ways answer different questions and are never mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// All shards at once on the current rayon pool: the latency on this machine. A shard's
    /// service time is then what its scan took among the others.
    Concurrent {
        /// How often it is run; [`Repeats::ONCE`] unless told.
        repeats: Repeats,
    },
    /// One shard at a time on this thread: the honest service time.
    Isolated {
        /// How often it is run; [`Repeats::UNTIL_STEADY`] unless told.
        repeats: Repeats,
    },
}

impl Timing {
    /// All shards at once, once.
    #[must_use]
    pub const fn concurrent() -> Self {
        Self::Concurrent { repeats: Repeats::ONCE }
    }

    /// One shard at a time, as often as [`Repeats::UNTIL_STEADY`] says.
    #[must_use]
    pub const fn isolated() -> Self {
        Self::Isolated { repeats: Repeats::UNTIL_STEADY }
    }

    /// The same way, run so often.
    #[must_use]
    pub const fn repeated(self, repeats: Repeats) -> Self {
        match self {
            Self::Concurrent { .. } => Self::Concurrent { repeats },
            Self::Isolated { .. } => Self::Isolated { repeats },
        }
    }

    /// How often it is run.
    #[must_use]
    pub const fn repeats(self) -> Repeats {
        match self {
            Self::Concurrent { repeats } | Self::Isolated { repeats } => repeats,
        }
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self::concurrent()
    }
}

impl FromStr for Timing {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "concurrent" => Ok(Self::concurrent()),
            "isolated" => Ok(Self::isolated()),
            _ => Err(Error::UnknownTiming { given: text.to_owned() }),
        }
    }
}

/// How often a query is run to be timed.
///
/// The first run finds nothing at hand: footers, pages and memory that later runs have. It is told
/// apart, and the timed runs come after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// So many timed runs; 1 is a single run, which is the first and the timed one alike.
    Exactly(NonZeroU32),
    /// Timed runs until they took long enough together, in these bounds: a scan that takes
    /// microseconds needs many of them, and one that takes seconds few.
    Until {
        /// The timed runs are enough once they took this together.
        together: MeasuredTime,
        /// There are at least so many.
        least: NonZeroU32,
        /// There are at most so many.
        most: NonZeroU32,
    },
}

impl Repeats {
    /// What timed runs take together under [`Repeats::UNTIL_STEADY`]: dozens of the scheduler's
    /// time slices, so that no single one of them decides.
    pub const DEFAULT_TOGETHER: MeasuredTime = MeasuredTime::from_ns(300_000_000);

    /// Fewest timed runs under [`Repeats::UNTIL_STEADY`]: two of five may be disturbed, and the
    /// median is still that of an undisturbed one.
    pub const DEFAULT_LEAST: NonZeroU32 = NonZeroU32::new(5).unwrap();

    /// Most timed runs under [`Repeats::UNTIL_STEADY`]: further ones move no median.
    pub const DEFAULT_MOST: NonZeroU32 = NonZeroU32::new(100).unwrap();

    /// One run, without repeats.
    pub const ONCE: Self = Self::Exactly(NonZeroU32::MIN);

    /// As many as it takes for medians that stay where they are.
    pub const UNTIL_STEADY: Self = Self::Until {
        together: Self::DEFAULT_TOGETHER,
        least: Self::DEFAULT_LEAST,
        most: Self::DEFAULT_MOST,
    };

    /// Whether there is another run after the first one and so many timed ones, which took
    /// `so_far` together.
    pub(crate) fn go_on(self, timed_runs: usize, so_far: MeasuredTime) -> bool {
        let fewer_than = |runs: NonZeroU32| (timed_runs as u64) < u64::from(runs.get());
        match self {
            Self::Exactly(NonZeroU32::MIN) => false,
            Self::Exactly(runs) => fewer_than(runs),
            Self::Until { together, least, most } => {
                fewer_than(least) || (so_far < together && fewer_than(most))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Timed runs of work that takes so long each.
    fn runs(repeats: Repeats, each_ns: u64) -> usize {
        let took = |runs: usize| MeasuredTime::from_ns(runs as u64 * each_ns);
        (0..).find(|&runs| !repeats.go_on(runs, took(runs))).unwrap()
    }

    #[test]
    fn short_work_is_repeated_more_often_than_long_work() {
        assert_eq!(runs(Repeats::UNTIL_STEADY, 1_000), 100, "at most");
        assert_eq!(runs(Repeats::UNTIL_STEADY, 10_000_000), 30, "until 300 ms");
        assert_eq!(runs(Repeats::UNTIL_STEADY, 9_000_000_000), 5, "at least");
    }

    #[test]
    fn a_fixed_number_is_kept_to_and_one_is_the_first_run_itself() {
        let exactly = |runs| Repeats::Exactly(NonZeroU32::new(runs).unwrap());
        assert_eq!(runs(exactly(7), 1), 7);
        assert_eq!(runs(exactly(2), 9_000_000_000), 2);
        assert_eq!(runs(Repeats::ONCE, 1), 0);
    }

    #[test]
    fn timings_have_words() {
        assert_eq!("isolated".parse::<Timing>().unwrap(), Timing::isolated());
        assert_eq!("concurrent".parse::<Timing>().unwrap(), Timing::default());
        let error = "fast".parse::<Timing>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`fast` is not a way of timing; choose concurrent or isolated"
        );
    }
}
