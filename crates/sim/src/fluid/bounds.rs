//! Bounds on the fullest shard, from how many events each id has. The tail counts as ids of equal
//! weight.

use super::counts::Counts;
use crate::Bound;
use crate::bound::Weights;
use crate::placement::Shards;

/// Ids of which at most so many events a day stay at home, the others spread one by one.
pub(super) fn of_remedied(counts: &Counts, shards: Shards, threshold: u64) -> Option<Bound> {
    let mut weights = Weights::new();
    let mut home = 0;
    for id in counts.ids(threshold) {
        weights.add(id.events, 1);
        home += id.events;
    }
    if threshold > 0 {
        weights.add_even(counts.tail.events, counts.tail.equal_ids);
        home += counts.tail.events;
    }
    weights.add(1, counts.events() - home);
    weights.bound(shards.get())
}

/// Ids in so many parts.
pub(super) fn of_salted(counts: &Counts, shards: Shards, salts: u32) -> Option<Bound> {
    let mut weights = Weights::new();
    for id in counts.ids(u64::MAX) {
        weights.add_even(id.events, u64::from(salts));
    }
    let tail = &counts.tail;
    weights.add_even(tail.events, tail.equal_ids.saturating_mul(u64::from(salts)));
    weights.add(1, counts.nobody);
    weights.bound(shards.get())
}
