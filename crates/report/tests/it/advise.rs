use serde_json::{Value, json};

use crate::fixture::{Fields, Folder, MORNING, line, run, run_with, sample};

fn policy<'a>(said: &'a Value, word: &str) -> &'a Value {
    said["policies"].as_array().unwrap().iter().find(|tried| tried["policy"] == word).unwrap()
}

fn findings(said: &Value) -> Vec<&str> {
    let findings = said["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["finding"].as_str().unwrap()).collect()
}

#[test]
fn a_store_and_its_input_tell_the_same_before_the_remedy() {
    let folder = Folder::new();
    let off = run(&format!(
        "ingest --store {} --shards 16 --remedy off --format json {}",
        folder.at("off"),
        sample()
    ))
    .json();
    let options = "--threshold 100 --seeds 3 --format json";
    let input = run(&format!("advise --input {} --shards 16 {options}", sample())).json();
    let before = &off["shards"]["max_over_mean"];
    assert_eq!(
        (&input["untouched"]["p95"], &input["today"]["shards"]["max_over_mean"]),
        (before, before)
    );
    assert_eq!(input["today"]["origin"], "placed");
    for remedy in ["rename", "split"] {
        let store = folder.flights(remedy);
        let said = run(&format!("advise --store {store} {options}")).json();
        assert_eq!((&said["untouched"]["p95"], &said["remedy"]), (before, &json!(remedy)));
        assert_eq!(said["today"]["origin"], "stored");
        assert_eq!(said["today"]["fullest"][0]["ids"][0]["distinct_id"], "NA");
        for field in ["events", "days", "ids", "keys", "without_id"] {
            assert_eq!(said[field], input[field], "{field}");
        }
        assert_eq!(said["remedied"], {
            let mut remedied = input["remedied"].clone();
            if remedy == "split" {
                remedied["cost"]["locality"] = json!("one shard, listed ids in all");
                remedied["cost"]["ids_to_merge"] = json!(1);
            }
            remedied
        });
        assert_eq!(policy(&said, "w-choices")["level"], "shuffled");
    }
    assert_eq!(policy(&input, "w-choices")["level"], "events");
    assert_eq!(policy(&input, "w-choices")["outlook"]["reached"], true);
    assert_eq!(policy(&input, "rename@100")["cost"]["remedied"], 124);
}

#[test]
fn the_threshold_that_is_told_reaches_the_target() {
    let folder = Folder::new();
    let target = "--target max/mean=1.5 --shards 16 --seeds 2 --policy hash --format json";
    let said = run(&format!("advise --input {} {target}", sample())).json();
    let threshold = said["largest_threshold"]["threshold"].as_u64().unwrap();
    let store = format!("--store {} --shards 16 --threshold {threshold}", folder.at("s"));
    let stored = run(&format!("ingest {store} --format json {}", sample())).json();
    assert!(stored["shards"]["max_over_mean"].as_f64().unwrap() <= 1.5, "{stored}");
    assert_eq!(stored["shards"]["max_over_mean"], said["checked"]);
    assert_eq!(stored["remedied"], said["largest_threshold"]["cost"]["remedied"]);
    assert_eq!(said["largest_threshold"]["outlook"]["reached"], true);
}

#[test]
fn people_read_sentences() {
    let said = run(&format!("advise --input {} --shards 16 --threshold 100 --seeds 2", sample()));
    let text = said.ok();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "3,375 events of 1,423 ids on 5 days, over 16 shards; to reach: max/mean=1.2."
    );
    assert_eq!(lines[3], "  max/mean 2.32, cv 0.36: max/mean=1.2 is missed");
    for part in [
        "NA 69 % on 5 days",
        "present  T = 100: max/mean 1.768, up to 1.787 in 95 of 100 runs",
        "2 is the smallest number above 1 that reaches it, 4 the largest",
        "A threshold of 200,000 does nothing: no id has more events on one day (the most is 206)",
        "NA alone has 10.0 % of the events",
        "T = 0 spreads 100 % of the events",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn rows_for_other_programs() {
    let options = "--shards 8,16 --policy hash,split@50 --seeds 1 --format csv";
    let csv = run(&format!("advise --input {} {options}", sample())).ok();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "choice,shards,threshold,median,p95,reached,remedied,share,ids_to_merge,level"
    );
    let begins = ["hash,8,,", "split@50,8,50,", "hash,8,,", "remedy,8,200000,", "hash,16,,"];
    for (line, begin) in lines[1..].iter().zip(begins) {
        assert!(line.starts_with(begin), "{line}");
    }
    assert_eq!(lines.len(), 7);
}

#[test]
fn fields_stand_as_documented() {
    let options = "--shards 16 --policy split@50 --seeds 1 --format json";
    let said = Fields::of(&run(&format!("advise --input {} {options}", sample())).ok());
    let expected = "target events days ids keys without_id shards threshold remedy today untouched \
        remedied largest_threshold best_threshold misses_below checked smallest_shards \
        largest_shards shard_counts policies findings passes damaged rejected rng_seed seeds";
    assert_eq!(said.names(), expected.split_whitespace().collect::<Vec<_>>());
    assert_eq!(said.inside("today").names(), ["origin", "reached", "shards", "rows", "fullest"]);
    let policy = ["policy", "threshold", "outlook", "level", "cost"];
    assert_eq!(said.inside("policies").names(), policy);
    let cost = ["remedied", "remedied_a_day", "share", "locality", "ids_to_merge"];
    assert_eq!(said.inside("policies").inside("cost").names(), cost);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let input = format!("advise --input {}", sample());
    let refused =
        |options: &str, message: &str| run(&format!("{input} {options}")).refused(2, message);
    refused("--target max/mean=0.9", "no shards can be as even as `max/mean=0.9`");
    refused("--target 1.2", "write max/mean=1.2 or cv=0.1");
    refused("--policy nearest", "`nearest` is no policy");
    refused("--store s", "cannot be used with");
    refused("--memory 10", "give at least");
    refused("--seeds 0", "invalid value");
    run("advise").refused(2, "required");
    run("advise --store /nowhere/at/all").refused(1, "/nowhere/at/all");
}

#[test]
fn nothing_and_one_shard_have_answers() {
    let folder = Folder::new();
    let empty = folder.file("empty.jsonl", "");
    let options = "--format json --seeds 1";
    let said = run(&format!("advise --input {empty} {options}")).json();
    assert_eq!((findings(&said), &said["events"]), (vec!["no_events"], &json!(0)));
    assert!(run(&format!("advise --input {empty}")).ok().contains("There are no events"));
    let said = run(&format!("advise --input {} --shards 1 {options}", sample())).json();
    assert_eq!((findings(&said), &said["untouched"]["p95"]), (vec!["one_shard"], &json!(1.0)));
    let lines = line("A", "ada", MORNING) + &line("A", "bob", MORNING);
    let two = folder.file("two.jsonl", lines);
    let said = run(&format!("advise --input {two} --threshold 0 {options}")).json();
    assert_eq!(findings(&said)[0], "fewer_events_than_shards");
    assert_eq!(said["remedied"]["remedied"], 2);
}

#[test]
fn standard_input_is_read_once() {
    let lines: String = (0..100).map(|n| line("A", ["ada", "bob"][n % 2], MORNING)).collect();
    let mut program = crate::fixture::program();
    let options =
        ["advise", "--input", "-", "--shards", "4", "--seeds", "1", "--policy", "shuffle"];
    let said = run_with(program.args(options).args(["--format", "json"]).write_stdin(lines)).json();
    assert_eq!((&said["events"], &said["checked"]), (&json!(100), &Value::Null));
    assert_eq!(policy(&said, "shuffle")["level"], "fluid");
}

#[test]
fn a_hostile_id_cannot_move_the_cursor() {
    let folder = Folder::new();
    let lines: String = (0..50).map(|n| line("A", "\\u001b[31mred", MORNING + n)).collect();
    let input = folder.file("hostile.jsonl", lines);
    let text = run(&format!("advise --input {input} --shards 4 --seeds 1")).ok();
    assert!(text.contains("\\u{1b}[31mred") && !text.contains('\u{1b}'), "{text}");
}
