//! Ingests with less memory than a budget can be: whatever does not fit goes through the store.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use hotshard_event::{DateRange, Remedy, Threshold};
use hotshard_ingest::detect::HotKey;
use hotshard_ingest::source::Input;
use hotshard_store::{ShardCount, Store};

use super::Ingest;
use crate::memory::MemoryPlan;
use crate::{Bands, HotKeys};

const THRESHOLD: u64 = 40;
const DAYS: u64 = 60;
const DAY_MS: u64 = 86_400_000;
/// 2024-03-04.
const FIRST_DAY_MS: u64 = 1_709_510_400_000;

/// Room for blocks of 20 events, for about 500 of them in a commit, and for the counters of some
/// of the days.
const PLAN: MemoryPlan = MemoryPlan {
    most_threads: 2,
    block_bytes: 2_000,
    blocks_a_thread: 3,
    rows_bytes: 100_000,
    row_group_bytes: 40_000,
    away_bytes: 40_000,
    rejects_bytes: 20_000,
    row_groups: 1_000,
    commit_bytes: 50_000,
    counter_bytes: 40_000,
    table_bytes: 20_000,
    counters_a_date: 500,
};

/// Events of shuffled days, five rejected records among them. Some ids pass T, some come close, and
/// most have an event or two.
fn backfill(events: u64) -> String {
    let mut state = 7_u64;
    let mut draw = |below: u64| {
        // Knuth's MMIX generator; its high bits are good enough to shuffle with.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut lines = String::new();
    for number in 0..events {
        let id = match draw(10) {
            0..=3 => format!("heavy {}", draw(3)),
            4..=5 => format!("near {}", draw(12)),
            _ => format!("light {}", draw(2_000)),
        };
        let time = FIRST_DAY_MS + draw(DAYS) * DAY_MS + draw(DAY_MS);
        lines += &format!(
            "{{\"event\":\"e\",\"properties\":{{\"time\":{time},\"distinct_id\":\"{id}\"}}}}\n"
        );
        if number % (events / 5) == 3 {
            lines += "not json\n";
        }
    }
    lines
}

fn into_store(store: &Path, remedy: Remedy) -> Ingest {
    Ingest::into_store(store)
        .shards(ShardCount::new(4).unwrap())
        .threshold(Threshold::new(THRESHOLD))
        .remedy(remedy)
}

/// The content cut into so many inputs after a line.
fn parts(content: &str, parts: usize) -> Vec<Input> {
    let lines: Vec<&str> = content.split_inclusive('\n').collect();
    let part = |(number, lines): (usize, &[&str])| {
        Input::bytes(format!("part {number}"), lines.concat().into_bytes())
    };
    lines.chunks(lines.len().div_ceil(parts)).enumerate().map(part).collect()
}

fn hot_keys(store: &Path) -> Vec<HotKey> {
    let snapshot = Store::open(store).unwrap().snapshot().unwrap();
    HotKeys::of(&snapshot, &DateRange::ALL).unwrap().keys
}

#[test]
fn a_backfill_of_shuffled_days_is_exact_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let content = backfill(20_000);
    let whole = folder.path().join("whole");
    let summary = into_store(&whole, Remedy::Rename).run(&parts(&content, 1)).unwrap();
    let expected = hot_keys(&whole);
    assert!(summary.commits == 1 && expected.len() > 100, "{} hot keys", expected.len());

    for runs in [1, 2, 100] {
        let store = folder.path().join(format!("{runs} runs"));
        let ingest = into_store(&store, Remedy::Rename);
        let (mut commits, mut notices) = (0, 0);
        for input in parts(&content, runs) {
            let summary = ingest.run_within(PLAN, &[input]).unwrap();
            assert_eq!(summary.lateness_bound, 0, "{runs} runs");
            (commits, notices) = (commits + summary.commits, notices + summary.notices.len());
        }
        assert!(commits > 30, "{commits} commits in {runs} runs");
        assert_eq!(hot_keys(&store), expected, "{runs} runs");
        assert_eq!(notices, summary.notices.len(), "each notice came once in {runs} runs");
        let snapshot = Store::open(&store).unwrap().snapshot().unwrap();
        assert_eq!(snapshot.rejected_records(), 5);
        assert_eq!(snapshot.row_counts().by_date().values().sum::<u64>(), 20_000);
    }
}

