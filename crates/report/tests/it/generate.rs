use std::fs;
use std::io::Read;

use crate::fixture::{Folder, program, run, run_with};

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_threads() {
    let stream = "generate --events 20000 --days 2 --late-share 0.01 --duplicate-share 0.01";
    let one = run(&format!("{stream} --threads 1"));
    let eight = run(&format!("{stream} --threads 8 --rng-seed 42"));
    assert_eq!(one.stderr, "rng seed 42\n");
    let other = run(&format!("{stream} --rng-seed 7")).ok();
    let (one, eight) = (one.ok(), eight.ok());
    assert_eq!(one.lines().count(), 20_000);
    assert!(one == eight && one != other);
}

#[test]
fn the_suffix_says_how_to_compress() {
    let folder = Folder::new();
    let stream = "generate --preset noon --events 3000";
    let plain = run(stream).ok();
    assert_eq!(run(&format!("{stream} --output -")).ok(), plain);
    let path = |name: &str| {
        let path = folder.at(name);
        let said = run(&format!("{stream} --output {path}"));
        assert!(said.stderr.contains("wrote 3,000 events, "), "{}", said.stderr);
        assert_eq!(said.ok(), "", "data goes to the file only");
        path
    };
    assert!(fs::read_to_string(path("a.jsonl")).unwrap() == plain);
    let mut text = String::new();
    let file = fs::File::open(path("a.jsonl.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    assert!(text == plain, "gzip");
    let file = fs::File::open(path("a.jsonl.zst")).unwrap();
    assert!(zstd::decode_all(file).unwrap() == plain.as_bytes(), "zstd");
    assert_eq!(fs::read_dir(folder.at("")).unwrap().count(), 3, "nothing unfinished is left");
}

#[cfg(unix)]
#[test]
fn a_file_has_the_permissions_of_an_ordinary_one() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let made = folder.at("made.jsonl");
    run(&format!("generate --events 10 --output {made}")).ok();
    let mode = |path: &str| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&made), mode(&folder.file("ordinary", "")));
}

#[test]
fn a_file_is_not_replaced_unasked() {
    let folder = Folder::new();
    let path = folder.file("a.jsonl", "precious");
    let generate = format!("generate --events 10 --output {path}");
    run(&generate).refused(1, "exists; choose another name, or replace it with --force");
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    run(&format!("{generate} --force")).ok();
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 10);
    let nowhere = folder.at("missing/a.jsonl");
    let refused = run(&format!("generate --events 10 --output {nowhere}"));
    refused.refused(1, &format!("cannot write {nowhere}"));
    assert!(refused.stderr.contains("caused by: "), "{}", refused.stderr);
}

#[test]
fn every_mistake_leaves_its_id() {
    let mistakes = [
        ("identify=0.3", "user_id"),
        ("zero", "0"),
        ("pod", "api-7c9d5b8f6-x2kqp"),
        ("import@04:00", "warehouse-sync"),
        ("retries=0.8", "kiosk-17"),
        ("under-t=2x100", "account-1"),
    ];
    for (mistake, id) in mistakes {
        let generate = format!("generate --events 10000 --ids lognormal:1.5 --mistake {mistake}");
        let lines = run(&generate).ok();
        assert!(lines.contains(&format!("\"distinct_id\":\"{id}\"")), "{mistake}");
    }
    let refused = run("generate --events 10000 --mistake under-t=3x4000");
    refused.refused(2, "take 12000 of the workload's 10000 events");
}

#[test]
fn every_option_shapes_the_stream() {
    let options = [
        "--users 50 --ids uniform --heavy pod-7=0.2 --heavy a=b=0.1 --empty-share 0.1",
        "--mistake identify=0.3@06:00 --mistake zero=0.05 --start 2024-05-01 --detail lean",
    ];
    let lines = run(&format!("generate --events 10000 {}", options.join(" "))).ok();
    let share = |id: &str| {
        let id = format!("\"distinct_id\":\"{id}\"");
        lines.lines().filter(|line| line.contains(&id)).count()
    };
    assert!((1_800..2_200).contains(&share("pod-7")));
    assert!((850..1_150).contains(&share("a=b")));
    assert!((850..1_150).contains(&share("")));
    assert!((400..600).contains(&share("0")));
    assert!((2_000..2_500).contains(&share("user_id")), "30 % of three quarters");
    assert!(lines.contains("\"time\":17145"), "May 2024");
}

#[test]
fn contradictions_are_usage() {
    let cases = [
        ("--events 0", "the workload has 0 events; ask for at least one"),
        ("--heavy a=0.7 --heavy b=0.7", "add up to 1.4"),
        ("--heavy a", "`a` is not a heavy id; write it as ID=SHARE"),
        ("--ids pareto", "`pareto` is not a distribution of ids"),
        ("--mistake typo", "`typo` is not a mistake; write identify[=SHARE][@HH:MM]"),
        ("--empty-share 2", "the share of empty ids is 2"),
        ("--start 2024", "`2024` is not a date"),
        ("--rng-seed x", "`x` is not an rng seed"),
    ];
    for (options, message) in cases {
        run(&format!("generate {options}")).refused(2, message);
    }
}

#[test]
fn a_stream_can_be_ingested_from_a_pipe() {
    let folder = Folder::new();
    let lines = run("generate --preset reference --events 5000").ok();
    let mut ingest = program();
    ingest.args(["ingest", "--store", &folder.at("s"), "--threshold", "150", "--format", "json"]);
    let said = run_with(ingest.arg("-").write_stdin(lines)).json();
    assert_eq!(said["stored"], 5_000);
    let hot = said["hot"].as_array().unwrap();
    assert!(hot.iter().any(|key| key["distinct_id"] == "user_id"), "{said}");
    assert!(said["remedied"].as_u64().unwrap() > 0);
}
