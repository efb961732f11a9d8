//! The keys of a stream as numbers: those of its lines, and what they are expected to be.

use std::collections::{BTreeMap, BTreeSet};

use hotshard_workload::{
    DrawnKeys, ExpectedKeys, IdDistribution, KeyDraws, Mistake, RngSeed, WorkloadError,
    WorkloadSpec,
};

use crate::stream::{DAY_MS, everything, lines, text, time_ms};

fn draw(spec: &WorkloadSpec, seed: u64) -> DrawnKeys {
    KeyDraws::new(spec, RngSeed::new(seed)).unwrap().draw()
}

/// Asserts that each line has the key drawn for it: equal (id, date) pairs, equal keys.
fn assert_keys_of_lines(spec: &WorkloadSpec) {
    let drawn = draw(spec, 5);
    let events = lines(spec, 5);
    assert_eq!(drawn.keys.len(), events.len());
    let (mut by_text, mut by_key, mut hashes) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (event, &key) in events.iter().zip(&drawn.keys) {
        let id = text(event, "distinct_id").to_owned();
        let date = if id.is_empty() { 0 } else { time_ms(event).div_euclid(DAY_MS) };
        assert_eq!(Some(key) == drawn.nobody, id.is_empty());
        assert_eq!(*by_text.entry((id.clone(), date)).or_insert(key), key);
        assert_eq!(*by_key.entry(key).or_insert((id.clone(), date)), (id.clone(), date));
        let hash = drawn.hashes[key as usize];
        assert_eq!(*hashes.entry(id).or_insert(hash), hash);
    }
    let distinct: BTreeSet<u64> = hashes.values().copied().collect();
    assert_eq!(distinct.len(), hashes.len(), "ids never share a hash");
}

#[test]
fn drawn_keys_are_those_of_the_lines() {
    assert_keys_of_lines(&everything());
    // So many users that only keys that occur are numbered.
    assert_keys_of_lines(&everything().users(1 << 40, IdDistribution::Uniform));
    assert_keys_of_lines(&everything().users(3_000_000, IdDistribution::Zipf { s: 1.0 }));
}

#[test]
fn any_number_of_threads_draws_the_same_keys() {
    let on_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| draw(&everything(), 3))
    };
    assert!(on_threads(1) == on_threads(2) && on_threads(1) == on_threads(5));
}

#[test]
fn more_events_than_fit_are_refused() {
    let error = KeyDraws::new(&WorkloadSpec::new(1 << 40), RngSeed::DEFAULT).unwrap_err();
    assert!(matches!(error, WorkloadError::TooManyDraws { .. }));
    assert!(error.to_string().starts_with("1099511627776 events are too many to draw one by one"));
}

/// Asserts that what is drawn fits its expectation: every head key, head keys together, the tail's
/// events and their squares, and nobody's.
fn assert_expected(what: &str, spec: &WorkloadSpec, head: usize) {
    let seed = RngSeed::new(9);
    let expected = ExpectedKeys::of(spec, seed, head).unwrap();
    let drawn = draw(spec, 9);
    assert_eq!(expected.days, drawn.days);
    let total = expected.head.iter().map(|key| key.events).sum::<f64>()
        + expected.tail.events
        + expected.nobody;
    assert!((total / spec.events as f64 - 1.0).abs() < 1e-9, "{what}: {total} events expected");

    let mut counts = vec![0_u32; drawn.hashes.len()];
    for &key in &drawn.keys {
        counts[key as usize] += 1;
    }
    // An id's keys in the order of their dates.
    let mut of_hash: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    let mut nobody = 0.0;
    for (key, (&hash, &count)) in (0_u32..).zip(drawn.hashes.iter().zip(&counts)) {
        if Some(key) == drawn.nobody {
            nobody = f64::from(count);
        } else if count > 0 {
            of_hash.entry(hash).or_default().push(f64::from(count));
        }
    }
    assert_close(&format!("{what}: nobody"), nobody, expected.nobody);

    let mut head_of: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for key in &expected.head {
        head_of.entry(key.hash).or_default().push(key.events);
    }
    let (mut statistic, mut keys) = (0.0, 0_u32);
    for (hash, expected) in head_of {
        let drawn = of_hash.remove(&hash).unwrap_or_default();
        assert_eq!(drawn.len(), expected.len(), "{what}: dates of one id");
        for (drawn, expected) in drawn.into_iter().zip(expected) {
            assert_close(what, drawn, expected);
            statistic += (drawn - expected).powi(2) / expected;
            keys += 1;
        }
    }
    let spread = f64::from(keys) + 4.0 * (2.0 * f64::from(keys)).sqrt() + 8.0;
    assert!(statistic < spread, "{what}: {statistic} over {keys} keys");
    let tail: Vec<f64> = of_hash.values().map(|counts| counts.iter().sum()).collect();
    assert_close(&format!("{what}: tail"), tail.iter().sum(), expected.tail.events);
    let squares: f64 = tail.iter().map(|count| count * count).sum();
    let expected_squares = expected.tail.squares + expected.tail.events;
    assert!((squares / expected_squares - 1.0).abs() < 0.02, "{what}: {squares} squares");
    assert!(tail.len() as u64 <= expected.tail.ids, "{what}: {} tail ids", tail.len());
}

/// Within five standard deviations of a Poisson count.
fn assert_close(what: &str, drawn: f64, expected: f64) {
    let limit = 5.0 * expected.sqrt() + 1e-6;
    assert!((drawn - expected).abs() <= limit, "{what}: {drawn}, expected {expected} ± {limit}");
}

fn stream() -> WorkloadSpec {
    WorkloadSpec::new(1_000_000).users(20_000, IdDistribution::Zipf { s: 0.9 })
}

#[test]
fn expectations_are_those_of_the_draws() {
    assert_expected("zipf", &stream(), 200);
    assert_expected("uniform", &stream().users(1_000, IdDistribution::Uniform), 500);
    assert_expected("hotspot", &stream().users(1_000, IdDistribution::HOTSPOT_80_20), 300);
    assert_expected("days", &stream().days(3), 50);
    assert_expected("nobody", &stream().empty_share(0.3).heavy("a", 0.2).heavy("b", 0.1), 100);
    assert_expected("late", &stream().days(2).late_share(0.4).heavy("a", 0.2), 50);
    assert_expected("retries", &stream().duplicate_share(0.01), 100);
}

#[test]
fn expectations_hold_the_mistakes() {
    let at_noon = stream().mistake(Mistake::static_identify(0.6));
    assert_expected("identify", &at_noon, 100);
    assert_expected("identify, late", &at_noon.late_share(0.2), 100);
    assert_expected("identify, days", &stream().days(3).mistake(second_day()), 100);
    assert_expected("zero", &stream().mistake(Mistake::zero(0.25)), 100);
}

fn second_day() -> Mistake {
    Mistake::StaticIdentify {
        id: "user_id".to_owned(),
        day: 2,
        at: "18:00".parse().unwrap(),
        share: 0.5,
    }
}
