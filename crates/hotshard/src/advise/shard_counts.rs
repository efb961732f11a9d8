//! How many shards reach a target.

use hotshard_event::Threshold;
use hotshard_store::ShardCount;

use super::chance::Outlook;
use super::placed::Placed;
use super::target::Target;
use crate::KeyCounts;

/// A number of shards and what the present threshold makes of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShardCountOutcome {
    /// Number of shards.
    pub shards: ShardCount,
    /// Without a remedy.
    pub untouched: Outlook,
    /// With the threshold.
    pub remedied: Outlook,
}

/// Looks at each number of shards by itself: a hash modulo another number is another placement.
pub(super) fn try_all(
    counts: &KeyCounts,
    shards: &[ShardCount],
    threshold: Threshold,
    target: Target,
) -> Vec<ShardCountOutcome> {
    let mut shards = shards.to_vec();
    shards.sort_unstable();
    shards.dedup();
    let outcome = |shards: ShardCount| {
        let placed = Placed::new(counts, shards);
        ShardCountOutcome {
            shards,
            untouched: placed.off().outlook(target),
            remedied: placed.at(threshold).loads.outlook(target),
        }
    };
    shards.into_iter().map(outcome).collect()
}

/// Numbers to try where none are given: 1, 2, 3, 4, 6, 8, 12 and so on to four times the present one
/// and at least to 3 200, the most that is known to be in use.
pub(super) fn usual(present: ShardCount) -> Vec<ShardCount> {
    let most =
        u64::from(present.get()).saturating_mul(4).max(3_200).min(u64::from(ShardCount::MAX));
    let powers = (0..17).map(|power| 1_u64 << power);
    let numbers = powers.flat_map(|power| [power, power + power / 2]).chain([200, 800, 3_200]);
    let numbers = numbers.filter(|number| *number <= most).filter_map(|n| ShardCount::new(n).ok());
    let mut numbers: Vec<ShardCount> = numbers.chain([present]).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
