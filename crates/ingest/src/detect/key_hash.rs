//! What a counter is keyed by.

use xxhash_rust::xxh3::xxh3_128;

/// XXH3-128 of a distinct id's UTF-8 bytes, which stands for the id where its text is not kept.
///
/// Two of 10⁹ ids share a hash with a probability of about 10⁻²¹. It is no cryptographic hash: who
/// crafts ids to collide makes them share one counter, and harms only these ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyHash {
    // Two halves rather than one u128, whose alignment would pad every counter by a third.
    high: u64,
    low: u64,
}

impl KeyHash {
    /// The hash of a distinct id, of its bytes.
    #[must_use]
    pub fn of(distinct_id: impl AsRef<[u8]>) -> Self {
        Self::from(xxh3_128(distinct_id.as_ref()))
    }

    /// The hash that is zero, for places that hold no key.
    pub(super) const ZERO: Self = Self { high: 0, low: 0 };

    /// Its upper half, by which hashes are ordered first.
    pub(super) const fn high(self) -> u64 {
        self.high
    }

    /// Where a table of keys looks first: the hash is already as even as a table needs it.
    pub(super) const fn bucket(self) -> u64 {
        self.low
    }
}

impl From<u128> for KeyHash {
    #[expect(clippy::cast_possible_truncation, reason = "the number is cut into its two halves")]
    fn from(hash: u128) -> Self {
        Self { high: (hash >> 64) as u64, low: hash as u64 }
    }
}

impl From<KeyHash> for u128 {
    fn from(hash: KeyHash) -> Self {
        Self::from(hash.high) << 64 | Self::from(hash.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_xxh3() {
        // XXH3_128bits of no input with seed 0, from the reference implementation's sanity tests.
        assert_eq!(u128::from(KeyHash::of("")), 0x99aa_06d3_0147_98d8_6001_c324_468d_497f);
    }

    #[test]
    fn halves_make_the_number_again_and_keep_its_order() {
        let (small, large) = (7_u128, (1_u128 << 64) + 2);
        assert_eq!(u128::from(KeyHash::from(large)), large);
        assert!(KeyHash::from(small) < KeyHash::from(large));
    }
}
