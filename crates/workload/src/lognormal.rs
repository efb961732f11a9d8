//! Lognormal activity, as numbers and as draws.

use std::f64::consts::SQRT_2;

use libm::erfc;
use statrs::function::erf::erfc_inv;

use crate::key_law::Tail;
use crate::seed::RngStream;

/// The squares of so many shares are added up one by one: within them a slice of the distribution
/// is too wide to be taken for a point.
const SUMMED: u64 = 4_096;

/// Users whose activity is lognormal: the one of rank r, from 0, has the mean of the slice of the
/// distribution between its upper quantiles r/users and (r + 1)/users.
///
/// Activity exp(σz − σ²/2) with z normal has the mean 1, and the share of the activity that lies
/// above z is Q(z − σ), Q being the upper tail of the normal distribution: weighing a normal
/// distribution by exp(σz) moves it by σ. So shares are differences of Q, and a draw of an event's
/// user is a draw of z around σ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lognormal {
    users: u64,
    sigma: f64,
}

impl Lognormal {
    pub(crate) fn new(users: u64, sigma: f64) -> Self {
        Self { users, sigma }
    }

    /// The share of a rank, from 0.
    pub(crate) fn share(&self, rank: u64) -> f64 {
        let (above, below) = (self.shifted(rank), self.shifted(rank + 1));
        // Whichever tail is smaller has the more exact difference.
        if above > 0.0 {
            upper_tail(below) - upper_tail(above)
        } else {
            upper_tail(-above) - upper_tail(-below)
        }
    }

    /// All users but the first `head`.
    pub(crate) fn tail(&self, head: u64) -> Tail {
        let head = head.min(self.users);
        let summed = (head..self.users.min(SUMMED.max(head))).map(|rank| self.share(rank).powi(2));
        let direct: f64 = summed.sum();
        let share = upper_tail(-self.shifted(head));
        Tail {
            keys: self.users - head,
            share,
            squares: direct + self.squares_from(SUMMED.max(head)),
        }
    }

    /// The squared shares from this rank on, of slices taken for points: the activity squared is
    /// itself lognormal, around 2σ, with the mean exp(σ²).
    fn squares_from(&self, rank: u64) -> f64 {
        if rank >= self.users {
            return 0.0;
        }
        let below = upper_tail(-(self.quantile(rank) - 2.0 * self.sigma));
        self.sigma.powi(2).exp() * below / float(self.users)
    }

    /// The rank, from 0, of an event's user.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a product of positive numbers, which the last rank bounds"
    )]
    pub(crate) fn draw(&self, rng: &mut RngStream) -> u64 {
        let z = self.sigma + SQRT_2 * erfc_inv(2.0 * rng.unit());
        ((upper_tail(z) * float(self.users)) as u64).min(self.users - 1)
    }

    /// The upper quantile rank/users of a normal distribution around −σ.
    fn shifted(&self, rank: u64) -> f64 {
        self.quantile(rank) - self.sigma
    }

    fn quantile(&self, rank: u64) -> f64 {
        SQRT_2 * erfc_inv(2.0 * float(rank) / float(self.users))
    }
}

/// How likely a normal number lies above z. The differences of neighbours need every digit: the
/// `erfc` of statrs has ten of them.
fn upper_tail(z: f64) -> f64 {
    erfc(z / SQRT_2) / 2.0
}

#[expect(clippy::cast_precision_loss, reason = "counts of users lie far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}
