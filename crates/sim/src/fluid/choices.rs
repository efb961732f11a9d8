//! Policies that look at loads before they choose.
//!
//! Each event goes to the least loaded of its id's choices. If every id's events come evenly over
//! the stream, all loads grow in proportion to time, and an id is split only between choices that
//! grow equally fast, because it goes to none that is fuller than another. Among all ways to split
//! the ids over their choices, just the one with the smallest sum of squared loads has this
//! property: it is its condition of Karush, Kuhn and Tucker. The sum is strictly convex in the loads, so there is
//! one answer, and it is found by settling one id after the other while all others stand still.

use super::crowd::Crowd;
use super::fill;

/// Loads are settled when they are proved to be within this share of the mean shard, each.
const TOLERANCE: f64 = 1e-3;
/// Rounds after which it is left at that.
const MOST_ROUNDS: usize = 200;

/// Ids and what of them is where.
#[derive(Debug)]
pub(super) struct Choices {
    loads: Vec<f64>,
    pairs: Vec<Pair>,
    sets: Vec<Set>,
    crowd: Crowd,
}

/// An id with two choices.
#[derive(Debug)]
struct Pair {
    shards: [u32; 2],
    events: f64,
    /// What of them is in the first.
    first: f64,
}

/// An id, or several, with as many choices as these shards.
#[derive(Debug)]
struct Set {
    shards: Vec<u32>,
    events: f64,
    parts: Vec<f64>,
    /// The rows of those shards that have a part of it.
    level: f64,
}

impl Choices {
    /// Shards with these rows that nobody chose, and so many events of small ids with two choices.
    pub(super) fn new(rows: Vec<f64>, crowd_events: f64) -> Self {
        let crowd = Crowd::new(crowd_events, rows.len());
        Self { loads: rows, pairs: Vec::new(), sets: Vec::new(), crowd }
    }

    /// Adds an id with two choices.
    #[expect(clippy::cast_possible_truncation, reason = "a shard's number has 16 bits")]
    pub(super) fn pair(&mut self, shards: [usize; 2], events: f64) {
        let shards = shards.map(|shard| shard as u32);
        self.pairs.push(Pair { shards, events, first: 0.0 });
        // Wholly in the second, until it is settled.
        if let Some(load) = self.loads.get_mut(shards[1] as usize) {
            *load += events;
        }
    }

    /// Adds ids that choose among these distinct shards.
    pub(super) fn set(&mut self, shards: Vec<u32>, events: f64) {
        let parts = vec![0.0; shards.len()];
        self.sets.push(Set { shards, events, parts, level: f64::INFINITY });
    }

    /// The rows of each shard when all have settled.
    pub(super) fn settle(mut self) -> Vec<f64> {
        for _ in 0..MOST_ROUNDS {
            self.round();
            if self.is_settled() {
                break;
            }
        }
        self.loads
    }

    /// Settles each in turn.
    fn round(&mut self) {
        for pair in &mut self.pairs {
            pair.settle(&mut self.loads);
        }
        let mut others = Vec::new();
        for set in &mut self.sets {
            set.settle(&mut self.loads, &mut others);
        }
        self.crowd.settle(&mut self.loads);
    }

    /// Whether no load is further than the tolerance from the answer.
    ///
    /// F = Σ load²/2 is above its minimum by at most the gap of Frank and Wolfe ("An Algorithm for
    /// Quadratic Programming", 1956): what it would fall by, to first order, if each id went to its
    /// least loaded choice. And F rises by at least half the squared distance from the minimum.
    fn is_settled(&self) -> bool {
        let mean = self.loads.iter().sum::<f64>() / self.loads.len().max(1) as f64;
        let pairs: f64 = self.pairs.iter().map(|pair| pair.gap(&self.loads)).sum();
        let sets: f64 = self.sets.iter().map(|set| set.gap(&self.loads)).sum();
        (2.0 * (pairs + sets + self.crowd.gap(&self.loads))).sqrt() <= TOLERANCE * mean
    }
}

impl Pair {
    /// As even as it gets.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "choices are shards")]
    fn settle(&mut self, loads: &mut [f64]) {
        let [first, second] = self.shards.map(|shard| shard as usize);
        let difference = loads[second] - loads[first];
        let settled = (self.first + difference / 2.0).clamp(0.0, self.events);
        let moved = settled - self.first;
        loads[first] += moved;
        loads[second] -= moved;
        self.first = settled;
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "choices are shards")]
    fn gap(&self, loads: &[f64]) -> f64 {
        let [first, second] = self.shards.map(|shard| loads[shard as usize]);
        self.first * (first - second).max(0.0)
            + (self.events - self.first) * (second - first).max(0.0)
    }
}

