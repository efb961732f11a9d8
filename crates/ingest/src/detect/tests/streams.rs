//! Streams of keys, each wholly determined by its number.

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};

use super::*;

/// One key's events, fed at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Feed {
    pub(super) key: u64,
    pub(super) events: u64,
}

/// In which order the keys of a stream come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Independent draws, the r-th key with a probability that falls as a power of r.
    Zipf,
    /// Runs of one key.
    Bursts,
    /// A few heavy keys, then keys that come once each: they wash the heavy ones' counters away.
    HeavyThenDistinct,
    /// Keys that reach T and go a little past it, each fed in its turn.
    RoundRobin,
    /// Independent draws, all keys alike.
    Uniform,
}

impl Shape {
    pub(super) const ALL: [Self; 5] =
        [Self::Zipf, Self::Bursts, Self::HeavyThenDistinct, Self::RoundRobin, Self::Uniform];
}

/// Draws that depend on nothing but a number.
pub(super) struct Draws(TestRng);

impl Draws {
    pub(super) fn numbered(number: u64) -> Self {
        let mut seed = [0x5a; 16];
        seed[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
        Self(TestRng::from_seed(RngAlgorithm::XorShift, &seed))
    }

    /// A number from 0 up to and without `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0.random_range(0..end)
    }

    pub(super) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.0.random_range(0..choices.len())]
    }

    /// About `length` keys in this shape. T only matters where keys are to come just past it.
    pub(super) fn keys(&mut self, shape: Shape, length: u64, threshold: u64) -> Vec<u64> {
        let most_keys = 1 + self.below(80);
        match shape {
            Shape::Zipf => self.zipf(most_keys, length),
            Shape::Uniform => (0..length).map(|_| self.below(most_keys)).collect(),
            Shape::Bursts => {
                let mut keys = Vec::new();
                while (keys.len() as u64) < length {
                    let (key, run) = (self.below(most_keys), 1 + self.below(30));
                    keys.extend((0..run).map(|_| key));
                }
                keys
            }
            Shape::HeavyThenDistinct => {
                let (heavy, start) = (1 + self.below(5), self.below(length + 1));
                let key_at = |at| if at < start { at % heavy } else { 1_000 + at };
                let mut keys: Vec<u64> = (0..length).map(key_at).collect();
                // The heavy ones come back at the end, when little is left of their counters.
                keys.extend((0..length / 3).map(|at| at % heavy));
                keys
            }
            Shape::RoundRobin => {
                let turns = threshold + 1 + self.below(4);
                let keys = (length / turns).clamp(1, most_keys);
                (0..keys * turns).map(|at| at % keys).collect()
            }
        }
    }

    fn zipf(&mut self, keys: u64, length: u64) -> Vec<u64> {
        let exponent = self.one_of(&[0.5, 1.0, 1.5, 2.5_f64]);
        let mut sums = Vec::new();
        let mut sum = 0.0;
        for rank in (1..).take(usize::try_from(keys).unwrap()) {
            sum += f64::from(rank).powf(-exponent);
            sums.push(sum);
        }
        let mut draw = || {
            let drawn = self.0.random_range(0.0..sum);
            sums.partition_point(|&below| below <= drawn) as u64
        };
        (0..length).map(|_| draw()).collect()
    }
}

/// A stream, and the summary that it is fed to.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) counters: usize,
    pub(super) threshold: u64,
    pub(super) purge: Purge,
    pub(super) feeds: Vec<Feed>,
}

impl Case {
    /// The case of this number. Any twenty in a row have each shape with each purge, fed event by
    /// event and in pieces.
    pub(super) fn numbered(number: u64) -> Self {
        let mut draws = Draws::numbered(number);
        let shape = Shape::ALL[usize::try_from(number % 5).unwrap()];
        let purge = [Purge::Minimum, Purge::Median][usize::from(number / 5 % 2 == 1)];
        let largest_feed = if number / 10 % 2 == 1 { draws.one_of(&[3, 20]) } else { 1 };
        let few = draws.below(4) > 0;
        let counters = 1 + draws.below(if few { 8 } else { 60 });
        let threshold = draws.below(if few { 16 } else { 51 });
        let length = 1 + draws.below(300);
        let keys = draws.keys(shape, length, threshold);
        let feed = |key| Feed { key, events: 1 + draws.below(largest_feed) };
        let feeds = keys.into_iter().map(feed).collect();
        Self { counters: usize::try_from(counters).unwrap(), threshold, purge, feeds }
    }

    /// Any case at all, which shrinks to a small one.
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let feed = (0..30_u64, prop_oneof![2 => Just(1), 1 => 1..9_u64])
            .prop_map(|(key, events)| Feed { key, events });
        let purge = prop_oneof![Just(Purge::Minimum), Just(Purge::Median)];
        (1..9_usize, 0..12_u64, purge, prop::collection::vec(feed, 0..120)).prop_map(
            |(counters, threshold, purge, feeds)| Self { counters, threshold, purge, feeds },
        )
    }

    pub(super) fn summary(&self) -> MisraGries {
        MisraGries::new(self.counters, self.purge)
    }
}

pub(super) fn hash(key: u64) -> KeyHash {
    KeyHash::of(key.to_string())
}