#[test]
fn memory_that_was_made_room_in_is_kept_to() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let plan = MemoryPlan { counter_bytes: 1_000, ..PLAN };
    let error = into_store(&store, Remedy::Off).run_within(plan, &parts(&backfill(2_000), 1));
    let error = error.unwrap_err().to_string();
    assert!(
        error.starts_with("the hot ids of the days at hand take 1 MiB, more than the"),
        "{error}"
    );
    // What was refused is taken in later, rejects once.
    into_store(&store, Remedy::Off).run(&parts(&backfill(2_000), 1)).unwrap();
    let snapshot = Store::open(&store).unwrap().snapshot().unwrap();
    assert_eq!(snapshot.rejected_records(), 5);
    assert_eq!(snapshot.row_counts().by_date().values().sum::<u64>(), 2_000);
}

#[test]
fn a_dry_run_without_room_purges_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let ingest =
        into_store(&folder.path().join("none"), Remedy::Rename).effect(super::Effect::DryRun);
    let summary = ingest.run_within(PLAN, &parts(&backfill(20_000), 1)).unwrap();
    assert!(summary.lateness_bound > 0);
    let exact = ingest.run(&parts(&backfill(20_000), 1)).unwrap();
    assert_eq!(exact.lateness_bound, 0);
    let found: Vec<_> =
        exact.hot.iter().map(|hot| (&hot.key.distinct_id, hot.key.event_date)).collect();
    for hot in &summary.hot {
        assert!(found.contains(&(&hot.key.distinct_id, hot.key.event_date)));
    }
}

#[test]
fn a_dry_run_into_a_store_that_does_not_fit_accuses_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = parts(&backfill(20_000), 2);
    let (first, second) = inputs.split_at(1);
    let ingest = into_store(folder.path(), Remedy::Rename);
    ingest.run_within(PLAN, first).unwrap();
    let dry = ingest.clone().effect(super::Effect::DryRun);
    let summary = dry.run_within(PLAN, second).unwrap();
    assert!(summary.lateness_bound > 0);
    ingest.run(second).unwrap();
    let truth: BTreeMap<_, _> = hot_keys(folder.path())
        .into_iter()
        .map(|k| ((k.event_date, k.distinct_id), k.events))
        .collect();
    assert!(!summary.hot.is_empty());
    for hot in summary.hot {
        let events = truth.get(&(hot.key.event_date, hot.key.distinct_id.clone()));
        assert!(events.is_some_and(|events| hot.key.events <= *events), "{hot:?}");
    }
}

#[test]
fn threads_change_no_answer_although_it_is_not_exact() {
    let folder = tempfile::tempdir().unwrap();
    let content = backfill(10_000);
    let plan = MemoryPlan { counters_a_date: 20, ..PLAN };
    let run = |threads: usize| {
        let store = folder.path().join(threads.to_string());
        let ingest = into_store(&store, Remedy::Split).threads(threads);
        let summary = ingest.run_within(plan, &parts(&content, 1)).unwrap();
        assert!(summary.lateness_bound > 0);
        (summary.lateness_bound, summary.commits, summary.notices, hot_keys(&store))
    };
    assert_eq!(run(1), run(2));
}

#[test]
fn many_small_sources_are_taken_in_with_a_block_a_thread() {
    let folder = tempfile::tempdir().unwrap();
    let content = backfill(4_000);
    let mut inputs = Vec::new();
    for (number, part) in content.as_bytes().chunks(content.len() / 60).enumerate() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(part).unwrap();
        let packed = encoder.finish().unwrap();
        inputs.push(Input::bytes(format!("part {number}"), packed.clone()));
        if number % 5 == 0 {
            inputs.push(Input::bytes(format!("empty {number}"), Vec::new()));
            inputs.push(Input::bytes(format!("part {number} again"), packed));
        }
    }
    let run = |threads: usize, blocks_a_thread: usize| {
        let store = folder.path().join(format!("{threads} {blocks_a_thread}"));
        let plan = MemoryPlan { most_threads: 8, blocks_a_thread, ..PLAN };
        let ingest = into_store(&store, Remedy::Rename).threads(threads);
        let summary = ingest.run_within(plan, &inputs).unwrap();
        assert_eq!(summary.duplicate_sources.len(), 13);
        (summary.events, summary.commits, summary.notices, summary.skew, hot_keys(&store))
    };
    let expected = run(1, 1);
    for (threads, blocks_a_thread) in [(1, 3), (2, 1), (2, 2), (3, 1), (3, 2), (8, 1), (8, 3)] {
        assert_eq!(run(threads, blocks_a_thread), expected, "{threads} {blocks_a_thread}");
    }
}

/// Every key's events, counted without a detector.
fn truth(content: &str) -> BTreeMap<(String, String), u64> {
    let mut truth = BTreeMap::new();
    for line in content.lines() {
        let Ok(event) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let properties = &event["properties"];
        let date = hotshard_event::TimeZone::UTC
            .date_of(hotshard_event::EventTime::from_millis(properties["time"].as_i64().unwrap()));
        let id = properties["distinct_id"].as_str().unwrap().to_owned();
        *truth.entry((date.to_string(), id)).or_default() += 1;
    }
    truth
}

