use serde_json::json;

use crate::fixture::{Fields, Folder, MORNING, line, program, run, run_with};

#[test]
fn json_has_the_fields_scripts_rely_on_in_their_order() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let query = format!("query --store {store} --by shard,original_event,event --format json");
    let fields = Fields::of(&run(&query).ok());
    assert_eq!(
        fields.names(),
        [
            "rows",
            "shards",
            "latency_ns",
            "damaged",
            "problems",
            "total",
            "measure",
            "by",
            "timing",
            "repeats",
            "dedup",
            "store",
            "latency_best_ns",
            "latency_worst_ns",
            "latency_first_ns",
            "cpu_ns",
            "noise",
            "source",
            "passes",
            "dedup_passes",
            "memory_budget_bytes",
            "peak_memory_bytes",
        ]
    );
    assert_eq!(fields.inside("rows").names(), ["shard", "original_event", "event", "count"]);
    let figures = [
        "shard",
        "files",
        "rows",
        "bytes",
        "service_ns",
        "row_groups",
        "service_best_ns",
        "service_worst_ns",
        "first_ns",
        "cpu_ns",
    ];
    assert_eq!(fields.inside("shards").names(), figures);

    let isolated = Fields::of(&run(&format!("{query} --timing isolated --repeats 1")).ok());
    let names = isolated.names();
    assert_eq!(names[..5], ["rows", "shards", "modelled_latency_ns", "workers", "damaged"]);
    assert!(!names.contains(&"latency_ns"), "measured and modelled never stand together");
    assert!(!names.contains(&"latency_first_ns"));
}

#[test]
fn repeats_are_told_with_their_ends_and_their_first() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let query = format!("query --store {store} --by event");
    let once = run(&format!("{query} --format json")).json();
    assert_eq!((&once["repeats"], &once["source"]), (&json!(1), &json!("scan")));
    assert_eq!(once["noise"], json!(null), "a single run has no spread");
    for name in ["latency_best_ns", "latency_worst_ns", "latency_first_ns"] {
        assert_eq!(once[name], once["latency_ns"]);
    }
    let many = run(&format!("{query} --repeats 6 --format json")).json();
    assert_eq!((&many["repeats"], &many["rows"]), (&json!(6), &once["rows"]));
    let ns = |value: &serde_json::Value, name: &str| value[name].as_u64().unwrap();
    assert!(ns(&many, "latency_best_ns") <= ns(&many, "latency_ns"));
    assert!(ns(&many, "latency_ns") <= ns(&many, "latency_worst_ns"));
    for shard in many["shards"].as_array().unwrap() {
        assert!(ns(shard, "service_best_ns") <= ns(shard, "service_ns"));
        assert!(ns(shard, "service_ns") <= ns(shard, "service_worst_ns"));
        assert!(ns(shard, "first_ns") > 0 && ns(shard, "row_groups") == ns(shard, "files"));
    }
    let isolated = run(&format!("{query} --timing isolated --format json")).json();
    assert!((5..=100).contains(&ns(&isolated, "repeats")), "{isolated}");

    let text = run(&format!("{query} --repeats 6")).ok();
    assert!(text.contains("That is the median of 6 runs, from "), "{text}");
    let text = run(&format!("{query} --timing isolated --repeats 6")).ok();
    assert!(text.contains("Each shard's time is the median of 6 runs."), "{text}");
    let text = run(&query).ok();
    assert!(!text.contains("median") && !text.contains("Noise"), "{text}");
}

