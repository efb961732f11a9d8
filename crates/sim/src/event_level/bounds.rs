//! Bounds on the fullest shard, from how many events each key has.

use hotshard_event::Threshold;

use crate::bound::Weights;
use crate::key_events::Ids;
use crate::placement::Shards;
use crate::{Bound, KeyEvents};

/// Ids that stay whole.
pub(super) fn of_ids(events: &KeyEvents, shards: Shards) -> Option<Bound> {
    of_remedied(events, shards, Threshold::new(u64::MAX))
}

/// Ids of which at most T events a day stay at home, the others spread one by one.
pub(super) fn of_remedied(
    events: &KeyEvents,
    shards: Shards,
    threshold: Threshold,
) -> Option<Bound> {
    let counts = events.counts();
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
