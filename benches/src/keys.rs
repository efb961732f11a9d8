//! Keys made from numbers, for streams too long to have texts.

use hotshard_ingest::detect::KeyHash;

/// The hash that stands for the key of this number: one-to-one, and as even as that of a text.
#[must_use]
pub fn key_hash(number: u64) -> KeyHash {
    let low = mix64(number);
    let high = mix64(number ^ 0x6a09_e667_f3bc_c908);
    KeyHash::from(u128::from(high) << 64 | u128::from(low))
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014, with Stafford's thirteenth set of
/// constants).
const fn mix64(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
