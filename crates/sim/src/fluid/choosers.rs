//! Partial key grouping, D-Choices and W-Choices.
//!
//! From one source. Several sources would each do the same to their part of the stream, so that the
//! sums are those of one.

use super::Run;
use super::choices::Choices;
use super::counts::{CountedKey, PLACES_STREAM};
use super::draws::Draws;
use super::fill;
use crate::Balance;
use crate::head_choices::{INVERSE_THETA_PER_SHARD, choices_needed};

/// The tail's ids are given two shards one by one if there are at most so many for each shard. Past
/// that no shard's choices are unlike any other's. It is more than can be in a head, of which there
/// are 5 for each shard.
const TAIL_IDS_A_SHARD: u64 = 16;

impl Run<'_> {
    /// `pkg`: two choices for all.
    pub(super) fn two_choices(self) -> Balance {
        let stream = Stream::new(self);
        let mut choices = stream.choices();
        for id in &stream.ids {
            choices.pair(self.shards.two_choices(id.hash, self.seed), id.events as f64);
        }
        self.settled(choices)
    }

    /// `w-choices`: all shards for the head.
    pub(super) fn w_choices(self) -> Balance {
        let stream = Stream::new(self);
        let (head, tail) = stream.head_and_tail(self);
        let mut choices = stream.choices();
        choices.set(self.all_shards(), events_of(head));
        for id in tail {
            choices.pair(self.shards.two_choices(id.hash, self.seed), id.events as f64);
        }
        Balance { hot_keys: head.len() as u64, ..self.settled(choices) }
    }

    /// `d-choices`: as many as it needs for the head.
    pub(super) fn d_choices(self) -> Balance {
        let stream = Stream::new(self);
        let (head, tail) = stream.head_and_tail(self);
        let mut choices = stream.choices();
        let all = (self.counts.events() - self.counts.nobody) as f64;
        let shares: Vec<f64> = head.iter().map(|id| id.events as f64 / all).collect();
        let needed = choices_needed(&shares, self.shards.count());
        let pairs = if needed <= 2 { &stream.ids } else { tail };
        if needed as usize >= self.shards.count() {
            choices.set(self.all_shards(), events_of(head));
        } else if needed > 2 {
            for id in head {
                choices.set(self.distinct_choices(id.hash, needed), id.events as f64);
            }
        }
        for id in pairs {
            choices.pair(self.shards.two_choices(id.hash, self.seed), id.events as f64);
        }
        Balance { hot_keys: head.len() as u64, ..self.settled(choices) }
    }

    fn all_shards(self) -> Vec<u32> {
        (0..self.shards.get().get()).collect()
    }

    #[expect(clippy::cast_possible_truncation, reason = "a shard's number has 16 bits")]
    fn distinct_choices(self, hash: u64, choices: u32) -> Vec<u32> {
        let choice = |index| self.shards.choice(hash, index, self.seed) as u32;
        let mut shards: Vec<u32> = (0..choices).map(choice).collect();
        shards.sort_unstable();
        shards.dedup();
        shards
    }

    fn settled(self, choices: Choices) -> Balance {
        Balance::of(fill::whole(&choices.settle(), self.counts.events()))
    }
}

/// Ids as those policies see them.
#[derive(Debug)]
struct Stream {
    /// From many events to few.
    ids: Vec<CountedKey>,
    /// Events of other ids, with two choices each, all pairs of shards being alike.
    crowd: u64,
    /// Rows of each shard that chose nothing.
    nobodys: Vec<u64>,
}

impl Stream {
    fn new(run: Run<'_>) -> Self {
        let shards = run.shards.get().get();
        let mut draws = Draws::new(run.seed, PLACES_STREAM);
        let nobodys = draws.spread(run.counts.nobody, shards);
        let mut ids = run.counts.ids(u64::MAX);
        let tail = &run.counts.tail;
        let one_by_one = u32::try_from(tail.equal_ids)
            .ok()
            .filter(|&ids| u64::from(ids) <= TAIL_IDS_A_SHARD * u64::from(shards));
        let crowd = match one_by_one {
            None => tail.events,
            Some(tail_ids) => {
                let events = tail.of_ids(&vec![1; tail_ids as usize], &mut draws);
                let id = |events| CountedKey { events, hash: draws.bits() };
                ids.extend(events.into_iter().map(id));
                0
            }
        };
        ids.sort_by_key(|id| std::cmp::Reverse(id.events));
        Self { ids, crowd, nobodys }
    }

    /// Before any of the ids has chosen.
    fn choices(&self) -> Choices {
        let rows = self.nobodys.iter().map(|&rows| rows as f64).collect();
        Choices::new(rows, self.crowd as f64)
    }

    /// The ids with at least θ of the events, and the others: estimates from inside the stream are
    /// off by less and less of it.
    fn head_and_tail(&self, run: Run<'_>) -> (&[CountedKey], &[CountedKey]) {
        let inverse_theta = INVERSE_THETA_PER_SHARD * u64::from(run.shards.get().get());
        let least = (run.counts.events() - run.counts.nobody).div_ceil(inverse_theta).max(1);
        let head = self.ids.partition_point(|id| id.events >= least);
        self.ids.split_at_checked(head).unwrap_or((&self.ids, &[]))
    }
}

fn events_of(ids: &[CountedKey]) -> f64 {
    ids.iter().map(|id| id.events as f64).sum()
}