impl Set {
    /// As even as it gets. `others` is room for what its shards have of others.
    #[expect(clippy::indexing_slicing, reason = "choices are shards")]
    fn settle(&mut self, loads: &mut [f64], others: &mut Vec<f64>) {
        let own = self.shards.iter().map(|&shard| loads[shard as usize]);
        others.clear();
        others.extend(own.zip(&self.parts).map(|(load, part)| load - part));
        self.level = fill::level(others, self.events, self.level);
        for ((part, other), &shard) in self.parts.iter_mut().zip(others).zip(&self.shards) {
            *part = (self.level - *other).max(0.0);
            loads[shard as usize] = *other + *part;
        }
    }

    #[expect(clippy::indexing_slicing, reason = "choices are shards")]
    fn gap(&self, loads: &[f64]) -> f64 {
        let own = || self.shards.iter().map(|&shard| loads[shard as usize]);
        let least = own().fold(f64::INFINITY, f64::min);
        self.parts.iter().zip(own()).map(|(part, load)| part * (load - least)).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Stream = (u32, Vec<(u32, u32, u16)>, Vec<(Vec<u32>, u16)>, u32);

    /// Choices and events of each.
    type Ids<C> = Vec<(C, f64)>;

    fn stream() -> impl Strategy<Value = Stream> {
        let pair = (any::<u32>(), any::<u32>(), 0_u16..1_000);
        let set = (proptest::collection::vec(any::<u32>(), 1..6), 0_u16..5_000);
        let pairs = proptest::collection::vec(pair, 0..60);
        (2_u32..20, pairs, proptest::collection::vec(set, 0..6), 0_u32..20_000)
    }

    /// Ids as pairs and as sets.
    fn chosen((shards, pairs, sets, _): &Stream) -> (Ids<[usize; 2]>, Ids<Vec<u32>>) {
        let pair = |&(one, other, events): &(u32, u32, u16)| {
            let (one, other) = (one % shards, other % (shards - 1));
            let other = if other < one { other } else { other + 1 };
            ([one as usize, other as usize], f64::from(events))
        };
        let set = |(chosen, events): &(Vec<u32>, u16)| {
            let mut chosen: Vec<u32> = chosen.iter().map(|shard| shard % shards).collect();
            chosen.sort_unstable();
            chosen.dedup();
            (chosen, f64::from(*events))
        };
        (pairs.iter().map(pair).collect(), sets.iter().map(set).collect())
    }

    proptest! {
        #[test]
        fn nothing_goes_to_the_fuller_of_two(stream in stream()) {
            let (pairs, sets) = chosen(&stream);
            let mut choices = Choices::new(vec![0.0; stream.0 as usize], 0.0);
            pairs.iter().for_each(|&(shards, events)| choices.pair(shards, events));
            sets.iter().for_each(|(shards, events)| choices.set(shards.clone(), *events));
            for _ in 0..2_000 {
                choices.round();
            }
            let events: f64 = pairs.iter().map(|id| id.1).chain(sets.iter().map(|id| id.1)).sum();
            prop_assert!((choices.loads.iter().sum::<f64>() - events).abs() < 1e-6 * events.max(1.0));
            prop_assert!(choices.is_settled());
            let near = 1e-3 * events.max(1.0);
            for pair in &choices.pairs {
                let [first, second] = pair.shards.map(|shard| choices.loads[shard as usize]);
                prop_assert!(pair.first <= near || first <= second + near, "{pair:?}");
                prop_assert!(pair.events - pair.first <= near || second <= first + near, "{pair:?}");
            }
            for set in &choices.sets {
                let loads = || set.shards.iter().map(|&shard| choices.loads[shard as usize]);
                let least = loads().fold(f64::INFINITY, f64::min);
                for (&part, load) in set.parts.iter().zip(loads()) {
                    prop_assert!(part <= near || load <= least + near, "{set:?}");
                }
            }
        }

        #[test]
        fn a_crowd_is_all_pairs_of_shards(stream in stream()) {
            let (pairs, sets) = chosen(&stream);
            let (n, crowd) = (stream.0 as usize, f64::from(stream.3));
            let start = |crowd| {
                let mut choices = Choices::new(vec![0.0; n], crowd);
                pairs.iter().for_each(|&(shards, events)| choices.pair(shards, events));
                sets.iter().for_each(|(shards, events)| choices.set(shards.clone(), *events));
                choices
            };
            let as_one = start(crowd).settle();
            let mut one_by_one = start(0.0);
            let each = crowd / (n * (n - 1) / 2) as f64;
            for one in 0..n {
                (0..one).for_each(|other| one_by_one.pair([one, other], each));
            }
            let one_by_one = one_by_one.settle();
            let mean = one_by_one.iter().sum::<f64>() / n as f64;
            for (one, other) in as_one.iter().zip(&one_by_one) {
                // Each is off by the tolerance at most.
                prop_assert!((one - other).abs() <= 2.1 * TOLERANCE * mean, "{as_one:?} {one_by_one:?}");
            }
        }
    }
}
