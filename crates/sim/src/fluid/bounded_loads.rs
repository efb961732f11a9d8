//! Consistent hashing with bounded loads.

use super::Run;
use super::counts::PLACES_STREAM;
use super::draws::Draws;
use super::home::add;
use crate::Balance;
use crate::ring::{self, Ring};

impl Run<'_> {
    /// `bounded-loads`. Loads and the cap grow alike with time, so a shard either takes all that
    /// reaches it from the beginning to the end, or is at the cap all the time and passes on the
    /// rest. In the end each has the cap or what has reached it.
    pub(super) fn bounded(self, epsilon: f64) -> Balance {
        let ring = Ring::new(self.shards, self.seed);
        let mut draws = Draws::new(self.seed, PLACES_STREAM);
        let arcs = ring.arcs();
        let mut reached = self.counts.tail.scatter_by(&arcs, &mut draws);
        add(&mut reached, &draws.divide(self.counts.nobody, &arcs));
        for key in &self.counts.head {
            if let Some(place) = reached.get_mut(ring.start(key.hash) as usize) {
                *place += key.events;
            }
        }
        let events = self.counts.events();
        let cap = ring::cap((1.0 + epsilon) / self.shards.count() as f64, events);
        pass_on(&mut reached, cap);
        let mut rows = vec![0; reached.len()];
        for (place, reached) in reached.into_iter().enumerate() {
            if let Some(rows) = rows.get_mut(ring.shard(place)) {
                *rows = reached;
            }
        }
        Balance::of(rows).bound(ring::bound(epsilon, events, self.shards))
    }
}

/// What is past the cap goes on to the next place, round and round. There is room for all.
fn pass_on(places: &mut [u64], cap: u64) {
    let mut passed = 0;
    // What comes past the beginning again is settled on the way there.
    for _ in 0..2 {
        for place in &mut *places {
            let all = *place + passed;
            *place = all.min(cap);
            passed = all - *place;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed_on(mut places: Vec<u64>, cap: u64) -> Vec<u64> {
        pass_on(&mut places, cap);
        places
    }

    #[test]
    fn what_is_past_the_cap_goes_round() {
        assert_eq!(passed_on(vec![1, 2, 9, 3], 5), [3, 2, 5, 5]);
        assert_eq!(passed_on(vec![0, 0, 20, 0], 5), [5, 5, 5, 5]);
        assert_eq!(passed_on(vec![7], 7), [7]);
        assert_eq!(passed_on(vec![0, 3], 3), [0, 3]);
    }
}
