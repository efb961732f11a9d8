//! Bounds on the fullest shard, from how many events each key has.

use hotshard_event::Threshold;

use crate::bound::Weights;
use crate::key_events::Ids;
use crate::placement::Shards;
use crate::{Bound, KeyEvents};

/// Ids of which at most T events a day stay at home, the others spread one by one; `counts` has the
/// events of each key.
pub(super) fn of_keys(
    events: &KeyEvents,
    counts: &[u32],
    shards: Shards,
    threshold: Threshold,
) -> Option<Bound> {
    let at_home = counts.iter().map(|&count| u64::from(count).min(threshold.get()));
    let mut weights = Weights::new();
    let mut home = 0;
    for rows in events.ids().sums(at_home) {
        weights.add(rows, 1);
        home += rows;
    }
    weights.add(1, events.keys().len() as u64 - home);
    weights.bound(shards.get())
}

/// Every event for itself.
pub(super) fn of_spread(events: &KeyEvents, shards: Shards) -> Option<Bound> {
    let mut weights = Weights::new();
    weights.add(1, events.keys().len() as u64);
    weights.bound(shards.get())
}

/// Ids in so many parts.
pub(super) fn of_salted(
    events: &KeyEvents,
    ids: &Ids<'_>,
    shards: Shards,
    salts: u32,
) -> Option<Bound> {
    let mut weights = Weights::new();
    for rows in ids.sums(events.counts().into_iter().map(u64::from)) {
        weights.add_even(rows, u64::from(salts));
    }
    weights.add(1, events.nobodys());
    weights.bound(shards.get())
}
