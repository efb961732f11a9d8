//! Draws of users.

use rayon::prelude::*;

use crate::IdDistribution;
use crate::alias::AliasTable;
use crate::lognormal::Lognormal;
use crate::rejection_inversion::RejectionInversion;
use crate::seed::{RngStream, threshold};
use crate::spec::hot_users;

/// Up to so many users have a table of 8 bytes each; the draws of more are computed.
const TABLE_USERS: u64 = 100_000_000;
/// Past so many times the cutoff of a power law lie less than 10⁻¹⁷ of its events.
const CUTOFFS: f64 = 40.0;

/// The weight of the most active user in a table, while the sum of all fits 62 bits.
///
/// Weights are rounded to whole numbers this coarse, because the last bit of a power differs
/// between platforms' maths libraries: rounded, it almost never reaches the table.
const TOP_WEIGHT: u64 = 1 << 40;
const MAX_WEIGHT_SUM: u64 = 1 << 62;

/// Draws ranks, from 0 for the most active user.
#[derive(Debug, Clone)]
pub(crate) enum RankSampler {
    Uniform { users: u64 },
    Table(AliasTable),
    Hotspot { hot: u64, cold: u64, hot_below: u64 },
    Lognormal(Lognormal),
    PowerLaw { zipf: RejectionInversion, cutoff: f64 },
}

impl RankSampler {
    /// The sampler of a distribution that was found valid for this many users, at least one.
    pub(crate) fn new(users: u64, ids: IdDistribution) -> Self {
        match ids {
            IdDistribution::Uniform => Self::Uniform { users },
            IdDistribution::Hotspot { hot_fraction, hot_share } => {
                let hot = hot_users(users, hot_fraction);
                Self::Hotspot { hot, cold: users - hot, hot_below: threshold(hot_share) }
            }
            IdDistribution::Zipf { s } | IdDistribution::DriftingZipf { s, .. } => {
                Self::of_powers(users, s, f64::INFINITY)
            }
            IdDistribution::PowerLaw { s, cutoff } => {
                Self::of_powers(users.min(whole(cutoff * CUTOFFS)), s, cutoff)
            }
            IdDistribution::Lognormal { sigma } => {
                let law = Lognormal::new(users, sigma);
                if users > TABLE_USERS {
                    return Self::Lognormal(law);
                }
                let first = law.share(0);
                Self::Table(AliasTable::new(weights(users, |rank| law.share(rank - 1) / first)))
            }
        }
    }

    fn of_powers(users: u64, s: f64, cutoff: f64) -> Self {
        if users > TABLE_USERS {
            return Self::PowerLaw { zipf: RejectionInversion::new(users, s), cutoff };
        }
        Self::Table(AliasTable::new(if cutoff.is_finite() {
            weights(users, |rank| float(rank).powf(-s) * ((1.0 - float(rank)) / cutoff).exp())
        } else {
            weights(users, |rank| float(rank).powf(-s))
        }))
    }

    /// The rank of the next event's user.
    #[inline]
    pub(crate) fn rank(&self, rng: &mut RngStream) -> u64 {
        match self {
            Self::Uniform { users } => rng.below(*users),
            Self::Table(table) => table.item(rng.bits()),
            Self::Hotspot { hot, cold, hot_below } => {
                if rng.bits() < *hot_below {
                    rng.below(*hot)
                } else {
                    hot + rng.below(*cold)
                }
            }
            Self::Lognormal(law) => law.draw(rng),
            Self::PowerLaw { zipf, cutoff } => loop {
                let rank = zipf.draw(rng);
                if cutoff.is_infinite() || rng.unit() < ((1.0 - rank) / cutoff).exp() {
                    break whole(rank - 1.0);
                }
            },
        }
    }
}

/// The weights of the ranks from 1, relative to that of the first, as whole numbers.
fn weights(users: u64, weight: impl Fn(u64) -> f64 + Sync) -> Vec<u64> {
    let top = float(TOP_WEIGHT.min(MAX_WEIGHT_SUM / users));
    (1..=users).into_par_iter().map(|rank| whole((top * weight(rank)).round())).collect()
}