#[test]
fn with_few_counters_the_certificate_holds_and_the_rest_is_resolved() {
    let content = backfill(20_000);
    let truth = truth(&content);
    for (runs, remedy) in [(1, Remedy::Rename), (2, Remedy::Split), (100, Remedy::Off)] {
        let folder = tempfile::tempdir().unwrap();
        let plan = MemoryPlan { counters_a_date: 20, ..PLAN };
        for input in parts(&content, runs) {
            into_store(folder.path(), remedy).run_within(plan, &[input]).unwrap();
        }
        let snapshot = Store::open(folder.path()).unwrap().snapshot().unwrap();
        let bands = Bands::of(&snapshot, &DateRange::ALL).unwrap();
        let bounds: BTreeMap<String, u64> =
            bands.dates().map(|band| (band.event_date.to_string(), band.lateness_bound)).collect();
        assert!(bounds.len() > 30, "{} days with a certificate", bounds.len());
        assert_eq!(snapshot.lateness_bound(), *bounds.values().max().unwrap());

        let mut hot = HotKeys::of(&snapshot, &DateRange::ALL).unwrap().keys;
        let key = |key: &HotKey| (key.event_date.to_string(), key.distinct_id.clone());
        for found in &hot {
            let (date, id) = key(found);
            let bound = bounds.get(&date).copied().unwrap_or(0);
            let events = truth[&(date, id)];
            assert!(events > THRESHOLD, "an innocent: {found:?}");
            assert!(found.events <= events && events <= found.events + bound, "{found:?}");
        }
        let resolution = bands.resolve(&snapshot, &mut hot);
        let mut settled: BTreeMap<(String, String), u64> =
            hot.iter().map(|found| (key(found), found.events)).collect();
        for overlooked in &resolution.overlooked {
            let date = overlooked.event_date.to_string();
            assert!(overlooked.events <= THRESHOLD + bounds[&date], "{overlooked:?}");
            settled.insert((date, overlooked.distinct_id.clone()), overlooked.events);
        }
        let past: BTreeMap<_, _> = truth
            .iter()
            .filter(|(_, events)| **events > THRESHOLD)
            .map(|(k, v)| (k.clone(), *v))
            .collect();
        assert_eq!(settled, past, "{remedy}");
        assert!(!resolution.overlooked.is_empty() && resolution.damaged.is_empty());
    }
}

/// Every file of a store with its bytes; of commit records all but when they were made.
fn bytes_of(store: &Path) -> BTreeMap<String, String> {
    let mut folders = vec![store.to_path_buf()];
    let mut files = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(store).unwrap().display().to_string();
            let bytes = std::fs::read(&path).unwrap();
            let content = if name.ends_with(".json") {
                let mut json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                json["xxh3"].take();
                if let Some(time) = json.pointer_mut("/body/committed_at_ms") {
                    time.take();
                }
                json.to_string()
            } else {
                format!("{bytes:?}")
            };
            files.insert(name, content);
        }
    }
    files
}

/// Which event names a commit record told apart, of more than it may, was up to the threads.
#[test]
fn every_byte_of_a_store_is_the_same_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let named = |number: usize| format!("\"event\":\"Viewed page {}\"", number % 2_500);
    let lines = backfill(6_000);
    let content: String = (0_usize..)
        .zip(lines.lines())
        .map(|(number, line)| line.replace("\"event\":\"e\"", &named(number)) + "\n")
        .collect();
    let plan = MemoryPlan {
        most_threads: 8,
        commit_bytes: 200_000,
        counter_bytes: 1 << 20,
        rejects_bytes: 1 << 20,
        ..PLAN
    };
    let stored = |threads: usize| {
        let store = folder.path().join(format!("{threads} threads"));
        let ingest = into_store(&store, Remedy::Rename).threads(threads);
        let summary = ingest.run_within(plan, &parts(&content, 3)).unwrap();
        assert!(summary.commits > 1, "{} commits", summary.commits);
        let snapshot = Store::open(&store).unwrap().snapshot().unwrap();
        assert!(snapshot.row_counts().named().len() == 1_000);
        bytes_of(&store)
    };
    let expected = stored(1);
    assert!(expected.keys().any(|name| name.ends_with(".parquet")));
    for threads in [2, 3, 8] {
        let found = stored(threads);
        assert!(found.keys().eq(expected.keys()), "{threads} threads");
        for (name, bytes) in &found {
            assert!(expected[name] == *bytes, "{name} differs with {threads} threads");
        }
    }
}