#[test]
fn commit_records_answer_without_a_scan() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let query = format!("query --store {store} --by event,date --from 2013-02-08");
    let scanned = run(&format!("{query} --format json")).json();
    let json = run(&format!("{query} --metadata --format json")).ok();
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&told["rows"], &told["total"]), (&scanned["rows"], &scanned["total"]));
    assert_eq!((&told["source"], &told["shards"]), (&json!("commit_records"), &json!([])));
    for name in ["timing", "repeats", "cpu_ns", "noise"] {
        assert_eq!(told[name], json!(null), "{name}");
    }
    let fields = Fields::of(&json);
    let latency = |name: &&str| name.contains("latency") || *name == "workers";
    assert!(!fields.names().into_iter().any(|name| latency(&name)), "{json}");

    let text = run(&format!("{query} --metadata")).ok();
    assert!(text.ends_with("Total 2,583.\nFrom commit records; nothing was scanned.\n"), "{text}");
    let csv = |options: &str| run(&format!("{query} --format csv {options}")).ok();
    assert_eq!(csv("--metadata"), csv(""));
}

#[test]
fn commit_records_say_what_they_can_tell() {
    let folder = Folder::new();
    let query = format!("query --store {} --metadata", folder.flights("rename"));
    let they_tell = ": they tell how many events of each name each day has";
    for (options, cannot) in [
        ("--measure users", "users"),
        ("--by distinct_id", "events by distinct_id"),
        ("--by shard,event", "which events and dates a shard has"),
        ("--id N1", "the events of an id"),
        ("--dedup", "which events are copies"),
    ] {
        let message = format!("commit records cannot tell {cannot}{they_tell}");
        run(&format!("{query} {options}")).refused(2, &message);
    }
    run(&format!("{query} --timing isolated")).refused(2, "cannot be used with");
    run(&format!("{query} --repeats 3")).refused(2, "cannot be used with");
}

#[test]
fn counts_come_out_in_order() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let said = run(&format!("query --store {store} --by event,date --top 2 --format json")).json();
    assert_eq!(
        said["rows"],
        json!([
            {"event": "flight_departed", "date": "2013-02-07", "count": 789},
            {"event": "flight_departed", "date": "2013-02-10", "count": 730},
        ])
    );
    assert_eq!(said["total"], 3_375);
    let rows = said["shards"].as_array().unwrap().iter().map(|shard| shard["rows"].as_u64());
    assert_eq!(rows.map(Option::unwrap).sum::<u64>(), 3_375);
    let shards = run(&format!("query --store {store} --by shard --top 1 --format json")).json();
    assert_eq!(shards["rows"], json!([{"shard": 8, "count": 376}]));
}

#[test]
fn filters_measures_and_dedup_are_passed_on() {
    let folder = Folder::new();
    let store = folder.flights("split");
    let total = |options: &[&str]| {
        let mut query = program();
        query.args(["query", "--store", &store, "--format", "json"]).args(options);
        run_with(&mut query).json()["total"].as_u64().unwrap()
    };
    assert_eq!(total(&[]), 3_375);
    assert_eq!(total(&["--event", "flight_cancelled"]), 895);
    assert_eq!(total(&["--event", "flight_cancelled", "--event", "flight_departed"]), 3_375);
    assert_eq!(total(&["--from", "2013-02-08", "--to", "2013-02-09"]), 929 + 748);
    assert_eq!(total(&["--where", "distinct_id = NA", "--where", "date = 2013-02-09"]), 206);
    assert_eq!(total(&["--where", "property:origin in (JFK, EWR)", "--to", "2013-02-07"]), 545);
    assert_eq!(total(&["--id", "N328AA"]), total(&["--where", "distinct_id = N328AA"]));
    assert!(total(&["--id", "N328AA", "--id", "N505MQ"]) > total(&["--id", "N505MQ"]));
    assert_eq!(total(&["--dedup"]), 3_375);
    let users = total(&["--measure", "users"]);
    let off = folder.flights("off");
    let said = run(&format!("query --store {off} --measure users --format json")).json();
    assert_eq!(said["total"], users, "split loses no user");
}

