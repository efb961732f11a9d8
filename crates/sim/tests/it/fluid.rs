//! The fluid model against what is known.

use std::num::NonZeroU32;

use hotshard_sim::{Distribution, HeadKey, Policy, Population, TailIds, fluid};
use hotshard_workload::{IdDistribution, KeyLaw, RngSeed, mix64};

fn zipf(s: f64, users: u64, events: f64, head: usize, seed: RngSeed) -> Population {
    let law = KeyLaw::new(users, IdDistribution::Zipf { s }).unwrap().head_and_tail(head);
    let hash = |rank: u64| mix64(mix64(seed.get()) ^ mix64(rank + 1));
    let keys = (0..).zip(law.head);
    Population {
        head: keys
            .map(|(rank, share)| HeadKey { events: share * events, hash: hash(rank) })
            .collect(),
        tail: TailIds {
            ids: law.tail.keys,
            events: law.tail.share * events,
            squares: law.tail.squares * events * events,
        },
        nobody: 0.0,
        days: 1,
    }
}

#[test]
fn reference_points() {
    for (s, n) in [(0.5, 100), (1.0, 50), (1.0, 200), (1.4, 100), (2.0, 200)] {
        for policy in ["hash", "rename@0.2N/n"] {
            let policy: Policy = policy.parse().unwrap();
            let shards = NonZeroU32::new(n).unwrap();
            let d = Distribution::of((0..200).map(|seed| {
                let seed = RngSeed::new(seed);
                let p = zipf(s, 10_000, 1e7, 10_000, seed);
                fluid::balance(&p, policy, shards, seed).unwrap().skew.max_over_mean
            }))
            .unwrap();
            println!(
                "{s} {n} {policy} {:.3} {:.3} {:.3}",
                d.mean(),
                d.quantile(0.05),
                d.quantile(0.95)
            );
        }
    }
}
