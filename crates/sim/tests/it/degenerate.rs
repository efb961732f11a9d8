//! Streams at the edges: an answer, finite and the same sum, from both models.

use std::num::NonZeroU32;

use hotshard_sim::{Balance, Policy, Population, SimError, TailIds, fluid, route};
use hotshard_workload::RngSeed;

use crate::streams::{Counted, POLICIES};

const SEED: RngSeed = RngSeed::DEFAULT;

fn policies() -> impl Iterator<Item = Policy> {
    let edges = ["rename@0", "split@1", "salting:1", "salting:100000", "bounded-loads:1000"];
    POLICIES.into_iter().chain(edges).map(|word| word.parse().unwrap())
}

fn shard_counts() -> impl Iterator<Item = NonZeroU32> {
    [1, 2, 3, 500].into_iter().filter_map(NonZeroU32::new)
}

fn assert_sound(said: &str, balance: &Balance, events: u64) {
    assert_eq!(balance.rows.iter().sum::<u64>(), events, "{said}");
    let skew = &balance.skew;
    let figures = [skew.mean, skew.max_over_mean, skew.cv, skew.gini, skew.k_eff];
    assert!(figures.iter().all(|figure| figure.is_finite()), "{said}: {figures:?}");
    assert!(balance.remedied <= events, "{said}");
    if let Some(bound) = balance.bound {
        assert!(bound.max_over_mean >= 1.0 - 1e-12, "{said}: {bound:?}");
        assert!(bound.max_over_mean.is_finite() && bound.confidence <= 1.0, "{said}: {bound:?}");
        let kept = skew.max_over_mean <= bound.max_over_mean + 1e-9;
        assert!(kept || bound.confidence < 1.0, "{said}: {bound:?} of {}", skew.max_over_mean);
    }
}

#[test]
fn both_models_answer_for_every_policy() {
    let streams: [(&str, &[u32], u32); 7] = [
        ("no events", &[], 0),
        ("one event", &[1], 0),
        ("one id", &[5_000], 0),
        ("one id and nobody", &[300], 200),
        ("everything nobody", &[], 5_000),
        ("more shards than events", &[3, 1, 1], 1),
        ("two ids", &[4_000, 10], 0),
    ];
    for (name, counts, nobody) in streams {
        let stream = Counted::mixed(counts, nobody);
        let events = u64::from(counts.iter().sum::<u32>() + nobody);
        let population = stream.population(usize::MAX);
        for (policy, shards) in policies().flat_map(|p| shard_counts().map(move |n| (p, n))) {
            let said = format!("{name}, {policy}, n = {shards}");
            let routed = route(&stream.events, policy, shards, SEED, None).unwrap();
            let exact = fluid::balance_of_counts(&population, policy, shards, SEED).unwrap();
            let drawn = fluid::balance(&population, policy, shards, SEED).unwrap();
            for balance in [&routed, &exact, &drawn] {
                assert_sound(&said, balance, events);
            }
            assert_eq!(exact.threshold, routed.threshold, "{said}");
            assert_eq!(
                (exact.remedied, exact.hot_keys, exact.bound),
                (routed.remedied, routed.hot_keys, routed.bound),
                "{said}"
            );
        }
    }
}

#[test]
fn a_tail_alone_is_answered_for() {
    let million = 1_000_000_u64;
    let tails = [
        (1, 1),
        (1, million),
        (10, million),
        (10_000, million),
        (1_000 * million, million * million),
    ];
    for (ids, events) in tails {
        let squares = (events as f64).powi(2) / ids as f64;
        let population = Population {
            head: Vec::new(),
            tail: TailIds { ids, events: events as f64, squares },
            nobody: 0.0,
            days: 1,
        };
        for (policy, shards) in policies().flat_map(|p| shard_counts().map(move |n| (p, n))) {
            let said = format!("{ids} ids, {policy}, n = {shards}");
            for balance in [fluid::balance, fluid::balance_of_counts] {
                match balance(&population, policy, shards, SEED) {
                    Ok(balance) => assert_sound(&said, &balance, events),
                    Err(SimError::ThresholdInTail { threshold, tail_key }) => {
                        assert!(tail_key > threshold.get() && threshold.get() > 0, "{said}");
                    }
                    Err(error) => panic!("{said}: {error}"),
                }
            }
        }
    }
}

#[test]
fn an_empty_tail_may_say_nothing_of_squares() {
    let stream = Counted::mixed(&[70, 30], 10);
    let population = stream.population(usize::MAX);
    assert_eq!(population.tail, TailIds::default());
    let shards = NonZeroU32::new(7).unwrap();
    for policy in policies() {
        let balance = fluid::balance(&population, policy, shards, SEED).unwrap();
        assert_sound(&policy.to_string(), &balance, 110);
    }
}

#[test]
fn what_is_no_number_of_events_is_refused() {
    let shards = NonZeroU32::new(7).unwrap();
    for nobody in [f64::NAN, f64::INFINITY, -1.0, 1e19] {
        let population = Population { nobody, ..Counted::mixed(&[5], 0).population(1) };
        for policy in policies() {
            let error = fluid::balance(&population, policy, shards, SEED).unwrap_err();
            assert!(matches!(error, SimError::PopulationEvents { .. }), "{policy}: {error}");
        }
    }
}

#[test]
fn what_a_store_cannot_have_is_refused_by_both() {
    let stream = Counted::mixed(&[5], 0);
    let many = NonZeroU32::new(65_537).unwrap();
    let bad = [
        (Policy::Hash, many),
        (Policy::KeySalting { salts: 0 }, NonZeroU32::MIN),
        (Policy::BoundedLoads { epsilon: f64::NAN }, NonZeroU32::MIN),
        (Policy::VirtualShards { per_shard: u32::MAX }, NonZeroU32::MIN),
    ];
    for (policy, shards) in bad {
        let routed = route(&stream.events, policy, shards, SEED, None).unwrap_err().to_string();
        let fluid = fluid::balance(&stream.population(1), policy, shards, SEED).unwrap_err();
        assert_eq!(fluid.to_string(), routed);
    }
}
