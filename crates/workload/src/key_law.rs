//! How events spread over keys, as numbers instead of draws.

use crate::spec::hot_users;
use crate::{IdDistribution, WorkloadError, WorkloadSpec};

/// The probability that an event has a given key: what [`Ranks`](crate::Ranks) draws from.
///
/// A model that needs no single event asks this instead of drawing: any number of users costs the
/// same.
///
/// ```
/// use hotshard_workload::{IdDistribution, KeyLaw};
///
/// let law = KeyLaw::new(10_000, IdDistribution::Zipf { s: 1.0 })?;
/// let parts = law.head_and_tail(100);
/// assert_eq!(parts.head.len(), 100);
/// let sum = parts.head.iter().sum::<f64>() + parts.tail.share;
/// assert!((sum - 1.0).abs() < 1e-9);
/// # Ok::<(), hotshard_workload::WorkloadError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyLaw {
    users: u64,
    ids: IdDistribution,
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

impl KeyLaw {
    /// The law of this many users.
    ///
    /// # Errors
    /// If there are no users, or the distribution does not fit their number.
    pub fn new(users: u64, ids: IdDistribution) -> Result<Self, WorkloadError> {
        WorkloadSpec::default().users(users, ids).validate()?;
        Ok(Self { users, ids })
    }

    /// How many keys there are.
    #[must_use]
    pub fn keys(&self) -> u64 {
        self.users
    }

    /// The law in two parts, the first of at most `head` keys.
    #[must_use]
    pub fn head_and_tail(&self, head: usize) -> HeadAndTail {
        let weights: Vec<f64> = (0..self.users).map(|rank| self.weight(rank)).collect();
        let total: f64 = weights.iter().sum();
        let mut head_shares: Vec<f64> = weights.into_iter().map(|weight| weight / total).collect();
        let rest = head_shares.split_off(head.min(head_shares.len()));
        let tail = Tail {
            keys: rest.len() as u64,
            share: rest.iter().sum(),
            squares: rest.iter().map(|share| share * share).sum(),
        };
        HeadAndTail { head: head_shares, tail }
    }

    #[expect(clippy::cast_precision_loss, reason = "ranks lie far below 2^53")]
    fn weight(&self, rank: u64) -> f64 {
        match self.ids {
            IdDistribution::Uniform => 1.0,
            IdDistribution::Zipf { s } => (rank as f64 + 1.0).powf(-s),
            IdDistribution::Hotspot { hot_fraction, hot_share } => {
                let hot = hot_users(self.users, hot_fraction);
                if rank < hot {
                    hot_share / hot as f64
                } else {
                    (1.0 - hot_share) / (self.users - hot) as f64
                }
            }
        }
    }
}
