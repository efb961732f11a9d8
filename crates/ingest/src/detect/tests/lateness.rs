//! The detector as a whole with few counters: blocks, commits, restarts and released dates.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::oracle::Oracle;
use super::streams::{Draws, Shape};
use super::*;

const CASES: u64 = 20_000;

type Key = (EventDate, String);

/// What is true of a date.
#[derive(Default)]
struct DateTruth {
    /// Rows that were not excess, N′.
    fed: u64,
    declared: u64,
    live: usize,
    most_live: usize,
}

/// A detector with few counters, and what is true.
struct Trial {
    threshold: u64,
    counters: u64,
    harness: Harness,
    oracle: Oracle<Key>,
    dates: BTreeMap<EventDate, DateTruth>,
    approached: BTreeMap<Key, u64>,
}

impl Trial {
    fn new(threshold: u64, counters: u64) -> Self {
        let mut harness = Harness::new(threshold);
        harness.limit_bytes = if counters.is_multiple_of(2) { 0 } else { usize::MAX };
        Self {
            threshold,
            counters,
            harness: harness.with_counters_a_date(usize::try_from(counters).unwrap()),
            oracle: Oracle::new(threshold),
            dates: BTreeMap::new(),
            approached: BTreeMap::new(),
        }
    }

    fn certificate(&self, date: EventDate) -> u64 {
        self.harness.detector.lateness_bound_of(date).unwrap()
    }

    fn feed(&mut self, block: &[TestEvent]) -> Result<(), TestCaseError> {
        let observation = self.harness.feed(block);
        let mut crossed = Vec::new();
        for (row, TestEvent { id, date, .. }) in block.iter().enumerate() {
            let key = (*date, id.clone());
            let truth = self.oracle.count(&key, 1);
            let d = self.certificate(*date);
            let of_date = self.dates.entry(*date).or_default();
            of_date.live += usize::from(truth.events == 0);
            if !observation.excess.contains(row) {
                prop_assert!(!truth.declared, "{key:?} is hot, and row {row} is not excess");
                of_date.fed += 1;
            } else if !truth.declared {
                self.oracle.declare(&key, truth.events + 1, d)?;
                of_date.declared += 1;
                of_date.live -= 1;
                crossed.push((key, truth.events + 1));
            }
            of_date.most_live = of_date.most_live.max(of_date.live);
        }
        self.check_notices(&observation, &crossed)?;
        self.check_touched()?;
        for event in block {
            let key = (event.date, event.id.clone());
            self.oracle.check_declared(&key, self.certificate(event.date))?;
            self.check_certificate(event.date)?;
        }
        Ok(())
    }

    /// Both kinds of notices, which may tell at most d events too few.
    fn check_notices(
        &mut self,
        observation: &Observation,
        crossed: &[(Key, u64)],
    ) -> Result<(), TestCaseError> {
        let mut told = 0;
        for notice in &observation.notices {
            let key = (notice.event_date, notice.distinct_id.clone());
            let d = self.certificate(notice.event_date);
            match notice.kind {
                NoticeKind::Approaching => {
                    let times = self.approached.entry(key.clone()).or_default();
                    *times += 1;
                    prop_assert!(*times == 1 || d > 0, "{key:?} approaches for the second time");
                    prop_assert!(notice.events <= self.oracle.of(&key).events);
                }
                NoticeKind::Crossed => {
                    told += 1;
                    let found = crossed.iter().find(|(crossed, _)| *crossed == key);
                    let (_, truth) = found.unwrap();
                    prop_assert!(notice.events <= *truth && *truth <= notice.events + d);
                }
            }
        }
        prop_assert_eq!(told, crossed.len());
        Ok(())
    }

    /// Hot keys are short of the truth by d at most.
    fn check_touched(&self) -> Result<(), TestCaseError> {
        let d = self.harness.detector.lateness_bound();
        for TouchedKey { key, .. } in self.harness.detector.touched_hot_keys() {
            let truth = self.oracle.of(&(key.event_date, key.distinct_id.clone()));
            prop_assert!(truth.declared);
            prop_assert!(key.events <= truth.events && truth.events <= key.events + d);
        }
        Ok(())
    }

    /// Bounds 5 and 6, of one date.
    fn check_certificate(&self, date: EventDate) -> Result<(), TestCaseError> {
        let (d, truth) = (self.certificate(date), &self.dates[&date]);
        let not_released = truth.fed - truth.declared * self.threshold;
        prop_assert!((self.counters + 1) * d <= 2 * not_released, "d = {d} of {not_released}");
        let is_exact = truth.most_live as u64 <= self.counters;
        prop_assert!(!is_exact || d == 0, "{} keys were live at once", truth.most_live);
        Ok(())
    }

    /// What happens between two blocks.
    fn pass(&mut self, border: u64, next: &[TestEvent], memory_share: usize) {
        match border {
            0 => drop(self.harness.commit()),
            1 => self.harness.restart(),
            2 | 3 => {
                self.harness.commit();
                let limit = self.harness.detector.memory_bytes() * memory_share / 4;
                self.harness.detector.release(limit, &BlockCounts::of(&block_of(next)));
            }
            _ => {}
        }
    }
}

/// The date and the id of each event: one date with any shape of keys, or many.
fn stream(draws: &mut Draws, threshold: u64) -> Vec<TestEvent> {
    let (shape, dates) = (draws.one_of(&Shape::ALL), draws.one_of(&[1, 2, 8]));
    let length = 1 + draws.below(200);
    let keys = draws.keys(shape, length, threshold);
    let day = |draws: &mut Draws| i32::try_from(draws.below(dates)).unwrap();
    keys.into_iter().map(|key| event(&key.to_string(), day(draws), 0)).collect()
}

fn run(number: u64) -> Result<Trial, TestCaseError> {
    let mut draws = Draws::numbered(number);
    let threshold = draws.one_of(&[0, 1, 3, 8, 20, 40]);
    let counters = 1 + draws.one_of(&[3, 8, 30]);
    let mut trial = Trial::new(threshold, 1 + draws.below(counters));
    let events = stream(&mut draws, threshold);
    let mut rest = events.as_slice();
    let largest_block = draws.one_of(&[2, 10, 60]);
    while !rest.is_empty() {
        let length = usize::try_from(1 + draws.below(largest_block)).unwrap();
        let (block, after) = rest.split_at(length.min(rest.len()));
        trial.feed(block)?;
        let memory_share = usize::try_from(draws.below(4)).unwrap();
        trial.pass(draws.below(8), &after[..after.len().min(length)], memory_share);
        rest = after;
    }
    Ok(trial)
}

#[test]
fn with_few_counters_nobody_is_early_and_nobody_later_than_the_certificate() {
    let (mut late, mut bounded) = (0, 0);
    for number in 0..CASES {
        let trial = run(number).unwrap_or_else(|fault| panic!("case {number}: {fault}"));
        late += u64::from(trial.oracle.late > 0);
        bounded += u64::from(trial.harness.detector.lateness_bound() > 0);
    }
    assert!(bounded > CASES / 3, "{bounded} cases had a purge");
    assert!(late > CASES / 20, "{late} cases had a late key");
}
