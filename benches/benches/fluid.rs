//! The fluid model at the largest size that is promised: 10¹² events of 10⁹ ids over 3 200 shards.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use std::hint::black_box;
use std::num::NonZeroU32;
use std::ops::Range;

use criterion::{Criterion, criterion_group, criterion_main};
use hotshard_sim::{Balance, Policy, Population, fluid, theory};
use hotshard_workload::{ExpectedKeys, IdDistribution, RngSeed, WorkloadSpec};

const EVENTS: u64 = 1_000_000_000_000;
const IDS: u64 = 1_000_000_000;
const SHARDS: NonZeroU32 = NonZeroU32::new(3_200).unwrap();
/// Ids that are placed one by one.
const HEAD: usize = 10_000;
/// The share of the first id: 1/H(10⁹), with H(k) ≈ ln k + γ.
const LARGEST: f64 = 1.0 / (20.723_265_836_946_41 + 0.577_215_664_901_532_9);

#[expect(clippy::expect_used, reason = "the spec is valid")]
fn population() -> Population {
    let spec = WorkloadSpec::new(EVENTS).users(IDS, IdDistribution::Zipf { s: 1.0 });
    ExpectedKeys::of(black_box(&spec), RngSeed::DEFAULT, HEAD).expect("the spec is valid").into()
}

#[expect(clippy::expect_used, reason = "the words are policies, and T lies in the head")]
fn balance(population: &Population, policy: &str) -> Balance {
    let policy: Policy = policy.parse().expect("a policy");
    fluid::balance(population, policy, SHARDS, RngSeed::DEFAULT).expect("T lies in the head")
}

/// Policies, and where max/mean must lie: below a bound of theory wherever there is one, which
/// `fluid_model` asserts besides.
fn policies() -> [(&'static str, Range<f64>); 11] {
    let shards = f64::from(SHARDS.get());
    // One shard has the first id, and it is not likely to have one of the next few besides.
    let whole = shards * LARGEST;
    let floor = theory::partial_key_grouping_floor(LARGEST, SHARDS.get());
    [
        ("hash", whole * 0.999..whole * 1.2),
        ("jump", whole * 0.999..whole * 1.2),
        // A virtual shard for itself, but for what a sixteenth of a mean shard has of others.
        ("virtual-shards:16", whole * 0.999..whole * 1.1),
        // An eighth of the first id, up to half of its eight parts in one shard.
        ("salting:8", whole / 8.0..whole / 2.0),
        ("pkg", floor * 0.999..floor * 1.01),
        // The paper allows a shard 10⁻⁴ of all events above the mean.
        ("d-choices", 1.0..1.0 + 1e-4 * shards),
        ("w-choices", 1.0..1.000_1),
        ("bounded-loads:0.25", 1.249..1.250_001),
        ("shuffle", 1.0..1.001),
        ("rename@0.2N/n", 1.1..3.0),
        ("split@5000000", 1.0..1.5),
    ]
}

fn fluid_model(criterion: &mut Criterion) {
    let population = population();
    for (policy, range) in policies() {
        let balance = balance(&population, policy);
        assert_eq!(balance.rows.iter().sum::<u64>(), EVENTS, "{policy} loses no event");
        let found = balance.skew.max_over_mean;
        assert!(range.contains(&found), "{policy}: max/mean is {found}, not in {range:?}");
        if let Some(bound) = balance.bound {
            assert!(
                found <= bound.max_over_mean * (1.0 + 1e-12),
                "{policy}: {found} is past {bound:?}"
            );
        }
    }
    let mut group = criterion.benchmark_group("fluid, 10^12 events of 10^9 ids over 3200 shards");
    group.sample_size(20);
    group.bench_function("population", |bencher| bencher.iter(self::population));
    for (policy, _) in policies() {
        group.bench_function(policy, |bencher| {
            bencher.iter(|| balance(&population, policy).skew.max_over_mean);
        });
    }
    group.bench_function("population and hash", |bencher| {
        bencher.iter(|| balance(&self::population(), "hash").skew.max_over_mean);
    });
    group.finish();
}

criterion_group!(benches, fluid_model);
criterion_main!(benches);
