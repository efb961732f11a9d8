//! Prints the reference points of the simulator: max/mean of 10⁷ events of 10⁴ ids under Zipf's law,
//! as mean (5–95 %) over 200 rng seeds by the fluid model, and over 4 of them event by event.
//!
//! `cargo run --release -p hotshard-sim --example reference_points`

use std::error::Error;
use std::num::NonZeroU32;

use hotshard_sim::{Distribution, KeyEvents, Policy, Population, fluid, route, theory};
use hotshard_workload::{ExpectedKeys, IdDistribution, KeyDraws, RngSeed, WorkloadSpec};
use rayon::prelude::*;

const SEEDS: u64 = 200;
const SEEDS_BY_EVENT: u64 = 4;
const POLICIES: [&str; 10] = [
    "hash",
    "jump",
    "virtual-shards:16",
    "salting:8",
    "bounded-loads:0.25",
    "pkg",
    "d-choices",
    "w-choices",
    "shuffle",
    "rename@0.2N/n",
];
const POINTS: [(f64, u32); 5] = [(0.5, 100), (1.0, 50), (1.0, 200), (1.4, 100), (2.0, 200)];

/// Max/mean of each policy under one rng seed.
type Answers = Result<Vec<f64>, Box<dyn Error + Send + Sync>>;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    println!("z, n | policy | fluid, {SEEDS} seeds | fluid, seed by seed against every event");
    for (z, n) in POINTS {
        let shards = NonZeroU32::new(n).ok_or("no shards")?;
        let spec = WorkloadSpec::new(10_000_000).users(10_000, IdDistribution::Zipf { s: z });
        let policies = POLICIES.iter().map(|word| word.parse()).collect::<Result<Vec<_>, _>>()?;
        let as_fluid = |seed| drawn(&spec, &policies, shards, RngSeed::new(seed));
        let fluid = (0..SEEDS).into_par_iter().map(as_fluid).collect::<Result<Vec<_>, _>>()?;
        let both = |seed| counted(&spec, &policies, shards, RngSeed::new(seed));
        let errors = (0..SEEDS_BY_EVENT).map(both).collect::<Result<Vec<_>, _>>()?;
        for (number, policy) in policies.iter().enumerate() {
            let of = |repeats: &[Vec<f64>]| {
                Distribution::of(repeats.iter().filter_map(|one| one.get(number).copied()))
            };
            let (values, errors) = of(&fluid).zip(of(&errors)).ok_or("no numbers")?;
            println!(
                "{z:.1}, {n:3} | {policy} | {:.4} ({:.4}-{:.4}) | {:+.4} % to {:+.4} %",
                values.mean(),
                values.quantile(0.05),
                values.quantile(0.95),
                errors.quantile(0.0) * 100.0,
                errors.quantile(1.0) * 100.0,
            );
        }
        let share =
            ExpectedKeys::of(&spec, RngSeed::DEFAULT, 1)?.head.first().map(|key| key.events);
        let share = share.unwrap_or(0.0) / 1e7;
        println!(
            "{z:.1}, {n:3} | floor of pkg | {:.4}",
            theory::partial_key_grouping_floor(share, n)
        );
    }
    Ok(())
}

/// By the fluid model, from a law.
fn drawn(spec: &WorkloadSpec, policies: &[Policy], shards: NonZeroU32, seed: RngSeed) -> Answers {
    let population = Population::from(ExpectedKeys::of(spec, seed, 10_000)?);
    let one = |policy: &Policy| fluid::balance(&population, *policy, shards, seed);
    policies.iter().map(|policy| Ok(one(policy)?.skew.max_over_mean)).collect()
}

/// How far the fluid model, given the counts of a stream, is off what every event of it does.
fn counted(spec: &WorkloadSpec, policies: &[Policy], shards: NonZeroU32, seed: RngSeed) -> Answers {
    let events = KeyEvents::from(KeyDraws::new(spec, seed)?.draw());
    let population = Population::from(&events);
    let one = |policy: &Policy| {
        let events = route(&events, *policy, shards, seed, None)?.skew.max_over_mean;
        let fluid = fluid::balance_of_counts(&population, *policy, shards, seed)?;
        Ok(fluid.skew.max_over_mean / events - 1.0)
    };
    policies.par_iter().map(one).collect()
}
