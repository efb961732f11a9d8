//! Events routed one by one, from keys that were drawn before: every policy on one thread.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use std::hint::black_box;
use std::num::NonZeroU32;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hotshard_sim::{KeyEvents, Policy, route};
use hotshard_workload::{IdDistribution, KeyDraws, RngSeed, WorkloadSpec};

const EVENTS: u64 = 10_000_000;
const SHARDS: NonZeroU32 = NonZeroU32::new(200).unwrap();

/// Policies, and between which their max/mean lies over 10⁴ and 10⁶ ids under Zipf 1.0. The first
/// id has 1/H(10⁴) = 10.2 % and 1/H(10⁶) = 6.9 % of the events: 20.4 and 13.9 of 200 means.
const POLICIES: [(&str, (f64, f64)); 11] = [
    ("hash", (13.9, 25.0)),
    ("jump", (13.9, 25.0)),
    ("virtual-shards:16", (13.9, 20.5)),
    ("rename@10000", (1.0, 2.5)),
    ("split@0.2N/n", (1.0, 2.5)),
    ("shuffle", (1.0, 1.05)),
    ("salting:8", (1.7, 7.0)),
    ("bounded-loads:0.25", (1.0, 1.26)),
    ("pkg", (6.9, 10.5)),
    ("d-choices", (1.0, 1.3)),
    ("w-choices", (1.0, 1.01)),
];

#[expect(clippy::expect_used, reason = "the specs and the policies are valid")]
fn policies(criterion: &mut Criterion) {
    for (name, users) in [("10^4 ids", 10_000), ("10^6 ids", 1_000_000)] {
        let spec = WorkloadSpec::new(EVENTS).users(users, IdDistribution::Zipf { s: 1.0 });
        let draws = KeyDraws::new(&spec, RngSeed::DEFAULT).expect("the spec is valid");
        let events: KeyEvents = draws.draw().into();
        let mut group = criterion.benchmark_group(format!("route/{name}"));
        group.throughput(Throughput::Elements(EVENTS));
        group.sample_size(10);
        for (word, (least, most)) in POLICIES {
            let policy: Policy = word.parse().expect("the policy is valid");
            let run = || route(black_box(&events), policy, SHARDS, RngSeed::DEFAULT, None);
            let balance = run().expect("the policy fits");
            assert_eq!(balance.rows.iter().sum::<u64>(), EVENTS, "{word}");
            let max_over_mean = balance.skew.max_over_mean;
            assert!((least..=most).contains(&max_over_mean), "{word}, {name}: {max_over_mean}");
            group.bench_function(word, |bencher| bencher.iter(run));
        }
        group.finish();
    }
}

criterion_group!(benches, policies);
criterion_main!(benches);
