//! The store's stages: route, encode, commit, compact. Events a second; routing and encoding on one
//! core.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hotshard::Settings;
use hotshard_benches::event_blocks;
use hotshard_event::EventBlock;
use hotshard_store::{CommitDetails, Finished, Job, Store, Writer};
use tempfile::TempDir;

const EVENTS: u64 = 200_000;

/// An empty store, and the folder that it goes with.
#[expect(clippy::unwrap_used, reason = "a benchmark that cannot write has nothing to say")]
fn writer() -> (TempDir, Writer) {
    let folder = TempDir::new().unwrap();
    let store = Store::create_or_open(folder.path().join("store"), &Settings::default()).unwrap();
    let writer = store.writer().unwrap();
    (folder, writer)
}

fn routed(blocks: &[EventBlock]) -> (TempDir, Writer) {
    let (folder, mut writer) = writer();
    blocks.iter().for_each(|block| writer.append(block));
    (folder, writer)
}

fn rows(writer: &Writer) -> u64 {
    writer.committed().rows_per_shard().iter().sum()
}

#[expect(clippy::unwrap_used, reason = "a benchmark that cannot write has nothing to say")]
fn stages(criterion: &mut Criterion) {
    let blocks = event_blocks(EVENTS);
    let mut group = criterion.benchmark_group("store");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS));
    group.bench_function("route", |bencher| {
        let route = |(folder, mut writer): (TempDir, Writer)| {
            blocks.iter().for_each(|block| writer.append(block));
            assert_eq!(writer.next_sequence().get(), EVENTS);
            (folder, writer)
        };
        bencher.iter_batched(writer, route, BatchSize::PerIteration);
    });
    group.bench_function("encode", |bencher| {
        let prepare = || {
            let (folder, mut writer) = routed(&blocks);
            let jobs = writer.give_all();
            (folder, writer, jobs)
        };
        let encode = |(folder, writer, jobs): (TempDir, Writer, Vec<Job>)| {
            let finished: Vec<Finished> = jobs.into_iter().map(Job::run).collect();
            (folder, writer, finished)
        };
        let (_folder, mut writer, finished) = encode(prepare());
        finished.into_iter().for_each(|finished| writer.accept(finished).unwrap());
        writer.commit(CommitDetails::default()).unwrap();
        assert_eq!(rows(&writer), EVENTS);
        bencher.iter_batched(prepare, encode, BatchSize::PerIteration);
    });
    group.bench_function("encode, commit", |bencher| {
        let commit = |(folder, mut writer): (TempDir, Writer)| {
            writer.commit(CommitDetails::default()).unwrap();
            assert_eq!(rows(&writer), EVENTS);
            folder
        };
        bencher.iter_batched(|| routed(&blocks), commit, BatchSize::PerIteration);
    });
    group.finish();
}

/// A store of ten commits, all of the same days.
#[expect(clippy::unwrap_used, reason = "a benchmark that cannot write has nothing to say")]
fn many_commits(blocks: &[EventBlock]) -> (TempDir, std::path::PathBuf) {
    let (folder, mut writer) = writer();
    for part in blocks.chunks(blocks.len().div_ceil(10)) {
        part.iter().for_each(|block| writer.append(block));
        writer.commit(CommitDetails::default()).unwrap();
    }
    let path = folder.path().join("store");
    (folder, path)
}

#[expect(clippy::unwrap_used, reason = "a benchmark that cannot write has nothing to say")]
fn compact(criterion: &mut Criterion) {
    let blocks = event_blocks(EVENTS);
    let mut group = criterion.benchmark_group("compact");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS));
    group.bench_function("ten commits", |bencher| {
        let compact = |(folder, path): (TempDir, std::path::PathBuf)| {
            hotshard::Compaction::of_store(&path).run().unwrap();
            let snapshot = Store::open(&path).unwrap().snapshot().unwrap();
            assert_eq!(snapshot.rows_per_shard().iter().sum::<u64>(), EVENTS);
            assert!(snapshot.files().count() <= 64);
            folder
        };
        bencher.iter_batched(|| many_commits(&blocks), compact, BatchSize::PerIteration);
    });
    group.finish();
}

criterion_group!(benches, stages, compact);
criterion_main!(benches);
