//! Latencies, counted in batches.

use hdrhistogram::Histogram;

use super::Arrivals;
use super::report::{Estimate, Interval};

/// Batches of a run. Schmeiser ("Batch Size Effects in the Analysis of Simulation Output",
/// Operations Research 30, 1982) advises 10 to 30: with fewer, intervals are wide; with more, batches
/// are short and depend on each other.
pub(super) const BATCHES: u64 = 20;

/// The 97.5 % quantile of Student's t with one degree of freedom less than there are batches.
const STUDENT_T: f64 = 2.093;

/// Fewer queries than this in a batch say nothing about how batches differ.
const MIN_BATCH: u64 = 50;

/// Above a quantile there must be so many queries, one a batch, for an interval around it.
#[expect(clippy::cast_precision_loss, reason = "a small constant")]
const MIN_ABOVE: f64 = BATCHES as f64;

/// Digits of a latency that a histogram keeps.
const DIGITS: u8 = 3;

/// A run's latencies, cut into parts of the same length.
///
/// Latencies of queries near each other are alike: all of them wait while the queues are long. An
/// interval that took them for independent would be far too narrow. Batches that are long enough
/// hardly depend on each other, and how much they differ says how sure the whole is (batch means;
/// Law, "Simulation Modeling and Analysis", section 9.5).
#[derive(Debug, Clone)]
pub(super) struct Batches {
    /// Queries at the start that are not counted: the queues begin empty.
    pub(super) warm_up: u64,
    length: u64,
    seen: u64,
    max_ns: f64,
    batches: Vec<Batch>,
    all: Histogram<u64>,
}

#[derive(Debug, Clone)]
struct Batch {
    sum_ns: f64,
    histogram: Histogram<u64>,
}

impl Batches {
    /// No latency yet. Of arrivals at random, one more part of the same length is cut off at the
    /// start; given ones count as they are.
    #[expect(clippy::expect_used, reason = "three digits are fewer than a histogram's five")]
    pub(super) fn new(arrivals: &Arrivals) -> Self {
        let queries = arrivals.queries();
        let (length, warm_up) = match arrivals {
            Arrivals::Poisson { .. } if queries > BATCHES => {
                let length = queries / (BATCHES + 1);
                (length, queries - BATCHES * length)
            }
            _ => ((queries / BATCHES).max(1), 0),
        };
        let empty = Histogram::new(DIGITS).expect("a histogram of three digits");
        let batch = Batch { sum_ns: 0.0, histogram: empty.clone() };
        let batches = (0..BATCHES).map(|_| batch.clone()).collect();
        Self { warm_up, length, seen: 0, max_ns: 0.0, batches, all: empty }
    }

    /// The latency of the next query.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::expect_used,
        reason = "a latency is not negative, and the cast saturates past five centuries"
    )]
    pub(super) fn record(&mut self, latency_ns: f64) {
        let query = self.seen;
        self.seen += 1;
        let Some(counted) = query.checked_sub(self.warm_up) else { return };
        let place = (counted / self.length).min(BATCHES - 1) as usize;
        if let Some(batch) = self.batches.get_mut(place) {
            batch.sum_ns += latency_ns;
            batch.histogram.record(latency_ns.round() as u64).expect("a histogram that resizes");
            self.max_ns = self.max_ns.max(latency_ns);
        }
    }

    /// All latencies are in: adds up the batches.
    #[expect(clippy::expect_used, reason = "a histogram that resizes takes any other")]
    pub(super) fn finish(mut self) -> Self {
        for batch in &self.batches {
            self.all.add(&batch.histogram).expect("histograms of the same digits");
        }
        self
    }

    /// Queries that are counted.
    pub(super) fn counted(&self) -> u64 {
        self.seen.saturating_sub(self.warm_up)
    }

    /// The longest latency, in nanoseconds.
    pub(super) const fn max_ns(&self) -> f64 {
        self.max_ns
    }

    /// The share of queries that took longer than this.
    pub(super) fn share_above(&self, latency_ns: u64) -> f64 {
        share_above(&self.all, latency_ns)
    }

    /// The mean, with Student's interval over the means of the batches.
    #[expect(clippy::cast_precision_loss, reason = "a mean needs no 53 bits")]
    pub(super) fn mean(&self) -> Estimate {
        let sum_ns: f64 = self.batches.iter().map(|batch| batch.sum_ns).sum();
        let ns = sum_ns / self.counted() as f64;
        let means = self.batches.iter().map(|batch| batch.sum_ns / batch.histogram.len() as f64);
        let interval = self.long_enough().then(|| {
            let half = STUDENT_T * standard_error(means, ns);
            Interval { low_ns: (ns - half).max(0.0), high_ns: Some(ns + half) }
        });
        Estimate { ns, interval }
    }

    /// A quantile. Its interval is of Woodruff's kind ("Confidence Intervals for Medians and Other
    /// Position Measures", JASA 47, 1952): the batches tell how sure the share of queries above the
    /// estimate is, and the quantiles at both ends of that share are the interval. So a batch need
    /// not be so long that it has a 99.9 % quantile of its own.
    ///
    /// Long latencies come in clusters. Where a run has few clusters, their share is skewed: a lucky
    /// run has many times the usual. So the lower end allows for as much as a log-normal share of the
    /// same variation may have, and the upper end is open when the share may be nothing.
    #[expect(clippy::cast_precision_loss, reason = "a histogram has three digits")]
    pub(super) fn quantile(&self, quantile: f64) -> Estimate {
        let estimate = self.all.value_at_quantile(quantile);
        let shares = self.batches.iter().map(|batch| share_above(&batch.histogram, estimate));
        let error = standard_error(shares, share_above(&self.all, estimate));
        let above = 1.0 - quantile;
        let skewed = above * (STUDENT_T * (error / above).powi(2).ln_1p().sqrt()).exp();
        let most = skewed.max(above + STUDENT_T * error);
        let least = above - STUDENT_T * error;
        let at = |share_above: f64| self.all.value_at_quantile((1.0 - share_above).max(0.0));
        let enough = self.long_enough() && above * self.counted() as f64 >= MIN_ABOVE;
        let interval = enough.then(|| Interval {
            low_ns: self.all.lowest_equivalent(at(most)) as f64,
            high_ns: (least > 0.0).then(|| self.all.highest_equivalent(at(least)) as f64),
        });
        Estimate { ns: self.all.median_equivalent(estimate) as f64, interval }
    }

    fn long_enough(&self) -> bool {
        self.counted() >= BATCHES * MIN_BATCH
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no 53 bits")]
fn share_above(histogram: &Histogram<u64>, value: u64) -> f64 {
    match histogram.len() {
        0 => 0.0,
        all => (all - histogram.count_between(0, value)) as f64 / all as f64,
    }
}

/// How far the mean of these, one a batch, may be off.
#[expect(clippy::cast_precision_loss, reason = "twenty batches")]
fn standard_error(of_batches: impl Iterator<Item = f64>, mean: f64) -> f64 {
    let squares: f64 = of_batches.map(|value| (value - mean) * (value - mean)).sum();
    let batches = BATCHES as f64;
    (squares / (batches - 1.0) / batches).sqrt()
}
