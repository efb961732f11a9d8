//! When queries come.

use hotshard_workload::{RngSeed, RngStream};

use super::NS_PER_SECOND;
use crate::SimError;

/// The stream of the rng seed from which the times between queries come. Streams of other models
/// are numbered by chunks of events, far below it.
const ARRIVAL_STREAM: u64 = 1 << 40;

/// When queries come. They come whether or not earlier ones have been answered (an open loop), and
/// their latency is counted from then.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// At random, at this rate.
    Poisson {
        /// Queries a second, on average; above 0.
        per_second: f64,
        /// How many, the warm-up among them.
        queries: u64,
    },
    /// At these times in nanoseconds, in order.
    Given(Vec<u64>),
}

impl Arrivals {
    /// How many queries come.
    #[must_use]
    pub fn queries(&self) -> u64 {
        match self {
            Self::Poisson { queries, .. } => *queries,
            Self::Given(times_ns) => times_ns.len() as u64,
        }
    }

    /// Queries a second. Of given times: their number after the first, over the time from the
    /// first to the last; 0 for a single one.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no 53 bits")]
    pub fn rate_per_second(&self) -> f64 {
        match self {
            Self::Poisson { per_second, .. } => *per_second,
            Self::Given(times_ns) => match (times_ns.first(), times_ns.last()) {
                (Some(first), Some(last)) if times_ns.len() > 1 => {
                    (times_ns.len() - 1) as f64 * NS_PER_SECOND / last.saturating_sub(*first) as f64
                }
                _ => 0.0,
            },
        }
    }

    /// There is a query, the rate is one, and nobody comes before the one before them.
    pub(super) fn check(&self) -> Result<(), SimError> {
        if self.queries() == 0 {
            return Err(SimError::NoQueries);
        }
        match self {
            Self::Poisson { per_second, .. } if !(per_second.is_finite() && *per_second > 0.0) => {
                Err(SimError::ArrivalRate { per_second: *per_second })
            }
            Self::Poisson { .. } => Ok(()),
            Self::Given(times_ns) => match times_ns
                .iter()
                .zip(times_ns.iter().skip(1))
                .position(|(earlier, later)| later < earlier)
            {
                Some(query) => Err(SimError::ArrivalsOutOfOrder { query: query as u64 + 1 }),
                None => Ok(()),
            },
        }
    }

    /// The time from each query's predecessor to it, in nanoseconds; 0 for the first.
    pub(super) fn gaps_ns(&self, seed: RngSeed) -> Gaps<'_> {
        match self {
            Self::Poisson { per_second, queries } => Gaps::Poisson {
                mean_ns: NS_PER_SECOND / per_second,
                left: *queries,
                rng: RngStream::new(seed, ARRIVAL_STREAM),
            },
            Self::Given(times_ns) => {
                Gaps::Given { last: times_ns.first().copied().unwrap_or(0), times: times_ns.iter() }
            }
        }
    }
}

/// Times between queries.
#[derive(Debug)]
pub(super) enum Gaps<'a> {
    Poisson { mean_ns: f64, left: u64, rng: RngStream },
    Given { last: u64, times: std::slice::Iter<'a, u64> },
}

impl Iterator for Gaps<'_> {
    type Item = f64;

    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "times between queries are shorter than months")]
    fn next(&mut self) -> Option<f64> {
        match self {
            Self::Poisson { mean_ns, left, rng } => {
                *left = left.checked_sub(1)?;
                Some(-rng.unit().ln() * *mean_ns)
            }
            Self::Given { last, times } => {
                let time = *times.next()?;
                Some((time - std::mem::replace(last, time)) as f64)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_times_become_the_times_between_them() {
        let arrivals = Arrivals::Given(vec![5, 5, 9, 105]);
        assert_eq!(arrivals.gaps_ns(RngSeed::DEFAULT).collect::<Vec<_>>(), [0.0, 0.0, 4.0, 96.0]);
        assert!((arrivals.rate_per_second() - 3e7).abs() < 1e-6);
    }

    #[test]
    fn queries_at_random_come_at_their_rate() {
        let arrivals = Arrivals::Poisson { per_second: 50.0, queries: 100_000 };
        let total_ns: f64 = arrivals.gaps_ns(RngSeed::DEFAULT).sum();
        assert!((total_ns / NS_PER_SECOND / 2_000.0 - 1.0).abs() < 0.01, "{total_ns}");
    }

    #[test]
    fn what_is_no_arrival_is_told() {
        let message = |arrivals: Arrivals| arrivals.check().unwrap_err().to_string();
        let poisson = |per_second| Arrivals::Poisson { per_second, queries: 1 };
        assert!(message(Arrivals::Given(Vec::new())).contains("0 queries"));
        assert!(message(poisson(0.0)).contains("0 queries a second"));
        assert!(message(poisson(f64::NAN)).contains("NaN queries a second"));
        assert!(message(Arrivals::Given(vec![1, 7, 6])).contains("query 2 "));
    }
}
