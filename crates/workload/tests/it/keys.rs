//! The keys of a stream as numbers: those of its lines, and what they are expected to be.

use std::collections::{BTreeMap, BTreeSet};

use hotshard_workload::{
    DrawnKeys, ExpectedKeys, IdDistribution, KeyDraws, Mistake, RngSeed, WorkloadError,
    WorkloadSpec,
};

use crate::stream::{DAY_MS, everything, lines, mistaken, text, time_ms};

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
    assert_keys_of_lines(&mistaken());
    assert_keys_of_lines(&mistaken().users(1 << 40, IdDistribution::Zipf { s: 0.7 }));
    // So many users that only keys that occur are numbered.
    assert_keys_of_lines(&everything().users(1 << 40, IdDistribution::Uniform));
    assert_keys_of_lines(&everything().users(3_000_000, IdDistribution::Zipf { s: 1.0 }));
}

#[test]
fn any_number_of_threads_draws_the_same_keys() {
    let on_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            (draw(&everything(), 3), draw(&mistaken().users(1 << 30, IdDistribution::Uniform), 3))
        })
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

    // By id and date: all keys that there could be are numbered, and an id's dates follow each other.
    let mut counts = vec![0_u32; drawn.hashes.len()];
    for &key in &drawn.keys {
        counts[key as usize] += 1;
    }
    let nobody = drawn.nobody.map_or(0, |key| counts[key as usize]);
    assert_close(&format!("{what}: nobody"), f64::from(nobody), expected.nobody);
    let late_days = if spec.late_share > 0.0 { hotshard_workload::MAX_LATE_DAYS } else { 0 };
    let first = spec.start.epoch_days() - late_days;
    let mut found: BTreeMap<(u64, i32), f64> = BTreeMap::new();
    let (mut date, mut id) = (first, None);
    for (key, (&hash, &count)) in (0_u32..).zip(drawn.hashes.iter().zip(&counts)) {
        date = if id == Some(hash) { date + 1 } else { first };
        id = Some(hash);
        if Some(key) != drawn.nobody {
            found.insert((hash, date), f64::from(count));
        }
    }

    let (mut statistic, mut keys) = (0.0, 0_u32);
    for key in &expected.head {
        let drawn = found.remove(&(key.hash, key.date.epoch_days())).unwrap_or_default();
        assert_close(what, drawn, key.events);
        statistic += (drawn - key.events).powi(2) / key.events;
        keys += 1;
    }
    let spread = f64::from(keys) + 4.0 * (2.0 * f64::from(keys)).sqrt() + 8.0;
    assert!(statistic < spread, "{what}: {statistic} over {keys} keys");

    let mut tail: BTreeMap<u64, f64> = BTreeMap::new();
    for ((hash, _), count) in found {
        *tail.entry(hash).or_default() += count;
    }
    tail.retain(|_, count| *count > 0.0);
    assert_close(&format!("{what}: tail"), tail.values().sum(), expected.tail.events);
    let squares: f64 = tail.values().map(|count| count * count).sum();
    let expected_squares = expected.tail.squares + expected.tail.events;
    // The square of a Poisson count varies by 4λ³ + 6λ² + λ.
    let variance: f64 = tail.values().map(|n| 4.0 * n.powi(3) + 6.0 * n.powi(2) + n).sum();
    assert!(
        (squares - expected_squares).abs() <= 5.0 * variance.sqrt(),
        "{what}: {squares} squares, {expected_squares} expected"
    );
    assert!(tail.len() as u64 <= expected.tail.ids, "{what}: {} tail ids", tail.len());
}

