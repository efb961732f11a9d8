//! The whole ingest, on all cores, under each remedy.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hotshard::{Input, Remedy};
use hotshard_benches::{ingest, lines};
use tempfile::TempDir;

const EVENTS: u64 = 200_000;

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

criterion_group!(benches, whole);
criterion_main!(benches);
