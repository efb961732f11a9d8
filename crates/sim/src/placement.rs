//! The hash functions that policies place by: the same for events one by one and for models of them.

use std::num::NonZeroU32;

use hotshard_workload::{RngSeed, mix64};
use xxhash_rust::xxh64::xxh64;

use crate::SimError;

/// The seed of the store's XXH64.
const HASH_SEED: u64 = 42;
/// 2⁶⁴ divided by the golden ratio: steps of it never meet.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// So many shards, of which a hash or a sequence chooses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shards(NonZeroU32);

/// So many virtual shards, of which a hash chooses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VirtualShards(NonZeroU32);

impl VirtualShards {
    /// As many as are placed in a second or two.
    pub(crate) const MOST: u32 = 1 << 24;

    /// How many, never 0.
    pub(crate) fn get(self) -> u32 {
        self.0.get()
    }

    /// How many.
    pub(crate) fn count(self) -> usize {
        self.0.get() as usize
    }

    /// The virtual shard of an id.
    pub(crate) fn home(self, hash: u64) -> usize {
        modulo(hash, self.0.get())
    }
}

impl Shards {
    /// As many as a store can have.
    pub(crate) const MOST: u32 = 65_536;

    /// This many shards.
    pub(crate) fn new(count: NonZeroU32) -> Result<Self, SimError> {
        if count.get() > Self::MOST {
            return Err(SimError::Shards { given: count.get(), most: Self::MOST });
        }
        Ok(Self(count))
    }

    /// This many virtual shards for each of these.
    pub(crate) fn times(self, per_shard: u32) -> Result<VirtualShards, SimError> {
        let most = VirtualShards::MOST;
        let shards = self.0.get();
        let count = shards.checked_mul(per_shard).and_then(NonZeroU32::new);
        match count.filter(|count| count.get() <= most) {
            Some(count) => Ok(VirtualShards(count)),
            None => Err(SimError::VirtualShards { per_shard, shards, most }),
        }
    }

    /// How many, never 0.
    pub(crate) fn get(self) -> NonZeroU32 {
        self.0
    }

    /// How many.
    pub(crate) fn count(self) -> usize {
        self.0.get() as usize
    }

    /// Where an id's rows are at home: `pmod(hash, n)` of the hash as a signed number, as the
    /// store's router does.
    #[inline]
    pub(crate) fn home(self, hash: u64) -> usize {
        modulo(hash, self.0.get())
    }

    /// Where a spread row goes: the home of XXH64 of its sequence, as in the store.
    #[inline]
    pub(crate) fn spread(self, sequence: u64) -> usize {
        self.home(sequence_hash(sequence))
    }

    /// Where jump consistent hashing places an id: figure 1 of Lamping and Veach, "A Fast, Minimal
    /// Memory, Consistent Hash Algorithm", 2014, in whole numbers.
    pub(crate) fn jump(self, hash: u64) -> usize {
        let shards = u64::from(self.0.get());
        let (mut word, mut last, mut next) = (hash, 0, 0);
        while next < shards {
            last = next;
            word = word.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
            next = ((last + 1) << 31) / ((word >> 33) + 1);
        }
        index(last)
    }

    /// One of the shards, by the high bits of a random word.
    #[inline]
    pub(crate) fn scaled(self, word: u64) -> usize {
        scale(word, self.count())
    }

    /// An id's two choices, which are distinct where there are two shards: its home, and one of the
    /// others.
    #[inline]
    pub(crate) fn two_choices(self, hash: u64, seed: RngSeed) -> [usize; 2] {
        let home = self.home(hash);
        let others = self.count() - 1;
        if others == 0 {
            return [home, home];
        }
        let other = scale(rehash(hash, 1, seed), others);
        [home, if other < home { other } else { other + 1 }]
    }

    /// Choice number `index` of an id, from 0. The first two are [`two_choices`](Self::two_choices);
    /// later ones are hashes that may meet earlier ones, as in D-Choices.
    pub(crate) fn choice(self, hash: u64, index: u32, seed: RngSeed) -> usize {
        match index {
            0 => self.home(hash),
            1 => self.two_choices(hash, seed)[1],
            _ => self.scaled(rehash(hash, index, seed)),
        }
    }

