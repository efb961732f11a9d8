//! The summary beside Apache `DataSketches`, which knows nothing of ours.

use ::datasketches::frequencies::FrequentItemsSketch;

use super::oracle::Oracle;
use super::streams::{Draws, Shape, hash};
use super::*;

const CASES: u64 = 500;

/// Counts of keys, fed to three.
struct Three {
    oracle: Oracle<u64>,
    ours: MisraGries,
    theirs: FrequentItemsSketch<u64>,
}

impl Three {
    /// Both with as many counters as a map of `map_size` slots has.
    fn new(map_size: usize, purge: Purge) -> Self {
        let theirs = FrequentItemsSketch::new(map_size).unwrap();
        let ours = MisraGries::new(theirs.maximum_map_capacity(), purge);
        Self { oracle: Oracle::new(u64::MAX / 2), ours, theirs }
    }

    fn feed(&mut self, key: u64, events: u64) {
        self.oracle.count(&key, events);
        self.ours.feed(hash(key), events, u64::MAX);
        self.theirs.update_with_count(key, events);
    }

    /// Both bracket the truth, so no two intervals of a key are disjoint.
    fn check(&self) {
        self.oracle.check_bounds(&self.ours, |key| hash(*key)).unwrap();
        for (key, truth) in self.oracle.iter() {
            let (low, high) = (self.theirs.lower_bound(key), self.theirs.upper_bound(key));
            assert!(low <= truth.events && truth.events <= high, "theirs of {key}");
            assert!(self.ours.lower_bound(hash(*key)) <= high, "{key}: ours is above theirs");
            assert!(self.ours.upper_bound(hash(*key)) >= low, "{key}: ours is below theirs");
        }
    }

    /// Ours keeps what theory promises of it, and what they promise beforehand of theirs.
    fn check_certificate(&self, purge: Purge) {
        let (fed, k) = (self.theirs.total_weight(), self.ours.capacity() as u64);
        let share = match purge {
            Purge::Minimum => 1,
            Purge::Median => 2,
        };
        let d = self.ours.lateness_bound();
        assert!((k + 1) * d <= share * fed, "d = {d} of {fed} events with {k} counters");
        let slots = self.theirs.max_map_size();
        let promised = FrequentItemsSketch::<u64>::apriori_error(slots, fed).unwrap();
        #[expect(clippy::cast_precision_loss, reason = "a few thousand events")]
        let certificate = d as f64;
        assert!(certificate <= promised, "d = {d}, they promise {promised}");
    }
}

#[test]
fn both_bracket_the_truth_and_agree() {
    let mut both_purged = 0;
    for number in 0..CASES {
        let mut draws = Draws::numbered(number);
        let shape = Shape::ALL[usize::try_from(number % 5).unwrap()];
        let purge = draws.one_of(&[Purge::Minimum, Purge::Median]);
        let (map_size, largest_feed) = (draws.one_of(&[8, 16, 32, 64]), draws.one_of(&[1, 10]));
        let mut three = Three::new(map_size, purge);
        for key in draws.keys(shape, 2_000, 7) {
            three.feed(key, 1 + draws.below(largest_feed));
        }
        three.check();
        three.check_certificate(purge);
        let has_error = three.theirs.maximum_error() > 0;
        both_purged += u64::from(has_error && three.ours.lateness_bound() > 0);
    }
    assert!(both_purged > CASES / 2, "both purged in {both_purged} cases");
}

#[test]
fn merged_ones_agree_too() {
    for number in 0..CASES / 5 {
        let mut draws = Draws::numbered(number);
        let mut whole = Three::new(16, Purge::Median);
        for shape in Shape::ALL {
            let mut part = Three::new(16, Purge::Median);
            for key in draws.keys(shape, 300, 7) {
                part.feed(key, 1);
                whole.oracle.count(&key, 1);
            }
            whole.ours.merge(&part.ours);
            whole.theirs.merge(&part.theirs);
        }
        assert!(whole.ours.lateness_bound() > 0);
        whole.check();
        whole.check_certificate(Purge::Median);
    }
}
