//! Rivals against plain counts and against textbook algorithms, over generated streams.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::count_min::{offsets, scale};
use super::index::Index;
use super::*;
use crate::detect::{KeyHash, MisraGries, Purge};

const NO_LIMIT: u64 = u32::MAX as u64 - 1;

fn hash(key: u8) -> KeyHash {
    KeyHash::of(format!("id-{key}"))
}

/// Keys with their events; low keys are frequent.
fn stream(events: impl Strategy<Value = u64> + Clone) -> impl Strategy<Value = Vec<(u8, u64)>> {
    let key = (0_u8..40, 0_u8..40).prop_map(|(a, b)| a.min(b));
    proptest::collection::vec((key, events), 0..400)
}

/// Exact counts beside a rival: feeds undeclared keys, and remembers the declared ones.
#[derive(Default)]
struct Counted {
    fed: BTreeMap<u8, u64>,
    truth: BTreeMap<u8, u64>,
    declared: BTreeSet<u8>,
}

impl Counted {
    fn run(
        stream: &[(u8, u64)],
        limit: u64,
        mut feed: impl FnMut(KeyHash, u64, u64) -> u64,
    ) -> Self {
        let mut counted = Self::default();
        for &(key, events) in stream {
            let truth = counted.truth.entry(key).or_default();
            if counted.declared.contains(&key) {
                // Diverted.
            } else if feed(hash(key), events, limit) + events > limit {
                counted.declared.insert(key);
                counted.fed.remove(&key);
            } else {
                *counted.fed.entry(key).or_default() += events;
            }
            *truth += events;
        }
        counted
    }
}

/// What Misra–Gries with k counters has subtracted after these keys (Misra and Gries 1982).
fn misra_gries_decrement(counters: usize, keys: &[(u8, u64)]) -> u64 {
    let mut counts: BTreeMap<u8, u64> = BTreeMap::new();
    let mut decrement = 0;
    for &(key, _) in keys {
        if counts.contains_key(&key) || counts.len() < counters {
            *counts.entry(key).or_default() += 1;
        } else {
            decrement += 1;
            counts.values_mut().for_each(|count| *count -= 1);
            counts.retain(|_, count| *count > 0);
        }
    }
    decrement
}

