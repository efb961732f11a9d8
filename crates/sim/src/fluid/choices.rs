//! Policies that look at loads before they choose.
//!
//! Each event goes to the least loaded of its id's choices. If every id's events come evenly over
//! the stream, all loads grow in proportion to time, and an id is split only between choices that
//! grow equally fast, because it goes to none that is fuller than another. Among all ways to split
//! the ids over their choices, just the one with the smallest sum of squared loads has this
//! property: it is its condition of Karush, Kuhn and Tucker. The sum is strictly convex in the loads, so there is
//! one answer, and it is found by settling one id after the other while all others stand still.

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
}

/// Many small ids with two choices each, all pairs of shards being alike.
#[derive(Debug)]
struct Crowd {
    events: f64,
    parts: Vec<f64>,
}

impl Choices {
    /// Shards with these rows that nobody chose, and so many events of small ids with two choices.
    pub(super) fn new(rows: Vec<f64>, crowd_events: f64) -> Self {
        let crowd = Crowd { events: crowd_events, parts: vec![0.0; rows.len()] };
        Self { loads: rows, pairs: Vec::new(), sets: Vec::new(), crowd }
    }

    /// Adds an id with two choices.
    pub(super) fn pair(&mut self, shards: [u32; 2], events: f64) {
        self.pairs.push(Pair { shards, events, first: 0.0 });
        // Wholly in the second, until it is settled.
        if let Some(load) = self.loads.get_mut(shards[1] as usize) {
            *load += events;
        }
    }

    /// Adds ids that choose among these distinct shards.
    pub(super) fn set(&mut self, shards: Vec<u32>, events: f64) {
        let parts = vec![0.0; shards.len()];
        self.sets.push(Set { shards, events, parts });
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
        for set in &mut self.sets {
            set.settle(&mut self.loads);
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
    #[expect(clippy::indexing_slicing, reason = "choices are shards")]
    fn settle(&mut self, loads: &mut [f64]) {
        for (part, &shard) in self.parts.iter().zip(&self.shards) {
            loads[shard as usize] -= part;
        }
        let others: Vec<f64> = self.shards.iter().map(|&shard| loads[shard as usize]).collect();
        let level = fill::level(&others, self.events);
        for ((part, other), &shard) in self.parts.iter_mut().zip(others).zip(&self.shards) {
            *part = (level - other).max(0.0);
            loads[shard as usize] += *part;
        }
    }

    #[expect(clippy::indexing_slicing, reason = "choices are shards")]
    fn gap(&self, loads: &[f64]) -> f64 {
        let own = || self.shards.iter().map(|&shard| loads[shard as usize]);
        let least = own().fold(f64::INFINITY, f64::min);
        self.parts.iter().zip(own()).map(|(part, load)| part * (load - least)).sum()
    }
}

impl Crowd {
    /// As even as it gets: of the k fullest shards each pair keeps its events, whatever is done, so
    /// they have at least G(k) = what others put there + t·k(k−1)/(n(n−1)) together. The flattest
    /// loads with sums of at least G are the slopes of its least concave majorant.
    fn settle(&mut self, loads: &mut [f64]) {
        for (load, part) in loads.iter_mut().zip(&self.parts) {
            *load -= part;
        }
        let order = fullest_first(loads);
        let own = shares_of_fuller(loads.len()).map(|share| share * self.events);
        let least: Vec<f64> = order.iter().map(|&(load, _)| load).zip(own).map(|(load, own)| load + own).collect();
        for ((before, shard), level) in order.into_iter().zip(fill::flattest(&least)) {
            if let (Some(part), Some(load)) = (self.parts.get_mut(shard), loads.get_mut(shard)) {
                *part = level - before;
                *load = level;
            }
        }
    }

    fn gap(&self, loads: &[f64]) -> f64 {
        let now: f64 = self.parts.iter().zip(loads).map(|(part, load)| part * load).sum();
        let shares = shares_of_fuller(loads.len());
        let least: f64 = fullest_first(loads).iter().zip(shares).map(|((load, _), share)| load * share).sum();
        (now - self.events * least).max(0.0)
    }
}

/// Loads and their shards, the fullest first.
fn fullest_first(loads: &[f64]) -> Vec<(f64, usize)> {
    let mut order: Vec<(f64, usize)> = loads.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    order
}

/// For each shard, the fullest first: the share of all pairs in which it is the less loaded one.
fn shares_of_fuller(shards: usize) -> impl Iterator<Item = f64> {
    let n = shards as f64;
    let pairs = n * (n - 1.0) / 2.0;
    (0..shards).map(move |fuller| if shards < 2 { 1.0 } else { fuller as f64 / pairs })
}
