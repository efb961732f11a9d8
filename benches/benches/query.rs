//! Counts over a store of renamed events.

#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hotshard::{CountQuery, Dedup, GroupColumn, Input, Measure, Remedy, Store};
use hotshard_benches::{ingest, lines};

const EVENTS: u64 = 500_000;

#[expect(clippy::unwrap_used, reason = "a benchmark that cannot read has nothing to say")]
fn counts(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    ingest(&path, Remedy::Rename).run(&[Input::bytes("generated", lines(EVENTS))]).unwrap();
    let snapshot = Store::open(&path).unwrap().snapshot().unwrap();

    let events = || CountQuery::new(Measure::Events);
    let board = events().by(GroupColumn::OriginalDistinctId).by(GroupColumn::OriginalEvent);
    let plan = GroupColumn::Property("plan".to_owned());
    // No generated event is sent twice, so every count of events adds up to all of them.
    let queries = [
        ("by event", events().by(GroupColumn::Event)),
        ("by event and date", events().by(GroupColumn::Event).by(GroupColumn::Date)),
        ("review board", board.top(20)),
        ("after dedup", events().dedup(Dedup::On)),
        ("by property", events().by(plan)),
    ];
    let mut group = criterion.benchmark_group("query");
    group.sample_size(20).throughput(Throughput::Elements(EVENTS));
    for (name, query) in queries {
        assert_eq!(query.run(&snapshot).unwrap().total, EVENTS, "{name}");
        group.bench_function(name, |bencher| bencher.iter(|| query.run(&snapshot).unwrap()));
    }
    let users = CountQuery::new(Measure::Users).by(GroupColumn::Event);
    assert!(users.run(&snapshot).unwrap().total > 0);
    group.bench_function("users by event", |bencher| {
        bencher.iter(|| users.run(&snapshot).unwrap());
    });
    group.finish();
}

criterion_group!(benches, counts);
criterion_main!(benches);
