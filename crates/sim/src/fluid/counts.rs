//! How many events each key has under one rng seed.

use hotshard_workload::RngSeed;

use super::draws::Draws;
use crate::Population;

/// The stream of random words that counts are drawn from; the model has streams from 2⁶³ on, where
/// no stream of a workload is.
const COUNTS_STREAM: u64 = 1 << 63;
/// The stream that places what has no hash of its own.
pub(super) const PLACES_STREAM: u64 = COUNTS_STREAM + 1;

/// A population whose events are whole numbers.
#[derive(Debug)]
pub(super) struct Counts {
    pub(super) head: Vec<CountedKey>,
    pub(super) tail: CountedTail,
    pub(super) nobody: u64,
    pub(super) days: u32,
}

/// One (distinct id, event date).
#[derive(Debug, Clone, Copy)]
pub(super) struct CountedKey {
    pub(super) events: u64,
    pub(super) hash: u64,
}

/// All ids that are not in the head, as so many of equal weight.
#[derive(Debug, Clone, Copy)]
pub(super) struct CountedTail {
    pub(super) events: u64,
    pub(super) ids: u64,
    /// How many ids of equal weight scatter as these do: (Σw)²/Σw², at most as many as there are.
    /// Wherever each falls, mean and variance of a shard's share are those of the real ids, and it
    /// is never below 0 as a normal might be.
    pub(super) equal_ids: u64,
    pub(super) sampling: Sampling,
}

/// Whether each id's events are a matter of chance as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sampling {
    Multinomial,
    Exact,
}

impl Counts {
    /// The events of each key, drawn.
    pub(super) fn drawn(population: &Population, seed: RngSeed) -> Self {
        let mut weights: Vec<f64> = population.head.iter().map(|key| key.events).collect();
        weights.extend([population.tail.events, population.nobody]);
        let mut events =
            Draws::new(seed, COUNTS_STREAM).divide(whole(population.events()), &weights);
        let nobody = events.pop().unwrap_or(0);
        let tail = events.pop().unwrap_or(0);
        Self::new(population, events, tail, nobody, Sampling::Multinomial)
    }

    /// The events of each key as they stand.
    pub(super) fn exact(population: &Population) -> Self {
        let events = population.head.iter().map(|key| whole(key.events)).collect();
        let (tail, nobody) = (whole(population.tail.events), whole(population.nobody));
        Self::new(population, events, tail, nobody, Sampling::Exact)
    }

    fn new(
        population: &Population,
        events: Vec<u64>,
        tail: u64,
        nobody: u64,
        sampling: Sampling,
    ) -> Self {
        let keys = population.head.iter().zip(events);
        let head = keys.map(|(key, events)| CountedKey { events, hash: key.hash }).collect();
        let ids = &population.tail;
        let equal_ids = whole(ids.events * ids.events / ids.squares).clamp(1, ids.ids.max(1));
        let tail = CountedTail { events: tail, ids: ids.ids, equal_ids, sampling };
        Self { head, tail, nobody, days: population.days.max(1) }
    }

    /// All events.
    pub(super) fn events(&self) -> u64 {
        self.head.iter().map(|key| key.events).sum::<u64>() + self.tail.events + self.nobody
    }

    /// What no key of the tail has more of, as far as is known: as many events as the smallest key
    /// of the head, or else as an average id.
    pub(super) fn largest_tail_key(&self) -> u64 {
        if self.tail.ids == 0 {
            return 0;
        }
        let smallest = self.head.iter().map(|key| key.events).min();
        smallest.unwrap_or(self.tail.events / self.tail.ids)
    }

    /// Events a day, rounded up: the N of an adaptive threshold.
    pub(super) fn per_day(&self) -> u64 {
        self.events().div_ceil(u64::from(self.days))
    }
}

impl CountedTail {
    /// The tail's events in each of so many bins, into which ids fall at random.
    #[expect(clippy::cast_precision_loss, reason = "weights need no 53rd bit")]
    pub(super) fn scatter(&self, bins: u32, draws: &mut Draws) -> Vec<u64> {
        let ids = draws.spread(self.equal_ids, bins);
        match self.sampling {
            Sampling::Multinomial => {
                let weights: Vec<f64> = ids.iter().map(|ids| *ids as f64).collect();
                draws.divide(self.events, &weights)
            }
            Sampling::Exact => self.in_proportion(&ids),
        }
    }

    /// The tail's events in proportion to ids: the whole sum, each within one.
    fn in_proportion(&self, ids: &[u64]) -> Vec<u64> {
        let up_to =
            |ids: u64| u128::from(self.events) * u128::from(ids) / u128::from(self.equal_ids);
        let mut seen = 0;
        let events = ids.iter().map(|ids| {
            let before = up_to(seen);
            seen += ids;
            u64::try_from(up_to(seen) - before).unwrap_or(u64::MAX)
        });
        events.collect()
    }
}

/// A number of events, rounded; what is none becomes 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and takes what is no number for 0"
)]
fn whole(events: f64) -> u64 {
    events.round() as u64
}
