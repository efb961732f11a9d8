use serde_json::json;

use crate::fixture::{Fields, Folder, MORNING, line, run};

#[test]
fn hot_keys_show_the_threshold_of_their_own() {
    let folder = Folder::new();
    let store = folder.at("s");
    let of = |id: &str| (0..9).map(|n| line("A", id, MORNING + n)).collect::<String>();
    let input = folder.file("in", of("a") + &of("b") + &of("c") + &of("d"));
    let ingest = format!("ingest --store {store} --threshold 7");
    let own = "--threshold-for a=3 --threshold-for c=100 --hot d";
    let said = run(&format!("{ingest} {own} --format json {input}")).json();
    let key = |id, remedied| {
        json!({
            "distinct_id": id,
            "event_date": "2021-04-18",
            "events": 9,
            "remedied": remedied,
        })
    };
    let with = |mut key: serde_json::Value, own: u64| {
        key["own_threshold"] = json!(own);
        key
    };
    let expected = json!([with(key("a", 6), 3), key("b", 2), with(key("d", 9), 0)]);
    assert_eq!(said["hot"], expected);

    let again = run(&format!("ingest --store {store} --again {input}")).ok();
    assert!(again.contains("of one id on one day, or past a T of their own (exact); "), "{again}");
    assert!(again.contains("distinct id  date        events  remedied  own T\n"), "{again}");
    assert!(again.contains("\nd            2021-04-18      18         9      0\n"), "{again}");
    let check = run(&format!("check --store {store}"));
    assert_eq!(check.code, 3);
    let row = "a            2021-04-18      18        15  2021-04-18T03:27:57.003Z      3\n";
    assert!(check.stdout.contains(row), "{}", check.stdout);
    let report = run(&format!("report --store {store} --format json")).ok();
    let names = ["distinct_id", "event_date", "events", "remedied", "crossed_at", "own_threshold"];
    assert_eq!(Fields::of(&report).inside("hot").names(), names);
}
