use std::collections::BTreeMap;
use std::path::Path;

use hotshard::{
    Input, KeyCounting, KeyCounts, Override, OverrideChanges, Remedy, RngSeed, Router, Sequence,
    ShardCount, Workload, WorkloadSpec,
};
use proptest::prelude::*;

use crate::fixture::{Folder, MORNING, flights, ingest, input, line, snapshot};

const DAY: i64 = 86_400_000;

fn sixteen() -> ShardCount {
    ShardCount::new(16).unwrap()
}

/// Two generated days, with a mistake and events without an id.
fn noon(events: u64) -> Vec<Input> {
    let workload = Workload::new(WorkloadSpec::identify_at_noon(events), RngSeed::DEFAULT).unwrap();
    let mut lines = Vec::new();
    workload.write_to(&mut lines, |_| {}).unwrap();
    vec![Input::bytes("noon", lines)]
}

fn of_inputs(inputs: &[Input]) -> KeyCounts {
    KeyCounting::default().shards(vec![sixteen()]).of_inputs(inputs).unwrap()
}

fn of_store(store: &Path) -> KeyCounts {
    let counts = KeyCounting::default().of_store(&snapshot(store)).unwrap();
    assert!(counts.damaged().is_empty());
    counts
}

/// Rows per shard without a remedy, as the counts tell it.
fn untouched(counts: &KeyCounts) -> Vec<u64> {
    let nobody = counts.nobody_rows(sixteen()).expect("16 shards were asked for");
    counts.home_rows(sixteen()).iter().zip(nobody).map(|(home, nobody)| home + nobody).collect()
}

type Told = Vec<(u64, String, u64)>;

/// Hash, day and events of every key, and nobody's events.
fn told(counts: &KeyCounts) -> (Told, u64) {
    let keys = counts.keys().map(|key| (key.hash, key.event_date.to_string(), key.events));
    (keys.collect(), counts.nobody())
}

#[test]
fn rows_per_shard_are_those_of_a_store_that_remedies_nothing() {
    let folder = Folder::new();
    let flights = hotshard::find_inputs(&[flights()]).unwrap();
    let few: String = (0..40)
        .map(|n| line("A", if n % 3 == 0 { "" } else { "ada" }, MORNING + n * DAY / 4))
        .collect();
    for (name, inputs) in [("noon", noon(20_000)), ("flights", flights), ("few", input(few))] {
        let store = folder.store(name);
        ingest(&store, 100, Remedy::Off).run(&inputs).unwrap();
        let stored = snapshot(&store).rows_per_shard();
        let counts = of_inputs(&inputs);
        assert_eq!(untouched(&counts), stored, "{name}");
        assert_eq!(untouched(&of_store(&store)), stored, "{name}");
        assert_eq!(told(&of_store(&store)), told(&counts), "{name}");
        assert_eq!(counts.events(), stored.iter().sum::<u64>());
        assert_eq!(counts.dates(), of_store(&store).dates());
    }
}

#[test]
fn remedied_rows_count_for_the_id_that_they_had() {
    let folder = Folder::new();
    let inputs = noon(20_000);
    let counts = of_inputs(&inputs);
    for remedy in [Remedy::Rename, Remedy::Split] {
        let store = folder.store(remedy.as_str());
        let summary = ingest(&store, 500, remedy).run(&inputs).unwrap();
        assert!(summary.remedied > 1_000);
        assert_eq!(told(&of_store(&store)), told(&counts), "{remedy}");
        let largest = of_store(&store).keys().next().unwrap().distinct_id.map(str::to_owned);
        assert_eq!(largest.as_deref(), Some("user_id"));
    }
}

#[test]
fn ids_that_are_declared_unattributed_are_nobody() {
    let folder = Folder::new();
    let store = folder.store("s");
    let mut overrides = OverrideChanges::default();
    overrides.set("0", Override::Unattributed).unwrap();
    let lines: String = (0..30).map(|n| line("A", ["0", "ada"][n % 2], MORNING)).collect();
    ingest(&store, 5, Remedy::Rename).overrides(overrides).run(&input(lines)).unwrap();
    let counts = of_store(&store);
    let ids: Vec<_> = counts.keys().map(|key| (key.distinct_id, key.events)).collect();
    assert_eq!(ids, [(Some("ada"), 15)]);
    assert_eq!(counts.nobody(), 15);
}

#[test]
fn thresholds_of_their_own_are_told() {
    let folder = Folder::new();
    let store = folder.store("s");
    let mut overrides = OverrideChanges::default();
    overrides.set("ada", "7".parse().map(Override::Threshold).unwrap()).unwrap();
    ingest(&store, 5, Remedy::Off)
        .overrides(overrides)
        .run(&input(line("A", "ada", MORNING) + &line("A", "bob", MORNING)))
        .unwrap();
    let counts = of_store(&store);
    let own: BTreeMap<_, _> = counts
        .keys()
        .map(|key| (key.distinct_id, key.own_threshold.map(hotshard::Threshold::get)))
        .collect();
    assert_eq!(own, [(Some("ada"), Some(7)), (Some("bob"), None)].into());
}

