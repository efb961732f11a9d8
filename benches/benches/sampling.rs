//! Draws of users and keys, and what is expected of them.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hotshard_workload::{
    ExpectedKeys, IdDistribution, KeyDraws, KeyLaw, Mistake, Ranks, RngSeed, WorkloadSpec,
};

const DRAWS: usize = 4_000_000;
const ZIPF: IdDistribution = IdDistribution::Zipf { s: 1.0 };

/// Draws of users: up to 10⁸ of them from an alias table, more by rejection-inversion.
#[expect(clippy::expect_used, reason = "the laws are valid for their users")]
fn ranks(criterion: &mut Criterion) {
    let laws = [
        ("alias/zipf 1.0 of 10^4", 10_000, ZIPF),
        ("alias/zipf 1.0 of 10^6", 1_000_000, ZIPF),
        ("alias/lognormal 1.5 of 10^6", 1_000_000, IdDistribution::Lognormal { sigma: 1.5 }),
        ("rejection-inversion/zipf 1.0 of 10^9", 1_000_000_000, ZIPF),
        ("rejection-inversion/zipf 0.7 of 10^9", 1_000_000_000, IdDistribution::Zipf { s: 0.7 }),
        (
            "rejection-inversion/zipf 1.3 of 10^12",
            1_000_000_000_000,
            IdDistribution::Zipf { s: 1.3 },
        ),
        (
            "inversion/lognormal 1.5 of 10^9",
            1_000_000_000,
            IdDistribution::Lognormal { sigma: 1.5 },
        ),
    ];
    let mut group = criterion.benchmark_group("ranks");
    group.throughput(Throughput::Elements(DRAWS as u64));
    for (name, users, ids) in laws {
        let law = KeyLaw::new(users, ids).expect("the law is valid");
        let draw = || Ranks::new(users, ids, RngSeed::DEFAULT, 0).expect("the law is valid");
        assert_head(name, draw().take(DRAWS), &law);
        let mut ranks = draw();
        group.bench_function(name, |bencher| {
            bencher.iter(|| ranks.by_ref().take(DRAWS).fold(0, u64::wrapping_add));
        });
    }
    group.finish();
}

/// The first hundred users have their share of the draws, within five standard deviations.
#[expect(clippy::cast_precision_loss, reason = "a few million draws")]
fn assert_head(name: &str, ranks: impl Iterator<Item = u64>, law: &KeyLaw) {
    let drawn = ranks.filter(|&rank| rank < 100).count() as f64;
    let share = 1.0 - law.head_and_tail(100).tail.share;
    let expected = share * DRAWS as f64;
    let limit = 5.0 * expected.sqrt() + 1.0;
    assert!((drawn - expected).abs() < limit, "{name}: {drawn} draws, expected {expected}");
}

fn spec(events: u64, users: u64) -> WorkloadSpec {
    WorkloadSpec::new(events)
        .users(users, ZIPF)
        .heavy("user_id", 0.18)
        .empty_share(0.03)
        .mistake(Mistake::static_identify(0.2))
}

/// The keys of a whole stream, as its lines would have them, on one thread.
#[expect(clippy::expect_used, reason = "the spec is valid, and a thread can be started")]
fn keys(criterion: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    let mut group = criterion.benchmark_group("keys");
    group.throughput(Throughput::Elements(DRAWS as u64));
    group.sample_size(20);
    for (name, users) in [("of 10^4 users", 10_000_u32), ("of 10^6 users", 1_000_000)] {
        let draws = KeyDraws::new(&spec(DRAWS as u64, u64::from(users)), RngSeed::DEFAULT)
            .expect("the spec is valid");
        let drawn = draws.draw();
        let heavy = drawn.keys.iter().filter(|&&key| key == users).count();
        // The literal is the heavy id: 18 % of the events, and from noon on a fifth more.
        assert!((1_115_000..1_125_000).contains(&heavy), "28 % of four million, got {heavy}");
        group.bench_function(name, |bencher| {
            bencher.iter(|| pool.install(|| draws.draw().keys.len()));
        });
    }
    group.finish();
}

/// What a stream too large to draw is expected to be.
#[expect(clippy::expect_used, reason = "the spec is valid")]
fn expected(criterion: &mut Criterion) {
    let spec = spec(1_000_000_000_000, 10_000_000_000);
    let expect = || ExpectedKeys::of(black_box(&spec), RngSeed::DEFAULT, 10_000);
    let keys = expect().expect("the spec is valid");
    let sum = keys.head.iter().map(|key| key.events).sum::<f64>() + keys.tail.events + keys.nobody;
    assert!((sum / 1e12 - 1.0).abs() < 1e-9, "{sum} events expected");
    criterion.bench_function("expected/10^12 events of 10^10 users", |bencher| {
        bencher.iter(expect);
    });
}

criterion_group!(benches, ranks, keys, expected);
criterion_main!(benches);
