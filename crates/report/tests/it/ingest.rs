use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::fixture::{Fields, Folder, MORNING, contents, line, program, run, run_with, sample};

fn storm() -> Value {
    json!([
        {"distinct_id": "NA", "event_date": "2013-02-09", "events": 206, "remedied": 106},
        {"distinct_id": "NA", "event_date": "2013-02-08", "events": 118, "remedied": 18},
    ])
}

fn ingest(store: &str, input: &str) -> Value {
    run(&format!("ingest --store {store} --shards 16 --threshold 100 --format json {input}")).json()
}

#[test]
fn the_sample_has_two_hot_keys() {
    let folder = Folder::new();
    let said = ingest(&folder.at("s"), &sample());
    for (field, expected) in [("events", 3_375), ("stored", 3_375), ("rejected", 0)] {
        assert_eq!(said[field], expected, "{field}");
    }
    assert_eq!(said["remedied"], 124);
    assert_eq!(said["hot"], storm());
    assert_eq!(said["lateness_bound"], 0);
}

#[test]
fn json_has_the_fields_scripts_rely_on_in_their_order() {
    let folder = Folder::new();
    let bad = folder.file("bad.jsonl", "nonsense\n");
    let ingest = format!("ingest --store {} --shards 16 --threshold 100", folder.at("s"));
    let said = run(&format!("{ingest} --format json {} {bad}", sample())).ok();
    let fields = Fields::of(&said);
    assert_eq!(
        fields.names(),
        [
            "events",
            "stored",
            "rejected",
            "rejects",
            "missing_distinct_id",
            "collisions",
            "duplicate_sources",
            "remedied",
            "threshold",
            "lateness_bound",
            "hot",
            "shards",
            "elapsed_ns",
            "peak_memory_bytes",
            "remedy",
            "ignored_keys",
            "resumed_sources",
            "reject_samples",
            "notices",
            "commits",
            "memory_budget_bytes",
            "store",
            "dry_run",
            "unattributed",
            "overrides",
        ]
    );
    assert_eq!(fields.inside("rejects").names(), ["invalid_json"]);
    assert_eq!(fields.inside("hot").names(), ["distinct_id", "event_date", "events", "remedied"]);
    let balance = ["count", "max_over_mean", "cv", "p99_over_median", "gini", "k_eff", "total"];
    assert_eq!(fields.inside("shards").names()[..7], balance);
    assert_eq!(fields.inside("reject_samples").names(), ["source", "line", "offset", "message"]);
    assert_eq!(
        fields.inside("notices").names(),
        [
            "kind",
            "distinct_id",
            "event_date",
            "events_at_notice",
            "event_time",
            "projected_crossing",
            "sequence",
            "source",
            "line",
            "offset",
        ]
    );
}

#[test]
fn people_read_a_short_summary() {
    let folder = Folder::new();
    let store = folder.at("s");
    let said = run(&format!("ingest --store {store} --threshold 100 --shards 16 {}", sample()));
    let said = said.ok().replace(&folder.at(""), "").replace(&sample(), "flights");
    let (summary, last) = said.trim_end().rsplit_once('\n').unwrap();
    assert!(last.starts_with("Took ") && last.contains(" events/s; peak memory "), "{last}");
    insta::assert_snapshot!(summary);
}

#[test]
fn a_cut_and_threads_change_nothing() {
    let folder = Folder::new();
    let whole = folder.at("whole");
    ingest(&whole, &sample());
    let expected = contents(&whole);
    for threads in [1, 2, 8] {
        let store = folder.at(&format!("threads-{threads}"));
        let said = ingest(&store, &format!("--threads {threads} {}", sample()));
        assert_eq!(said["hot"], storm(), "{threads} threads");
        assert!(contents(&store) == expected, "{threads} threads: other rows");
    }
    let mut lines = String::new();
    let packed = std::fs::File::open(sample()).unwrap();
    GzDecoder::new(packed).read_to_string(&mut lines).unwrap();
    let ends: Vec<usize> = lines.match_indices('\n').map(|(at, _)| at + 1).collect();
    for cut in [0, 1_812, 2_300, 3_373] {
        let (first, second) = lines.split_at(ends[cut]);
        let store = folder.at(&format!("cut-{cut}"));
        let parts = [("first", first), ("second", second)]
            .map(|(name, part)| ingest(&store, &folder.file(&format!("{name}-{cut}"), part)));
        let remedied = parts.iter().map(|said| said["remedied"].as_u64().unwrap()).sum::<u64>();
        assert_eq!(remedied, 124, "cut after line {cut}");
        assert!(contents(&store) == expected, "cut after line {cut}: other rows");
        let hot = run(&format!("report --store {store} --format json")).json()["hot"].clone();
        let keys = |row: &Value| (row["distinct_id"].clone(), row["events"].as_u64().unwrap());
        let hot: Vec<_> = hot.as_array().unwrap().iter().map(keys).collect();
        assert_eq!(hot, [(json!("NA"), 206), (json!("NA"), 118)], "cut after line {cut}");
    }
}

