//! Consistent hashing with bounded loads.

use hotshard_workload::RngSeed;

use super::placer::Placer;
use crate::KeyEvents;
use crate::placement::Shards;
use crate::ring::{Ring, cap};

/// Mirrokni, Thorup, Zadimoghaddam, "Consistent Hashing with Bounded Loads", SODA 2018, with events
/// as balls: each shard stands once on a ring; an event goes to the first shard at or after its id's
/// hash that has room, which is while it has fewer rows than ⌈(1+ε)·m/n⌉, with m events so far
/// including this one.
///
/// The way round is remembered (path halving, as in disjoint sets) until the cap rises, when all
/// shards have room again. So an event costs a few steps, however many shards are full.
#[derive(Debug)]
pub(super) struct BoundedLoads {
    ring: Ring,
    /// Where on the ring each key begins.
    starts: Vec<u32>,
    cap: Cap,
    /// For a place on the ring, itself if it has room, or one further on up to the next that has.
    next: Vec<u32>,
    full: Vec<u32>,
}

/// How many rows a shard may have.
#[derive(Debug)]
struct Cap {
    /// (1+ε)/n.
    share: f64,
    events: u64,
    rows: u64,
    /// The last number of events with this cap.
    until: u64,
}

impl BoundedLoads {
    /// Before the first event.
    pub(super) fn new(events: &KeyEvents, shards: Shards, epsilon: f64, seed: RngSeed) -> Self {
        let ring = Ring::new(shards, seed);
        let starts = events.hashes().iter().map(|&hash| ring.start(hash)).collect();
        let next = (0..).take(shards.count()).collect();
        Self { ring, starts, cap: Cap::new(epsilon, shards), next, full: Vec::new() }
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "places on the ring are below the shards")]
    fn walk(&mut self, loads: &[u32], start: u32) -> usize {
        if self.cap.rises() {
            for place in self.full.drain(..) {
                self.next[place as usize] = place;
            }
        }
        let place = self.with_room(start);
        let shard = self.ring.shard(place as usize);
        if u64::from(loads[shard]) + 1 >= self.cap.rows {
            let after = place as usize + 1;
            self.next[place as usize] = if after < self.next.len() { place + 1 } else { 0 };
            self.full.push(place);
        }
        shard
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "places on the ring are below the shards")]
    fn with_room(&mut self, start: u32) -> u32 {
        let mut place = start;
        while self.next[place as usize] != place {
            let next = self.next[place as usize];
            self.next[place as usize] = self.next[next as usize];
            place = next;
        }
        place
    }
}

impl Placer for BoundedLoads {
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has a hash")]
    fn touch(&self, key: usize) -> u32 {
        self.starts[key]
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key of an event has a hash")]
    fn place(&mut self, loads: &[u32], key: usize, _: u64) -> usize {
        self.walk(loads, self.starts[key])
    }

    /// From the hash of its sequence: an event without an id cannot pass the cap either.
    #[inline]
    fn place_nobody(&mut self, loads: &[u32], hash: u64, _: Shards) -> usize {
        let start = self.ring.start(hash);
        self.walk(loads, start)
    }
}

impl Cap {
    #[expect(clippy::cast_precision_loss, reason = "a number of shards has 16 bits")]
    fn new(epsilon: f64, shards: Shards) -> Self {
        Self { share: (1.0 + epsilon) / shards.count() as f64, events: 0, rows: 0, until: 0 }
    }

    /// One more event: whether the cap is higher than before.
    #[inline]
    fn rises(&mut self) -> bool {
        self.events += 1;
        if self.events <= self.until {
            return false;
        }
        self.rows = cap(self.share, self.events);
        self.until = last_with(self.share, self.rows, self.events);
        true
    }
}

/// The last number of events with this cap, from one that has it. Rounding may end it early, never
/// late.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "there are fewer than 2³² events, and the cast saturates"
)]
fn last_with(share: f64, rows: u64, events: u64) -> u64 {
    let mut last = ((rows as f64 / share) as u64).max(events);
    while last > events && cap(share, last) > rows {
        last -= 1;
    }
    last
}
