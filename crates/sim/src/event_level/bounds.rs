//! Bounds on the fullest shard, from how many events each key has.

use hotshard_event::Threshold;

use crate::bound::Weights;
use crate::key_events::Ids;
use crate::placement::Shards;
use crate::{Bound, KeyEvents, virtual_shards};

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
    let salts = u64::from(salts.max(1));
    for rows in ids.sums(events.counts().into_iter().map(u64::from)) {
        weights.add(rows / salts + 1, rows % salts);
        weights.add(rows / salts, salts - rows % salts);
    }
    weights.add(1, events.nobodys());
    weights.bound(shards.get())
}

/// Virtual shards of these sizes, placed longest first, and what is spread beside them.
#[expect(clippy::cast_precision_loss, reason = "a bound need not be exact to 53 bits")]
pub(super) fn of_virtual(sizes: &[u64], nobodys: u64, shards: Shards) -> Option<Bound> {
    let n = shards.get();
    let mut spread = Weights::new();
    spread.add(1, nobodys);
    let spread = spread.bound(n).unwrap_or(Bound { max_over_mean: 0.0, confidence: 1.0 });
    let mean = (sizes.iter().sum::<u64>() + nobodys) as f64 / f64::from(n.get());
    let spread_rows = spread.max_over_mean * nobodys as f64 / f64::from(n.get());
    let rows = virtual_shards::bound(sizes, n.get()) + spread_rows;
    (mean > 0.0).then(|| Bound { max_over_mean: rows / mean, confidence: spread.confidence })
}
