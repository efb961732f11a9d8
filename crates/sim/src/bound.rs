//! What the fullest shard stays below.

use std::num::NonZeroU32;

use crate::Bound;

/// The probability that a bound over random hashes fails.
const FAILS: f64 = 0.01;
/// Weights are put together by their 4 highest bits: within 1/8 of each other.
const STEPS: u32 = 3;

/// Independent weights, each on a shard that is chosen at random: what the fullest shard stays below.
///
/// Chernoff's bound with the moments as they are: for any λ > 0 the probability that a shard passes x
/// is at most e^(−λx)·Π(1 + (e^(λw) − 1)/n), over all weights w, and n times that for any of n
/// shards. x is the smallest with which that is at most 1 %. It lies below Bernstein's bound, which
/// loosens the same moments to two of them (Boucheron, Lugosi, Massart, "Concentration
/// Inequalities", 2013, section 2.8).
///
/// Weights lie in classes. The logarithm of a moment is convex in w and 0 at 0, so a weight counts at
/// most as its part of the class's largest; no bound gets too low by that.
#[derive(Debug, Clone)]
pub(crate) struct Weights {
    classes: Vec<Class>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Class {
    largest: u64,
    sum: u128,
}

impl Weights {
    /// None.
    pub(crate) fn new() -> Self {
        Self { classes: Vec::new() }
    }

    /// So many more of the same weight.
    pub(crate) fn add(&mut self, weight: u64, times: u64) {
        if times == 0 {
            return;
        }
        let number = class(weight);
        if self.classes.len() <= number {
            self.classes.resize(number + 1, Class::default());
        }
        if let Some(class) = self.classes.get_mut(number) {
            class.largest = class.largest.max(weight);
            class.sum += u128::from(weight) * u128::from(times);
        }
    }

    /// So much more in so many parts that are as equal as whole numbers can be.
    pub(crate) fn add_even(&mut self, sum: u64, parts: u64) {
        let parts = parts.max(1);
        self.add(sum / parts + 1, sum % parts);
        self.add(sum / parts, parts - sum % parts);
    }

    /// The bound on max/mean over this many shards; none without weight.
    #[expect(clippy::cast_precision_loss, reason = "a bound need not be exact to 53 bits")]
    pub(crate) fn bound(&self, shards: NonZeroU32) -> Option<Bound> {
        let n = f64::from(shards.get());
        let classes: Vec<(f64, f64)> = self
            .classes
            .iter()
            .filter(|class| class.sum > 0)
            .map(|class| (class.largest as f64, class.sum as f64 / class.largest as f64))
            .collect();
        let total: f64 = classes.iter().map(|(weight, times)| weight * times).sum();
        let largest = classes.iter().map(|&(weight, _)| weight).fold(0.0, f64::max);
        if classes.is_empty() {
            return None;
        }
        if shards.get() == 1 {
            return Some(Bound { max_over_mean: 1.0, confidence: 1.0 });
        }
        // λ as a multiple of 1/largest; all of them give a bound, and x has one valley.
        let below = |lambda: f64| {
            let lambda = lambda.exp() / largest;
            let moments: f64 =
                classes.iter().map(|(weight, times)| times * ln_moment(lambda * weight, n)).sum();
            (moments + (n / FAILS).ln()) / lambda
        };
        let rows = valley(below, -30.0, 6.0);
        // However they fall, no shard has more than all.
        if rows >= total {
            return Some(Bound { max_over_mean: n, confidence: 1.0 });
        }
        Some(Bound { max_over_mean: rows * n / total, confidence: 1.0 - FAILS })
    }
}

/// ln(1 + (e^y − 1)/n), also where e^y is past the largest number.
fn ln_moment(y: f64, n: f64) -> f64 {
    if y < 500.0 { (y.exp_m1() / n).ln_1p() } else { y - n.ln() + ((n - 1.0) * (-y).exp()).ln_1p() }
}

/// The lowest value of a function with one valley, by sections of the golden ratio.
fn valley(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const RATIO: f64 = 0.618_033_988_749_894_9;
    const ROUNDS: usize = 48;
    let (mut a, mut b) = (high - RATIO * (high - low), low + RATIO * (high - low));
    let (mut at_a, mut at_b) = (f(a), f(b));
    for _ in 0..ROUNDS {
        if at_a < at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - RATIO * (high - low);
            at_a = f(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + RATIO * (high - low);
            at_b = f(b);
        }
    }
    at_a.min(at_b)
}

/// The class of a weight: its highest bits.
fn class(weight: u64) -> usize {
    let bits = u64::BITS - weight.leading_zeros();
    let shift = bits.saturating_sub(STEPS + 1);
    let high = usize::try_from(weight >> shift).unwrap_or(usize::MAX);
    (shift as usize) * (1 << STEPS) + high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(weights: &[(u64, u64)], shards: u32) -> Bound {
        let mut all = Weights::new();
        weights.iter().for_each(|&(weight, times)| all.add(weight, times));
        all.bound(NonZeroU32::new(shards).unwrap()).unwrap()
    }

    #[test]
    fn classes_are_narrow_and_apart() {
        for weight in 1_u64..100_000 {
            assert!(class(weight + 1) - class(weight) <= 1);
            assert_ne!(class(weight), class(weight + weight.div_ceil(4)));
        }
        assert!(class(u64::MAX) < 600);
    }

    #[test]
    fn equal_weights_stay_near_the_mean() {
        // 10⁶ weights over 100 shards: mean 10⁴, deviation 99.5; the largest of 100 normals passes
        // 3.72 deviations with 1 %, and a Chernoff bound needs √(2 ln 10⁴) = 4.29 of them.
        let bound = bound(&[(1, 1_000_000)], 100);
        assert!((1.0427..1.0435).contains(&bound.max_over_mean), "{bound:?}");
        assert_eq!(bound.confidence, 0.99);
    }

    #[test]
    fn one_weight_has_one_shard() {
        assert_eq!(bound(&[(7, 1)], 50), Bound { max_over_mean: 50.0, confidence: 1.0 });
        assert_eq!(bound(&[(7, 9)], 1), Bound { max_over_mean: 1.0, confidence: 1.0 });
        assert_eq!(Weights::new().bound(NonZeroU32::MIN), None);
    }

    #[test]
    fn a_heavy_weight_and_many_light_ones() {
        // The heavy one has a shard for itself and the mean of the others: 10 means and 0.9.
        let bound = bound(&[(100_000, 1), (1, 900_000)], 100);
        assert!((10.9..11.3).contains(&bound.max_over_mean), "{bound:?}");
    }

    #[test]
    fn it_lies_below_bernstein() {
        // Mean + M·L/3 + √((M·L/3)² + 2VL), with L = ln(n/δ), M the largest weight and V the
        // variance of a shard.
        for (weights, n) in [(vec![(20, 1_000), (1, 30_000)], 50_u32), (vec![(5, 10_000)], 200)] {
            let sum = |power: i32| -> f64 {
                weights.iter().map(|&(w, times)| (w as f64).powi(power) * times as f64).sum()
            };
            let (n_, largest) = (f64::from(n), weights[0].0 as f64);
            let log = (n_ / FAILS).ln();
            let (mean, variance) = (sum(1) / n_, sum(2) / n_ * (1.0 - 1.0 / n_));
            let first = largest * log / 3.0;
            let rows = mean + first + (first * first + 2.0 * variance * log).sqrt();
            assert!(bound(&weights, n).max_over_mean <= rows / mean);
        }
    }
}
