//! What is counted by.

use hotshard_event::EventDate;
use hotshard_ingest::detect::KeyHash;
use hotshard_store::Router;

/// An id without its text: the hash that places it, and 32 bits of another one.
///
/// Two of 10⁹ ids share both with a probability of about 10⁻¹¹.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IdHash {
    /// XXH64 with seed 42, by which the store places the id.
    pub(super) placement: u64,
    /// The lower end of XXH3-128.
    pub(super) check: u32,
}

impl IdHash {
    #[expect(clippy::cast_possible_truncation, reason = "32 bits of a hash are wanted")]
    pub(super) fn of(distinct_id: impl AsRef<[u8]>) -> Self {
        let check = u128::from(KeyHash::of(distinct_id.as_ref())) as u32;
        Self { placement: Router::hash(distinct_id), check }
    }
}

/// An id on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) id: IdHash,
    pub(super) date: EventDate,
}

impl Key {
    /// Where a table looks first. Days are spread by the golden ratio, as in Fibonacci hashing
    /// (Knuth, The Art of Computer Programming, volume 3, section 6.4).
    pub(super) fn bucket(self) -> u64 {
        let day = u64::from(self.date.epoch_days().cast_unsigned());
        self.id.placement ^ day.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}
