//! How events spread over keys, as numbers instead of draws.

use crate::lognormal::Lognormal;
use crate::power_law::PowerLaw;
use crate::spec::hot_users;
use crate::{IdDistribution, WorkloadError, WorkloadSpec};

/// The probability that an event has a given key: what [`Ranks`](crate::Ranks) draws from.
///
/// A model that needs no single event asks this instead of drawing: any number of users costs the
/// same, a millisecond. Sums over many users are exact to about eight digits. Of a drifting law this
/// is one day.
///
/// ```
/// use hotshard_workload::{IdDistribution, KeyLaw};
///
/// let law = KeyLaw::new(10_000_000_000, IdDistribution::Zipf { s: 1.0 })?;
/// let parts = law.head_and_tail(100);
/// assert_eq!(parts.head.len(), 100);
/// assert!((parts.head[0] - 0.042_367_376).abs() < 1e-8, "1/H(10¹⁰)");
/// let sum = parts.head.iter().sum::<f64>() + parts.tail.share;
/// assert!((sum - 1.0).abs() < 1e-9);
/// # Ok::<(), hotshard_workload::WorkloadError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyLaw {
    users: u64,
    shape: Shape,
}

/// A law in two parts: its most active keys one by one, the others as one.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadAndTail {
    /// The shares of the most active keys, 0 to 1, most active first.
    pub head: Vec<f64>,
    /// All other keys.
    pub tail: Tail,
}

/// What a model needs of the many keys with few events each.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Tail {
    /// How many keys.
    pub keys: u64,
    /// Their share together, 0 to 1.
    pub share: f64,
    /// The sum of their squared shares.
    pub squares: f64,
}

/// The mathematics of a distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    /// Some users with the same share each, then the others with another; either may be nobody.
    Steps {
        hot: u64,
        hot_each: f64,
        cold: u64,
        cold_each: f64,
    },
    Lognormal(Lognormal),
    PowerLaw(PowerLaw),
}

impl KeyLaw {
    /// The law of this many users.
    ///
    /// # Errors
    /// If there are no users, or the distribution does not fit their number.
    pub fn new(users: u64, ids: IdDistribution) -> Result<Self, WorkloadError> {
        WorkloadSpec::default().users(users, ids).validate()?;
        Ok(Self { users, shape: Shape::new(users, ids) })
    }

    /// How many keys there are.
    #[must_use]
    pub fn keys(&self) -> u64 {
        self.users
    }

    /// The law in two parts, the first of at most `head` keys.
    #[must_use]
    pub fn head_and_tail(&self, head: usize) -> HeadAndTail {
        let head = self.users.min(head as u64);
        HeadAndTail {
            head: (0..head).map(|rank| self.shape.share(rank)).collect(),
            tail: self.shape.tail(head),
        }
    }

    /// The sum, over the users past the first `head`, of the product of their share and that of the
    /// user `shift` ranks further on, see [`PowerLaw::overlap`]. Other laws do not drift.
    pub(crate) fn overlap(&self, head: usize, shift: u64) -> f64 {
        let head = self.users.min(head as u64);
        match &self.shape {
            Shape::PowerLaw(law) => law.overlap(head, shift),
            shape => shape.tail(head).squares,
        }
    }
}

impl Shape {
    fn new(users: u64, ids: IdDistribution) -> Self {
        match ids {
            IdDistribution::Uniform => {
                Self::Steps { hot: 0, hot_each: 0.0, cold: users, cold_each: 1.0 / float(users) }
            }
            IdDistribution::Hotspot { hot_fraction, hot_share } => {
                let hot = hot_users(users, hot_fraction);
                let cold = users - hot;
                Self::Steps {
                    hot,
                    hot_each: hot_share / float(hot),
                    cold,
                    cold_each: (1.0 - hot_share) / float(cold),
                }
            }
            IdDistribution::Lognormal { sigma } => Self::Lognormal(Lognormal::new(users, sigma)),
            IdDistribution::Zipf { s } | IdDistribution::DriftingZipf { s, .. } => {
                Self::PowerLaw(PowerLaw::new(users, s, f64::INFINITY))
            }
            IdDistribution::PowerLaw { s, cutoff } => {
                Self::PowerLaw(PowerLaw::new(users, s, cutoff))
            }
        }
    }

    /// The share of a rank, from 0.
    fn share(&self, rank: u64) -> f64 {
        match self {
            Self::Steps { hot, hot_each, .. } if rank < *hot => *hot_each,
            Self::Steps { cold_each, .. } => *cold_each,
            Self::Lognormal(law) => law.share(rank),
            Self::PowerLaw(law) => law.share(float(rank + 1)),
        }
    }

