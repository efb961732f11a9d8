//! Both models against closed forms.

use std::num::NonZeroU32;

use hotshard_sim::{
    Balance, Distribution, HeadKey, KeyEvents, Policy, Population, TailIds, fluid, route, theory,
};
use hotshard_workload::{RngSeed, mix64};
use rayon::prelude::*;

fn shards(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

/// How far max/mean is above 1 over many seeds, in units of what theory says.
fn excess(ids: u64, n: u32, model: impl Fn(RngSeed) -> Balance + Sync) -> f64 {
    let repeats: Vec<f64> = (0..200)
        .into_par_iter()
        .map(|seed| model(RngSeed::new(seed)).skew.max_over_mean - 1.0)
        .collect();
    let expected = theory::equal_ids_max_over_mean(ids, n) - 1.0;
    Distribution::of(repeats).unwrap().mean() / expected
}

#[test]
fn equal_ids_are_as_uneven_as_theory_says() {
    for (ids, n) in [(100_000, 50), (100_000, 200), (20_000, 200)] {
        let tail = TailIds { ids, events: ids as f64 * 1e3, squares: ids as f64 * 1e6 };
        let population = Population { head: Vec::new(), tail, nobody: 0.0, days: 1 };
        for word in ["hash", "jump"] {
            let policy: Policy = word.parse().unwrap();
            let fluid = excess(ids, n, |seed| {
                fluid::balance_of_counts(&population, policy, shards(n), seed).unwrap()
            });
            assert!((0.95..1.05).contains(&fluid), "{word}, {ids} over {n}: {fluid} as a fluid");
        }
    }
}

#[test]
fn equal_ids_event_by_event() {
    let (ids, n) = (20_000, 200);
    for word in ["hash", "jump"] {
        let routed = excess(ids, n, |seed| {
            let hashes = (0..ids).map(|id| mix64(mix64(seed.get()) ^ mix64(id))).collect();
            let events = KeyEvents::new((0..20_000).collect(), hashes, None, 1);
            route(&events, word.parse().unwrap(), shards(n), seed, None).unwrap()
        });
        assert!((0.95..1.05).contains(&routed), "{word}: {routed}");
    }
}

#[test]
fn one_id_has_half_of_its_events_on_each_of_two_shards() {
    // An id past 2/n and a thousand that fill up the other shards.
    for (share, n) in [(0.1_f64, 50), (0.3, 50), (0.05, 200), (0.9, 3_200)] {
        let events = 1e9;
        let other = (1.0 - share) * events / 100_000.0;
        let population = Population {
            head: vec![HeadKey { events: share * events, hash: 5 }],
            tail: TailIds { ids: 100_000, events: other * 1e5, squares: other * other * 1e5 },
            nobody: 0.0,
            days: 1,
        };
        let policy = Policy::PartialKeyGrouping;
        let balance = fluid::balance(&population, policy, shards(n), RngSeed::DEFAULT).unwrap();
        let floor = theory::partial_key_grouping_floor(share, n);
        // Others with the same two choices stay there as well.
        let most = floor + (1.0 - share) / f64::from(n - 1);
        let found = balance.skew.max_over_mean;
        assert!((floor * 0.999..most * 1.001).contains(&found), "{share}, {n}: {found}");
    }
}
