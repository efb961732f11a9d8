//! Random counts, drawn as a whole instead of event by event.

use hotshard_workload::{RngSeed, RngStream};

/// From this variance on, a binomial count is drawn as a rounded normal with its skewness
/// corrected; below, exactly. The corrected normal's distribution function is then off by less than
/// 0.01 at any count.
const NORMAL_VARIANCE: f64 = 10.0;

/// Counts of balls in bins.
#[derive(Debug)]
pub(crate) struct Draws {
    rng: RngStream,
    spare: Option<f64>,
}

impl Draws {
    /// The draws of this stream under this seed.
    pub(crate) fn new(seed: RngSeed, stream: u64) -> Self {
        Self { rng: RngStream::new(seed, stream), spare: None }
    }

    /// How many balls fall into each bin, if each falls into a bin with a probability that is
    /// proportional to its weight: a multinomial count, as one binomial count after the other.
    pub(crate) fn divide(&mut self, balls: u64, weights: &[f64]) -> Vec<u64> {
        let (mut left, mut weight_left) = (balls, weights.iter().sum::<f64>());
        let mut bins: Vec<u64> = Vec::with_capacity(weights.len());
        let mut heaviest = (0, 0.0);
        for (bin, &weight) in weights.iter().enumerate() {
            let count = self.binomial(left, weight / weight_left);
            left -= count;
            weight_left -= weight;
            bins.push(count);
            if weight > heaviest.1 {
                heaviest = (bin, weight);
            }
        }
        // A last ball may be left where the sum of the weights was rounded.
        if let Some(bin) = bins.get_mut(heaviest.0) {
            *bin += left;
        }
        bins
    }

    /// How many balls fall into each of `bins` equal bins.
    pub(crate) fn spread(&mut self, balls: u64, bins: u32) -> Vec<u64> {
        let mut left = balls;
        let counts = (1..=bins).rev().map(|bins_left| {
            let count = self.binomial(left, f64::from(bins_left).recip());
            left -= count;
            count
        });
        counts.collect()
    }

    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.rng.bits()
    }

    /// How many of so many trials succeed.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of a model, drawn from a distribution that is wider than its rounding; \
                  negative numbers become 0"
    )]
    pub(crate) fn binomial(&mut self, trials: u64, success: f64) -> u64 {
        if trials == 0 || success <= 0.0 || success.is_nan() {
            return 0;
        }
        if success > 0.5 {
            return trials - self.binomial(trials, 1.0 - success);
        }
        let mean = trials as f64 * success;
        let variance = mean * (1.0 - success);
        if variance < NORMAL_VARIANCE {
            return self.few(trials, success);
        }
        // Cornish and Fisher, "Moments and Cumulants in the Specification of Distributions", 1938:
        // the first correction of a normal, by the skewness (1 − 2p)/σ.
        let normal = self.normal();
        let skewed = (1.0 - 2.0 * success) * (normal * normal - 1.0) / 6.0;
        ((mean + variance.sqrt() * normal + skewed).round() as u64).min(trials)
    }

    /// A binomial count with a small mean, exactly: by inversion (algorithm BINV of Kachitvichyanukul
    /// and Schmeiser, "Binomial Random Variate Generation", 1988).
    #[expect(clippy::cast_precision_loss, reason = "probabilities need no 53rd bit")]
    fn few(&mut self, trials: u64, success: f64) -> u64 {
        let odds = success / (1.0 - success);
        let mut probability = (trials as f64 * (-success).ln_1p()).exp();
        let mut left = self.rng.unit();
        let mut count = 0;
        while left > probability && count < trials {
            left -= probability;
            probability *= odds * (trials - count) as f64 / (count + 1) as f64;
            count += 1;
            if probability == 0.0 {
                break;
            }
        }
        count
    }

    /// A standard normal number, by the polar method (Marsaglia and Bray, "A Convenient Method for
    /// Generating Normal Variables", 1964).
    fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.rng.unit() - 1.0, 2.0 * self.rng.unit() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(y * factor);
                return x * factor;
            }
        }
    }
}