    fn tail(&self, head: u64) -> Tail {
        match *self {
            Self::Steps { hot, hot_each, cold, cold_each } => {
                let hot_left = hot.saturating_sub(head);
                let cold_left = cold - head.saturating_sub(hot).min(cold);
                Tail {
                    keys: hot_left + cold_left,
                    share: float(hot_left) * hot_each + float(cold_left) * cold_each,
                    squares: float(hot_left) * hot_each.powi(2)
                        + float(cold_left) * cold_each.powi(2),
                }
            }
            Self::Lognormal(law) => law.tail(head),
            Self::PowerLaw(law) => law.tail(head),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of users lie far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWS: [IdDistribution; 8] = [
        IdDistribution::Uniform,
        IdDistribution::HOTSPOT_80_20,
        IdDistribution::Zipf { s: 0.7 },
        IdDistribution::Zipf { s: 1.4 },
        IdDistribution::Lognormal { sigma: 0.5 },
        IdDistribution::Lognormal { sigma: 2.0 },
        IdDistribution::PowerLaw { s: 0.8, cutoff: 2_000.0 },
        IdDistribution::DriftingZipf { s: 1.0, step: 3 },
    ];

    fn assert_near(what: &str, given: f64, expected: f64, tolerance: f64) {
        let close = (given - expected).abs() <= tolerance * expected.abs();
        assert!(close, "{what}: {given} instead of {expected}");
    }

    #[test]
    fn tails_are_the_sums_of_what_they_stand_for() {
        const USERS: u64 = 300_000;
        for ids in LAWS {
            let law = KeyLaw::new(USERS, ids).unwrap();
            let all = law.head_and_tail(usize::MAX);
            assert_eq!((all.head.len() as u64, all.tail), (USERS, Tail::default()));
            assert_near(&ids.to_string(), all.head.iter().sum(), 1.0, 1e-8);
            for head in [0, 1, 100, 70_000] {
                let what = format!("{ids}, head {head}");
                let tail = law.head_and_tail(head).tail;
                let rest = &all.head[head..];
                assert_eq!(tail.keys, rest.len() as u64, "{what}");
                assert_near(&what, tail.share, rest.iter().sum(), 1e-7);
                assert_near(&what, tail.squares, rest.iter().map(|p| p * p).sum(), 1e-5);
            }
        }
    }

    #[test]
    fn ranks_fall() {
        for ids in LAWS {
            let head = KeyLaw::new(50_000, ids).unwrap().head_and_tail(50_000).head;
            // Far from the head a lognormal share is a difference of two nearly equal numbers.
            assert!(head.windows(2).all(|pair| pair[0] * (1.0 + 1e-9) >= pair[1]), "{ids}");
        }
    }

    #[test]
    fn a_lognormal_head_is_what_theory_gives() {
        // Q(Q⁻¹(0.01) − 2) = 0.37208.
        let law = KeyLaw::new(1_000_000, IdDistribution::Lognormal { sigma: 2.0 }).unwrap();
        assert_near(
            "first hundredth",
            1.0 - law.head_and_tail(10_000).tail.share,
            0.372_080_6,
            1e-6,
        );
        let even = KeyLaw::new(1_000, IdDistribution::Lognormal { sigma: 0.0 }).unwrap();
        let head = even.head_and_tail(1_000).head;
        assert!(head.iter().all(|share| (share - 0.001).abs() < 1e-12));
    }

    #[test]
    fn ten_billion_users_are_no_more_work() {
        for ids in LAWS {
            let parts = KeyLaw::new(10_000_000_000, ids).unwrap().head_and_tail(1_000);
            let sum = parts.head.iter().sum::<f64>() + parts.tail.share;
            assert_near(&ids.to_string(), sum, 1.0, 1e-8);
            assert_eq!(parts.tail.keys, 9_999_999_000);
        }
    }

    #[test]
    fn days_overlap_as_their_products_say() {
        let ids = IdDistribution::DriftingZipf { s: 1.0, step: 1 };
        let law = KeyLaw::new(30_000, ids).unwrap();
        let shares = law.head_and_tail(30_000).head;
        for (head, shift) in
            [(0, 0), (0, 7), (100, 7), (100, 29_950), (10_000, 15_000), (9, 60_001)]
        {
            let expected: f64 = (head..30_000)
                .map(|rank| (rank, (rank + usize::try_from(shift).unwrap()) % 30_000))
                .filter(|&(_, other)| other >= head)
                .map(|(rank, other)| shares[rank] * shares[other])
                .sum();
            assert_near(&format!("{head}, {shift}"), law.overlap(head, shift), expected, 1e-7);
        }
    }
}
