//! Experiments by models, from the command line.

use std::fs;

use crate::fixture::{Folder, run, sample};

const SPEC: &str = r#"
name = "small"
about = "A static id over two numbers of shards."
seeds = 3

[[workload]]
name = "static"
events = 20_000
users = 1_000
heavy = [{ id = "user_id", share = 0.3 }]

[[grid]]
shards = [8, 20]
policies = ["shuffle"]
remedies = ["off", "split"]
thresholds = [500, 2_000]

[latency]
service = { base_ns = 100_000, row_ns = 20, byte_ns = 0 }
workers = ["per-shard", 2]
loads = [0.2, 0.9]
queries = 2_000

[[published]]
source = "nobody"
what = "an even stream"
where = { shards = 8, policy = "shuffle" }
figure = "max_over_mean"
value = 1.0
within = 0.2
"#;

fn spec(folder: &Folder) -> String {
    let path = folder.at("spec.toml");
    fs::write(&path, SPEC).unwrap();
    path.to_string()
}

#[test]
fn a_spec_is_run_and_told_in_every_form() {
    let folder = Folder::new();
    let spec = spec(&folder);
    let said = run(&format!("experiment {spec}")).ok();
    for expected in [
        "A static id",
        "split@500",
        "past saturation",
        "1 of 1 published figure agree",
        "rng seed 42",
        "█",
    ] {
        let expected = expected.replace("past saturation", "∞");
        assert!(said.contains(&expected), "{expected}\n{said}");
    }
    let json = run(&format!("experiment {spec} --format json")).json();
    let balance = json["balance"].as_array().unwrap();
    assert_eq!(balance.len(), 2 * 4);
    let hash = balance.iter().find(|row| row["policy"] == "hash" && row["shards"] == 20).unwrap();
    assert!(hash["max_over_mean"].as_f64().unwrap() > 6.0);
    assert!(hash["threshold"].is_null());
    assert_eq!(json["latency"].as_array().unwrap().len(), 8 * 2 * 2);
    assert_eq!(json["published"][0]["verdict"], "agrees");
    let csv = run(&format!("experiment {spec} --format csv")).ok();
    assert_eq!(csv.lines().count(), 1 + 8);
    assert!(csv.starts_with("workload,level,shards,policy,sources,seeds,"));
}

#[test]
fn a_spec_is_checked_without_being_run() {
    let folder = Folder::new();
    let said = run(&format!("experiment {} --check", spec(&folder))).ok();
    assert!(said.contains("20,000 events of 1,000 users"), "{said}");
    assert!(said.contains("Nothing was run."), "{said}");
}

#[test]
fn results_are_kept_and_an_interrupted_run_goes_on() {
    let folder = Folder::new();
    let (spec, out) = (spec(&folder), folder.at("out"));
    let whole = run(&format!("experiment {spec} --out {out} --format json")).json();
    for frame in ["balance", "repeats", "rows", "latency", "published"] {
        for form in ["csv", "json", "parquet"] {
            assert!(
                fs::metadata(format!("{out}/{frame}.{form}")).unwrap().len() > 0,
                "{frame}.{form}"
            );
        }
    }
    let journal = format!("{out}/journal.txt");
    let mut text = fs::read(&journal).unwrap();
    text.truncate(text.len() * 2 / 3);
    fs::write(&journal, text).unwrap();
    let again = run(&format!("experiment {spec} --out {out} --format json"));
    assert!(again.stderr.contains("repeats were done already"), "{}", again.stderr);
    let again = again.json();
    assert_eq!((&again["balance"], &again["latency"]), (&whole["balance"], &whole["latency"]));
    let other = run(&format!("experiment {spec} --out {out} --rng-seed 7"));
    other.refused(2, "another spec");
}

#[test]
fn a_page_has_every_figure() {
    let folder = Folder::new();
    let page = folder.at("page.html");
    run(&format!("experiment {} --html {page}", spec(&folder))).ok();
    let html = fs::read_to_string(&page).unwrap();
    for anchor in [
        "rows-1",
        "load-1",
        "thresholds",
        "policies-20-fluid",
        "latency-skew",
        "latency-load-1",
        "cliff-20",
    ] {
        assert!(html.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    }
    assert!(html.contains("nothing was measured") && !html.contains("<script src"));
}

#[test]
fn a_spec_runs_on_files_instead_of_its_own_streams() {
    let folder = Folder::new();
    let said = run(&format!("experiment {} --input {} --format json", spec(&folder), sample()));
    let said = said.json();
    for row in said["balance"].as_array().unwrap() {
        assert_eq!((&row["workload"], row["events"].as_f64()), (&"input".into(), Some(3_375.0)));
    }
    assert_eq!(said["published"].as_array().unwrap().len(), 0);
}

#[test]
fn one_stream_is_simulated_at_any_size() {
    let said = run(
        "simulate --events 1e12 --users 1e9 --heavy user_id=0.2 --shards 3200 --seeds 3 --format json",
    );
    let said = said.json();
    let figure = |at: usize| said["balance"][at]["max_over_mean"].as_f64().unwrap();
    assert!((600.0..1_000.0).contains(&figure(0)), "{}", figure(0));
    // T = 200 000 is nothing where a shard has 3·10⁸ events; a share of that is something.
    assert!(figure(2) < 3.0, "{}", figure(2));
    let with_queries = run("simulate --events 1e6 --shards 8 --service 50000:5 --load 0.5").ok();
    assert!(with_queries.contains("p99.9"), "{with_queries}");
}

#[test]
fn what_is_no_event_is_left_out_and_told() {
    let folder = Folder::new();
    let good = r#"{"event":"A","properties":{"time":1618716477,"distinct_id":"a"}}"#;
    let cut: String = good.chars().take(30).collect();
    let file = folder.file("cut.jsonl", format!("{good}\n{good}\n{cut}"));
    for command in ["simulate --shards 4", "simulate --shards 4 --level events", "advise"] {
        let said = run(&format!("{command} --input {file} --format json"));
        assert!(said.stderr.contains("1 record is no event and was left out"), "{}", said.stderr);
        assert_eq!(said.json()["rejected"], 1, "{command}");
    }
}

#[test]
fn what_cannot_be_simulated_is_told() {
    let cases = [
        ("simulate --shards 0", "invalid value '0'"),
        ("simulate --policy hsh", "`hsh` is no policy"),
        ("simulate --events 0", "0 events"),
        ("simulate --events 1.5e3", "is no number of things"),
        ("simulate --service fast", "write BASE_NS:ROW_NS"),
        ("simulate --service 1:1 --load 0", "a load is 0"),
        ("simulate --shards 100000", "at most 65536"),
        ("simulate --service 1:1 --workers 4000000000", "at most 65536"),
        ("simulate --input x --users 5", "leave one out"),
        ("simulate --level events --events 1e11", "event by event"),
        ("experiment", "the following required arguments"),
        ("experiment no-such.toml", "cannot read the spec no-such.toml"),
        ("experiment no-such.toml --shards 5", "cannot be used with"),
        ("experiment --input x --check", "required"),
    ];
    for (arguments, expected) in cases {
        let said = run(arguments);
        assert_eq!(said.code, 2, "{arguments}\n{}", said.stderr);
        assert!(said.stderr.contains(expected), "{arguments}\n{}", said.stderr);
    }
}

#[test]
fn every_spec_that_ships_is_sound() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/experiments");
    let mut specs = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            run(&format!("experiment {} --check", path.display())).ok();
            specs += 1;
        }
    }
    assert!(specs >= 4, "{specs}");
}
