//! The ingesters and the counter they share.

use hashbrown::HashMap;

use super::KeyOutcome;
use crate::Key;

/// What an ingester does with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Diverted,
    /// Counted; the ingester's batch now holds this many events.
    LetThrough {
        batch: u64,
    },
}

/// All state of a run. Keys are numbered in order of their first event.
#[derive(Debug)]
pub(super) struct Cluster {
    threshold: u64,
    ingesters: Vec<Ingester>,
    numbers: HashMap<Key, usize, foldhash::fast::FixedState>,
    keys: Vec<KeyState>,
}

#[derive(Debug, Default)]
struct Ingester {
    /// The keys of the events let through since the last flush or crash.
    batch: Vec<usize>,
    /// The total read back last, by key.
    known: Vec<u64>,
}

#[derive(Debug)]
struct KeyState {
    outcome: KeyOutcome,
    shared: u64,
}

#[expect(
    clippy::indexing_slicing,
    reason = "ingesters are numbered by the caller, who knows how many there are, keys by `number`"
)]
impl Cluster {
    pub(super) fn new(ingesters: u32, threshold: u64) -> Self {
        let ingesters = (0..ingesters).map(|_| Ingester::default()).collect();
        Self { threshold, ingesters, numbers: HashMap::default(), keys: Vec::new() }
    }

    /// An event of a key reaches an ingester.
    pub(super) fn take(&mut self, ingester: u32, key: Key) -> Answer {
        let number = self.number(key);
        let outcome = &mut self.keys[number].outcome;
        let ingester = &mut self.ingesters[ingester as usize];
        outcome.events += 1;
        if ingester.known(number) >= self.threshold {
            outcome.declared_at.get_or_insert(outcome.events);
            return Answer::Diverted;
        }
        outcome.let_through += 1;
        ingester.batch.push(number);
        Answer::LetThrough { batch: ingester.batch.len() as u64 }
    }

    /// An ingester adds its batch to the shared counter and reads the new totals back.
    pub(super) fn flush(&mut self, ingester: u32) {
        let ingester = &mut self.ingesters[ingester as usize];
        for &number in &ingester.batch {
            self.keys[number].shared += 1;
        }
        for number in std::mem::take(&mut ingester.batch) {
            if ingester.known.len() <= number {
                ingester.known.resize(number + 1, 0);
            }
            ingester.known[number] = self.keys[number].shared;
        }
    }

    /// An ingester loses its batch.
    pub(super) fn crash(&mut self, ingester: u32) {
        for number in std::mem::take(&mut self.ingesters[ingester as usize].batch) {
            self.keys[number].outcome.lost += 1;
        }
    }

    /// What became of every key, by key.
    pub(super) fn outcomes(self) -> Vec<KeyOutcome> {
        let threshold = self.threshold;
        let finish = |key: KeyState| {
            let overshoot = key.outcome.let_through.saturating_sub(threshold);
            KeyOutcome { overshoot, ..key.outcome }
        };
        let mut outcomes: Vec<KeyOutcome> = self.keys.into_iter().map(finish).collect();
        outcomes.sort_unstable_by_key(|outcome| outcome.key);
        outcomes
    }

    fn number(&mut self, key: Key) -> usize {
        let next = self.keys.len();
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            let outcome = KeyOutcome {
                key,
                events: 0,
                declared_at: None,
                let_through: 0,
                overshoot: 0,
                lost: 0,
            };
            self.keys.push(KeyState { outcome, shared: 0 });
        }
        number
    }
}

impl Ingester {
    fn known(&self, number: usize) -> u64 {
        self.known.get(number).copied().unwrap_or(0)
    }
}
