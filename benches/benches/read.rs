//! Reading: bytes a second on one core, from memory to blocks, plain and packed.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use std::io::Write as _;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::Compression;
use flate2::write::GzEncoder;
use hotshard::Input;
use hotshard_benches::lines;
use hotshard_ingest::source::{Opened, ReadOptions, SourceReader};

const EVENTS: u64 = 60_000;

/// Reads all blocks, as an ingest does, and says how many bytes they hold.
#[expect(clippy::unwrap_used, reason = "memory is read without failure")]
fn read(input: &Input) -> usize {
    let options = ReadOptions { block_bytes: 1 << 20, ..ReadOptions::default() };
    let opened = SourceReader::open(input, 0, options, &[]).unwrap();
    let Opened::Fresh(mut reader) = opened else { return 0 };
    let (mut bytes, mut spare) = (0, Vec::new());
    while let Some(block) = reader.next_block(spare).unwrap() {
        bytes += block.bytes.len();
        spare = block.bytes;
    }
    bytes
}

#[expect(clippy::unwrap_used, reason = "memory takes every byte")]
fn sources(criterion: &mut Criterion) {
    let plain = lines(EVENTS);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&plain).unwrap();
    let zstd = zstd::encode_all(plain.as_slice(), 3).unwrap();
    let bytes = plain.len();
    let inputs = [
        ("plain", Input::bytes("plain", plain)),
        ("gzip", Input::bytes("gzip", gzip.finish().unwrap())),
        ("zstd", Input::bytes("zstd", zstd)),
    ];
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Bytes(bytes as u64));
    for (name, input) in &inputs {
        assert_eq!(read(input), bytes, "{name}");
        group.bench_function(*name, |bencher| bencher.iter(|| read(input)));
    }
    group.finish();
}

criterion_group!(benches, sources);
criterion_main!(benches);