proptest! {
    #[test]
    fn count_min_is_never_late(
        stream in stream(1_u64..5),
        memory_bytes in 0_usize..600,
        depth in 1_usize..6,
        limit in 0_u64..60,
    ) {
        let mut sketch = CountMin::new(memory_bytes, depth);
        let counted = Counted::run(&stream, limit, |hash, events, limit| {
            sketch.feed(hash, events, limit)
        });
        for (&key, &fed) in &counted.fed {
            prop_assert!(sketch.estimate(hash(key)) >= fed);
            prop_assert!(fed <= limit);
        }
        for (key, total) in counted.truth {
            prop_assert!(total <= limit || counted.declared.contains(&key));
        }
    }

    /// An update by the plain rule instead raises every counter of the key.
    #[test]
    fn conservative_update_never_estimates_more_than_the_plain_one(
        stream in stream(1_u64..5), memory_bytes in 16_usize..300,
    ) {
        let mut sketch = CountMin::new(memory_bytes, 2);
        let width = memory_bytes / 8;
        let mut plain = vec![vec![0_u64; width]; 2];
        let places = |key| offsets(hash(key)).take(2).map(|offset| scale(offset, width));
        for &(key, events) in &stream {
            sketch.feed(hash(key), events, NO_LIMIT);
            for (row, place) in plain.iter_mut().zip(places(key)) {
                row[place] += events;
            }
        }
        for key in 0..40 {
            let plain = plain.iter().zip(places(key)).map(|(row, place)| row[place]).min();
            prop_assert!(sketch.estimate(hash(key)) <= plain.unwrap());
        }
    }

    #[test]
    fn space_saving_bounds_hold_while_keys_are_diverted(
        stream in stream(1_u64..5),
        counters in 1_usize..30,
        limit in 0_u64..60,
        evidence in prop_oneof![Just(Evidence::Estimate), Just(Evidence::LowerBound)],
    ) {
        let mut rival = SpaceSaving::new(counters, evidence);
        let counted = Counted::run(&stream, limit, |hash, events, limit| {
            rival.feed(hash, events, limit)
        });
        for (&key, &fed) in &counted.fed {
            let (low, high) = (rival.lower_bound(hash(key)), rival.estimate(hash(key)));
            prop_assert!(low <= fed && fed <= high, "{low} ≤ {fed} ≤ {high}");
            prop_assert!(high <= low + rival.minimum());
        }
        prop_assert!(rival.len() <= counters);
        for (&key, &total) in &counted.truth {
            let declared = counted.declared.contains(&key);
            match evidence {
                Evidence::Estimate => prop_assert!(total <= limit || declared),
                Evidence::LowerBound => {
                    prop_assert!(total > limit || !declared);
                    // Nothing fed is past the limit by more than the minimum.
                    let fed = counted.fed.get(&key).copied().unwrap_or(0);
                    prop_assert!(fed <= limit + rival.minimum());
                }
            }
        }
    }

    #[test]
    fn the_minimum_of_space_saving_is_the_decrement_of_misra_gries(
        stream in stream(Just(1)), counters in 1_usize..30,
    ) {
        let mut rival = SpaceSaving::new(counters + 1, Evidence::Estimate);
        let mut own = MisraGries::new(counters, Purge::Minimum);
        for &(key, events) in &stream {
            rival.feed(hash(key), events, NO_LIMIT);
            own.feed(hash(key), events, NO_LIMIT);
        }
        prop_assert_eq!(rival.minimum(), own.lateness_bound());
        prop_assert_eq!(rival.minimum(), misra_gries_decrement(counters, &stream));
    }

    #[test]
    fn an_index_finds_what_was_not_removed(
        steps in proptest::collection::vec((0_u32..60, any::<bool>()), 0..200)
    ) {
        // Homes of eight keys each, so that runs form and wrap around the end.
        let key_of = |number: u32| KeyHash::from(u128::from(u64::from(number / 8) << 61));
        let mut index = Index::with_capacity(60);
        let mut model = BTreeSet::new();
        for (number, add) in steps {
            match (add, model.contains(&number)) {
                (true, false) => {
                    model.insert(number);
                    index.insert(key_of(number), number);
                }
                (false, true) => {
                    model.remove(&number);
                    index.remove(key_of(number), number, key_of);
                }
                _ => {}
            }
            let group = |number: &u32| number / 8;
            for number in 0..60 {
                let found = index.find(key_of(number), key_of);
                let wanted = model.iter().any(|other| group(other) == group(&number));
                prop_assert_eq!(found.is_some(), wanted);
                prop_assert!(found.is_none_or(|found| model.contains(&found)));
            }
        }
    }

    /// SpaceSaving by the book: look at all counters for the smallest.
    #[test]
    fn the_heap_finds_the_smallest_counter(stream in stream(1_u64..9), counters in 1_usize..30) {
        let mut rival = SpaceSaving::new(counters, Evidence::Estimate);
        for &(key, events) in &stream {
            rival.feed(hash(key), events, NO_LIMIT);
            let counts = (0..40)
                .filter(|&key| rival.lower_bound(hash(key)) > 0)
                .map(|key| rival.estimate(hash(key)));
            let least = if rival.len() == counters { counts.min() } else { Some(0) };
            prop_assert_eq!(Some(rival.minimum()), least);
        }
    }
}

#[test]
fn a_freed_counter_is_not_taken_with_a_clean_slate() {
    // "b" loses its counter with 3 events; "a" is then diverted and frees one. If "b" got that one
    // with a count of zero, its three events would be forgotten and it would be declared late.
    let mut rival = SpaceSaving::new(1, Evidence::Estimate);
    rival.feed(hash(b'b'), 3, 9);
    rival.feed(hash(b'a'), 5, 9);
    rival.feed(hash(b'a'), 2, 9);
    assert_eq!((rival.len(), rival.minimum()), (0, 3));
    assert_eq!(rival.feed(hash(b'b'), 6, 9), 3);
}

#[test]
fn a_sketch_takes_the_memory_it_was_given() {
    assert_eq!(CountMin::new(65_536, 4).memory_bytes(), 65_536);
    assert_eq!(CountMin::new(65_535, 4).counters(), 4 * 4_095);
    assert_eq!(CountMin::new(0, 4).counters(), 4);
}

#[test]
fn an_estimate_past_32_bits_stays_at_the_largest() {
    let mut sketch = CountMin::new(64, 2);
    sketch.feed(hash(0), u64::from(u32::MAX) + 7, u64::MAX);
    assert_eq!(sketch.estimate(hash(0)), u64::from(u32::MAX));
}

#[test]
fn counters_fill_the_memory_they_were_given() {
    for bytes in [0, 100, 65_536, 1 << 20] {
        let capacity = SpaceSaving::capacity_for(bytes);
        assert!(SpaceSaving::bytes_for(capacity) <= bytes.max(60));
        assert!(SpaceSaving::bytes_for(capacity + 1) > bytes);
    }
    assert_eq!(SpaceSaving::bytes_for(300), 300 * 44 + 401 * 4);
}
