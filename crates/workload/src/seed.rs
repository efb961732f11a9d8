//! The one seed, and the generators derived from it.

use std::fmt;
use std::str::FromStr;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::WorkloadError;

/// 2⁶⁴ over the golden ratio, as in SplitMix64: an odd number whose multiples share no bits.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The number that every random choice of a workload comes from. Print it beside every result.
///
/// It names a stream for good: the generator is a portable one, and everything computed from it is
/// whole numbers, or the exact operations of IEEE 754. Only the powers of a Zipf law come from
/// the platform's maths library; they are rounded so coarsely that its last bits hardly ever count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RngSeed(u64);

impl RngSeed {
    /// The seed where none is given.
    pub const DEFAULT: Self = Self(42);

    /// The seed with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The seed of the repeat with this index. The children of one seed all differ, because both
    /// steps are one-to-one.
    ///
    /// ```
    /// use hotshard_workload::RngSeed;
    ///
    /// let repeats: Vec<RngSeed> = (0..200).map(|index| RngSeed::DEFAULT.child(index)).collect();
    /// assert_ne!(repeats[0], RngSeed::DEFAULT);
    /// ```
    #[must_use]
    pub const fn child(self, index: u64) -> Self {
        let parent = mix64(self.0 ^ 0x3c6e_f372_fe94_f82b);
        Self(mix64(parent ^ index.wrapping_mul(GOLDEN)))
    }
}

impl Default for RngSeed {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for RngSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RngSeed {
    type Err = WorkloadError;

    fn from_str(text: &str) -> Result<Self, WorkloadError> {
        text.parse().map(Self).map_err(|_| WorkloadError::RngSeed { given: text.to_owned() })
    }
}

/// Random words: one of the many independent streams of a seed.
///
/// Whatever draws at random takes its words from here, so that one seed says it all.
///
/// Xoshiro256++ is one of rand's named portable generators: unlike `StdRng` and `SmallRng`, its
/// algorithm is part of its name and its output never changes between releases or platforms. Only
/// its raw 64-bit words are used; what turns them into choices is written in this crate, so that
/// a change in rand's distributions cannot change a workload either.
#[derive(Debug)]
pub struct RngStream(Xoshiro256PlusPlus);

impl RngStream {
    /// The stream of this number under this seed. Two different pairs never share a state, because
    /// its first two words are one-to-one images of the seed and of the number.
    #[must_use]
    pub fn new(seed: RngSeed, number: u64) -> Self {
        let a = mix64(seed.0 ^ 0x6a09_e667_f3bc_c908);
        let b = mix64(number ^ 0xbb67_ae85_84ca_a73b);
        let words = [a, b, mix64(a.wrapping_add(b)), mix64(a ^ b.rotate_left(32))];
        let mut state = [0_u8; 32];
        for (bytes, word) in state.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self(Xoshiro256PlusPlus::from_seed(state))
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `bound`, or 0 when there is none. Off uniform by at most `bound`/2⁶⁴.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        scale(self.bits(), bound).0
    }

    /// A number inside (0, 1), never either end: an odd multiple of 2⁻⁵³.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds exactly")]
    pub fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        ((self.bits() >> 12 << 1) | 1) as f64 * STEP
    }
}

/// Random bits as a whole number below `bound`, and the fraction of one that is left, as 2⁻⁶⁴ths.
#[expect(clippy::cast_possible_truncation, reason = "the two halves of a 128-bit product")]
pub(crate) fn scale(bits: u64, bound: u64) -> (u64, u64) {
    let product = u128::from(bits) * u128::from(bound);
    ((product >> 64) as u64, product as u64)
}

/// The number of 64-bit words below it is this share of all.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares are checked to lie in 0..=1, and the cast saturates at the whole"
)]
pub(crate) fn threshold(share: f64) -> u64 {
    const WORDS: f64 = 18_446_744_073_709_551_616.0;
    (share * WORDS) as u64
}

