//! The kinds of time, which never stand for each other: measured by a clock, spent by a processor,
//! and given by a model.

use std::iter::Sum;

/// What all kinds of time have in common: they are numbers of nanoseconds.
macro_rules! nanoseconds {
    ($time:ident) => {
        impl $time {
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
    };
}

/// What times that were taken have in common, and times of a model have not: several make one.
macro_rules! add_up {
    ($time:ident) => {
        impl $time {
            /// The median: the middle one, or the mean of the middle two; 0 of none.
            #[must_use]
            pub fn median(times: impl IntoIterator<Item = Self>) -> Self {
                Self(median_ns(times.into_iter().map(Self::ns).collect()))
            }
        }

        impl Sum for $time {
            fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
                Self(times.map(|time| time.0).sum())
            }
        }
    };
}

/// A time that a clock measured, in nanoseconds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MeasuredTime(u64);

nanoseconds!(MeasuredTime);
add_up!(MeasuredTime);

/// How long threads ran on a processor, in nanoseconds, without what they waited.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CpuTime(u64);

nanoseconds!(CpuTime);
add_up!(CpuTime);

impl CpuTime {
    /// What a thread that had run for `earlier` has run since.
    pub(crate) const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }
}

/// A time that a model gives from measured ones, in nanoseconds. Nobody waited for it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelledTime(u64);

nanoseconds!(ModelledTime);

/// What the same work took each time it was done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct RepeatedTime {
    /// The first time of all, when nothing was at hand yet. It is none of the others, unless the
    /// work was done just once.
    pub first: MeasuredTime,
    /// The middle of the times after the first: the figure to go by.
    pub median: MeasuredTime,
    /// The shortest of them.
    pub best: MeasuredTime,
    /// The longest of them.
    pub worst: MeasuredTime,
}

impl RepeatedTime {
    /// Of the first time and those after it; of none after it, the first is all of them.
    pub(crate) fn of(first: MeasuredTime, after: impl IntoIterator<Item = MeasuredTime>) -> Self {
        let mut after: Vec<MeasuredTime> = after.into_iter().collect();
        if after.is_empty() {
            after.push(first);
        }
        Self {
            first,
            best: after.iter().min().copied().unwrap_or_default(),
            worst: after.iter().max().copied().unwrap_or_default(),
            median: MeasuredTime::median(after),
        }
    }
}

fn median_ns(mut times: Vec<u64>) -> u64 {
    times.sort_unstable();
    let upper = times.get(times.len() / 2).copied().unwrap_or_default();
    let lower = times.get(times.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    lower.midpoint(upper)
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
    fn the_first_time_is_kept_apart_unless_it_is_the_only_one() {
        let ns = MeasuredTime::from_ns;
        let repeated = RepeatedTime::of(ns(90), [ns(12), ns(10), ns(30)]);
        let told = [repeated.first, repeated.best, repeated.median, repeated.worst];
        assert_eq!(told, [90, 10, 12, 30].map(ns));
        let once = RepeatedTime::of(ns(90), []);
        assert_eq!([once.first, once.best, once.median, once.worst], [90; 4].map(ns));
    }
}
