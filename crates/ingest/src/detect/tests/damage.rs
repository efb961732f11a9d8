//! Damaged state is named and never believed.

use proptest::prelude::*;

use super::*;

/// State of day 1 with two live keys and two hot ones.
fn state() -> DateState {
    let mut harness = Harness::new(2);
    for (id, count) in [("a", 1), ("b", 200), ("c", 2), ("dé", 3)] {
        harness.feed(&vec![event(id, 1, 0); count]);
    }
    harness.commit().remove(0)
}

fn load(date: i32, state: StoredState<'_>) -> Result<Detector, crate::Error> {
    let date = EventDate::from_epoch_days(date);
    let mut detector = Detector::new(Threshold::new(2), Remedy::Rename, TimeZone::UTC);
    detector.load(date, &[state], usize::MAX, &BlockCounts::default()).map(|()| detector)
}

fn message(date: i32, counters: &[u8], hot: &[u8]) -> String {
    load(date, StoredState { counters, hot }).unwrap_err().to_string()
}

/// The bytes with the one at `position` changed to `value`.
fn with(bytes: &[u8], position: usize, value: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[position] = value;
    bytes
}

#[test]
fn the_error_names_date_place_and_fault() {
    let state = state();
    let told = message(1, &with(&state.counters, 0, b'X'), &state.hot);
    assert_eq!(
        told,
        "the detector's state of 1970-01-02 is damaged at byte 4 of its counters: it does not \
         begin as detector state does; run `hotshard verify` to see which files of the store are \
         damaged"
    );
}

#[test]
fn every_fault_is_told_apart() {
    let DateState { counters, hot, .. } = &state();
    let first_count = 12 + 16;
    let swapped = {
        let mut swapped = counters.clone();
        swapped[12..12 + 34].rotate_left(17);
        swapped
    };
    let too_large = [&counters[..11], &[1], &counters[12..first_count], &[0xff; 9], &[2]].concat();
    let no_bound = [&counters[..10], &[0xff; 9], &[1], &counters[11..]].concat();
    let unknown_entries = with(counters, 11, 200);
    let trailing = [counters.as_slice(), b"x"].concat();
    let changes = with(hot, 5, 0);
    let cases: [(&[u8], &[u8], &str); 13] = [
        (&with(counters, 4, 9), hot, "its version is not one this hotshard reads"),
        (&with(counters, 5, 2), hot, "it is neither changes nor a checkpoint"),
        (&with(counters, 6, 2), hot, "it belongs to another date"),
        (&unknown_entries, hot, "it is cut short"),
        (&with(counters, first_count, 0), hot, "a count is out of range"),
        (&no_bound, hot, "its certificate is out of range"),
        (&too_large, hot, "a number is too large"),
        (&swapped, hot, "its entries are not in order"),
        (&trailing, hot, "something follows its end"),
        (counters, &changes, "its counters are of another kind"),
        (counters, &[], "the checkpoint lacks its hot keys"),
        (&[], hot, "the checkpoint lacks its counters"),
        (counters, &with(hot, 12, 0xff), "a distinct id is not UTF-8"),
    ];
    for (counters, hot, fault) in cases {
        let told = message(1, counters, hot);
        assert!(told.contains(&format!(": {fault};")), "{fault}: {told}");
    }
    let told = message(2, counters, hot);
    assert!(told.contains("it belongs to another date"), "{told}");
}

#[test]
fn every_cut_is_noticed() {
    let state = state();
    for end in 1..state.counters.len() {
        message(1, &state.counters[..end], &state.hot);
    }
    for end in 1..state.hot.len() {
        let error = decode_hot(state.date, &state.hot[..end]).unwrap_err();
        assert!(error.to_string().contains("of its hot keys"), "{error}");
    }
}

#[test]
fn a_stored_certificate_stands_in_every_answer() {
    let state = state();
    // Two counters with a certificate of 7 have values above it.
    let mut counters = with(&state.counters, 10, 7);
    counters[12 + 16] = 2 * 8;
    counters[12 + 17 + 16] = 2 * 9;
    let mut detector = load(1, StoredState { counters: &counters, hot: &state.hot }).unwrap();
    assert_eq!(detector.lateness_bound(), 7);
    detector.release(0, &BlockCounts::default());
    assert_eq!(detector.lateness_bound(), 7);
}

proptest! {
    #[test]
    fn changed_bytes_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        in_hot in any::<bool>(),
    ) {
        let mut state = state();
        let bytes = if in_hot { &mut state.hot } else { &mut state.counters };
        for (position, value) in changes {
            let position = position.index(bytes.len());
            bytes[position] = value;
        }
        // Whatever was made of them, they are loaded or refused, and loaded ones can be used.
        if let Ok(detector) = load(1, StoredState::from(&state)) {
            let mut harness = Harness::new(2);
            harness.detector = detector;
            harness.feed(&[event("a", 1, 0), event("b", 1, 0), event("c", 1, 0)]);
            prop_assert!(!harness.commit().is_empty());
        }
    }
}
