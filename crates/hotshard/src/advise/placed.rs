//! Keys on the shards of a store, under any threshold.

use hotshard_event::Threshold;
use hotshard_store::{Router, ShardCount};

use super::chance::Loads;
use crate::KeyCounts;

/// Where a store with so many shards has its rows.
#[derive(Debug)]
pub(super) struct Placed<'a> {
    counts: &'a KeyCounts,
    shards: ShardCount,
    /// Events and shard of each key that the threshold decides on, largest first.
    keys: Vec<(u64, u32)>,
    /// Rows of each shard as if nothing but keys with a threshold of their own was remedied.
    untouched: Vec<u64>,
    /// What these keys have past their thresholds.
    own_excess: u64,
    own_hot: u64,
    /// Rows of nobody, where it is not known which shards they are on.
    nobody: u64,
}

/// Rows under one threshold, and what it moved.
#[derive(Debug)]
pub(super) struct Remedied {
    pub(super) loads: Loads,
    /// Events past the threshold.
    pub(super) events: u64,
    /// Keys past it.
    pub(super) keys: u64,
    /// Of the shard with most rows that are not spread: those of keys that do not pass it, and all
    /// of these rows.
    pub(super) fullest: (u64, u64),
}

impl<'a> Placed<'a> {
    pub(super) fn new(counts: &'a KeyCounts, shards: ShardCount) -> Self {
        let router = Router::new(shards);
        let known = counts.nobody_rows(shards);
        let mut untouched = known.map_or_else(|| vec![0; shards.get() as usize], <[u64]>::to_vec);
        let mut keys = Vec::with_capacity(counts.keys().len());
        let (mut own_excess, mut own_hot) = (0, 0);
        for key in counts.keys() {
            let home = router.home_of_hash(key.hash);
            let at_home = key.own_threshold.map_or(key.events, |own| key.events.min(own.get()));
            if key.own_threshold.is_none() {
                keys.push((key.events, home.get()));
            } else if at_home < key.events {
                own_excess += key.events - at_home;
                own_hot += 1;
            }
            if let Some(rows) = untouched.get_mut(home.index()) {
                *rows += at_home;
            }
        }
        let nobody = if known.is_some() { 0 } else { counts.nobody() };
        Self { counts, shards, keys, untouched, own_excess, own_hot, nobody }
    }

    /// Rows without any remedy: those of keys with thresholds of their own are at home as well.
    pub(super) fn off(&self) -> Loads {
        let shards = self.shards;
        let mut fixed = self.counts.home_rows(shards);
        if let Some(nobody) = self.counts.nobody_rows(shards) {
            fixed.iter_mut().zip(nobody).for_each(|(rows, nobody)| *rows += nobody);
        }
        self.loads(fixed, self.nobody)
    }

    /// Rows when what is past this threshold is spread.
    pub(super) fn at(&self, threshold: Threshold) -> Remedied {
        let mut descent = self.descent();
        descent.lower_to(threshold);
        descent.remedied()
    }

    /// A look at ever lower thresholds.
    pub(super) fn descent(&self) -> Descent<'_> {
        Descent {
            placed: self,
            threshold: self.largest(),
            below: self.untouched.clone(),
            above: vec![0; self.untouched.len()],
            passed: 0,
            passed_events: 0,
        }
    }

    /// Events of the largest key that the threshold decides on.
    pub(super) fn largest(&self) -> u64 {
        self.keys.first().map_or(0, |(events, _)| *events)
    }

    /// Events of each key that the threshold decides on, largest first.
    pub(super) fn events(&self) -> impl Iterator<Item = u64> + '_ {
        self.keys.iter().map(|(events, _)| *events)
    }

    #[expect(clippy::cast_precision_loss, reason = "shards are few")]
    fn loads(&self, fixed: Vec<u64>, spread: u64) -> Loads {
        let tail = self.counts.tail();
        let part = 1.0 / fixed.len().max(1) as f64;
        let tail_variance = tail.squares * part * (1.0 - part);
        Loads { fixed, spread, tail: tail.events, tail_variance }
    }
}

