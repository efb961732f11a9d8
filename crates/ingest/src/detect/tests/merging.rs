//! What merging gives, and what it does not.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::oracle::{Oracle, live_sum};
use super::streams::{Draws, Feed, Shape, hash};
use super::*;

const CASES: u64 = 10_000;

/// A stream of any shape, event by event or in pieces.
fn feeds(draws: &mut Draws, length: u64, threshold: u64) -> Vec<Feed> {
    let (shape, largest_feed) = (draws.one_of(&Shape::ALL), draws.one_of(&[1, 1, 10]));
    let keys = draws.keys(shape, length, threshold);
    keys.into_iter().map(|key| Feed { key, events: 1 + draws.below(largest_feed) }).collect()
}

/// How summaries become one.
#[derive(Debug, Clone, Copy)]
enum Order {
    /// Each into the first.
    Chain,
    /// Each into the next.
    ChainFromTheEnd,
    /// Neighbours, then neighbours of those.
    Tree,
}

fn merge_all(order: Order, mut parts: Vec<MisraGries>) -> MisraGries {
    let merge = |mut one: MisraGries, other: MisraGries| {
        one.merge(&other);
        one
    };
    match order {
        Order::Chain => parts.into_iter().reduce(merge).unwrap(),
        Order::ChainFromTheEnd => parts.into_iter().rev().reduce(merge).unwrap(),
        Order::Tree => {
            while parts.len() > 1 {
                let mut left = parts.into_iter();
                let mut merged = Vec::new();
                while let Some(one) = left.next() {
                    merged.push(left.clone().take(1).fold(one, merge));
                    left.next();
                }
                parts = merged;
            }
            parts.remove(0)
        }
    }
}

/// Splits a stream over summaries, merges them, feeds a little more, and says whether any purged.
fn split_and_merge(number: u64) -> Result<bool, TestCaseError> {
    let mut draws = Draws::numbered(number);
    let purge = [Purge::Minimum, Purge::Median][usize::from(number % 2 == 1)];
    let order = draws.one_of(&[Order::Chain, Order::ChainFromTheEnd, Order::Tree]);
    let (parts, largest) = (1 + draws.below(6), draws.one_of(&[1, 10, 40]));
    let capacities: Vec<usize> =
        (0..parts).map(|_| 1 + usize::try_from(draws.below(largest)).unwrap()).collect();
    let mut summaries: Vec<MisraGries> =
        capacities.iter().map(|&capacity| MisraGries::new(capacity, purge)).collect();
    let mut oracle = Oracle::new(u64::MAX / 2);
    let mut total = 0;

    // In pieces one after the other, event by event in turn, at random, or by key.
    let split = draws.below(4);
    let length = 1 + draws.below(200);
    let stream = feeds(&mut draws, length, 7);
    for (at, feed) in (0..).zip(&stream) {
        let part = match split {
            0 => at * parts / stream.len() as u64,
            1 => at % parts,
            2 => draws.below(parts),
            _ => feed.key % parts,
        };
        summaries[usize::try_from(part).unwrap()].feed(hash(feed.key), feed.events, u64::MAX);
        oracle.count(&feed.key, feed.events);
        total += feed.events;
    }
    let mut merged = merge_all(order, summaries);
    for feed in feeds(&mut draws, 20, 7) {
        oracle.check_bounds(&merged, |key| hash(*key))?;
        merged.feed(hash(feed.key), feed.events, u64::MAX);
        oracle.count(&feed.key, feed.events);
        total += feed.events;
    }
    oracle.check_bounds(&merged, |key| hash(*key))?;

    prop_assert!(merged.len() <= merged.capacity());
    let least = *capacities.iter().min().unwrap() as u64;
    let purged = total - live_sum(&merged);
    let certified = (least + 1) * merged.lateness_bound();
    match purge {
        Purge::Minimum => prop_assert!(certified <= purged, "{certified} > {purged}"),
        Purge::Median => prop_assert!(certified <= 2 * purged, "{certified} > 2·{purged}"),
    }
    Ok(merged.lateness_bound() > 0)
}

#[test]
fn merged_summaries_keep_the_bounds() {
    let mut purged = 0;
    for number in 0..CASES {
        let has_purged = split_and_merge(number);
        purged += u64::from(has_purged.unwrap_or_else(|fault| panic!("case {number}: {fault}")));
    }
    assert!(purged > CASES / 2, "{purged} cases had a purge");
}

/// Where the events of a key go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Routing {
    ByKey,
    Anywhere,
}

/// Detectors side by side, each for itself.
struct Detectors {
    threshold: u64,
    detectors: Vec<MisraGries>,
    oracle: Oracle<u64>,
}

impl Detectors {
    fn new(number: usize, counters: usize, threshold: u64) -> Self {
        let detectors = vec![MisraGries::new(counters, Purge::Minimum); number];
        Self { threshold, detectors, oracle: Oracle::new(threshold) }
    }

