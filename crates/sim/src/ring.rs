//! The ring of consistent hashing with bounded loads.

use hotshard_workload::RngSeed;

use crate::Bound;
use crate::placement::{Shards, rehash};

/// Shards by their places: each stands once on the ring, at a hash of its number.
#[derive(Debug)]
pub(crate) struct Ring {
    positions: Vec<u64>,
    shards: Vec<u32>,
}

impl Ring {
    /// These shards, under the hash function of this seed.
    pub(crate) fn new(shards: Shards, seed: RngSeed) -> Self {
        let mut places: Vec<(u64, u32)> = (0..)
            .take(shards.count())
            .map(|shard| (rehash(u64::from(shard), 0, seed), shard))
            .collect();
        places.sort_unstable();
        let (positions, shards) = places.into_iter().unzip();
        Self { positions, shards }
    }

    /// The first place at or after a hash.
    #[expect(clippy::cast_possible_truncation, reason = "a place's number has 16 bits")]
    pub(crate) fn start(&self, hash: u64) -> u32 {
        let after = self.positions.partition_point(|&position| position < hash);
        if after < self.positions.len() { after as u32 } else { 0 }
    }

    /// The shard at a place, from 0.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "places on the ring are below the shards")]
    pub(crate) fn shard(&self, place: usize) -> usize {
        self.shards[place] as usize
    }

    /// How many hashes begin at each place.
    #[expect(clippy::cast_precision_loss, reason = "weights need no 53rd bit")]
    pub(crate) fn arcs(&self) -> Vec<f64> {
        let before = self.positions.iter().rev().take(1).chain(&self.positions);
        let arcs = self.positions.iter().zip(before);
        arcs.map(|(position, before)| position.wrapping_sub(*before) as f64).collect()
    }
}

/// What max/mean of so many events never passes: the cap, over the mean.
#[expect(clippy::cast_precision_loss, reason = "a bound need not be exact to 53 bits")]
pub(crate) fn bound(epsilon: f64, events: u64, shards: Shards) -> Option<Bound> {
    let n = shards.count() as f64;
    let cap = cap((1.0 + epsilon) / n, events) as f64;
    (events > 0).then(|| Bound { max_over_mean: cap * n / events as f64, confidence: 1.0 })
}

/// ⌈(1+ε)·m/n⌉, for (1+ε)/n.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cap need not be exact to 53 bits, and the cast saturates"
)]
pub(crate) fn cap(share: f64, events: u64) -> u64 {
    (share * events as f64).ceil() as u64
}
