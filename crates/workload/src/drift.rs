//! Who has which rank on which day.

use crate::{IdDistribution, WorkloadSpec};

/// How the ranks of a stream move on from day to day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drift {
    step: u64,
    users: u64,
    first_day: i64,
}

impl Drift {
    pub(crate) fn new(spec: &WorkloadSpec) -> Self {
        let step = match spec.ids {
            IdDistribution::DriftingZipf { step, .. } => step % spec.users.max(1),
            _ => 0,
        };
        Self { step, users: spec.users, first_day: i64::from(spec.start.epoch_days()) }
    }

    /// Whether anybody's rank changes.
    pub(crate) fn moves(&self) -> bool {
        self.step != 0
    }

    /// The number of the user who has this rank on this day, both from 0; days before the first one
    /// have moved on less.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a remainder below the number of users")]
    pub(crate) fn user(&self, rank: u64, epoch_day: i64) -> u64 {
        if self.step == 0 {
            return rank;
        }
        let moved = i128::from(epoch_day - self.first_day) * i128::from(self.step);
        (i128::from(rank) + moved).rem_euclid(i128::from(self.users)) as u64
    }

    /// Users by which the ranks of two days differ, so many days apart.
    #[expect(clippy::cast_possible_truncation, reason = "a remainder of a 64-bit number")]
    pub(crate) fn shift(&self, days: u64) -> u64 {
        (u128::from(days) * u128::from(self.step) % u128::from(self.users.max(1))) as u64
    }

    /// How many users have one of the first `head` ranks on every one of so many days.
    pub(crate) fn always_in(&self, head: u64, days: u64) -> u64 {
        let moved = days.saturating_sub(1).saturating_mul(self.step);
        head.min(self.users).saturating_sub(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drift(users: u64, step: u64) -> Drift {
        let ids = IdDistribution::DriftingZipf { s: 1.0, step };
        Drift::new(&WorkloadSpec::default().users(users, ids))
    }

    #[test]
    fn ranks_move_on_every_day_and_come_round() {
        let drift = drift(10, 3);
        let first = |day: i64| drift.user(0, drift.first_day + day);
        assert_eq!([first(0), first(1), first(2), first(3), first(4)], [0, 3, 6, 9, 2]);
        assert_eq!([first(-1), first(-2)], [7, 4]);
        assert_eq!(drift.user(9, drift.first_day + 1), 2);
        assert_eq!(drift.shift(4), 2);
    }

    #[test]
    fn some_stay_in_the_head() {
        assert_eq!(drift(100, 3).always_in(10, 1), 10);
        assert_eq!(drift(100, 3).always_in(10, 3), 4);
        assert_eq!(drift(100, 3).always_in(10, 30), 0);
    }
}