/// Within five standard deviations of a Poisson count, and a little more where few are expected.
fn assert_close(what: &str, drawn: f64, expected: f64) {
    let limit = if expected > 0.0 { 5.0 * (expected + 1.0).sqrt() } else { 0.0 };
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
    assert_expected(
        "lognormal",
        &stream().users(20_000, IdDistribution::Lognormal { sigma: 1.2 }),
        90,
    );
    let power_law = IdDistribution::PowerLaw { s: 0.7, cutoff: 900.0 };
    assert_expected("power law", &stream().users(20_000, power_law), 200);
    let drifting = |step| stream().users(5_000, IdDistribution::DriftingZipf { s: 0.9, step });
    assert_expected("drift", &drifting(7).days(4), 30);
    assert_expected("drift, late", &drifting(1_700).days(3).late_share(0.1), 50);
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
    assert_expected("pod", &stream().mistake(Mistake::pod_name(0.3)), 100);
    let import = Mistake::nightly_import(0.9);
    assert_expected("import", &stream().days(3).mistake(import.clone()), 100);
    assert_expected("import, late", &stream().days(2).late_share(0.3).mistake(import), 100);
    assert_expected("storm", &stream().mistake(Mistake::retry_storm(0.8)), 100);
    let second_day = Mistake::RetryStorm {
        id: "9".to_owned(),
        day: 2,
        at: "23:00".parse().unwrap(),
        minutes: 60,
        insert_ids: 1,
        share: 1.0,
    };
    assert_expected("storm on a day", &stream().days(2).late_share(0.2).mistake(second_day), 100);
    assert_expected("under T", &stream().days(2).mistake(Mistake::just_under_t(50, 4_000)), 100);
    assert_expected("everything", &everything(), 50);
    let mistaken = WorkloadSpec { duplicate_share: 0.0, ..mistaken() };
    assert_expected("mistaken", &mistaken, 50);
    assert_expected("nothing else", &stream().mistake(Mistake::just_under_t(4, 250_000)), 10);
}

fn second_day() -> Mistake {
    Mistake::StaticIdentify {
        id: "user_id".to_owned(),
        day: 2,
        at: "18:00".parse().unwrap(),
        share: 0.5,
    }
}

#[test]
fn a_trillion_events_of_ten_billion_users_are_no_more_work() {
    let laws = [
        IdDistribution::Zipf { s: 1.0 },
        IdDistribution::Lognormal { sigma: 2.0 },
        IdDistribution::DriftingZipf { s: 0.9, step: 1_000_000 },
    ];
    for ids in laws {
        let spec = WorkloadSpec::new(1_000_000_000_000)
            .days(30)
            .users(10_000_000_000, ids)
            .heavy("user_id", 0.1)
            .empty_share(0.05);
        let expected = ExpectedKeys::of(&spec, RngSeed::DEFAULT, 1_000).unwrap();
        assert_eq!(expected.head.len(), 30 * 1_001);
        let total = expected.head.iter().map(|key| key.events).sum::<f64>()
            + expected.tail.events
            + expected.nobody;
        assert!((total / 1e12 - 1.0).abs() < 1e-9, "{ids}: {total}");
    }
}

#[test]
fn degenerate_streams_have_an_expectation() {
    let one_user = WorkloadSpec::new(1).users(1, IdDistribution::Zipf { s: 1.0 });
    let expected = ExpectedKeys::of(&one_user, RngSeed::DEFAULT, 10).unwrap();
    assert_eq!((expected.head.len(), expected.tail.ids, expected.tail.events), (1, 0, 0.0));
    assert_eq!(draw(&one_user, 1).keys, [0]);
    let headless = ExpectedKeys::of(&one_user, RngSeed::DEFAULT, 0).unwrap();
    assert_eq!((headless.head.len(), headless.tail.ids), (0, 1));
    assert!((headless.tail.squares - 1.0).abs() < 1e-12);
    let nobody = WorkloadSpec::new(10).empty_share(1.0);
    let expected = ExpectedKeys::of(&nobody, RngSeed::DEFAULT, 10).unwrap();
    assert_eq!((expected.head.len(), expected.tail.events, expected.nobody), (0, 0.0, 10.0));
    let drawn = draw(&nobody, 1);
    assert!(drawn.keys.iter().all(|&key| Some(key) == drawn.nobody));
    assert!(ExpectedKeys::of(&WorkloadSpec::new(0), RngSeed::DEFAULT, 10).is_err());
}

#[test]
fn jitter_takes_a_few_events_past_midnight() {
    let spec = WorkloadSpec::new(4_000_000).days(2).users(1, IdDistribution::Uniform);
    let expected = ExpectedKeys::of(&spec, RngSeed::DEFAULT, 1).unwrap().head;
    assert!((expected[0].events - (2_000_000.0 - 57.86)).abs() < 0.01, "{expected:?}");
    let first = draw(&spec, 42).keys.iter().filter(|&&key| key == 0).count();
    assert!((first as f64 - expected[0].events).abs() < 30.0, "{first}");
}
