//! The whole ingest, and its last stage alone: route, encode, write, commit.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hotshard::{Input, Remedy, Settings};
use hotshard_benches::{event_blocks, ingest, lines};
use hotshard_event::EventBlock;
use hotshard_store::{CommitDetails, Store};
use tempfile::TempDir;

const EVENTS: u64 = 200_000;

#[expect(clippy::unwrap_used, reason = "a benchmark that cannot write has nothing to say")]
fn write(criterion: &mut Criterion) {
    let blocks = event_blocks(EVENTS);
    let mut group = criterion.benchmark_group("store");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS));
    let prepare = || (TempDir::new().unwrap(), blocks.clone());
    let commit = |(folder, blocks): (TempDir, Vec<EventBlock>)| {
        let path = folder.path().join("store");
        let store = Store::create_or_open(path, &Settings::default()).unwrap();
        let mut writer = store.writer().unwrap();
        blocks.into_iter().for_each(|block| writer.append(&block));
        writer.commit(CommitDetails::default()).unwrap();
        assert_eq!(writer.next_sequence().get(), EVENTS);
        folder
    };
    group.bench_function("route, encode, commit", |bencher| {
        bencher.iter_batched(prepare, commit, BatchSize::PerIteration);
    });
    group.finish();
}

#[expect(clippy::unwrap_used, reason = "a benchmark that cannot write has nothing to say")]
fn whole(criterion: &mut Criterion) {
    let input = [Input::bytes("generated", lines(EVENTS))];
    let mut group = criterion.benchmark_group("ingest");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS));
    for remedy in Remedy::ALL {
        group.bench_function(remedy.as_str(), |bencher| {
            let run = |folder: TempDir| {
                let summary = ingest(&folder.path().join("store"), remedy).run(&input).unwrap();
                assert_eq!((summary.stored, summary.rejected), (EVENTS, 0));
                folder
            };
            bencher.iter_batched(|| TempDir::new().unwrap(), run, BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, write, whole);
criterion_main!(benches);
