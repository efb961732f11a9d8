//! The same streams for both models.

use hotshard_sim::{HeadKey, KeyEvents, Population, TailIds};
use hotshard_workload::{DrawnKeys, IdDistribution, KeyDraws, RngSeed, WorkloadSpec, mix64};

/// Every policy there is.
pub(crate) const POLICIES: [&str; 12] = [
    "hash",
    "jump",
    "bounded-loads:0.25",
    "bounded-loads:3",
    "pkg",
    "d-choices",
    "w-choices",
    "salting:8",
    "virtual-shards:16",
    "shuffle",
    "rename@0.2N/n",
    "split@2000",
];

/// One stream, event by event, and as counts.
pub(crate) struct Counted {
    pub(crate) events: KeyEvents,
    /// Events and hash of each key, from many events to few.
    keys: Vec<(u64, u64)>,
    nobody: u64,
}

impl Counted {
    /// A synthetic stream, of which 3 % have no id.
    pub(crate) fn drawn(ids: IdDistribution, users: u64, events: u64, seed: RngSeed) -> Self {
        let spec = WorkloadSpec::new(events).users(users, ids).empty_share(0.03);
        Self::of(KeyDraws::new(&spec, seed).unwrap().draw())
    }

    /// So many events of each key, mixed, and of nobody.
    pub(crate) fn mixed(counts: &[u32], nobody: u32) -> Self {
        let numbers = (0_u32..).zip(counts.iter().chain([&nobody]));
        let keys = numbers.flat_map(|(key, &events)| (0..events).map(move |_| key));
        let mut order: Vec<(u64, u32)> =
            keys.zip(0..).map(|(key, place)| (mix64(place), key)).collect();
        order.sort_unstable();
        let keys = order.into_iter().map(|(_, key)| key).collect();
        let hashes = (0..=counts.len() as u64).map(|key| mix64(key + 77)).collect();
        let nobody = u32::try_from(counts.len()).unwrap();
        Self::of(DrawnKeys { keys, hashes, nobody: Some(nobody), days: 1 })
    }

    fn of(drawn: DrawnKeys) -> Self {
        let mut counts = vec![0; drawn.hashes.len()];
        drawn.keys.iter().for_each(|&key| counts[key as usize] += 1);
        let nobody = drawn.nobody.map_or(0, |nobody| std::mem::take(&mut counts[nobody as usize]));
        let keys = counts.into_iter().zip(drawn.hashes.iter().copied());
        let mut keys: Vec<(u64, u64)> = keys.filter(|&(events, _)| events > 0).collect();
        keys.sort_unstable_by(|one, other| other.cmp(one));
        Self { events: KeyEvents::from(drawn), keys, nobody }
    }

    /// The counts with at most so many keys one by one.
    pub(crate) fn population(&self, head: usize) -> Population {
        let (head, tail) = self.keys.split_at(head.min(self.keys.len()));
        let tail_events = || tail.iter().map(|&(events, _)| events as f64);
        let head_key = |&(events, hash): &(u64, u64)| HeadKey { events: events as f64, hash };
        Population {
            head: head.iter().map(head_key).collect(),
            tail: TailIds {
                ids: tail.len() as u64,
                events: tail_events().sum(),
                squares: tail_events().map(|events| events * events).sum(),
            },
            nobody: self.nobody as f64,
            days: 1,
        }
    }
}
