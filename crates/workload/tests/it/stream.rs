//! A generated stream, read back by an independent JSON parser.

use std::collections::BTreeMap;

use hotshard_workload::{IdDistribution, Mistake, RngSeed, Workload, WorkloadSpec};
use serde_json::Value;

pub(crate) const DAY_MS: i64 = 86_400_000;
/// 2024-03-04T00:00:00Z, where streams begin by default.
pub(crate) const START_MS: i64 = 1_709_510_400_000;

/// A stream of seven chunks with everything in it.
pub(crate) fn everything() -> WorkloadSpec {
    WorkloadSpec::new(50_000)
        .days(3)
        .users(2_000, IdDistribution::Zipf { s: 1.1 })
        .heavy("batch", 0.1)
        .empty_share(0.05)
        .mistake(Mistake::static_identify(0.3))
        .mistake(Mistake::zero(0.1))
        .late_share(0.02)
        .duplicate_share(0.02)
}

/// The bytes of a stream.
pub(crate) fn bytes(spec: &WorkloadSpec, seed: u64) -> Vec<u8> {
    let workload = Workload::new(spec.clone(), RngSeed::new(seed)).unwrap();
    let mut bytes = Vec::new();
    workload.write_to(&mut bytes, |_| {}).unwrap();
    bytes
}

/// The events of a stream; panics at a line that is not JSON.
pub(crate) fn events(spec: &WorkloadSpec) -> Vec<Value> {
    lines(spec, 5)
}

/// The events of the stream of this seed.
pub(crate) fn lines(spec: &WorkloadSpec, seed: u64) -> Vec<Value> {
    let text = String::from_utf8(bytes(spec, seed)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A text property of an event.
pub(crate) fn text<'a>(event: &'a Value, property: &str) -> &'a str {
    event["properties"][property].as_str().unwrap_or_else(|| panic!("no {property} in {event}"))
}

/// When an event happened, in milliseconds.
pub(crate) fn time_ms(event: &Value) -> i64 {
    event["properties"]["time"].as_i64().unwrap_or_else(|| panic!("no time in {event}"))
}

/// How many events there are of each of these.
pub(crate) fn counts<K: Ord>(keys: impl IntoIterator<Item = K>) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

/// Asserts that `count` of `total` is `share`, within five standard deviations.
pub(crate) fn assert_share(what: &str, count: usize, total: usize, share: f64) {
    let expected = total as f64 * share;
    let tolerance = 5.0 * (expected * (1.0 - share)).sqrt();
    assert!(
        (count as f64 - expected).abs() <= tolerance,
        "{what}: {count} of {total}, expected {expected} ± {tolerance}"
    );
}
