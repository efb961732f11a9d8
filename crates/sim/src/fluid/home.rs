//! Ids in one shard, with and without a remedy, and events that are spread.

use hotshard_event::Threshold;

use super::counts::PLACES_STREAM;
use super::draws::Draws;
use super::{Run, bounds};
use crate::{Balance, SimError, ThresholdRule};

impl Run<'_> {
    /// `hash` and `jump`.
    pub(super) fn ids_whole(self, place: impl Fn(u64) -> usize) -> Balance {
        let (rows, _) = self.capped(u64::MAX, place);
        Balance::of(rows).bound(bounds::of_remedied(self.counts, self.shards, u64::MAX))
    }

    /// `shuffle`.
    pub(super) fn shuffled(self) -> Balance {
        let rows = Draws::new(self.seed, PLACES_STREAM)
            .spread(self.counts.events(), self.shards.get().get());
        Balance::of(rows).bound(bounds::of_remedied(self.counts, self.shards, 0))
    }

    /// `rename` and `split`.
    pub(super) fn remedied(self, rule: ThresholdRule) -> Result<Balance, SimError> {
        let threshold = rule.threshold(self.counts.per_day(), u64::from(self.shards.get().get()));
        let keys = self.counts.head.iter().filter(|key| key.events > threshold.get());
        let hot_keys = keys.count() as u64;
        if threshold == Threshold::new(0) {
            let remedied = self.counts.events() - self.counts.nobody;
            let hot_keys = hot_keys + self.counts.tail.ids.min(self.counts.tail.events);
            let rows = self.shuffled();
            return Ok(Balance { threshold: Some(threshold), remedied, hot_keys, ..rows });
        }
        let tail_key = self.counts.largest_tail_key();
        if tail_key > threshold.get() {
            return Err(SimError::ThresholdInTail { threshold, tail_key });
        }
        let (rows, remedied) = self.capped(threshold.get(), |hash| self.shards.home(hash));
        let balance = Balance::of(rows);
        Ok(Balance { threshold: Some(threshold), remedied, hot_keys, ..balance }
            .bound(bounds::of_remedied(self.counts, self.shards, threshold.get())))
    }

    /// Rows of each shard if every key keeps at most `threshold` events in its place, and how many
    /// are past it and spread.
    fn capped(self, threshold: u64, place: impl Fn(u64) -> usize) -> (Vec<u64>, u64) {
        let shards = self.shards.get().get();
        let mut draws = Draws::new(self.seed, PLACES_STREAM);
        let mut rows = self.counts.tail.scatter(shards, &mut draws);
        let mut excess = 0;
        for key in &self.counts.head {
            let home = key.events.min(threshold);
            excess += key.events - home;
            if let Some(shard) = rows.get_mut(place(key.hash)) {
                *shard += home;
            }
        }
        add(&mut rows, &draws.spread(excess + self.counts.nobody, shards));
        (rows, excess)
    }
}

/// Adds to each shard what it has besides.
pub(super) fn add(rows: &mut [u64], besides: &[u64]) {
    for (shard, besides) in rows.iter_mut().zip(besides) {
        *shard += besides;
    }
}
