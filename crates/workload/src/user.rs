//! The people behind the ids.

use crate::seed::mix64;

/// An odd constant between ranks, so that neighbours in rank share no bits (2⁶⁴ over the golden
/// ratio, as in SplitMix64).
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
/// Users have one to this many devices.
const MAX_DEVICES: u64 = 3;

/// One user: everything about them follows from their rank, whatever the seed, so that streams
/// generated apart (another day, another seed) are of the same people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User {
    /// The 64 bits that their id shows; different for every rank.
    pub(crate) key: u64,
    /// What their attributes are chosen by.
    pub(crate) traits: u64,
}

impl User {
    pub(crate) fn of_rank(rank: u64) -> Self {
        let key = mix64(rank.wrapping_add(1).wrapping_mul(STEP));
        Self { key, traits: mix64(key ^ STEP) }
    }

    /// The 64 bits of one of the user's devices.
    pub(crate) fn device(self, choice: u64) -> u64 {
        let devices = 1 + (self.traits >> 32) % MAX_DEVICES;
        mix64(self.traits.wrapping_add(choice % devices))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rank_is_somebody_else() {
        let keys: BTreeSet<u64> = (0..10_000).map(|rank| User::of_rank(rank).key).collect();
        assert_eq!(keys.len(), 10_000);
    }

    #[test]
    fn users_have_one_to_three_devices() {
        let devices = |rank| {
            let user = User::of_rank(rank);
            (0..60).map(|choice| user.device(choice)).collect::<BTreeSet<_>>().len()
        };
        let counts: BTreeSet<usize> = (0..100).map(devices).collect();
        assert_eq!(counts, BTreeSet::from([1, 2, 3]));
    }
}
