//! What the benchmarks run on: generated events, in the form each stage takes them.
//!
//! Each benchmark asserts its answer before it is timed. Run one with
//! `cargo bench -p hotshard-benches --bench decode`.
//!
//! [`prediction`] holds predicted times against measured ones, for `docs/prediction.md`.
//!
//! [`accuracy`] is no benchmark: it counts what detection finds in how much memory, and writes
//! `docs/accuracy.md`.

pub mod accuracy;
pub mod floors;
pub mod keys;
pub mod prediction;

use std::path::Path;

use hotshard::{Ingest, Input, Remedy, RngSeed, ShardCount, Threshold, Workload, WorkloadSpec};
use hotshard_event::{EventBlock, Sequence};
use hotshard_ingest::decode::{DecodeOptions, Decoder};
use hotshard_ingest::source::{Opened, RawBlock, ReadOptions, SourceReader};

/// The threshold that about a third of the generated events pass.
pub const THRESHOLD: Threshold = Threshold::new(1_000);

/// JSON lines like those of an analytics system, `user_id` and `hotshard@mixpanel.com` among the
/// ids.
///
/// # Panics
/// Never: the preset is valid, and memory takes every byte.
#[must_use]
#[expect(clippy::expect_used, reason = "the preset is valid, and memory takes every byte")]
pub fn lines(events: u64) -> Vec<u8> {
    let workload = Workload::new(WorkloadSpec::reference(events), RngSeed::DEFAULT)
        .expect("the preset is valid");
    let mut lines = Vec::new();
    workload.write_to(&mut lines, |_| {}).expect("memory takes every byte");
    lines
}

/// The same as raw blocks.
///
/// # Panics
/// Never: memory is read without failure.
#[must_use]
#[expect(clippy::expect_used, reason = "memory is read without failure")]
pub fn raw_blocks(events: u64) -> Vec<RawBlock> {
    let input = Input::bytes("generated", lines(events));
    let opened = SourceReader::open(&input, 0, ReadOptions::default(), &[]).expect("memory opens");
    let mut blocks = Vec::new();
    if let Opened::Fresh(mut reader) = opened {
        while let Some(block) = reader.next_block(Vec::new()).expect("memory is readable") {
            blocks.push(block);
        }
    }
    blocks
}

/// The same as decoded and numbered blocks.
#[must_use]
pub fn event_blocks(events: u64) -> Vec<EventBlock> {
    let decoder = Decoder::new(DecodeOptions::default());
    let mut next = Sequence::default();
    let decode = |mut raw: RawBlock| {
        let mut block = decoder.decode(&mut raw).events;
        next = block.number(next);
        block
    };
    raw_blocks(events).into_iter().map(decode).collect()
}

/// An ingest into a folder, as the benchmarks do it.
///
/// # Panics
/// Never: 64 shards are a number of shards.
#[must_use]
#[expect(clippy::expect_used, reason = "64 shards are a number of shards")]
pub fn ingest(store: &Path, remedy: Remedy) -> Ingest {
    Ingest::into_store(store)
        .shards(ShardCount::new(64).expect("64 is a number of shards"))
        .threshold(THRESHOLD)
        .remedy(remedy)
}