#[test]
fn a_dry_run_writes_nothing_and_says_so() {
    let folder = Folder::new();
    let store = folder.at("s");
    let dry = format!("ingest --store {store} --threshold 100 --dry-run {}", sample());
    let said = run(&format!("{dry} --format json")).json();
    assert_eq!((&said["dry_run"], &said["hot"]), (&json!(true), &storm()));
    assert!(run(&dry).ok().starts_with("Dry run: nothing was written."));
    assert!(!Path::new(&store).exists());
}

#[test]
fn an_input_twice_adds_nothing_unless_asked() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let said = run(&format!("ingest --store {store} {}", sample())).ok();
    assert!(said.contains("Nothing was stored"), "{said}");
    assert!(said.contains("is in the store already and added nothing (see --again)"), "{said}");
    let said = run(&format!("ingest --store {store} --again --format json {}", sample())).json();
    assert_eq!((&said["stored"], &said["remedied"]), (&json!(3_375), &json!(324)));
    assert_eq!(said["hot"][0]["events"], 412);
}

#[test]
fn standard_input_and_csv_work() {
    let folder = Folder::new();
    let lines: String = (0..3).map(|n| line("A", "a", MORNING + n)).collect();
    let mut ingest = program();
    ingest.args(["ingest", "--store", &folder.at("s"), "--format", "csv", "-"]).write_stdin(lines);
    let said = run_with(&mut ingest).ok();
    let mut rows = said.lines();
    assert!(rows.next().unwrap().starts_with("events,stored,rejected,missing_distinct_id,"));
    assert!(rows.next().unwrap().starts_with("3,3,0,0,0,0,200000,0,0,64,"), "{said}");
}

#[test]
fn strict_takes_now_from_the_arguments() {
    let folder = Folder::new();
    let input = folder.file("in", line("A", "a", MORNING) + &line("A", "anonymous", MORNING));
    let ingest = |store: &str, now: &str| {
        let store = folder.at(store);
        run(&format!("ingest --store {store} --strict --now {now} --format json {input}")).json()
    };
    assert_eq!(ingest("a", "2021-04-18T03:00:00Z")["rejects"], json!({"refused_distinct_id": 1}));
    let early = ingest("b", "2021-04-18T01:00:00Z");
    assert_eq!(early["rejects"], json!({"refused_distinct_id": 1, "time_in_future": 1}));
    let by_clock =
        run(&format!("ingest --store {} --strict --format json {input}", folder.at("c")));
    assert_eq!(by_clock.json()["stored"], 1);
}

#[test]
fn settings_are_kept_by_the_store() {
    let folder = Folder::new();
    let store = folder.at("s");
    let input = folder.file("in", line("A", "a", 1_618_704_000_000));
    let settings = "--shards 4 --threshold 5 --remedy split --time-zone America/New_York";
    let promoted = "--promote plan:string,price:double --max-line 2000 --memory 256";
    run(&format!("ingest --store {store} {settings} {promoted} {input}")).ok();
    let more = folder.file("more", line("A", "b", 1_618_704_000_001));
    let said = run(&format!("ingest --store {store} --format json {more}")).json();
    assert_eq!((&said["threshold"], &said["remedy"]), (&json!(5), &json!("split")));
    assert_eq!(said["shards"]["count"], 4);
    assert_eq!(said["memory_budget_bytes"], 512 << 20);
    let by_date = run(&format!("query --store {store} --by date --format csv")).ok();
    assert_eq!(by_date, "date,count\r\n2021-04-17,2\r\n");
}
