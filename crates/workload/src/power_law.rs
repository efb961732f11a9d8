//! Powers of the rank, with or without an end, as numbers.

use crate::key_law::Tail;
use crate::smooth_sum::smooth_sum;

/// Shares proportional to r⁻ˢ·exp(−r/cutoff), for the ranks r from 1 to `users`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PowerLaw {
    users: u64,
    s: f64,
    /// Infinite for a Zipf law.
    cutoff: f64,
    /// What the weights add up to.
    total: f64,
}

impl PowerLaw {
    pub(crate) fn new(users: u64, s: f64, cutoff: f64) -> Self {
        let law = Self { users, s, cutoff, total: 1.0 };
        Self { total: smooth_sum(1..users + 1, |rank| law.share(rank)), ..law }
    }

    /// The share of a rank, from 1. A rank between two others has a share between theirs.
    pub(crate) fn share(&self, rank: f64) -> f64 {
        let power = rank.powf(-self.s);
        // Counted from the first rank, so that a short cutoff leaves it a weight.
        let end = if self.cutoff.is_finite() { ((1.0 - rank) / self.cutoff).exp() } else { 1.0 };
        power * end / self.total
    }

    /// All users but the first `head`.
    pub(crate) fn tail(&self, head: u64) -> Tail {
        let ranks = head.min(self.users) + 1..self.users + 1;
        Tail {
            keys: ranks.end - ranks.start,
            share: smooth_sum(ranks.clone(), |rank| self.share(rank)),
            squares: smooth_sum(ranks, |rank| self.share(rank).powi(2)),
        }
    }

    /// The sum, over the users past the first `head` of one day, of the product of their share of
    /// that day and of another on which all ranks lie `shift` users further on, as long as they are
    /// past its first `head`, too. The last user is followed by the first.
    #[expect(clippy::cast_precision_loss, reason = "ranks lie far below 2^53")]
    pub(crate) fn overlap(&self, head: u64, shift: u64) -> f64 {
        let one_way = |shift: u64| {
            let past_last = (self.users - shift).max(head) + 1;
            let shift = shift as f64;
            smooth_sum(head + 1..past_last, |rank| self.share(rank) * self.share(rank + shift))
        };
        if head >= self.users {
            return 0.0;
        }
        match shift % self.users {
            0 => self.tail(head).squares,
            shift => one_way(shift) + one_way(self.users - shift),
        }
    }
}
