//! Best-effort detection keeps its bounds, and reaches them.

use hotshard_event::Threshold;
use hotshard_sim::{BestEffort, Crash, Crashes, Key, KeyOutcome, Routing, SimError};
use hotshard_workload::RngSeed;
use proptest::prelude::*;

fn run(system: &BestEffort, keys: impl IntoIterator<Item = u64>) -> Vec<KeyOutcome> {
    system.run(keys.into_iter().map(Key::new)).unwrap()
}

/// One key with this many events.
fn one_key(system: &BestEffort, events: usize) -> KeyOutcome {
    run(system, std::iter::repeat_n(5, events))[0]
}

/// Streams of up to 4 000 events over a few keys, low ones more often: a word of the rng seed each.
fn stream() -> impl Strategy<Value = Vec<u64>> {
    (1_u64..30, 0_usize..4_000, any::<u64>()).prop_map(|(keys, events, seed)| {
        let ids = hotshard_workload::IdDistribution::Zipf { s: 1.0 };
        let ranks = hotshard_workload::Ranks::new(keys, ids, RngSeed::new(seed), 0).unwrap();
        ranks.take(events).collect()
    })
}

fn crashes(ingesters: u32) -> impl Strategy<Value = Crashes> {
    let crash = (0_u64..4_000, 0..ingesters)
        .prop_map(|(before_event, ingester)| Crash { before_event, ingester });
    prop_oneof![
        Just(Crashes::Never),
        proptest::collection::vec(crash, 0..40).prop_map(Crashes::At),
        (1_u32..20).prop_map(|one_in| Crashes::InsteadOfFlush { one_in }),
    ]
}

fn system() -> impl Strategy<Value = (BestEffort, u64)> {
    let routing = prop_oneof![Just(Routing::RoundRobin), Just(Routing::Random)];
    let sizes = (1_u32..=8, prop_oneof![1_u64..8, 1_u64..=1_000], 0_u64..500);
    (sizes, routing, any::<u64>()).prop_flat_map(
        |((ingesters, batch, threshold), routing, seed)| {
            crashes(ingesters).prop_map(move |crashes| {
                let system = BestEffort::new(ingesters, batch, Threshold::new(threshold));
                let seed = RngSeed::new(seed);
                (system.routing(routing).crashes(crashes).rng_seed(seed), threshold)
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn never_early_and_late_by_no_more_than_the_bound((system, threshold) in system(), keys in stream()) {
        let outcomes = run(&system, keys.iter().copied());
        prop_assert_eq!(outcomes.iter().map(|key| key.events).sum::<u64>(), keys.len() as u64);
        for key in outcomes {
            prop_assert!(key.declared_at.is_none_or(|event| event > threshold), "{key:?}");
            prop_assert!(key.overshoot <= system.overshoot_bound() + key.lost, "{key:?}");
            prop_assert_eq!(key.overshoot, key.let_through.saturating_sub(threshold));
            prop_assert!(key.lost <= key.let_through && key.let_through <= key.events);
            prop_assert_eq!(key.declared_at.is_none(), key.let_through == key.events);
        }
    }

    #[test]
    fn the_same_rng_seed_gives_the_same_outcome((system, _) in system(), keys in stream()) {
        prop_assert_eq!(run(&system, keys.iter().copied()), run(&system, keys));
    }

    /// One ingester that asks after each event is an exact detector.
    #[test]
    fn one_ingester_without_batches_is_exact(keys in stream(), threshold in 0_u64..500) {
        for key in run(&BestEffort::new(1, 1, Threshold::new(threshold)), keys) {
            prop_assert_eq!(key.overshoot, 0);
            prop_assert_eq!(key.declared_at, (key.events > threshold).then_some(threshold + 1));
        }
    }
}

#[test]
fn the_bound_is_reached() {
    // T = 3, j = 2, B = 2. Events 1 and 3 take the total to 2, which ingester 0 reads back; 2 and 4
    // to 4, but ingester 0 does not know and lets 5 and 7 through. Ingester 1 diverts 6.
    let system = BestEffort::new(2, 2, Threshold::new(3));
    let key = one_key(&system, 20);
    assert_eq!((key.declared_at, key.let_through), (Some(6), 6));
    assert_eq!((key.overshoot, system.overshoot_bound()), (3, 3));
}

#[test]
fn a_crash_lets_as_many_more_through_as_it_lost() {
    let quiet = BestEffort::new(1, 10, Threshold::new(100));
    assert_eq!(one_key(&quiet, 1_000).let_through, 100);
    let crash = Crash { before_event: 57, ingester: 0 };
    let key = one_key(&quiet.crashes(Crashes::At(vec![crash])), 1_000);
    assert_eq!((key.lost, key.let_through, key.declared_at), (7, 107, Some(108)));
}

#[test]
fn who_loses_every_flush_declares_nothing() {
    let system = BestEffort::new(3, 10, Threshold::new(100))
        .crashes(Crashes::InsteadOfFlush { one_in: 1 })
        .routing(Routing::Random);
    let key = one_key(&system, 1_000);
    assert_eq!((key.declared_at, key.overshoot), (None, 900));
    assert!((970..1_000).contains(&key.lost), "all but the last batches: {}", key.lost);
}

#[test]
fn a_threshold_of_nothing_diverts_everything() {
    let key = one_key(&BestEffort::new(4, 50, Threshold::new(0)), 9);
    assert_eq!((key.declared_at, key.let_through), (Some(1), 0));
}

#[test]
fn no_events_give_no_keys() {
    assert_eq!(run(&BestEffort::new(2, 2, Threshold::DEFAULT), []), []);
}

#[test]
fn what_cannot_be_run_says_why() {
    let error = |system: BestEffort| system.run([Key::new(1)]).unwrap_err();
    let t = Threshold::DEFAULT;
    assert!(matches!(error(BestEffort::new(0, 1, t)), SimError::NoIngesters));
    assert!(matches!(error(BestEffort::new(1, 0, t)), SimError::NoFlush));
    let never = Crashes::InsteadOfFlush { one_in: 0 };
    assert!(matches!(error(BestEffort::new(1, 1, t).crashes(never)), SimError::CrashRate));
    let elsewhere = Crashes::At(vec![Crash { before_event: 9, ingester: 2 }]);
    assert_eq!(
        error(BestEffort::new(2, 1, t).crashes(elsewhere)).to_string(),
        "ingester 2 is to crash before event 9, but the model has 2, numbered from 0"
    );
}
