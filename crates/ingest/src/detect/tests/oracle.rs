//! What is true of a stream, by counting every event of every key.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::*;

/// Each key's events, and what was said of it; a claim that is not so is an error.
#[derive(Debug)]
pub(super) struct Oracle<K> {
    threshold: u64,
    keys: BTreeMap<K, Truth>,
    declared: usize,
    /// How many were declared later than with event T+1.
    pub(super) late: u64,
}

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Truth {
    pub(super) events: u64,
    pub(super) declared: bool,
}

impl<K: Ord + Clone + std::fmt::Debug> Oracle<K> {
    pub(super) const fn new(threshold: u64) -> Self {
        Self { threshold, keys: BTreeMap::new(), declared: 0, late: 0 }
    }

    /// Counts events of a key, and says how it stood before.
    pub(super) fn count(&mut self, key: &K, events: u64) -> Truth {
        let truth = self.keys.entry(key.clone()).or_default();
        let before = *truth;
        truth.events += events;
        before
    }

    pub(super) fn of(&self, key: &K) -> Truth {
        self.keys.get(key).copied().unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, Truth)> {
        self.keys.iter().map(|(key, truth)| (key, *truth))
    }

    /// Keys with events that were not declared.
    pub(super) fn live(&self) -> usize {
        self.keys.len() - self.declared
    }

    /// A key is declared with its `number`-th event: not before event T+1, not after T+d+1, once.
    pub(super) fn declare(
        &mut self,
        key: &K,
        number: u64,
        lateness_bound: u64,
    ) -> Result<(), TestCaseError> {
        let threshold = self.threshold;
        let truth = self.keys.get_mut(key).unwrap();
        prop_assert!(!truth.declared, "{key:?} was declared before");
        prop_assert!(number > threshold, "{key:?} is innocent with {number} events");
        prop_assert!(
            number <= threshold + lateness_bound + 1,
            "{key:?} is found by its event {number}, which is more than {lateness_bound} late"
        );
        truth.declared = true;
        self.declared += 1;
        self.late += u64::from(number > threshold + 1);
        Ok(())
    }

    /// A key with more than T + d events must have been declared.
    pub(super) fn check_declared(&self, key: &K, lateness_bound: u64) -> Result<(), TestCaseError> {
        let truth = self.of(key);
        prop_assert!(
            truth.declared || truth.events <= self.threshold + lateness_bound,
            "{key:?} was not found by its event {} with d = {lateness_bound}",
            truth.events
        );
        Ok(())
    }

    /// Bounds 1 and 2, and that there is no counter of a key that was declared.
    pub(super) fn check_bounds(
        &self,
        summary: &MisraGries,
        hash: impl Fn(&K) -> KeyHash,
    ) -> Result<(), TestCaseError> {
        let lateness_bound = summary.lateness_bound();
        for (key, truth) in self.iter() {
            let (lower, upper) = (summary.lower_bound(hash(key)), summary.upper_bound(hash(key)));
            if truth.declared {
                prop_assert_eq!(lower, 0, "{:?} was declared", key);
                continue;
            }
            let events = truth.events;
            prop_assert!(
                lower <= events && events <= upper,
                "{key:?}: {events} not in {lower}–{upper}"
            );
            prop_assert_eq!(upper, lower + lateness_bound);
            self.check_declared(key, lateness_bound)?;
        }
        Ok(())
    }
}

/// The sum of the live counters, L.
pub(super) fn live_sum(summary: &MisraGries) -> u64 {
    let lower_bound = |counter: &counter_table::Counter| counter.value() - summary.lateness_bound();
    summary.iter().map(lower_bound).sum()
}
