//! The fluid model against every event of the same stream.

use std::num::NonZeroU32;

use hotshard_sim::{Balance, Distribution, KeyEvents, Policy, Population, fluid, route};
use hotshard_workload::{ExpectedKeys, IdDistribution, KeyDraws, Mistake, RngSeed, WorkloadSpec};
use rayon::prelude::*;

use crate::streams::{Counted, POLICIES};

const EVENTS: u64 = 600_000;
/// How far max/mean of the two may be apart.
const ERROR: f64 = 0.015;

const LAWS: [IdDistribution; 5] = [
    IdDistribution::Zipf { s: 0.5 },
    IdDistribution::Zipf { s: 1.0 },
    IdDistribution::Zipf { s: 2.0 },
    IdDistribution::Lognormal { sigma: 1.5 },
    IdDistribution::Hotspot { hot_fraction: 0.01, hot_share: 0.8 },
];

fn shards(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

fn policy(word: &str) -> Policy {
    word.parse().unwrap()
}

/// Both models of every policy, law and number of shards that `compare` is to look at.
fn compare_all(
    policies: &[&str],
    head: usize,
    compare: impl Fn(&str, &Population, &Balance, &Balance) + Sync,
) {
    LAWS.into_par_iter().for_each(|law| {
        let seed = RngSeed::new(11);
        let stream = Counted::drawn(law, 10_000, EVENTS, seed);
        let population = stream.population(head);
        for n in [4, 50, 200] {
            for word in policies {
                let events = route(&stream.events, policy(word), shards(n), seed, None).unwrap();
                let fluid =
                    fluid::balance_of_counts(&population, policy(word), shards(n), seed).unwrap();
                compare(&format!("{law:?}, n = {n}, {word}"), &population, &events, &fluid);
            }
        }
    });
}

/// Max/mean of both is as near as it should be, but for so many rows that chance may put elsewhere.
fn assert_near(said: &str, events: &Balance, fluid: &Balance, by_chance: f64) {
    let (one, other) = (events.skew.max_over_mean, fluid.skew.max_over_mean);
    let limit = ERROR + by_chance / events.skew.max as f64;
    let error = (other / one - 1.0).abs();
    assert!(error < limit, "{said}: {one} event by event, {other} as a fluid");
}

#[test]
fn with_all_keys_in_the_head_it_is_every_policy_to_a_per_cent() {
    compare_all(&POLICIES, usize::MAX, |said, _, events, fluid| {
        let spread = if said.contains("shuffle") { EVENTS } else { events.remedied };
        // A shard's part of what is spread has a variance of its mean.
        let deviation = (spread as f64 / events.rows.len() as f64).sqrt();
        assert_near(said, events, fluid, 2.0 * deviation);
        assert_eq!(fluid.rows.iter().sum::<u64>(), EVENTS, "{said}");
        assert_eq!((fluid.threshold, fluid.remedied), (events.threshold, events.remedied));
        let bounds = [fluid, events].map(|balance| balance.bound.map(|bound| bound.max_over_mean));
        match bounds {
            [None, None] => {}
            [Some(one), Some(other)] => {
                assert!((one / other - 1.0).abs() < 1e-9, "{said}: {bounds:?}");
            }
            _ => panic!("{said}: {bounds:?}"),
        }
        // Estimates inside the stream take ids for hot that are within chance of the limit.
        let near = if said.contains("-choices") { events.hot_keys / 20 + 1 } else { 0 };
        assert!(fluid.hot_keys.abs_diff(events.hot_keys) <= near, "{said}: {}", fluid.hot_keys);
    });
}

#[test]
fn keys_of_several_days_are_one_id() {
    let law = IdDistribution::Zipf { s: 1.2 };
    let spec = WorkloadSpec::new(EVENTS).days(3).users(2_000, law).empty_share(0.03);
    let seed = RngSeed::new(11);
    let events = KeyEvents::from(KeyDraws::new(&spec, seed).unwrap().draw());
    let population = Population::from(&events);
    assert!(population.head.len() > 4_000, "keys of three days, not ids");
    for word in POLICIES {
        let routed = route(&events, policy(word), shards(20), seed, None).unwrap();
        let fluid = fluid::balance_of_counts(&population, policy(word), shards(20), seed).unwrap();
        let spread = if word == "shuffle" { EVENTS } else { routed.remedied };
        assert_near(word, &routed, &fluid, 2.0 * (spread as f64 / 20.0).sqrt());
        assert_eq!(
            (fluid.threshold, fluid.remedied),
            (routed.threshold, routed.remedied),
            "{word}"
        );
        assert!(fluid.hot_keys.abs_diff(routed.hot_keys) <= routed.hot_keys / 20, "{word}");
        let bounds =
            [&fluid, &routed].map(|balance| balance.bound.map(|bound| bound.max_over_mean));
        assert_eq!(bounds[0].is_some(), bounds[1].is_some());
        let [one, other] = bounds.map(|bound| bound.unwrap_or(1.0));
        assert!((one / other - 1.0).abs() < 1e-9, "{word}: {bounds:?}");
    }
}

#[test]
fn an_id_that_begins_at_noon_is_past_the_model() {
    // Counts do not say when. At noon every shard has half of its mean; from then on the two shards
    // of the new id get nothing but its events, which are a tenth of all: 1/2 and 50/20 times the
    // mean. The model takes them for the only rows of these shards.
    let law = IdDistribution::Zipf { s: 1.0 };
    let spec = WorkloadSpec::new(EVENTS).users(10_000, law).mistake(Mistake::static_identify(0.2));
    let seed = RngSeed::new(12);
    let events = KeyEvents::from(KeyDraws::new(&spec, seed).unwrap().draw());
    let population = Population::from(&events);
    let both = |word| {
        let routed = route(&events, policy(word), shards(50), seed, None).unwrap();
        let fluid = fluid::balance_of_counts(&population, policy(word), shards(50), seed).unwrap();
        [routed, fluid].map(|balance| balance.skew.max_over_mean)
    };
    let [routed, fluid] = both("pkg");
    assert!((2.9..3.1).contains(&routed) && (2.45..2.6).contains(&fluid), "{routed}, {fluid}");
    let [routed, fluid] = both("d-choices");
    assert!(fluid < routed && routed < fluid + 0.6, "{routed}, {fluid}");
    for word in ["w-choices", "bounded-loads:0.25"] {
        let [routed, fluid] = both(word);
        assert!((fluid / routed - 1.0).abs() < 0.001, "{word}: {routed}, {fluid}");
    }
}

#[test]
fn policies_that_look_at_loads_need_few_keys_one_by_one() {
    let policies = ["bounded-loads:0.25", "pkg", "d-choices", "w-choices"];
    compare_all(&policies, 1_000, |said, population, events, fluid| {
        // The fullest two shards may be the only choices of an id of the tail, which has at most as
        // many events as the smallest of the head.
        let tail_id = population.head.last().map_or(0.0, |key| key.events);
        assert_near(said, events, fluid, tail_id / 2.0);
    });
}

const SEEDS: u64 = 80;

/// Max/mean of both models over many seeds, of each policy.
fn over_seeds<const P: usize>(
    law: IdDistribution,
    policies: [&str; P],
    n: u32,
    head: usize,
) -> [[Distribution; 2]; P] {
    const EVENTS: u64 = 60_000;
    const USERS: u64 = 4_000;
    let spec = WorkloadSpec::new(EVENTS).users(USERS, law).empty_share(0.03);
    let policies = policies.map(policy);
    let one = |number: u64| {
        let seed = RngSeed::new(number);
        let events = Counted::drawn(law, USERS, EVENTS, seed).events;
        // Other seeds, so that the two know nothing of each other.
        let other = RngSeed::new(number + SEEDS);
        let population = Population::from(ExpectedKeys::of(&spec, other, head).unwrap());
        policies.map(|policy| {
            let events = route(&events, policy, shards(n), seed, None).unwrap();
            let fluid = fluid::balance(&population, policy, shards(n), other).unwrap();
            [events, fluid].map(|balance| balance.skew.max_over_mean)
        })
    };
    let repeats: Vec<[[f64; 2]; P]> = (0..SEEDS).into_par_iter().map(one).collect();
    std::array::from_fn(|policy| {
        let of = |model: usize| repeats.iter().map(move |one| one[policy][model]);
        [0, 1].map(|model| Distribution::of(of(model)).unwrap())
    })
}

#[test]
fn over_seeds_nobody_can_tell_them_apart() {
    // Kolmogorov and Smirnov: two samples of one distribution are further apart than 1.95·√(2/k),
    // k being the size of each, once in a thousand times.
    let limit = 1.95 * (2.0 / SEEDS as f64).sqrt();
    let assert_alike = |said: &str, [events, fluid]: &[Distribution; 2]| {
        let distance = events.distance(fluid);
        assert!(distance < limit, "{said}: {distance}");
    };
    let words = ["hash", "jump", "salting:8", "virtual-shards:4", "rename@0.2N/n"];
    let (flat, steep) = (IdDistribution::Zipf { s: 0.5 }, IdDistribution::Zipf { s: 1.2 });
    for (law, n, head) in [(flat, 50, 400), (steep, 50, 400), (steep, 8, 4_000)] {
        for (word, both) in words.iter().zip(over_seeds(law, words, n, head)) {
            assert_alike(&format!("{law:?}, {word}, n = {n}"), &both);
        }
    }
    // Where the first id rules, so that a row more or less does not matter.
    let [both] = over_seeds(steep, ["pkg"], 50, 400);
    assert_alike("pkg", &both);
}

#[test]
fn what_the_store_does_with_sequences_is_a_draw_like_any_other() {
    // The hashes of sequences are the same under every seed.
    for n in [8, 50, 200] {
        let [[events, fluid]] = over_seeds(IdDistribution::Uniform, ["shuffle"], n, 10);
        assert_eq!(events.quantile(0.0), events.quantile(1.0));
        let likely = fluid.quantile(0.0)..=fluid.quantile(1.0);
        assert!(likely.contains(&events.mean()), "{} in {likely:?}", events.mean());
    }
}
