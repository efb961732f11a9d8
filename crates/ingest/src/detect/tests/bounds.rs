//! The summary's bounds, against an oracle that counts every event.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::oracle::{Oracle, live_sum};
use super::streams::{Case, Feed, hash};
use super::*;

/// Streams that are drawn by their number; the failing number is told.
const DRAWN_CASES: u64 = 100_000;
/// Streams that proptest makes, and shrinks when one fails.
const SHRINKING_CASES: u32 = 10_000;

/// Feeds a summary, and holds it to all six bounds after every feed.
struct Trial {
    purge: Purge,
    threshold: u64,
    counters: MisraGries,
    oracle: Oracle<u64>,
    /// N′: of the feed with which a key crosses, only what led to the threshold.
    fed: u64,
    /// F.
    released: u64,
    most_live: usize,
}

impl Trial {
    fn of(case: &Case) -> Self {
        Self {
            purge: case.purge,
            threshold: case.threshold,
            counters: case.summary(),
            oracle: Oracle::new(case.threshold),
            fed: 0,
            released: 0,
            most_live: 0,
        }
    }

    fn feed(&mut self, Feed { key, events }: Feed) -> Result<(), TestCaseError> {
        let truth = self.oracle.count(&key, events);
        if truth.declared {
            return Ok(());
        }
        let d = self.counters.lateness_bound();
        let lower_bound = self.counters.feed(hash(key), events, self.threshold);
        prop_assert!(lower_bound <= truth.events && truth.events <= lower_bound + d);
        if lower_bound + events > self.threshold {
            let missing = self.threshold - lower_bound;
            self.oracle.declare(&key, truth.events + missing + 1, d)?;
            prop_assert_eq!(self.counters.lateness_bound(), d, "a crossing purged");
            self.fed += missing;
            self.released += self.threshold;
        } else {
            self.fed += events;
        }
        self.most_live = self.most_live.max(self.oracle.live());
        self.oracle.check_declared(&key, self.counters.lateness_bound())?;
        self.check_certificate()
    }

    fn check_certificate(&self) -> Result<(), TestCaseError> {
        let d = self.counters.lateness_bound();
        let (len, capacity) = (self.counters.len(), self.counters.capacity());
        prop_assert!(len <= capacity);
        let purged = self.fed - self.released - live_sum(&self.counters);
        let certified = (capacity as u64 + 1) * d;
        match self.purge {
            Purge::Minimum => prop_assert_eq!(certified, purged),
            Purge::Median => prop_assert!(certified <= 2 * purged, "{certified} > 2·{purged}"),
        }
        if self.most_live <= capacity {
            prop_assert_eq!(d, 0, "{} keys were live at once", self.most_live);
        }
        Ok(())
    }

    fn run(case: &Case) -> Result<Self, TestCaseError> {
        let mut trial = Self::of(case);
        for (number, feed) in case.feeds.iter().enumerate() {
            trial.feed(*feed)?;
            if number % 32 == 0 {
                trial.oracle.check_bounds(&trial.counters, |key| hash(*key))?;
            }
        }
        trial.oracle.check_bounds(&trial.counters, |key| hash(*key))?;
        Ok(trial)
    }
}

#[test]
fn the_bounds_hold_on_every_drawn_stream() {
    let (mut purged, mut late) = (0, 0);
    for number in 0..DRAWN_CASES {
        let case = Case::numbered(number);
        let trial = Trial::run(&case).unwrap_or_else(|fault| panic!("case {number}: {fault}"));
        purged += u64::from(trial.counters.lateness_bound() > 0);
        late += u64::from(trial.oracle.late > 0);
    }
    // The bounds say little of a stream without purges, or without a key that they made late.
    assert!(purged > DRAWN_CASES / 2, "{purged} cases had a purge");
    assert!(late > DRAWN_CASES / 10, "{late} cases had a late key");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(SHRINKING_CASES))]

    #[test]
    fn the_bounds_hold_on_any_stream(case in Case::any()) {
        Trial::run(&case)?;
    }
}