#[test]
fn a_missing_property_is_null_and_an_empty_cell() {
    let folder = Folder::new();
    let store = folder.at("s");
    let input = folder.file("in", line("A", "", 1_618_716_477_000));
    run(&format!("ingest --store {store} {input}")).ok();
    let query = format!("query --store {store} --by property:plan,distinct_id");
    let said = run(&format!("{query} --format json")).json();
    assert_eq!(said["rows"], json!([{"property:plan": null, "distinct_id": "", "count": 1}]));
    let csv = run(&format!("{query} --format csv")).ok();
    assert_eq!(csv, "property:plan,distinct_id,count\r\n,,1\r\n");
    let table = run(&query).ok();
    assert!(table.contains("(missing)") && table.contains("(empty)"), "{table}");
}

#[test]
fn people_read_display_names_and_programs_raw_ones() {
    let folder = Folder::new();
    let query = format!("query --store {} --by event", folder.flights("rename"));
    let table = run(&query).ok();
    let (rows, work) = table.split_once("\n\n").unwrap();
    insta::assert_snapshot!(rows, @r"
    event             events
    ────────────────────────
    flight_departed    2,480
    flight_cancelled     771
    Hotshard Events      124
    ");
    assert!(work.starts_with("Total 3,375.\nRead 3,375 rows and "), "{work}");
    assert!(work.contains("measured with all shards at once on this machine."), "{work}");
    assert!(run(&format!("{query} --format csv")).ok().contains("\r\n$hotshard_events,124\r\n"));

    let isolated = run(&format!("{query} --timing isolated")).ok();
    assert!(isolated.contains("Slowest shard ") && isolated.contains(", measured one at a time."));
    assert!(isolated.contains(" with 16 workers, modelled."), "{isolated}");
}

#[test]
fn threads_change_no_answer() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let by = "--by distinct_id,event --format csv";
    let [one, four] =
        [1, 4].map(|threads| run(&format!("query --store {store} {by} --threads {threads}")).ok());
    assert!(one == four);
}

#[test]
fn an_empty_store_answers() {
    let folder = Folder::new();
    let store = folder.at("s");
    run(&format!("ingest --store {store} {}", folder.file("in", ""))).ok();
    assert!(run(&format!("query --store {store} --by event")).ok().starts_with("No events match."));
    let said = run(&format!("query --store {store} --format json")).json();
    assert_eq!(said["total"], 0);
}

#[test]
fn events_per_user_are_told_in_every_format() {
    let folder = Folder::new();
    let (store, input) = (folder.at("s"), folder.at("in"));
    let sent = |name: &str, id: &str, times: usize| line(name, id, MORNING).repeat(times);
    let events = [sent("A", "ann", 5), sent("A", "bob", 1), sent("A", "", 9), sent("B", "", 2)];
    std::fs::write(&input, events.concat()).unwrap();
    run(&format!("ingest --store {store} {input}")).ok();
    let query = format!("query --store {store} --measure per-user --by event");
    let row = &run(&format!("{query} --format json")).json()["rows"];
    assert_eq!(
        row,
        &json!([{
            "event": "A", "count": 2, "events": 6, "mean": 3.0, "min": 1, "p50": 1, "p90": 5,
            "p99": 5, "max": 5,
            "histogram": [{"from": 1, "to": 1, "users": 1}, {"from": 4, "to": 7, "users": 1}],
        }])
    );
    let csv = run(&format!("{query} --format csv")).ok();
    assert_eq!(csv, "event,count,events,mean,min,p50,p90,p99,max\r\nA,2,6,3,1,1,5,5,5\r\n");
    let table = run(&query).ok();
    assert!(table.contains("event  users  events  mean  min  p50  p90  p99  max"), "{table}");
    assert!(table.contains("A          2       6  3.00    1    1    5    5    5"), "{table}");
    let nobody = run(&format!("{query} --event B")).ok();
    assert!(nobody.starts_with("No users match."), "{nobody}");
}

#[test]
fn who_asks_for_a_name_as_it_is_shown_is_told_how_it_is_stored() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let mut asked = program();
    asked.args(["query", "--store", &store, "--event", "Hotshard Events"]);
    let told = asked.output().unwrap();
    assert!(told.status.success());
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(told.contains("ask for --event '$hotshard_events'"), "{told}");
}
