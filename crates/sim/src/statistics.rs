//! What many repeats say together.

use serde::Serialize;

/// The values of one statistic over repeats, each under its own rng seed.
///
/// ```
/// use hotshard_sim::Distribution;
///
/// let repeats = Distribution::of((0..200).map(f64::from)).expect("numbers, and at least one");
/// assert_eq!(repeats.mean(), 99.5);
/// assert_eq!(repeats.quantile(0.5), 99.5);
///
/// let (low, high) = repeats.quantile_interval(0.5, 0.95);
/// assert!(low < 99.5 && 99.5 < high);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Distribution {
    /// From small to large; never empty, all finite.
    sorted: Vec<f64>,
}

impl Distribution {
    /// The distribution of these values; none if there is no value, or one that is no number.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        if sorted.is_empty() || !sorted.iter().all(|value| value.is_finite()) {
            return None;
        }
        sorted.sort_unstable_by(f64::total_cmp);
        Some(Self { sorted })
    }

    /// The values, from small to large.
    #[must_use]
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sorted.iter().sum::<f64>() / self.count()
    }

    /// The standard deviation of a single repeat, estimated with n − 1; 0 for one value.
    #[must_use]
    pub fn standard_deviation(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.sorted.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / (self.count() - 1.0).max(1.0)).sqrt()
    }

    /// The standard error of the mean.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.standard_deviation() / self.count().sqrt()
    }

    /// The value below which this fraction of repeats lies, 0 to 1, between two values by linear
    /// interpolation: definition 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages",
    /// 1996, which R and numpy use as well.
    #[must_use]
    pub fn quantile(&self, fraction: f64) -> f64 {
        let position = fraction.clamp(0.0, 1.0) * (self.count() - 1.0);
        let low = self.at(position.floor());
        low + (self.at(position.ceil()) - low) * position.fract()
    }

    /// Two values between which the true quantile lies with at least this confidence, whatever the
    /// distribution: order statistics whose ranks the binomial distribution gives (David and
    /// Nagaraja, "Order Statistics", 2003, section 7.1). With too few repeats for the confidence
    /// they are the smallest and the largest value.
    #[must_use]
    pub fn quantile_interval(&self, fraction: f64, confidence: f64) -> (f64, f64) {
        let each_side = (1.0 - confidence) / 2.0;
        let (mut below, mut low, mut high) = (0.0, 0.0, self.count() - 1.0);
        for (rank, probability) in binomial(self.sorted.len(), fraction).enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53 repeats")]
            let rank = rank as f64;
            // `below` is the probability that fewer than `rank` values lie below the quantile.
            if below <= each_side {
                low = rank - 1.0;
            }
            below += probability;
            if below >= 1.0 - each_side {
                high = rank;
                break;
            }
        }
        (self.at(low), self.at(high))
    }

    /// The largest distance between two empirical distribution functions, 0 to 1: the statistic of
    /// Kolmogorov and Smirnov.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f64 {
        let steps = self.sorted.iter().chain(&other.sorted);
        steps.map(|at| (self.share_up_to(*at) - other.share_up_to(*at)).abs()).fold(0.0, f64::max)
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^53 repeats")]
    fn share_up_to(&self, value: f64) -> f64 {
        self.sorted.partition_point(|own| *own <= value) as f64 / self.count()
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^53 repeats")]
    fn count(&self) -> f64 {
        self.sorted.len() as f64
    }

    /// The value of this rank from 0, or the nearest there is.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number, clamped to the ranks there are"
    )]
    fn at(&self, rank: f64) -> f64 {
        let rank = rank.clamp(0.0, self.count() - 1.0) as usize;
        self.sorted.get(rank).copied().unwrap_or_default()
    }
}

/// The probabilities of 0, 1, … successes in so many trials, by logarithms.
fn binomial(trials: usize, success: f64) -> impl Iterator<Item = f64> {
    let success = success.clamp(0.0, 1.0);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53 repeats")]
    (0..=trials).map(move |successes| {
        let failures = (trials - successes) as f64;
        let ways = statrs::function::factorial::ln_binomial(trials as u64, successes as u64);
        (ways + powers(success, successes as f64) + powers(1.0 - success, failures)).exp()
    })
}

/// The logarithm of a probability's power, where 0⁰ is 1.
fn powers(probability: f64, exponent: f64) -> f64 {
    if exponent == 0.0 { 0.0 } else { exponent * probability.ln() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Distribution {
        Distribution::of(values.iter().copied()).unwrap()
    }

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([1, 2, 4, 8, 16], [0, .05, .5, .9, 1]) and numpy.std(ddof=1)
        let values = of(&[16.0, 8.0, 1.0, 2.0, 4.0]);
        let quantiles = [0.0, 0.05, 0.5, 0.9, 1.0].map(|fraction| values.quantile(fraction));
        for (ours, numpy) in quantiles.into_iter().zip([1.0, 1.2, 4.0, 12.8, 16.0]) {
            assert!((ours - numpy).abs() < 1e-12, "{ours} instead of {numpy}");
        }
        assert!((values.standard_deviation() - 6.099_180_272_790_763).abs() < 1e-12);
    }

    #[test]
    fn an_interval_of_the_median_has_the_ranks_of_the_tables() {
        // For the median of 20 values at 95 %, tables give the 6th and the 15th.
        let values = Distribution::of((1..=20).map(f64::from)).unwrap();
        assert_eq!(values.quantile_interval(0.5, 0.95), (6.0, 15.0));
        // 5 values cannot bound the median with 99 %: they say what they can.
        assert_eq!(of(&[1.0, 2.0, 3.0, 4.0, 5.0]).quantile_interval(0.5, 0.99), (1.0, 5.0));
    }

    #[test]
    fn one_value_is_all_there_is() {
        let one = of(&[3.0]);
        assert_eq!((one.mean(), one.standard_error()), (3.0, 0.0));
        assert_eq!((one.quantile(0.95), one.quantile_interval(0.5, 0.95)), (3.0, (3.0, 3.0)));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        assert_eq!(Distribution::of([]), None);
        assert_eq!(Distribution::of([1.0, f64::NAN]), None);
        assert_eq!(Distribution::of([f64::INFINITY]), None);
    }

    #[test]
    fn the_distance_is_that_of_kolmogorov_and_smirnov() {
        let values = of(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(values.distance(&values), 0.0);
        assert_eq!(values.distance(&of(&[10.0])), 1.0);
        assert_eq!(values.distance(&of(&[2.5, 2.6])), 0.5);
    }
}
