//! Counting keys, one event at a time: the detector's counters and their rivals.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main,
};
use hashbrown::HashMap;
use hotshard_benches::keys::key_hash;
use hotshard_ingest::detect::{KeyHash, MisraGries, Purge};
use hotshard_ingest::rivals::{CountMin, Evidence, SpaceSaving};
use hotshard_workload::{IdDistribution, Ranks, RngSeed};

const KEYS: u64 = 100_000_000;
const EVENTS: usize = 40_000_000;
const COUNTERS: usize = 64 << 10;
/// Nothing is diverted, so that every method does all the work.
const NO_LIMIT: u64 = u32::MAX as u64 - 1;

type Exact = HashMap<u128, u64, foldhash::fast::FixedState>;

#[expect(clippy::expect_used, reason = "a Zipf law with s = 1 fits a hundred million users")]
fn hashes() -> Vec<KeyHash> {
    let zipf = IdDistribution::Zipf { s: 1.0 };
    let ranks = Ranks::new(KEYS, zipf, RngSeed::DEFAULT, 0).expect("the law is valid");
    ranks.take(EVENTS).map(key_hash).collect()
}

fn exact(hashes: &[KeyHash]) -> Exact {
    let mut counts = Exact::default();
    for &hash in hashes {
        *counts.entry(u128::from(hash)).or_insert(0) += 1;
    }
    counts
}

/// What each method is asked afterwards: bounds of the most frequent key.
struct Truth {
    hash: KeyHash,
    events: u64,
}

fn bench<C>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    hashes: &[KeyHash],
    new: impl Fn() -> C,
    feed: impl Fn(&mut C, KeyHash) -> u64,
    check: impl Fn(&C),
) {
    let run = |mut counters: C| {
        for &hash in hashes {
            feed(&mut counters, hash);
        }
        counters
    };
    check(&run(new()));
    group.bench_function(name, |bencher| {
        bencher.iter_batched(&new, run, BatchSize::PerIteration);
    });
}

fn counters(criterion: &mut Criterion) {
    let hashes = hashes();
    let truth = Truth { hash: key_hash(0), events: 0 };
    let events = exact(&hashes).get(&u128::from(truth.hash)).copied().unwrap_or(0);
    let truth = Truth { events, ..truth };

    let mut group = criterion.benchmark_group("counters");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS as u64));
    group.bench_function("hash map", |bencher| {
        bencher.iter_batched(|| (), |()| exact(&hashes), BatchSize::PerIteration);
    });
    for (name, purge, factor) in [
        ("Misra-Gries, median purge", Purge::Median, 2),
        ("Misra-Gries, minimum purge", Purge::Minimum, 1),
    ] {
        let new = || MisraGries::new(COUNTERS, purge);
        let feed = |counters: &mut MisraGries, hash| counters.feed(hash, 1, NO_LIMIT);
        bench(&mut group, name, &hashes, new, feed, |counters| {
            let (low, high) = (counters.lower_bound(truth.hash), counters.upper_bound(truth.hash));
            assert!(low <= truth.events && truth.events <= high, "{low} to {high}");
            assert!(high <= low + counters.lateness_bound());
            let bound = factor * EVENTS as u64 / (COUNTERS as u64 + 1);
            assert!(counters.lateness_bound() <= bound && counters.lateness_bound() > 0);
        });
    }
    let new = || SpaceSaving::new(COUNTERS, Evidence::LowerBound);
    let feed = |counters: &mut SpaceSaving, hash| counters.feed(hash, 1, NO_LIMIT);
    bench(&mut group, "SpaceSaving", &hashes, new, feed, |counters| {
        let (low, high) = (counters.lower_bound(truth.hash), counters.estimate(truth.hash));
        assert!(low <= truth.events && truth.events <= high, "{low} to {high}");
        assert!(counters.minimum() <= (EVENTS / COUNTERS) as u64 && counters.minimum() > 0);
    });
    let new = || CountMin::new(COUNTERS * size_of::<u32>(), 4);
    let feed = |sketch: &mut CountMin, hash| sketch.feed(hash, 1, NO_LIMIT);
    bench(&mut group, "count-min, conservative update", &hashes, new, feed, |sketch| {
        assert_eq!(sketch.counters(), COUNTERS);
        assert!(sketch.estimate(truth.hash) >= truth.events);
    });
    group.finish();
}

criterion_group!(benches, counters);
criterion_main!(benches);
