//! What a run of queries came to.

use super::batches::{BATCHES, Batches};
use super::{Arrivals, LatencyModel};

/// A batch is long enough for intervals that hold when it spans so many relaxation times.
const RELAXATIONS_PER_BATCH: f64 = 10.0;

/// Modelled latencies of queries.
#[derive(Debug, Clone)]
pub struct LatencyReport {
    /// Queries that are counted.
    pub queries: u64,
    /// Queries at the start that are not: the queues begin empty. One part in 21 of arrivals at
    /// random; none of given ones.
    pub warm_up: u64,
    /// Queries a second.
    pub queries_per_second: f64,
    /// The share of its time that the busiest server would work.
    pub utilisation: f64,
    /// Whether the servers keep up.
    pub load: Load,
    /// Whether the intervals can be trusted.
    pub intervals: Intervals,
    /// The mean latency.
    pub modelled_mean: Estimate,
    /// What half of the queries take at most.
    pub modelled_p50: Estimate,
    /// What 90 % of the queries take at most.
    pub modelled_p90: Estimate,
    /// What 99 % of the queries take at most.
    pub modelled_p99: Estimate,
    /// What 99.9 % of the queries take at most.
    pub modelled_p999: Estimate,
    /// The longest latency of the run, in nanoseconds. It grows with the length of the run.
    pub modelled_max_ns: f64,
    latencies: Batches,
}

/// A modelled latency, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// In nanoseconds. Quantiles have three digits.
    pub ns: f64,
    /// Where the true value is with 95 % confidence; none if the run has too few queries to say.
    pub interval: Option<Interval>,
}

/// From where to where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// In nanoseconds.
    pub low_ns: f64,
    /// In nanoseconds; none if the run is too short to say how long it may be.
    pub high_ns: Option<f64>,
}

/// Whether servers keep up with queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// They do: the latencies belong to the system, not to the length of the run.
    Steady,
    /// Given times bring more than they can do: queues grow until the end, and more queries would
    /// have had longer latencies.
    PastSaturation,
}

/// Whether intervals hold with the confidence they claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intervals {
    /// They do, as far as theory tells.
    Sound,
    /// Batches are so short that they depend on each other, and the start may still show: intervals
    /// are too narrow.
    TooNarrow {
        /// So many queries are enough.
        queries: u64,
    },
    /// There is no steady state to be sure about.
    Meaningless,
}

impl LatencyReport {
    pub(super) fn of(model: &LatencyModel, arrivals: &Arrivals, latencies: Batches) -> Self {
        let latencies = latencies.finish();
        let queries_per_second = arrivals.rate_per_second();
        let utilisation = model.utilisation(queries_per_second);
        let load = if utilisation < 1.0 { Load::Steady } else { Load::PastSaturation };
        let relaxation = relaxation_queries(utilisation, model.squared_variation());
        Self {
            queries: latencies.counted(),
            warm_up: latencies.warm_up,
            queries_per_second,
            utilisation,
            load,
            intervals: match load {
                Load::Steady => Intervals::over(relaxation, arrivals.queries()),
                Load::PastSaturation => Intervals::Meaningless,
            },
            modelled_mean: latencies.mean(),
            modelled_p50: latencies.quantile(0.5),
            modelled_p90: latencies.quantile(0.9),
            modelled_p99: latencies.quantile(0.99),
            modelled_p999: latencies.quantile(0.999),
            modelled_max_ns: latencies.max_ns(),
            latencies,
        }
    }

    /// What this share of the queries, from 0 to 1, take at most.
    #[must_use]
    pub fn modelled_quantile(&self, share: f64) -> Estimate {
        self.latencies.quantile(share)
    }

    /// The share of the queries that take longer than this, to three digits of the latency.
    #[must_use]
    pub fn share_above(&self, modelled_latency_ns: u64) -> f64 {
        self.latencies.share_above(modelled_latency_ns)
    }
}

impl Intervals {
    /// For a run of so many queries under this relaxation time, itself in queries.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a positive number of queries, rounded up; too many saturate"
    )]
    fn over(relaxation: f64, queries: u64) -> Self {
        let needed = (relaxation * RELAXATIONS_PER_BATCH * (BATCHES + 1) as f64).ceil() as u64;
        if queries >= needed { Self::Sound } else { Self::TooNarrow { queries: needed } }
    }
}

/// How many queries it takes until a queue has forgotten how it was: its relaxation time.
///
/// (1+√ρ)²·ρ/(1−ρ)² · (1+c²)/2 of Poisson arrivals. For M/M/1 that is λ/(√μ−√λ)² (Cohen, "The
/// Single Server Queue", II.2); the variation c² of service enters as it does under heavy traffic
/// (Whitt, "Planning Queueing Simulations", Management Science 35, 1989).
fn relaxation_queries(utilisation: f64, squared_variation: f64) -> f64 {
    let (root, rest) = (1.0 + utilisation.sqrt(), 1.0 - utilisation);
    root * root * utilisation / (rest * rest) * (1.0 + squared_variation) / 2.0
}
