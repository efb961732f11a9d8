//! Decoding raw blocks: bytes a second on one core.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hotshard_benches::raw_blocks;
use hotshard_ingest::decode::{DecodeOptions, DecodedBlock, Decoder};
use hotshard_ingest::source::RawBlock;

const EVENTS: u64 = 60_000;

fn decode(criterion: &mut Criterion) {
    let decoder = Decoder::new(DecodeOptions::default());
    let decode = |blocks: Vec<RawBlock>| -> Vec<DecodedBlock> {
        blocks.into_iter().map(|mut raw| decoder.decode(&mut raw)).collect()
    };
    let blocks = raw_blocks(EVENTS);
    let bytes: usize = blocks.iter().map(|raw| raw.bytes.len()).sum();
    let events: usize = decode(blocks).iter().map(|block| block.events.len()).sum();
    assert_eq!(events as u64, EVENTS);

    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("json lines", |bencher| {
        bencher.iter_batched(|| raw_blocks(EVENTS), decode, BatchSize::LargeInput);
    });
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
