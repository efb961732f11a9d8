//! Which shard a row belongs to.

use std::fmt;
use std::str::FromStr;

use hotshard_event::{EventBlock, Placement, Row, Sequence};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh64::xxh64;

use crate::Error;

/// Seed of the hash, the one that Spark SQL's `xxhash64` uses.
pub(crate) const HASH_SEED: u64 = 42;

/// Number of shards N, 1 to 65 536.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct ShardCount(u32);

impl ShardCount {
    /// 64 shards.
    pub const DEFAULT: Self = Self(64);
    /// The most shards a store can have.
    pub const MAX: u32 = 65_536;

    /// A number of shards.
    ///
    /// # Errors
    /// When it is 0 or over [`ShardCount::MAX`].
    pub const fn new(count: u64) -> Result<Self, Error> {
        if count == 0 || count > Self::MAX as u64 {
            return Err(Error::ShardCount { given: count });
        }
        #[expect(clippy::cast_possible_truncation, reason = "checked to be at most 65 536")]
        Ok(Self(count as u32))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Every shard, in order.
    pub fn shards(self) -> impl DoubleEndedIterator<Item = ShardId> + ExactSizeIterator {
        (0..self.0).map(ShardId)
    }
}

impl Default for ShardCount {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<u64> for ShardCount {
    type Error = Error;

    fn try_from(count: u64) -> Result<Self, Error> {
        Self::new(count)
    }
}

impl From<ShardCount> for u64 {
    fn from(count: ShardCount) -> Self {
        Self::from(count.0)
    }
}

impl FromStr for ShardCount {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text.parse().unwrap_or(0))
    }
}

impl fmt::Display for ShardCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One shard, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShardId(u32);

impl ShardId {
    /// The shard at a place of a list with one entry a shard.
    #[must_use]
    pub fn at(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The number, to index a list with one entry a shard.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for ShardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

/// Sends rows to shards as Spark SQL's `pmod(xxhash64(x), N)` does.
///
/// ```
/// use hotshard_store::{Router, ShardCount};
///
/// let router = Router::new(ShardCount::new(16)?);
/// assert_eq!(router.home("hotshard@mixpanel.com"), router.home("hotshard@mixpanel.com"));
/// # Ok::<(), hotshard_store::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Router {
    shards: ShardCount,
}

impl Router {
    /// The router over this many shards.
    #[must_use]
    pub const fn new(shards: ShardCount) -> Self {
        Self { shards }
    }

    /// The shard an id belongs to: `pmod(xxhash64(id), N)`, XXH64 with seed 42 of its UTF-8 bytes.
    #[must_use]
    pub fn home(&self, distinct_id: impl AsRef<[u8]>) -> ShardId {
        self.place(Self::hash(distinct_id))
    }

    /// The hash of an id, which gives its shard under any number of shards.
    #[must_use]
    pub fn hash(distinct_id: impl AsRef<[u8]>) -> u64 {
        xxh64(distinct_id.as_ref(), HASH_SEED)
    }

    /// The shard of an id of which the hash is known.
    #[must_use]
    pub fn home_of_hash(&self, hash: u64) -> ShardId {
        self.place(hash)
    }

    /// The shard a spread row goes to: the same hash of its sequence as 8 little-endian bytes.
    #[must_use]
    pub fn spread(&self, sequence: Sequence) -> ShardId {
        self.place(xxh64(&sequence.get().to_le_bytes(), HASH_SEED))
    }

    /// The shard a row of a block goes to.
    #[must_use]
    pub fn shard_of(&self, block: &EventBlock, row: &Row) -> ShardId {
        match row.placement {
            Placement::Home => self.home(block.bytes(row.distinct_id)),
            Placement::Spread => self.spread(row.sequence),
        }
    }

    /// Euclidean remainder of the hash as a signed 64-bit integer.
    #[expect(clippy::cast_possible_truncation, reason = "the remainder lies between 0 and N")]
    fn place(&self, hash: u64) -> ShardId {
        ShardId(hash.cast_signed().rem_euclid(i64::from(self.shards.0)) as u32)
    }
}