    /// The home of an id with a salt, from 0.
    pub(crate) fn salted(self, hash: u64, salt: u32, seed: RngSeed) -> usize {
        self.scaled(rehash(hash, salt, seed))
    }
}

/// The hash of an id or a shard under function number `function` of a seed.
#[inline]
pub(crate) fn rehash(hash: u64, function: u32, seed: RngSeed) -> u64 {
    let function = (u64::from(function) + 1).wrapping_mul(STEP);
    mix64(hash ^ mix64(seed.get() ^ mix64(function)))
}

/// XXH64 of a sequence as 8 little-endian bytes, as in the store.
#[inline]
pub(crate) fn sequence_hash(sequence: u64) -> u64 {
    xxh64(&sequence.to_le_bytes(), HASH_SEED)
}

/// Euclidean remainder of the hash as a signed number.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the remainder lies between 0 and n")]
fn modulo(hash: u64, n: u32) -> usize {
    hash.cast_signed().rem_euclid(i64::from(n)) as usize
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the high half of a product with a count")]
fn scale(word: u64, count: usize) -> usize {
    ((u128::from(word) * count as u128) >> 64) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "below the number of shards, 32 bits")]
fn index(shard: u64) -> usize {
    shard as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory;

    fn shards(count: u32) -> Shards {
        Shards::new(NonZeroU32::new(count).unwrap()).unwrap()
    }

    #[test]
    fn jump_moves_ids_to_new_shards_only_and_no_more_than_it_must() {
        let hashes = || (0..100_000).map(mix64);
        for (from, to) in [(1, 2), (4, 5), (50, 64), (64, 50), (100, 200), (200, 3_200)] {
            let moved: Vec<usize> = hashes()
                .filter(|&hash| shards(from).jump(hash) != shards(to).jump(hash))
                .map(|hash| shards(from.max(to)).jump(hash))
                .collect();
            assert!(moved.iter().all(|&shard| shard >= from.min(to) as usize));
            let (share, expected) = (moved.len() as f64 / 1e5, theory::jump_moved_share(from, to));
            let deviation = (expected * (1.0 - expected) / 1e5).sqrt();
            assert!((share - expected).abs() < 4.0 * deviation, "{from} to {to}: {share}");
        }
    }

    #[test]
    fn jump_is_as_published() {
        // The reference of Lamping and Veach, in floating point.
        let published = |mut key: u64, buckets: i64| {
            let (mut b, mut j) = (-1_i64, 0_i64);
            while j < buckets {
                b = j;
                key = key.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
                let jump = (b + 1) as f64 * ((1_i64 << 31) as f64 / ((key >> 33) + 1) as f64);
                #[expect(clippy::cast_possible_truncation, reason = "as published")]
                let next = jump as i64;
                j = next;
            }
            b
        };
        for hash in (0..2_000).map(mix64) {
            for count in [1, 7, 64, 3_200] {
                assert_eq!(shards(count).jump(hash) as i64, published(hash, i64::from(count)));
            }
        }
    }

    #[test]
    fn two_choices_are_distinct_and_every_other_shard_is_as_likely() {
        let (n, seed) = (7, RngSeed::new(3));
        let mut pairs = [0_u32; 49];
        for hash in (0..98_000).map(mix64) {
            let [one, other] = shards(n).two_choices(hash, seed);
            assert_eq!(one, shards(n).home(hash));
            pairs[one * 7 + other] += 1;
        }
        for (pair, &ids) in pairs.iter().enumerate() {
            // 98 000 ids over 42 ordered pairs: 2 333, with a deviation of 48.
            let expected = if pair % 8 == 0 { 0..1 } else { 2_333 - 200..2_333 + 200 };
            assert!(expected.contains(&ids), "{pair}: {ids}");
        }
        assert_eq!(shards(1).two_choices(9, seed), [0, 0]);
    }
}
