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

    /// The ids of the head: keys with the same hash are one, and of each only so many events count.
    pub(super) fn ids(&self, most_a_key: u64) -> Vec<CountedKey> {
        let capped = |key: &CountedKey| CountedKey { events: key.events.min(most_a_key), ..*key };
        let mut keys: Vec<CountedKey> = self.head.iter().map(capped).collect();
        if self.days == 1 {
            return keys;
        }
        keys.sort_unstable_by_key(|key| key.hash);
        keys.chunk_by(|one, other| one.hash == other.hash)
            .filter_map(|keys| {
                let events = keys.iter().map(|key| key.events).sum();
                keys.first().map(|key| CountedKey { events, hash: key.hash })
            })
            .collect()
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
    pub(super) fn scatter(&self, bins: u32, draws: &mut Draws) -> Vec<u64> {
        let ids = draws.spread(self.equal_ids, bins);
        self.of_ids(&ids, draws)
    }

    /// The same with a weight for each bin.
    pub(super) fn scatter_by(&self, weights: &[f64], draws: &mut Draws) -> Vec<u64> {
        let ids = draws.divide(self.equal_ids, weights);
        self.of_ids(&ids, draws)
    }

    /// The same for each id in so many equal parts that fall one by one. A part has an event at
    /// least, so that an id of few events has few parts.
    #[expect(clippy::cast_precision_loss, reason = "a variance needs no 53rd bit")]
    pub(super) fn scatter_parts(&self, parts: u32, bins: u32, draws: &mut Draws) -> Vec<u64> {
        let events = self.events as f64;
        // Drawn numbers of events vary by their own mean, and that is divided as well.
        let varied = match self.sampling {
            Sampling::Multinomial => events,
            Sampling::Exact => 0.0,
        };
        let of_ids = events * events / self.equal_ids as f64 + varied;
        let squares = (of_ids / f64::from(parts)).max(events);
        let equal_parts = whole(events * events / squares).clamp(1, self.events.max(1));
        in_proportion(self.events, &draws.spread(equal_parts, bins))
    }

    /// The events of so many equal ids in each bin.
    #[expect(clippy::cast_precision_loss, reason = "weights need no 53rd bit")]
    pub(super) fn of_ids(&self, ids: &[u64], draws: &mut Draws) -> Vec<u64> {
        match self.sampling {
            Sampling::Multinomial => {
                let weights: Vec<f64> = ids.iter().map(|ids| *ids as f64).collect();
                draws.divide(self.events, &weights)
            }
            Sampling::Exact => in_proportion(self.events, ids),
        }
    }
}

/// So many events in proportion to these numbers: the whole sum, each within one.
pub(super) fn in_proportion(events: u64, numbers: &[u64]) -> Vec<u64> {
    let all = numbers.iter().map(|&number| u128::from(number)).sum::<u128>().max(1);
    let up_to = |number: u128| u128::from(events) * number / all;
    let mut seen = 0;
    let events = numbers.iter().map(|&number| {
        let before = up_to(seen);
        seen += u128::from(number);
        u64::try_from(up_to(seen) - before).unwrap_or(u64::MAX)
    });
    events.collect()
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