/// Thresholds from above to below. Every key is passed once.
pub(super) struct Descent<'a> {
    placed: &'a Placed<'a>,
    threshold: u64,
    /// Rows of each shard of keys at or below the threshold.
    below: Vec<u64>,
    /// Keys of each shard above it.
    above: Vec<u64>,
    passed: usize,
    passed_events: u64,
}

impl Descent<'_> {
    /// Goes down to a threshold, which must not be above the last one.
    pub(super) fn lower_to(&mut self, threshold: Threshold) {
        self.threshold = threshold.get();
        let rest = self.placed.keys.get(self.passed..).unwrap_or_default();
        for (events, shard) in rest.iter().take_while(|(events, _)| *events > threshold.get()) {
            let shard = *shard as usize;
            if let (Some(below), Some(above)) =
                (self.below.get_mut(shard), self.above.get_mut(shard))
            {
                *below -= events;
                *above += 1;
            }
            self.passed += 1;
            self.passed_events += events;
        }
    }

    /// What is past the threshold.
    pub(super) fn remedied(&self) -> Remedied {
        let keys = self.passed as u64;
        let at_home = keys.saturating_mul(self.threshold).min(self.passed_events);
        let events = self.passed_events - at_home + self.placed.own_excess;
        let rows = self.below.iter().zip(&self.above);
        let fixed: Vec<u64> = rows.map(|(below, above)| below + above * self.threshold).collect();
        let small = self.below.iter().copied().zip(fixed.iter().copied());
        let fullest = small.max_by_key(|(_, fixed)| *fixed).unwrap_or_default();
        Remedied {
            fullest,
            loads: self.placed.loads(fixed, events + self.placed.nobody),
            events,
            keys: keys + self.placed.own_hot,
        }
    }
}

#[cfg(test)]
mod tests {
    use hotshard_ingest::source::Input;
    use proptest::prelude::*;

    use super::*;
    use crate::KeyCounting;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_descent_tells_what_a_sum_over_keys_does(
            ids in prop::collection::vec(0_u32..30, 1..200),
            thresholds in prop::collection::vec(0_u64..20, 1..6),
            shards in 1_u64..9,
        ) {
            let lines: String = ids
                .iter()
                .map(|id| {
                    let id = if *id == 0 { String::new() } else { id.to_string() };
                    let properties = format!(r#"{{"time":1618716477,"distinct_id":"{id}"}}"#);
                    format!("{{\"event\":\"A\",\"properties\":{properties}}}\n")
                })
                .collect();
            let input = Input::bytes("lines", lines.into_bytes());
            let counts = KeyCounting::default().of_inputs(&[input]).unwrap();
            let shards = ShardCount::new(shards).unwrap();
            let placed = Placed::new(&counts, shards);
            let mut descent = placed.descent();
            let mut thresholds = thresholds;
            thresholds.sort_unstable_by(|left, right| right.cmp(left));
            for threshold in thresholds {
                let mut fixed = vec![0; shards.get() as usize];
                let mut excess = 0;
                for key in counts.keys() {
                    let shard = Router::new(shards).home_of_hash(key.hash).index();
                    fixed[shard] += key.events.min(threshold);
                    excess += key.events.saturating_sub(threshold);
                }
                descent.lower_to(Threshold::new(threshold));
                for found in [descent.remedied(), placed.at(Threshold::new(threshold))] {
                    prop_assert_eq!(&found.loads.fixed, &fixed);
                    prop_assert_eq!(found.events, excess);
                    prop_assert_eq!(found.loads.spread, excess + counts.nobody());
                    let hot = counts.keys().filter(|key| key.events > threshold).count();
                    prop_assert_eq!(found.keys, hot as u64);
                }
            }
        }
    }
}
