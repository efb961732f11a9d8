//! A process that is killed while it ingests leaves whole commits, and the same command goes on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use hotshard::MemoryBudget;
use serde_json::Value;

use crate::fixture::{Folder, contents, run};

const EVENTS: u64 = 250_000;

/// The arguments of an ingest that commits often, in as little memory as a budget allows, so that
/// files get several row groups.
fn ingest(store: &str, input: &str) -> String {
    let memory = MemoryBudget::MINIMUM.bytes() >> 20;
    let settings = "--shards 4 --threshold 20000 --commit-every 10 --format json";
    format!("ingest --store {store} {settings} --memory {memory} {input}")
}

/// When the process is killed.
#[derive(Debug, Clone, Copy)]
enum When {
    /// As soon as the record of this commit is there.
    AfterCommit(u64),
    /// So long after it started.
    After(Duration),
}

fn commit_record(store: &str, number: u64) -> PathBuf {
    Path::new(store).join(format!("_meta/commits/{number:020}.json"))
}

/// Starts an ingest and kills it.
fn kill(store: &str, input: &str, when: When) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hotshard"))
        .args(ingest(store, input).split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    match when {
        When::AfterCommit(number) => {
            while !commit_record(store, number).exists() && child.try_wait().unwrap().is_none() {
                sleep(Duration::from_millis(1));
            }
        }
        When::After(delay) => sleep(delay),
    }
    // SIGKILL: no handler runs, nothing is flushed.
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The events up to the newest commit, as its record says.
fn committed_events(store: &str) -> u64 {
    let newest = (1..).take_while(|&number| commit_record(store, number).exists()).last();
    let Some(newest) = newest else { return 0 };
    let record = fs::read(commit_record(store, newest)).unwrap();
    let record: Value = serde_json::from_slice(&record).unwrap();
    record["body"]["next_sequence"].as_u64().unwrap()
}

fn total(store: &str) -> u64 {
    run(&format!("query --store {store} --format json")).json()["total"].as_u64().unwrap()
}

fn hot(store: &str) -> Value {
    run(&format!("report --store {store} --format json")).json()["hot"].clone()
}

#[test]
fn a_killed_ingest_shows_whole_commits_and_goes_on() {
    let folder = Folder::new();
    let input = folder.at("noon.jsonl");
    run(&format!("generate --preset noon --events {EVENTS} --output {input}")).ok();
    let whole = folder.at("whole");
    let said = run(&ingest(&whole, &input)).json();
    assert_eq!(said["stored"], EVENTS);
    let commits = said["commits"].as_u64().unwrap();
    assert!(commits >= 4, "only {commits} commits: nothing to be killed between");
    let expected = (hot(&whole), contents(&whole));
    assert_eq!(expected.0[0]["distinct_id"], "user_id");

    let took = Duration::from_nanos(said["elapsed_ns"].as_u64().unwrap());
    let moments = [
        When::AfterCommit(1),
        When::AfterCommit(commits / 2),
        When::AfterCommit(commits - 1),
        When::After(took * 3 / 100),
        When::After(took * 29 / 100),
        When::After(took * 61 / 100),
    ];
    let mut broken_off = 0;
    for (number, when) in moments.into_iter().enumerate() {
        let store = folder.at(&format!("killed-{number}"));
        kill(&store, &input, when);
        if Path::new(&store).join("hotshard.json").exists() {
            let verified = run(&format!("verify --store {store} --format json")).json();
            assert_eq!(verified["sound"], true, "{when:?}: {verified}");
            assert_eq!(total(&store), committed_events(&store), "{when:?}: not whole commits");
        }
        let before = committed_events(&store);
        broken_off += u32::from(before > 0 && before < EVENTS);
        let said = run(&ingest(&store, &input)).json();
        assert_eq!(said["stored"], EVENTS - before, "{when:?}: it goes on where it broke off");
        assert!((hot(&store), contents(&store)) == expected, "{when:?}: another store came out");
        let verified = run(&format!("verify --store {store} --format json")).json();
        assert_eq!(verified["strays"], serde_json::json!([]), "{when:?}: left over");
    }
    // A busy machine may let one or the other run end first, but hardly all of them.
    assert!(broken_off > 0, "no ingest was killed between its first and its last commit");
}
