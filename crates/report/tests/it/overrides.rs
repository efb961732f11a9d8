use serde_json::{Value, json};

use crate::fixture::{Fields, Folder, MORNING, line, program, run, run_with};

/// So many events of each of these ids.
fn events(ids: &[&str], of_each: i64) -> String {
    let of = |id: &&str| (0..of_each).map(|n| line("A", id, MORNING + n)).collect::<String>();
    ids.iter().map(of).collect()
}

fn overrides_of(store: &str) -> Value {
    run(&format!("report --store {store} --format json")).json()["overrides"].clone()
}

#[test]
fn an_unattributed_id_goes_through_ingest_report_and_query() {
    let folder = Folder::new();
    let store = folder.at("s");
    let input = folder.file("in", events(&["0", "a"], 30));
    let ingest =
        format!("ingest --store {store} --threshold 50 --unattributed 0 --unattributed -1");
    let said = run(&format!("{ingest} --format json {input}")).ok();
    let names = Fields::of(&said);
    assert_eq!(names.names()[23..], ["unattributed", "overrides"]);
    assert_eq!(names.inside("overrides").names(), ["thresholds", "unattributed", "hot"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    let overrides = json!({"thresholds": {}, "unattributed": ["-1", "0"], "hot": []});
    assert_eq!((&said["unattributed"], &said["overrides"]), (&json!(30), &overrides));
    assert_eq!(overrides_of(&store), overrides);

    let by = "original_distinct_id,distinct_id,original_event";
    let rows = run(&format!("query --store {store} --by {by} --format csv")).ok();
    let rows: Vec<&str> = rows.split("\r\n").skip(1).collect();
    assert_eq!(rows, ["0,,A,30", "a,a,A,30", ""]);
    let users = run(&format!("query --store {store} --measure users --format csv")).ok();
    assert_eq!(users, "count\r\n1\r\n");

    let text = run(&format!("ingest --store {store} {}", folder.file("b", events(&["0"], 2)))).ok();
    assert!(text.contains("2 of the events lost an id that is declared unattributed.\n"), "{text}");
    let table = "\nOverrides:\ndistinct id  override\n─────────────────────────\n\
                 -1           unattributed\n0            unattributed\n";
    assert!(text.contains(table), "{text}");
    let text = run(&format!("report --store {store}")).ok();
    let section = "\nOverrides, for events that are ingested from now on\ndistinct id  override\n";
    assert!(text.contains(section), "{text}");
    let csv = run(&format!("ingest --store {store} --again {input} --format csv")).ok();
    let last = |line: &str| line.rsplit(',').next().map(str::to_owned);
    let lasts: Vec<_> = csv.lines().filter_map(last).collect();
    assert_eq!(lasts, ["unattributed", "30"]);
    run(&format!("verify --store {store}")).ok();
}

#[test]
fn overrides_change_without_an_input() {
    let folder = Folder::new();
    let store = folder.at("s");
    let set = format!("ingest --store {store} --hot pod=1 --unattributed 0");
    let said = run(&format!("{set} --threshold-for a=b=7 --threshold-for=-x=1_000")).ok();
    assert_eq!(
        said.replace(&store, "S"),
        "No input was given, so nothing was ingested into S.\n\nOverrides:\n\
         distinct id  override\n\
         ─────────────────────────────────────\n\
         -x           T = 1,000\n\
         0            unattributed\n\
         a=b          T = 7\n\
         pod=1        hot from the first event\n"
    );
    let expected =
        json!({"thresholds": {"-x": 1000, "a=b": 7}, "unattributed": ["0"], "hot": ["pod=1"]});
    assert_eq!(overrides_of(&store), expected);

    // The last one set wins, and one can be removed.
    run(&format!("ingest --store {store} --hot a=b --no-override 0 --no-override=-x")).ok();
    let expected = json!({"thresholds": {}, "unattributed": [], "hot": ["a=b", "pod=1"]});
    assert_eq!(overrides_of(&store), expected);
    let said = run(&format!("ingest --store {store} --no-override a=b --no-override pod=1")).ok();
    assert_eq!(
        said.replace(&store, "S"),
        "No input was given, so nothing was ingested into S.\n\nOverrides: none.\n"
    );
    let store_file = std::fs::read_to_string(format!("{store}/hotshard.json")).unwrap();
    assert!(!store_file.contains("overrides"), "{store_file}");
}

#[test]
fn a_dry_run_shows_overrides_and_keeps_none() {
    let folder = Folder::new();
    let store = folder.at("s");
    let input = folder.file("in", events(&["0"], 9));
    let dry = format!("ingest --store {store} --threshold 5 --unattributed 0 --dry-run");
    let said = run(&format!("{dry} --format json {input}")).json();
    assert_eq!((&said["unattributed"], &said["hot"]), (&json!(9), &json!([])));
    assert!(run(&dry).ok().starts_with("Dry run: nothing was written."));
    assert!(!std::path::Path::new(&store).exists());
    let plain = format!("ingest --store {store} --threshold 5 --format json {input}");
    assert_eq!(run(&plain).json()["hot"][0]["events"], 9);
    run(&dry).ok();
    assert_eq!(overrides_of(&store)["unattributed"], json!([]));
}

#[test]
fn contradictions_and_empty_ids_are_usage() {
    let folder = Folder::new();
    let store = folder.at("s");
    let ingest = |arguments: &[&str]| {
        run_with(program().args(["ingest", "--store", &store]).args(arguments))
    };
    ingest(&["--hot", "a", "--unattributed", "a"])
        .refused(2, "`a` is given two overrides at once, unattributed and hot; give it one");
    ingest(&["--threshold-for", "a=5", "--threshold-for", "a=6"])
        .refused(2, "`a` is given two overrides at once, a threshold of 5 and a threshold of 6");
    ingest(&["--hot", "a", "--no-override", "a"])
        .refused(2, "`a` is given two overrides at once, hot and none");
    for arguments in [["--unattributed", ""], ["--hot="; 2], ["--no-override", ""]] {
        ingest(&arguments).refused(2, "the empty id cannot have an override");
    }
    ingest(&["--threshold-for", "=5"]).refused(2, "the empty id cannot have an override");
    ingest(&["--threshold-for", "a"]).refused(2, "`a` names no threshold; write ID=N");
    ingest(&["--threshold-for", "a=many"]).refused(2, "`many` is not a threshold");
    ingest(&["--threshold", "5"]).refused(2, "INPUT");
    assert!(!std::path::Path::new(&store).exists());
}

/// An id that was hot and was then declared unattributed: its key keeps the events it had.
#[test]
fn the_report_leaves_out_what_came_after_an_id_was_declared() {
    let folder = Folder::new();
    let store = folder.at("s");
    let (first, second) =
        (folder.file("1", events(&["0"], 9)), folder.file("2", events(&["0"], 4)));
    run(&format!("ingest --store {store} --threshold 5 {first}")).ok();
    run(&format!("ingest --store {store} --unattributed 0 {second}")).ok();
    let said = run(&format!("report --store {store} --format json")).json();
    let by_event = json!([{"original_event": "A", "events": 9, "renamed": 4, "hot_keys": 1}]);
    assert_eq!((&said["hot"][0]["events"], &said["by_event"]), (&json!(9), &by_event));
    assert_eq!(said["by_day"][0]["events"], 13);
}
