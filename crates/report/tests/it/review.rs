use serde_json::json;

use crate::fixture::{Fields, Folder, MORNING, contents, data_files, line, run};

#[test]
fn the_report_shows_hot_keys_from_every_side() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let said = run(&format!("report --store {store}")).ok();
    let said = said.replace(&folder.at(""), "").replace(&crate::fixture::sample(), "flights");
    insta::assert_snapshot!(said);
}

#[test]
fn the_report_is_json_too_and_keeps_to_its_dates() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let report = format!("report --store {store} --format json --from 2013-02-09 --to 2013-02-10");
    let said = run(&report).json();
    assert_eq!(said["hot"].as_array().unwrap().len(), 1);
    assert_eq!(said["hot"][0]["remedied"], 106);
    let by_event = json!([
        {"original_event": "flight_cancelled", "events": 206, "renamed": 106, "hot_keys": 1},
    ]);
    assert_eq!(said["by_event"], by_event);
    let day = |date, events, keys, hot_events, remedied| {
        json!({
            "event_date": date,
            "events": events,
            "hot_keys": keys,
            "hot_events": hot_events,
            "remedied": remedied,
        })
    };
    let days = [day("2013-02-09", 748, 1, 206, 106), day("2013-02-10", 766, 0, 0, 0)];
    assert_eq!(said["by_day"], json!(days));
    assert_eq!(said["notices"].as_array().unwrap().len(), 2);
    assert!(said["notices"][0]["committed_at"].as_str().unwrap().ends_with('Z'));
    let fields = Fields::of(&run(&report).ok());
    let expected = [
        "from",
        "to",
        "threshold",
        "remedy",
        "lateness_bound",
        "hot",
        "by_event",
        "by_day",
        "notices",
        "shards",
        "rejected",
        "rejects",
        "damaged",
        "problems",
        "store",
        "overrides",
        "band",
    ];
    assert_eq!(fields.names(), expected);
}

/// A store that counts three ids at once: `b` passes T = 5, and is not found.
fn store_with_an_overlooked_id(folder: &Folder) -> String {
    let store = folder.at("few");
    // A purge takes one event from `b` between its first three and its last three.
    for (name, ids) in [("first", "aaaaaaaaabbbcdef"), ("last", "bbb")] {
        let ids = ids.char_indices();
        let lines = ids.map(|(n, id)| line("A", &id.to_string(), MORNING + n as i64));
        let input = folder.file(name, lines.collect::<String>());
        run(&format!("ingest --store {store} --threshold 5 --counters 3 {input}")).ok();
    }
    store
}

#[test]
fn what_the_detector_could_not_decide_is_resolved_from_the_stored_events() {
    let folder = Folder::new();
    let store = store_with_an_overlooked_id(&folder);
    let said = run(&format!("report --store {store}")).ok();
    assert!(said.contains("1 hot key (up to 1 event late)."), "{said}");
    assert!(said.contains("1 id on 1 day may have passed T unfound; --resolve counts"), "{said}");
    let said = run(&format!("report --store {store} --format json")).json();
    let band = json!([{
        "event_date": "2021-04-18",
        "lateness_bound": 1,
        "undecided": 1,
        "covers_uncounted": false,
    }]);
    assert_eq!((&said["band"], &said["lateness_bound"]), (&band, &json!(1)));
    assert_eq!(said.get("overlooked"), None);

    let said = run(&format!("report --store {store} --resolve")).ok();
    assert!(said.contains("Passed T unfound, counted from the stored events"), "{said}");
    let said = run(&format!("report --store {store} --resolve --format json")).json();
    let overlooked =
        json!([{"distinct_id": "b", "event_date": "2021-04-18", "events": 6, "threshold": 5}]);
    assert_eq!(said["overlooked"], overlooked);
    assert_eq!(said["hot"][0]["events"], 9);
}

#[test]
fn where_all_is_exact_there_is_nothing_to_resolve() {
    let folder = Folder::new();
    let store = folder.flights("split");
    let said = run(&format!("report --store {store} --resolve")).ok();
    assert!(said.contains("There is nothing to resolve: every id is decided."), "{said}");
    let said = run(&format!("report --store {store} --resolve --format json")).json();
    assert_eq!((&said["band"], &said["overlooked"]), (&json!([]), &json!([])));
}