    fn certificates(&self) -> u64 {
        self.detectors.iter().map(MisraGries::lateness_bound).sum()
    }

    /// Feeds one event to one detector, and says whether that declares the key. By how much that
    /// may be late is said by the routing.
    fn feed(&mut self, key: u64, to: usize, routing: Routing) -> Result<bool, TestCaseError> {
        let truth = self.oracle.count(&key, 1);
        if truth.declared {
            return Ok(false);
        }
        let lower_bound = self.detectors[to].feed(hash(key), 1, self.threshold);
        let late_by = match routing {
            Routing::ByKey => self.detectors[to].lateness_bound(),
            Routing::Anywhere => {
                (self.detectors.len() as u64 - 1) * self.threshold + self.certificates()
            }
        };
        let declares = lower_bound == self.threshold;
        if declares {
            self.oracle.declare(&key, truth.events + 1, late_by)?;
        }
        self.oracle.check_declared(&key, late_by)?;
        Ok(declares)
    }
}

#[test]
fn detectors_not_routed_by_key_are_late_by_their_thresholds_and_certificates() {
    let mut later_than_one_could_be = 0;
    for number in 0..CASES {
        let mut draws = Draws::numbered(number);
        let routing = [Routing::ByKey, Routing::Anywhere][usize::from(number % 2 == 1)];
        let (j, k) = (1 + draws.below(4), 1 + draws.below(10));
        let (threshold, length) = (draws.below(12), 1 + draws.below(300));
        let [detectors, counters] = [j, k].map(|it| usize::try_from(it).unwrap());
        let mut side_by_side = Detectors::new(detectors, counters, threshold);
        let shape = draws.one_of(&Shape::ALL);
        let keys = draws.keys(shape, length, threshold);
        for &key in &keys {
            let to = if routing == Routing::ByKey { key % j } else { draws.below(j) };
            let fed = side_by_side.feed(key, usize::try_from(to).unwrap(), routing);
            fed.unwrap_or_else(|fault| panic!("case {number}: {fault}"));
        }
        // As good as one: together they purged no more than one of that size may.
        assert!((k + 1) * side_by_side.certificates() <= keys.len() as u64);
        let late = side_by_side.oracle.iter().any(|(_, truth)| {
            !truth.declared && truth.events > threshold + keys.len() as u64 / (k + 1)
        });
        later_than_one_could_be += u64::from(late);
        assert!(!late || routing == Routing::Anywhere, "case {number}");
    }
    assert!(later_than_one_could_be > CASES / 50, "{later_than_one_could_be} cases");
}

#[test]
fn not_routed_by_key_the_worst_lateness_does_happen() {
    let (detectors, threshold, purges) = (3, 10, 4);
    let mut side_by_side = Detectors::new(detectors, 1, threshold);
    for to in 0..detectors {
        // Up to T, then `purges` keys that come once and take one each, then up to T again.
        let key = 0;
        let once = (0..purges).map(|number| 100 + number);
        let up = |events: u64| std::iter::repeat_n(key, usize::try_from(events).unwrap());
        for key in up(threshold).chain(once).chain(up(purges)) {
            assert!(!side_by_side.feed(key, to, Routing::Anywhere).unwrap());
        }
    }
    let j = detectors as u64;
    assert_eq!(side_by_side.certificates(), j * purges);
    assert_eq!(side_by_side.oracle.of(&0).events, j * (threshold + purges));
    assert!(side_by_side.feed(0, 1, Routing::Anywhere).unwrap(), "with (j−1)·T + Σd past T");
}

#[test]
fn what_one_diverted_is_dropped_from_the_other_and_the_rest_merges() {
    for number in 0..CASES / 10 {
        let mut draws = Draws::numbered(number);
        let threshold = 1 + draws.below(12);
        let mut side_by_side =
            Detectors::new(2, 1 + usize::try_from(number % 9).unwrap(), threshold);
        let shape = draws.one_of(&Shape::ALL);
        for key in draws.keys(shape, 200, threshold) {
            let to = usize::try_from(draws.below(2)).unwrap();
            if side_by_side.feed(key, to, Routing::Anywhere).unwrap() {
                side_by_side.detectors[1 - to].forget(hash(key));
            }
        }
        let Detectors { mut detectors, oracle, .. } = side_by_side;
        let other = detectors.remove(1);
        detectors[0].merge(&other);
        for (key, truth) in oracle.iter().filter(|(_, truth)| !truth.declared) {
            let lower_bound = detectors[0].lower_bound(hash(*key));
            assert!(lower_bound <= truth.events, "case {number}");
            assert!(truth.events <= detectors[0].upper_bound(hash(*key)), "case {number}");
        }
        let declared = oracle.iter().filter(|(_, truth)| truth.declared);
        let counted = declared.filter(|(key, _)| detectors[0].lower_bound(hash(**key)) > 0);
        assert_eq!(counted.count(), 0, "case {number}");
    }
}
