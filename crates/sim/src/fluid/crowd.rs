//! Ids so many and so small that only their sum matters.

use super::fill;

/// Many small ids with two choices each, all pairs of shards being alike.
#[derive(Debug)]
pub(super) struct Crowd {
    events: f64,
    parts: Vec<f64>,
}

impl Crowd {
    /// So many events, of which no shard has anything yet.
    pub(super) fn new(events: f64, shards: usize) -> Self {
        Self { events, parts: vec![0.0; shards] }
    }

    /// As even as it gets: of the k fullest shards each pair keeps its events, whatever is done, so
    /// they have at least G(k) = what others put there + t·k(k−1)/(n(n−1)) together. The flattest
    /// loads with sums of at least G are the slopes of its least concave majorant.
    pub(super) fn settle(&mut self, loads: &mut [f64]) {
        for (load, part) in loads.iter_mut().zip(&self.parts) {
            *load -= part;
        }
        let order = fullest_first(loads);
        let own = shares_of_fuller(loads.len()).map(|share| share * self.events);
        let least: Vec<f64> =
            order.iter().map(|&(load, _)| load).zip(own).map(|(load, own)| load + own).collect();
        for ((before, shard), level) in order.into_iter().zip(fill::flattest(&least)) {
            if let (Some(part), Some(load)) = (self.parts.get_mut(shard), loads.get_mut(shard)) {
                *part = level - before;
                *load = level;
            }
        }
    }

    /// How far from its best, to first order in the sum of squares.
    pub(super) fn gap(&self, loads: &[f64]) -> f64 {
        let now: f64 = self.parts.iter().zip(loads).map(|(part, load)| part * load).sum();
        let shares = shares_of_fuller(loads.len());
        let least: f64 =
            fullest_first(loads).iter().zip(shares).map(|((load, _), share)| load * share).sum();
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
