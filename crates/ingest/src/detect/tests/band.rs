//! What is proved of keys, and what is not.

use proptest::prelude::*;

use super::*;

const DAY: i32 = 100;

/// A harness that keeps so many counters a date.
fn harness(threshold: u64, counters: usize) -> Harness {
    Harness::new(threshold).with_counters_a_date(counters)
}

/// The band of the day as it was committed.
fn band(harness: &Harness, own: &[(&str, Threshold)]) -> Band {
    let date = EventDate::from_epoch_days(DAY);
    let states: Vec<StoredState<'_>> =
        harness.stored.get(&date).into_iter().flatten().map(StoredState::from).collect();
    Band::of(date, &states, Threshold::new(harness.threshold), own.iter().copied()).unwrap()
}

fn undecided<'a>(band: &Band, ids: &[&'a str]) -> Vec<&'a str> {
    ids.iter().copied().filter(|id| band.is_undecided(KeyHash::of(id))).collect()
}

#[test]
fn nothing_is_undecided_while_counting_is_exact() {
    let mut harness = harness(3, 3);
    for id in ["a", "b", "c"] {
        harness.feed(&events(id, 3));
    }
    harness.feed(&events("a", 1));
    harness.commit();
    // Lowered since, but what it has is known, so there is nothing to look into.
    let band = band(&harness, &[("b", Threshold::new(1))]);
    assert_eq!((band.lateness_bound(), band.undecided()), (0, 0));
    assert!(!band.covers_uncounted());
    assert_eq!(undecided(&band, &["a", "b", "c", "never seen"]), [""; 0]);
    assert_eq!(band.date(), EventDate::from_epoch_days(DAY));
}

/// Two counters, T = 5. The third key makes the median purge take 2 of each.
#[test]
fn a_key_is_undecided_when_its_upper_bound_is_past_the_threshold() {
    let mut harness = harness(5, 2);
    harness.feed(&events("a", 5));
    harness.feed(&events("b", 2));
    harness.feed(&events("c", 1));
    // a has the bounds 3 and 5, b and c have 0 and 2.
    harness.commit();
    let at_first = band(&harness, &[]);
    assert_eq!((at_first.lateness_bound(), at_first.undecided()), (2, 0));
    // Its sixth event raises the lower bound to 4: past T, and not found.
    harness.feed(&events("a", 1));
    harness.commit();
    let ids = ["a", "b", "c", "never seen"];
    let later = band(&harness, &[]);
    assert_eq!((later.undecided(), later.covers_uncounted()), (1, false));
    assert_eq!(undecided(&later, &ids), ["a"]);
    // Found at T + d + 1: proved.
    harness.feed(&events("a", 2));
    harness.commit();
    assert_eq!(harness.stored_hot_keys().len(), 1);
    assert_eq!(undecided(&band(&harness, &[]), &ids), [""; 0]);
}

#[test]
fn own_thresholds_decide_for_their_ids() {
    let mut harness = harness(5, 2);
    for (id, count) in [("a", 5), ("b", 2), ("c", 1), ("a", 1)] {
        harness.feed(&events(id, count));
    }
    harness.commit();
    let own = [("a", 6), ("b", 1), ("x", 2), ("y", 1)].map(|(id, t)| (id, Threshold::new(t)));
    let band = band(&harness, &own);
    // At most 6 of a is allowed; b and y may have had 2, which x may.
    assert_eq!(undecided(&band, &["a", "b", "c", "x", "y"]), ["b", "y"]);
    assert_eq!((band.undecided(), band.covers_uncounted()), (2, false));
}

#[test]
fn every_key_is_undecided_once_the_certificate_is_past_the_threshold() {
    let mut harness = harness(3, 2);
    harness.feed(&events("hot", 4));
    // Purges of 3 and of 2.
    for (id, count) in [("a", 3), ("b", 3), ("c", 3), ("d", 2), ("e", 2), ("f", 2)] {
        harness.feed(&events(id, count));
    }
    harness.commit();
    let band = band(&harness, &[("a", Threshold::new(9)), ("b", Threshold::new(1))]);
    assert_eq!((band.lateness_bound(), band.covers_uncounted()), (5, true));
    assert_eq!(band.undecided(), 1, "none has a counter, and b has a threshold of its own");
    let ids = ["hot", "a", "b", "c", "f", "never seen"];
    assert_eq!(undecided(&band, &ids), ["b", "c", "f", "never seen"]);
}

#[test]
fn a_damaged_state_is_an_error() {
    let date = EventDate::from_epoch_days(DAY);
    let states = [StoredState { counters: b"HSDC\x01", hot: b"" }];
    assert!(Band::of(date, &states, Threshold::new(1), []).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_not_undecided_is_proved(
        threshold in 0..12_u64,
        counters in 1..6_usize,
        ids in prop::collection::vec(prop_oneof![2 => 0..3_u32, 3 => 0..15_u32], 0..200),
        cuts in prop::collection::vec((1..40_usize, any::<bool>(), any::<bool>()), 1..12),
        own in prop::collection::btree_map(0..15_u32, 0..12_u64, 0..3),
    ) {
        let own: Vec<(String, Threshold)> =
            own.into_iter().map(|(id, t)| (id.to_string(), Threshold::new(t))).collect();
        let own: Vec<(&str, Threshold)> = own.iter().map(|(id, t)| (id.as_str(), *t)).collect();
        let with_thresholds = |harness: &mut Harness| {
            let detector = std::mem::replace(&mut harness.detector, Harness::new(0).detector);
            harness.detector = detector.with_thresholds(own.iter().copied());
        };
        let mut harness = harness(threshold, counters);
        with_thresholds(&mut harness);
        let mut truth: BTreeMap<String, u64> = BTreeMap::new();
        let mut rest = &ids[..];
        for (length, restarts, has_room) in cuts.into_iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at(length.min(rest.len()));
            rest = after;
            harness.limit_bytes = if has_room { usize::MAX } else { 0 };
            harness.feed(&block.iter().map(|id| event(&id.to_string(), DAY, 0)).collect::<Vec<_>>());
            for id in block {
                *truth.entry(id.to_string()).or_default() += 1;
            }
            if restarts {
                harness.restart();
                with_thresholds(&mut harness);
            } else if !has_room {
                harness.commit();
                harness.detector.release(0, &BlockCounts::of(&block_of(&events("0", 1))));
            }
        }
        harness.commit();
        let band = band(&harness, &own);
        let hot = harness.stored_hot_keys();
        for (id, events) in truth {
            let own = own.iter().find(|(other, _)| *other == id).map(|(_, own)| own.get());
            let threshold = own.unwrap_or(threshold);
            let is_undecided = band.is_undecided(KeyHash::of(&id));
            if hot.iter().any(|key| key.distinct_id == id) {
                prop_assert!(events > threshold && !is_undecided, "{} is hot", id);
            } else {
                prop_assert!(events <= threshold || is_undecided, "{} has {}", id, events);
                prop_assert!(events <= threshold + band.lateness_bound(), "{} has {}", id, events);
            }
        }
        let is_late = band.lateness_bound() > threshold;
        let never_seen = band.is_undecided(KeyHash::of("never seen"));
        prop_assert_eq!(never_seen, is_late);
        prop_assert_eq!(band.covers_uncounted(), is_late);
    }
}
