//! The summary is Space-Saving in disguise: Agarwal et al., "Mergeable Summaries" (PODS 2012),
//! section 2, on the isomorphism.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::streams::{Draws, Shape, hash};
use super::*;

const CASES: u64 = 5_000;

/// Space-Saving as its authors describe it (Metwally et al., "Efficient Computation of Frequent and
/// Top-k Elements in Data Streams", 2005).
struct SpaceSaving {
    counters: BTreeMap<u64, u64>,
    capacity: usize,
}

impl SpaceSaving {
    fn feed(&mut self, key: u64) {
        let taken_over = if self.counters.contains_key(&key) || self.counters.len() < self.capacity
        {
            0
        } else {
            let (&least, &events) =
                self.counters.iter().min_by_key(|(_, events)| **events).unwrap();
            self.counters.remove(&least);
            events
        };
        *self.counters.entry(key).or_insert(taken_over) += 1;
    }

    /// The smallest counter, 0 while there are unused ones.
    fn minimum(&self) -> u64 {
        let is_full = self.counters.len() == self.capacity;
        if is_full { *self.counters.values().min().unwrap() } else { 0 }
    }
}

fn compare(capacity: usize, keys: &[u64]) -> Result<u64, TestCaseError> {
    let mut ours = MisraGries::new(capacity, Purge::Minimum);
    let mut theirs = SpaceSaving { counters: BTreeMap::new(), capacity: capacity + 1 };
    for &key in keys {
        ours.feed(hash(key), 1, u64::MAX);
        theirs.feed(key);
        let minimum = theirs.minimum();
        prop_assert_eq!(ours.lateness_bound(), minimum);
        for (&key, &events) in &theirs.counters {
            prop_assert_eq!(ours.lower_bound(hash(key)), events - minimum);
        }
        let above = theirs.counters.values().filter(|events| **events > minimum).count();
        prop_assert_eq!(ours.len(), above);
    }
    Ok(ours.lateness_bound())
}

#[test]
fn space_saving_with_one_more_counter_has_the_certificate_for_minimum() {
    let mut purged = 0;
    for number in 0..CASES {
        let mut draws = Draws::numbered(number);
        let (capacity, length) = (1 + draws.below(12), 1 + draws.below(150));
        let shape = draws.one_of(&Shape::ALL);
        let keys = draws.keys(shape, length, 5);
        let d = compare(usize::try_from(capacity).unwrap(), &keys);
        purged += u64::from(d.unwrap_or_else(|fault| panic!("case {number}: {fault}")) > 0);
    }
    assert!(purged > CASES / 2, "{purged} cases had a purge");
}

proptest! {
    #[test]
    fn it_has_on_any_stream(
        capacity in 1..6_usize,
        keys in prop::collection::vec(0..12_u64, 0..60),
    ) {
        compare(capacity, &keys)?;
    }
}