/// A one-to-one scrambling of 64-bit words: the finaliser of SplitMix64 (Steele, Lea, Flood,
/// OOPSLA 2014, with Stafford's thirteenth set of constants).
#[must_use]
pub const fn mix64(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The hash that stands for an id of a stream that is only numbers, where no text is hashed.
///
/// Ids are numbered from 0: users by rank, then the heavy ids and those of the mistakes in the order
/// of the spec. A seed is one way of placing all ids; different numbers never share a hash.
#[must_use]
pub const fn synthetic_hash(seed: RngSeed, number: u64) -> u64 {
    mix64(mix64(seed.0) ^ mix64(number.wrapping_add(1).wrapping_mul(GOLDEN)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn children_differ_from_each_other_and_from_their_parent() {
        let parents = [0, 1, 42, u64::MAX].map(RngSeed::new);
        let family: BTreeSet<u64> = parents
            .into_iter()
            .flat_map(|parent| (0..1_000).map(move |index| parent.child(index).get()))
            .chain(parents.map(RngSeed::get))
            .collect();
        assert_eq!(family.len(), 4_004);
    }

    #[test]
    fn synthetic_hashes_spread_evenly_and_anew_for_each_seed() {
        let shard = |seed, number| synthetic_hash(RngSeed::new(seed), number) % 50;
        let mut ids = [0_u32; 50];
        for number in 0..100_000 {
            ids[usize::try_from(shard(7, number)).unwrap()] += 1;
        }
        let statistic: f64 =
            ids.iter().map(|&ids| (f64::from(ids) - 2_000.0).powi(2) / 2_000.0).sum();
        assert!(statistic < 93.0, "{statistic} on 49 degrees of freedom");
        let same = (0..10_000).filter(|&number| shard(7, number) == shard(8, number)).count();
        assert!((130..270).contains(&same), "{same} of 10 000 stay where they are");
    }

    #[test]
    fn children_and_synthetic_hashes_are_pinned() {
        // Results are published with their seed: these must never change.
        assert_eq!(RngSeed::DEFAULT.child(0).get(), 5_417_806_689_185_303_538);
        assert_eq!(synthetic_hash(RngSeed::DEFAULT, 0), 9_883_621_129_792_709_030);
    }

    #[test]
    fn seed_and_chunk_choose_the_generator() {
        let first = |seed, chunk| RngStream::new(RngSeed::new(seed), chunk).bits();
        assert_eq!(first(1, 2), first(1, 2));
        assert_ne!(first(1, 2), first(2, 1));
        assert_ne!(first(1, 2), first(1, 3));
    }

    #[test]
    fn the_generator_is_pinned() {
        // Workloads are named by their seed in published results: these words must never change.
        let mut rng = RngStream::new(RngSeed::new(42), 0);
        // An independent implementation of SplitMix64 and xoshiro256++ gives them too.
        assert_eq!([rng.bits(), rng.bits()], [11_212_678_580_862_679_300, 333_077_833_415_056_461]);
    }

    #[test]
    fn unit_lies_inside_its_ends() {
        let mut rng = RngStream::new(RngSeed::new(1), 0);
        let drawn: Vec<f64> = (0..10_000).map(|_| rng.unit()).collect();
        assert!(drawn.iter().all(|x| 0.0 < *x && *x < 1.0));
        let mean = drawn.iter().sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.015, "{mean}");
    }

    #[test]
    fn shares_become_thresholds() {
        assert_eq!(threshold(0.0), 0);
        assert_eq!(threshold(0.5), 1 << 63);
        assert_eq!(threshold(1.0), u64::MAX);
    }

    #[test]
    fn a_bad_seed_says_what_a_seed_is() {
        assert_eq!("17".parse::<RngSeed>().unwrap(), RngSeed::new(17));
        let message = "-1".parse::<RngSeed>().unwrap_err().to_string();
        assert_eq!(
            message,
            "`-1` is not an rng seed; give a whole number from 0 to 18446744073709551615"
        );
    }
}
