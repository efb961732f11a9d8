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
