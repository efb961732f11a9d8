//! Decoding raw blocks: bytes a second on one core.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hotshard_benches::raw_blocks;
use hotshard_ingest::decode::{DecodeOptions, Decoder};

const EVENTS: u64 = 60_000;

fn decode(criterion: &mut Criterion) {
    let blocks = raw_blocks(EVENTS);
    let decoder = Decoder::new(DecodeOptions::default());
    let decode = || blocks.iter().map(|raw| decoder.decode(raw).events.len() as u64).sum::<u64>();
    assert_eq!(decode(), EVENTS);

    let mut group = criterion.benchmark_group("decode");
    let bytes: usize = blocks.iter().map(|raw| raw.bytes.len()).sum();
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("json lines", |bencher| bencher.iter(decode));
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
