//! The fluid model against what is known.

use std::num::NonZeroU32;

use hotshard_sim::{Distribution, Policy, Population, fluid, theory};
use hotshard_workload::{ExpectedKeys, IdDistribution, RngSeed, WorkloadSpec};
use rayon::prelude::*;

/// Ids of the reference points.
const IDS: u64 = 10_000;
/// Events of the reference points.
const EVENTS: u64 = 10_000_000;

/// Max/mean of some reference point: mean, 5 % and 95 % quantile.
type Range = (f64, f64, f64);

/// z, n, hash, and the remedy at T = m/5n: as published over 200 rng seeds.
const REFERENCE: [(f64, u32, Range, Range); 5] = [
    (0.5, 100, (1.56, 1.38, 1.79), (1.43, 1.31, 1.60)),
    (1.0, 50, (6.00, 5.55, 7.15), (1.55, 1.36, 1.78)),
    (1.0, 200, (21.4, 20.7, 23.4), (1.70, 1.52, 1.91)),
    (1.4, 100, (33.6, 32.9, 35.7), (1.53, 1.36, 1.73)),
    (2.0, 200, (121.8, 121.6, 122.0), (1.39, 1.25, 1.57)),
];

/// What each policy makes of the reference stream, over so many seeds.
fn repeats<const P: usize>(
    policies: [&str; P],
    z: f64,
    shards: u32,
    seeds: u64,
) -> [Distribution; P] {
    let policies = policies.map(|policy| policy.parse::<Policy>().unwrap());
    let shards = NonZeroU32::new(shards).unwrap();
    let spec = WorkloadSpec::new(EVENTS).users(IDS, IdDistribution::Zipf { s: z });
    let one = |seed| {
        let seed = RngSeed::new(seed);
        let population = Population::from(ExpectedKeys::of(&spec, seed, 10_000).unwrap());
        let run = |policy| fluid::balance(&population, policy, shards, seed).unwrap();
        policies.map(|policy| run(policy).skew.max_over_mean)
    };
    let repeats: Vec<[f64; P]> = (0..seeds).into_par_iter().map(one).collect();
    std::array::from_fn(|policy| Distribution::of(repeats.iter().map(|one| one[policy])).unwrap())
}

#[test]
fn hash_and_remedy_are_those_of_the_reference_points() {
    for (z, shards, hash, remedy) in REFERENCE {
        let ours = repeats(["hash", "rename@0.2N/n"], z, shards, 200);
        for (ours, (mean, low, high)) in ours.iter().zip([hash, remedy]) {
            let said =
                format!("z = {z}, n = {shards}: {} ± {}", ours.mean(), ours.standard_error());
            // The mean of 200 draws may itself be off.
            let error = 2.0 * ours.standard_error();
            assert!((low - error..=high + error).contains(&ours.mean()), "{said}");
            assert!((ours.mean() - mean).abs() < 2.0 * error + mean / 500.0, "{said}");
            for (fraction, published) in [(0.05, low), (0.95, high)] {
                let (from, to) = ours.quantile_interval(fraction, 0.999);
                let rounded = published / 400.0;
                assert!(
                    (from - rounded..=to + rounded).contains(&published),
                    "{said}: {from} {to}"
                );
            }
        }
    }
}

#[test]
fn choices_are_those_of_the_reference_points() {
    for (z, shards, ..) in REFERENCE {
        let share = 1.0 / (1..=10_000).map(|rank| f64::from(rank).powf(-z)).sum::<f64>();
        let floor = theory::partial_key_grouping_floor(share, shards);
        let [pkg, w_choices] = repeats(["pkg", "w-choices"], z, shards, 12);
        // Others that have the same two shards to choose from have nowhere else to go either: of the
        // rest, one in n·(n−1)/2.
        let others = (1.0 - share) / f64::from(shards - 1);
        let expected = if floor > 1.0 { floor + others } else { 1.0 };
        assert!((pkg.mean() / expected - 1.0).abs() < 0.003, "{expected} {pkg:?}");
        assert!(pkg.mean() / floor - 1.0 < 0.01, "{floor} {pkg:?}");
        assert!((1.0..1.0005).contains(&w_choices.mean()), "{}", w_choices.mean());
    }
}