#[test]
fn ids_of_any_shape_are_reported() {
    let folder = Folder::new();
    let store = folder.at("s");
    let ids = [r#"a \"quoted\" id"#, r"back\\slash", "comma, (brackets)", "\\u001b[31mred"];
    let lines: String =
        (0..40).map(|n| line("A", ids[n % ids.len()], MORNING + n as i64)).collect();
    run(&format!("ingest --store {store} --threshold 4 {}", folder.file("in", lines))).ok();
    let said = run(&format!("report --store {store} --format json")).json();
    let by_event = json!([
        {"original_event": "A", "events": 40, "renamed": 24, "hot_keys": 4},
    ]);
    assert_eq!(said["by_event"], by_event);
    let table = run(&format!("report --store {store}")).ok();
    assert!(!table.contains('\u{1b}') && table.contains(r"\u{1b}[31mred"), "{table}");
}

#[test]
fn check_ends_with_three_when_a_key_is_hot() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let found = run(&format!("check --store {store} --format json"));
    assert_eq!(found.code, 3, "{}", found.stderr);
    let said: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!((&said["status"], &said["threshold"]), (&json!("hot"), &json!(100)));
    assert_eq!(said["hot"][1]["event_date"], "2013-02-08");
    let names = ["distinct_id", "event_date", "events", "remedied", "crossed_at"];
    assert_eq!(Fields::of(&found.stdout).inside("hot").names(), names);

    let quiet = run(&format!("check --store {store} --from 2013-02-10"));
    assert!(quiet.ok().contains("has no id found past 100 events on one day (exact)."));
}

#[test]
fn check_warns_of_keys_that_come_near() {
    let folder = Folder::new();
    let store = folder.at("s");
    let lines: String = (0..9).map(|n| line("A", "a", MORNING + n)).collect();
    run(&format!("ingest --store {store} --threshold 10 {}", folder.file("in", lines))).ok();
    let said = run(&format!("check --store {store} --format json")).json();
    assert_eq!((&said["status"], &said["hot"]), (&json!("approaching"), &json!([])));
    assert_eq!(said["approaching"][0]["distinct_id"], "a");
    assert_eq!(said["approaching"][0]["events_at_notice"], 8);
    let csv = run(&format!("check --store {store} --format csv")).ok();
    let row = "approaching,a,2021-04-18,8,2021-04-18T03:27:57.007Z\r\n";
    assert_eq!(csv, format!("status,distinct_id,event_date,events,time\r\n{row}"));
    assert!(run(&format!("check --store {store}")).ok().contains("1 key has passed 80 %"));
}

#[test]
fn files_are_exactly_the_committed_ones() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let stray = format!("{store}/events/shard=0000/stray.parquet");
    std::fs::write(&stray, "stray").unwrap();
    let files = data_files(&store);
    assert_eq!(files.len(), 16);
    assert!(files.iter().all(|file| file.is_absolute() && file.exists()));
    let said = run(&format!("files --store {store} --format json")).ok();
    let names = ["path", "absolute_path", "shard", "rows", "bytes", "first_date", "last_date"];
    assert_eq!(Fields::of(&said).inside("files").names(), names);
    let rows = run(&format!("files --store {store} --format csv")).ok();
    assert_eq!(rows.lines().count(), 17);
    assert!(rows.contains("events/shard=0015/00000000000000000001.parquet,"), "{rows}");
    let none = run(&format!("files --store {store} --from 2020-01-01")).ok();
    assert!(none.starts_with("0 files with 0 rows"), "{none}");
}

#[test]
fn verify_finds_a_sound_store_sound_and_names_strays() {
    let folder = Folder::new();
    let store = folder.flights("split");
    let before = contents(&store);
    std::fs::write(format!("{store}/events/shard=0003/stray.parquet"), "stray").unwrap();
    let said = run(&format!("verify --store {store} --format json"));
    let names = Fields::of(&said.stdout);
    assert_eq!(
        names.names(),
        ["sound", "files", "rows", "bytes", "damaged", "problems", "strays", "elapsed_ns", "store"]
    );
    let said = said.json();
    assert_eq!((&said["sound"], &said["rows"]), (&json!(true), &json!(3_375)));
    assert_eq!(said["strays"], json!(["events/shard=0003/stray.parquet"]));
    let text = run(&format!("verify --store {store}")).ok();
    assert!(text.contains("is sound: 16 data files with 3,375 whole rows"), "{text}");
    assert!(
        text.contains("1 file belong to no commit") || text.contains("1 file belongs"),
        "{text}"
    );
    assert!(contents(&store) == before);
}
