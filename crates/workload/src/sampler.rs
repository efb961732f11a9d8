//! Draws of users.

use rayon::prelude::*;

use crate::IdDistribution;
use crate::alias::AliasTable;
use crate::seed::{RngStream, threshold};
use crate::spec::hot_users;

/// The weight of the most active user in a Zipf table, while the sum of all fits 62 bits.
///
/// Weights are rounded to whole numbers this coarse, because the last bit of a power differs
/// between platforms' maths libraries: rounded, it almost never reaches the table.
const TOP_WEIGHT: u64 = 1 << 40;
const MAX_WEIGHT_SUM: u64 = 1 << 62;

/// Draws ranks, from 0 for the most active user.
#[derive(Debug, Clone)]
pub(crate) enum RankSampler {
    Uniform { users: u64 },
    Zipf(AliasTable),
    Hotspot { hot: u64, cold: u64, hot_below: u64 },
}

impl RankSampler {
    /// The sampler of a distribution that was found valid for this many users, at least one.
    pub(crate) fn new(users: u64, ids: IdDistribution) -> Self {
        match ids {
            IdDistribution::Uniform => Self::Uniform { users },
            IdDistribution::Zipf { s } => Self::Zipf(AliasTable::new(zipf_weights(users, s))),
            IdDistribution::Hotspot { hot_fraction, hot_share } => {
                let hot = hot_users(users, hot_fraction);
                Self::Hotspot { hot, cold: users - hot, hot_below: threshold(hot_share) }
            }
        }
    }

    /// The rank of the next event's user.
    #[inline]
    pub(crate) fn rank(&self, rng: &mut RngStream) -> u64 {
        match self {
            Self::Uniform { users } => rng.below(*users),
            Self::Zipf(table) => table.item(rng.bits()),
            Self::Hotspot { hot, cold, hot_below } => {
                if rng.bits() < *hot_below {
                    rng.below(*hot)
                } else {
                    hot + rng.below(*cold)
                }
            }
        }
    }
}

/// r⁻ˢ for the ranks r from 1, as whole numbers.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks and weights lie far below 2^53, and no weight is negative"
)]
fn zipf_weights(users: u64, s: f64) -> Vec<u64> {
    let top = TOP_WEIGHT.min(MAX_WEIGHT_SUM / users) as f64;
    (1..=users).into_par_iter().map(|rank| (top * (rank as f64).powf(-s)).round() as u64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RngSeed;

    const DRAWS: u32 = 1_000_000;

    /// Pearson's statistic of a million draws against these probabilities.
    fn chi_square(sampler: &RankSampler, probabilities: &[f64]) -> f64 {
        let mut rng = RngStream::new(RngSeed::new(1), 0);
        let mut counts = vec![0_u32; probabilities.len()];
        for _ in 0..DRAWS {
            counts[usize::try_from(sampler.rank(&mut rng)).unwrap()] += 1;
        }
        counts
            .iter()
            .zip(probabilities)
            .map(|(&count, p)| {
                (f64::from(count) - p * f64::from(DRAWS)).powi(2) / (p * f64::from(DRAWS))
            })
            .sum()
    }

    /// What the statistic stays below in all but one of 10 000 seeds (Wilson and Hilferty's
    /// approximation of the chi-square distribution).
    fn critical(items: usize) -> f64 {
        let freedom = items as f64 - 1.0;
        let third = 2.0 / (9.0 * freedom);
        freedom * (1.0 - third + 3.719 * third.sqrt()).powi(3)
    }

    fn zipf(users: u32, s: f64) -> Vec<f64> {
        let weights: Vec<f64> = (1..=users).map(|rank| f64::from(rank).powf(-s)).collect();
        let total: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / total).collect()
    }

    fn assert_fits(users: u64, ids: IdDistribution, probabilities: &[f64]) {
        let statistic = chi_square(&RankSampler::new(users, ids), probabilities);
        let limit = critical(probabilities.len());
        assert!(statistic < limit, "{ids} over {users}: {statistic} is past {limit}");
    }

    #[test]
    fn zipf_draws_fit_their_law() {
        for (users, s) in [(10, 1.0), (1_000, 0.8), (1_000, 1.3), (40, 2.0), (300, 0.0)] {
            let law = zipf(u32::try_from(users).unwrap(), s);
            assert_fits(users, IdDistribution::Zipf { s }, &law);
        }
    }

    #[test]
    fn uniform_draws_fit_their_law() {
        assert_fits(700, IdDistribution::Uniform, &[1.0 / 700.0; 700]);
    }

    #[test]
    fn hotspot_draws_fit_their_law() {
        let law: Vec<f64> =
            (0..500).map(|rank| if rank < 100 { 0.8 / 100.0 } else { 0.2 / 400.0 }).collect();
        assert_fits(500, IdDistribution::HOTSPOT_80_20, &law);
    }

    #[test]
    fn the_test_tells_a_slightly_wrong_exponent() {
        let sampler = RankSampler::new(1_000, IdDistribution::Zipf { s: 1.02 });
        assert!(chi_square(&sampler, &zipf(1_000, 1.0)) > critical(1_000));
    }

    #[test]
    fn a_million_users_have_the_head_that_theory_gives() {
        // 1/(ζ(1.3) − 10⁶^(−0.3)/0.3): the first user sends 25.78 % of the events.
        let sampler = RankSampler::new(1_000_000, IdDistribution::Zipf { s: 1.3 });
        let mut rng = RngStream::new(RngSeed::new(3), 0);
        let firsts = (0..DRAWS).filter(|_| sampler.rank(&mut rng) == 0).count();
        assert!((255_600..260_000).contains(&firsts), "{firsts} of {DRAWS}");
    }
}
