//! Detection and remedy: events a second on one core.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hotshard::{Remedy, TimeZone};
use hotshard_benches::{THRESHOLD, event_blocks};
use hotshard_event::EventBlock;
use hotshard_ingest::detect::{BlockCounts, Detector};
use hotshard_ingest::remedy;

const EVENTS: u64 = 200_000;

fn detector() -> Detector {
    Detector::new(THRESHOLD, Remedy::Rename, TimeZone::UTC)
}

/// Events past the threshold, by the plainest count there is.
fn excess(blocks: &[EventBlock]) -> usize {
    let mut seen = std::collections::BTreeMap::new();
    let mut is_excess = |event: &hotshard_event::EventView<'_>| {
        let count = seen.entry((event.date, event.distinct_id.to_owned())).or_insert(0_u64);
        *count += 1;
        !event.distinct_id.is_empty() && *count > THRESHOLD.get()
    };
    blocks.iter().flat_map(EventBlock::events).filter(|event| is_excess(event)).count()
}

fn detect(criterion: &mut Criterion) {
    let blocks = event_blocks(EVENTS);
    let counts: Vec<BlockCounts> = blocks.iter().map(BlockCounts::of).collect();
    let observe = |mut detector: Detector| {
        let observed = blocks
            .iter()
            .zip(&counts)
            .map(|(block, counts)| detector.observe(block, counts).excess);
        observed.collect::<Vec<_>>()
    };
    let found = observe(detector());
    assert_eq!(
        found.iter().map(hotshard_ingest::detect::Excess::len).sum::<usize>(),
        excess(&blocks)
    );

    let mut group = criterion.benchmark_group("detect");
    group.throughput(Throughput::Elements(EVENTS));
    group.bench_function("count blocks", |bencher| {
        bencher.iter(|| blocks.iter().map(|block| BlockCounts::of(block).keys()).sum::<usize>());
    });
    group.bench_function("observe", |bencher| {
        bencher.iter_batched(detector, observe, BatchSize::LargeInput);
    });
    group.bench_function("rename", |bencher| {
        let rename = |mut blocks: Vec<EventBlock>| {
            let renamed = blocks
                .iter_mut()
                .zip(&found)
                .map(|(block, excess)| remedy::apply(block, excess, Remedy::Rename).remedied);
            renamed.sum::<u64>()
        };
        bencher.iter_batched(|| blocks.clone(), rename, BatchSize::LargeInput);
    });
    group.finish();
}

criterion_group!(benches, detect);
criterion_main!(benches);