#[test]
fn what_does_not_fit_is_counted_in_passes_and_stays_exact() {
    let folder = Folder::new();
    let inputs = noon(20_000);
    let store = folder.store("s");
    ingest(&store, 500, Remedy::Split).run(&inputs).unwrap();
    let whole = of_inputs(&inputs);
    assert_eq!((whole.passes(), whole.tail().ids), (1, 0));
    let counting = KeyCounting::default().most_keys(200);
    let parts = counting.of_inputs(&inputs).unwrap();
    assert_eq!(told(&counting.of_store(&snapshot(&store)).unwrap()), told(&parts));
    assert!(parts.passes() > 5, "{}", parts.passes());
    let head = parts.keys().len();
    assert!((1..=100).contains(&head), "{head}");
    let (left, right) = (parts.population(None), whole.population(Some(head)));
    assert_eq!(left, right, "the largest keys and the sums of all others are exact");
    let named = |counts: &KeyCounts| -> Vec<Option<String>> {
        counts.keys().take(head).map(|key| key.distinct_id.map(str::to_owned)).collect()
    };
    assert_eq!(named(&parts), named(&whole));
    assert!(named(&parts).iter().all(Option::is_some));
}

#[test]
fn a_source_that_comes_twice_counts_once() {
    let lines = line("A", "ada", MORNING);
    let inputs = [input(lines.clone()), input(lines)].concat();
    assert_eq!(of_inputs(&inputs).events(), 1);
    assert_eq!(KeyCounting::default().events_of_inputs(&inputs).unwrap().keys(), [0]);
}

#[test]
fn nothing_is_no_keys() {
    let folder = Folder::new();
    let store = folder.store("s");
    ingest(&store, 5, Remedy::Rename).run(&input("")).unwrap();
    for counts in [of_store(&store), of_inputs(&input(""))] {
        assert_eq!((counts.keys().len(), counts.events(), counts.days()), (0, 0, 1));
        assert_eq!(untouched(&counts), [0; 16]);
        assert_eq!(counts.population(None).head, []);
    }
    assert!(KeyCounting::default().events_of_inputs(&input("")).unwrap().keys().is_empty());
}

#[test]
fn events_that_do_not_fit_are_refused() {
    let counting = KeyCounting::default().most_keys(2);
    let lines: String = ["a", "b", "c"].map(|id| line("A", id, MORNING)).concat();
    let error = counting.events_of_inputs(&input(lines)).unwrap_err().to_string();
    assert!(error.starts_with("event by event, the model holds "), "{error}");
    assert!(error.contains("use the fluid model"), "{error}");
}

/// Rows per shard of a remedy, event by event, from numbers alone.
fn remedied(inputs: &[Input], threshold: u64) -> Vec<u64> {
    let events = KeyCounting::default().events_of_inputs(inputs).unwrap();
    let router = Router::new(sixteen());
    let mut seen = vec![0_u64; events.hashes().len()];
    let mut rows = vec![0; 16];
    for (sequence, &key) in (0..).zip(events.keys()) {
        seen[key as usize] += 1;
        let is_spread = events.nobody() == Some(key) || seen[key as usize] > threshold;
        let shard = if is_spread {
            router.spread(Sequence::new(sequence))
        } else {
            router.home_of_hash(events.hashes()[key as usize])
        };
        rows[shard.index()] += 1;
    }
    rows
}

#[test]
fn events_in_order_go_where_a_store_puts_them() {
    let folder = Folder::new();
    for (name, threshold) in [("none", 0), ("low", 50), ("high", 2_000)] {
        let inputs = noon(20_000);
        let store = folder.store(name);
        ingest(&store, threshold, Remedy::Rename).run(&inputs).unwrap();
        assert_eq!(remedied(&inputs, threshold), snapshot(&store).rows_per_shard(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn counts_are_those_of_a_map(
        events in prop::collection::vec((0_usize..12, 0_i64..3), 0..300),
        most_keys in 1_usize..40,
    ) {
        const IDS: [&str; 12] = ["", "a", "b", "c", "d", "e", "f", "g", "h", "é", "0", "00"];
        let mut expected: BTreeMap<(u64, i64), u64> = BTreeMap::new();
        let mut lines = String::new();
        for &(id, day) in &events {
            lines.push_str(&line("A", IDS[id], MORNING + day * DAY));
            if id > 0 {
                *expected.entry((Router::hash(IDS[id]), day)).or_default() += 1;
            }
        }
        let counts = KeyCounting::default().most_keys(most_keys).of_inputs(&input(lines)).unwrap();
        let nobody = events.iter().filter(|(id, _)| *id == 0).count() as u64;
        prop_assert_eq!(counts.nobody(), nobody);
        prop_assert_eq!(counts.events(), events.len() as u64);
        let population = counts.population(None);
        let all: u64 = expected.values().sum();
        prop_assert!((population.events() - (all + nobody) as f64).abs() < 1e-9);
        if counts.passes() == 1 {
            let mut found: Vec<u64> = counts.keys().map(|key| key.events).collect();
            let mut wanted: Vec<u64> = expected.values().copied().collect();
            found.sort_unstable();
            wanted.sort_unstable();
            prop_assert_eq!(found, wanted);
        }
        let tail = counts.population(Some(0)).tail;
        let mut of_ids: BTreeMap<u64, u64> = BTreeMap::new();
        for ((hash, _), events) in &expected {
            *of_ids.entry(*hash).or_default() += events;
        }
        if counts.passes() == 1 {
            let squares: u64 = of_ids.values().map(|events| events * events).sum();
            prop_assert_eq!(tail.ids, of_ids.len() as u64);
            prop_assert!((tail.squares - squares as f64).abs() < 1e-6);
        }
    }
}
