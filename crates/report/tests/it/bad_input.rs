use std::fs;

use hotshard::Store;

use crate::fixture::{Folder, MORNING, line, program, run, run_with, sample};

#[test]
fn no_such_file() {
    let folder = Folder::new();
    let (store, missing) = (folder.at("s"), folder.at("missing.jsonl"));
    let message =
        format!("no such file or directory: {missing}; check the path, or quote the glob");
    run(&format!("ingest --store {store} {missing}")).refused(1, &message);
    run(&format!("experiment --input {missing}")).refused(1, &message);
    let glob = run(&format!("ingest --store {store} {}", folder.at("*.gz")));
    glob.refused(1, "no file matches ");
    assert!(!fs::exists(&store).unwrap(), "nothing was made");
}

#[test]
fn an_empty_input_is_no_failure() {
    let folder = Folder::new();
    for (name, content) in [("empty", ""), ("blank", "\n\r\n\n")] {
        let input = folder.file(name, content);
        let said = run(&format!("ingest --store {} {input}", folder.at("s"))).ok();
        assert!(said.starts_with("Nothing was stored"), "{said}");
        assert!(said.contains("the input holds no events"), "{said}");
    }
}

#[test]
fn what_is_not_json_is_rejected_with_its_place() {
    let folder = Folder::new();
    let store = folder.at("s");
    let first = line("A", "a", MORNING);
    let input = folder.file("in.jsonl", format!("{first}not json\n"));
    let said = run(&format!("ingest --store {store} {input}")).ok();
    assert!(said.contains("Rejected 1 record: 1 invalid_json."), "{said}");
    let place = format!("{input}, line 2, byte {}: ", first.len());
    assert!(said.contains(&place), "{said}");
    let report = run(&format!("report --store {store}")).ok();
    assert!(report.contains("1 rejected record in the whole store"), "{report}");

    let only = folder.file("only.jsonl", "not json\nneither\n");
    let said = run(&format!("ingest --store {} {only}", folder.at("t"))).ok();
    assert!(said.contains("all 2 records were rejected"), "{said}");
}

#[test]
fn a_folder_that_is_no_store() {
    let folder = Folder::new();
    folder.file("photo.jpg", "");
    let place = folder.at("");
    for command in ["query", "report", "check", "files", "verify"] {
        let message = "is not a hotshard store: it has no hotshard.json";
        run(&format!("{command} --store {place}")).refused(1, message);
    }
    let message = "holds other files and no store; choose an empty or a new folder";
    run(&format!("ingest --store {place} {}", sample())).refused(1, message);
}

#[test]
fn a_store_of_a_newer_format() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let identity = format!("{store}/hotshard.json");
    let newer = fs::read_to_string(&identity).unwrap().replace("\"version\":1", "\"version\":9");
    fs::write(&identity, newer).unwrap();
    let message = "has format version 9, and this hotshard reads up to 1; use a newer hotshard";
    run(&format!("query --store {store}")).refused(1, message);
    run(&format!("ingest --store {store} {}", sample())).refused(1, message);
}

#[test]
fn other_settings_than_the_stores() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let cases = [
        ("--shards 8", "has --shards 16, not 8; leave the option out"),
        ("--threshold 200", "has --threshold 100, not 200"),
        ("--remedy off", "has --remedy rename, not off"),
        ("--time-zone Europe/Berlin", "has --time-zone UTC, not Europe/Berlin"),
        ("--promote plan:string", "has --promote nothing, not plan:string"),
    ];
    for (option, message) in cases {
        run(&format!("ingest --store {store} {option} {}", sample())).refused(1, message);
    }
}

#[test]
fn a_locked_store_takes_no_second_writer_and_any_reader() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let _writer = Store::open(&store).unwrap().writer().unwrap();
    let message = "is locked: another process is writing to it; wait for it to end";
    run(&format!("ingest --store {store} {}", sample())).refused(1, message);
    run(&format!("query --store {store}")).ok();
}

#[test]
fn wrong_words_are_usage() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let cases = [
        ("query --from 2013-2-9", "`2013-2-9` is not a date; write it as YYYY-MM-DD"),
        ("report --to tomorrow", "`tomorrow` is not a date"),
        ("check --from 2013-02-09 --to 2013-02-08", "the date range ends before it starts"),
        ("query --by plan", "`plan` is not a column to group by; choose event, date, shard"),
        ("query --by event,event", "`event` stands twice in --by"),
        ("query --measure people", "`people` is not a measure; choose events, users or per-user"),
        ("query --timing fast", "`fast` is not a way of timing; choose concurrent or isolated"),
        ("query --repeats 0", "--repeats"),
        ("query --where plan=pro", "cannot read the condition `plan=pro` at character"),
        ("query --threads 0", "--threads"),
        ("query --format xml", "possible values: table, json, csv"),
        ("ingest --shards 0 in", "0 is no number of shards; choose 1 to 65536"),
        ("ingest --threshold many in", "`many` is not a threshold"),
        ("ingest --remedy none in", "`none` is not a remedy; choose rename, split or off"),
        ("ingest --time-zone Mars in", "`Mars` is not a time zone"),
        ("ingest --promote plan in", "cannot promote `plan`: it has no type"),
        ("ingest --strict --now noon in", "`noon` is not a time; write it as 2021-04-18T"),
        ("ingest --now 0 in", "--strict"),
        ("ingest", "<INPUT>..."),
    ];
    for (arguments, message) in cases {
        run(&format!("{arguments} --store {store}")).refused(2, message);
    }
    run("query").refused(2, "--store <DIR>");
    run("squery").refused(2, "similar subcommand");
}

#[test]
fn a_budget_that_cannot_be_kept_says_the_least() {
    let folder = Folder::new();
    let store = folder.at("s");
    let refused = run(&format!("ingest --store {store} --threads 2 --memory 8 {}", sample()));
    refused.refused(2, "a memory budget of 8 MiB is too small; give at least ");
    let store = folder.flights("rename");
    let refused = run(&format!("query --store {store} --memory 8"));
    refused.refused(2, "a memory budget of 8 MiB is too small for this query; give at least ");
}

#[test]
fn an_experiment_cannot_read_a_pipe() {
    let mut experiment = program();
    experiment.args(["experiment", "--input", "-"]).write_stdin(line("A", "a", MORNING));
    run_with(&mut experiment).refused(2, "standard input can be read once");
}