#[expect(clippy::cast_precision_loss, reason = "ranks and weights lie far below 2^53")]
fn float(number: u64) -> f64 {
    number as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "no weight and no rank is negative, and the cast saturates"
)]
fn whole(number: f64) -> u64 {
    number as u64
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
        power_law(users, s, f64::INFINITY)
    }

    fn power_law(users: u32, s: f64, cutoff: f64) -> Vec<f64> {
        let weight = |rank: f64| rank.powf(-s) * (-rank / cutoff).exp();
        let weights: Vec<f64> = (1..=users).map(|rank| weight(f64::from(rank))).collect();
        let total: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / total).collect()
    }

    fn assert_fits(users: u64, ids: IdDistribution, probabilities: &[f64]) {
        let what = format!("{ids} over {users}");
        assert_draws_fit(&what, &RankSampler::new(users, ids), probabilities);
    }

    fn assert_draws_fit(what: &str, sampler: &RankSampler, probabilities: &[f64]) {
        let statistic = chi_square(sampler, probabilities);
        let limit = critical(probabilities.len());
        assert!(statistic < limit, "{what}: {statistic} is past {limit}");
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
    fn draws_without_a_table_fit_their_law() {
        let powers = [(10, 1.0), (300, 0.8), (300, 1.3), (40, 2.0), (300, 0.0), (2, 0.5)];
        for (users, s) in powers {
            for cutoff in [f64::INFINITY, 50.0] {
                let zipf = RejectionInversion::new(u64::from(users), s);
                let sampler = RankSampler::PowerLaw { zipf, cutoff };
                let what = format!("{s}, cut off at {cutoff}, over {users}");
                assert_draws_fit(&what, &sampler, &power_law(users, s, cutoff));
            }
        }
        let law = Lognormal::new(800, 1.5);
        let shares: Vec<f64> = (0..800).map(|rank| law.share(rank)).collect();
        assert_draws_fit("lognormal", &RankSampler::Lognormal(law), &shares);
    }

    #[test]
    fn lognormal_draws_fit_their_law() {
        // The mean of each slice of the distribution, by its quantiles instead of its integral.
        for sigma in [0.0, 0.5, 1.5] {
            let slice = |rank: u32| -> f64 {
                const POINTS: u32 = 2_000;
                let above =
                    |point: u32| f64::from(rank) + (f64::from(point) + 0.5) / f64::from(POINTS);
                let z = |point| statrs::function::erf::erfc_inv(above(point) / 150.0);
                (0..POINTS).map(|point| (sigma * std::f64::consts::SQRT_2 * z(point)).exp()).sum()
            };
            let slices: Vec<f64> = (0..300).map(slice).collect();
            let total: f64 = slices.iter().sum();
            let law: Vec<f64> = slices.into_iter().map(|slice| slice / total).collect();
            assert_fits(300, IdDistribution::Lognormal { sigma }, &law);
        }
    }

    #[test]
    fn power_law_draws_fit_their_law() {
        for (users, s, cutoff) in [(200, 0.8, 40.0), (1_000, 0.0, 500.0), (60, 1.5, 10.0)] {
            let law = power_law(users, s, cutoff);
            assert_fits(u64::from(users), IdDistribution::PowerLaw { s, cutoff }, &law);
        }
    }

    #[test]
    fn a_drifting_law_is_a_zipf_law_on_each_day() {
        assert_fits(500, IdDistribution::DriftingZipf { s: 0.9, step: 7 }, &zipf(500, 0.9));
    }

    #[test]
    fn past_the_largest_table_draws_still_fit() {
        // A billion users: the first hundred one by one, then by decades.
        let users: u64 = 1_000_000_000;
        let laws = [
            IdDistribution::Zipf { s: 0.9 },
            IdDistribution::Zipf { s: 1.2 },
            IdDistribution::PowerLaw { s: 0.9, cutoff: 1e8 },
            IdDistribution::Lognormal { sigma: 3.0 },
        ];
        let ends: Vec<u64> = (1..=100).chain([1_000, 10_000, 100_000, 1_000_000]).collect();
        for ids in laws {
            let law = crate::KeyLaw::new(users, ids).unwrap();
            let tails: Vec<f64> = std::iter::once(1.0)
                .chain(
                    ends.iter()
                        .map(|&end| law.head_and_tail(usize::try_from(end).unwrap()).tail.share),
                )
                .chain([0.0])
                .collect();
            let probabilities: Vec<f64> = tails.windows(2).map(|pair| pair[0] - pair[1]).collect();
            let sampler = RankSampler::new(users, ids);
            let mut rng = RngStream::new(RngSeed::new(4), 0);
            let mut counts = vec![0_u32; probabilities.len()];
            for _ in 0..DRAWS {
                let rank = sampler.rank(&mut rng);
                counts[ends.partition_point(|&end| end <= rank)] += 1;
            }
            let statistic: f64 = counts
                .iter()
                .zip(&probabilities)
                .map(|(&count, p)| (f64::from(count) - p * 1e6).powi(2) / (p * 1e6))
                .sum();
            // Lognormal heads are rare: cells with few events have a longer tail than chi-square's.
            assert!(statistic < critical(105) + 20.0, "{ids}: {statistic}");
        }
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
