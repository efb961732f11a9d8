//! Ids in the shard of their hash, with and without a remedy.

use std::num::NonZeroU32;

use hotshard_workload::RngSeed;

use super::counts::{Counts, PLACES_STREAM};
use super::draws::Draws;
use super::plain;
use crate::{Balance, SimError, ThresholdRule};

/// `hash`.
pub(super) fn hashed(counts: &Counts, shards: NonZeroU32, seed: RngSeed) -> Balance {
    let (rows, _) = capped(counts, u64::MAX, shards, seed);
    plain(rows)
}

/// `shuffle`.
pub(super) fn shuffled(counts: &Counts, shards: NonZeroU32, seed: RngSeed) -> Balance {
    plain(Draws::new(seed, PLACES_STREAM).spread(counts.events(), shards.get()))
}

/// `rename` and `split`.
pub(super) fn remedied(
    counts: &Counts,
    rule: ThresholdRule,
    shards: NonZeroU32,
    seed: RngSeed,
) -> Result<Balance, SimError> {
    let threshold = rule.threshold(counts.per_day(), u64::from(shards.get()));
    let hot_keys = counts.head.iter().filter(|key| key.events > threshold.get()).count() as u64;
    if threshold.get() == 0 {
        let remedied = counts.events() - counts.nobody;
        let hot_keys = hot_keys + counts.tail.ids.min(counts.tail.events);
        let rows = shuffled(counts, shards, seed);
        return Ok(Balance { threshold: Some(threshold), remedied, hot_keys, ..rows });
    }
    let tail_key = counts.largest_tail_key();
    if tail_key > threshold.get() {
        return Err(SimError::ThresholdInTail { threshold, tail_key });
    }
    let (rows, excess) = capped(counts, threshold.get(), shards, seed);
    Ok(Balance { threshold: Some(threshold), remedied: excess, hot_keys, ..plain(rows) })
}

/// Rows of each shard if every key keeps at most `threshold` events at home, and how many are past
/// it and spread.
fn capped(counts: &Counts, threshold: u64, shards: NonZeroU32, seed: RngSeed) -> (Vec<u64>, u64) {
    let mut draws = Draws::new(seed, PLACES_STREAM);
    let mut rows = counts.tail.scatter(shards.get(), &mut draws);
    let mut excess = 0;
    for key in &counts.head {
        let home = key.events.min(threshold);
        excess += key.events - home;
        if let Some(shard) = rows.get_mut(home_shard(key.hash, shards)) {
            *shard += home;
        }
    }
    let spread = draws.spread(excess + counts.nobody, shards.get());
    for (shard, spread) in rows.iter_mut().zip(spread) {
        *shard += spread;
    }
    (rows, excess)
}

/// The shard that a store's router gives this hash: its remainder as a signed number, never
/// negative.
#[expect(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "the hash is read as a signed number; the remainder lies below the number of shards"
)]
fn home_shard(hash: u64, shards: NonZeroU32) -> usize {
    (hash as i64).rem_euclid(i64::from(shards.get())) as usize
}
