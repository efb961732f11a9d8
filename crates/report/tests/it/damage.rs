use std::fs;

use serde_json::json;

use crate::fixture::{Folder, data_files, run, sample};

/// Flips a bit in the middle of a file.
fn damage(path: impl AsRef<std::path::Path>) {
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
}

/// A store with a flipped bit in the file of shard 3, and that file's name.
fn damaged_store(folder: &Folder) -> (String, String) {
    let store = folder.flights("rename");
    // The whole footer is read by every query, wherever the bit lies.
    let file = &data_files(&store)[3];
    let mut bytes = fs::read(file).unwrap();
    let near_end = bytes.len() - 20;
    bytes[near_end] ^= 1;
    fs::write(file, bytes).unwrap();
    (store, "events/shard=0003/00000000000000000001.parquet".to_owned())
}

#[test]
fn the_other_shards_still_answer() {
    let folder = Folder::new();
    let (store, path) = damaged_store(&folder);
    let found = run(&format!("query --store {store} --by event --format json"));
    assert_eq!(found.code, 1);
    let said: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(said["damaged"], json!([path]));
    assert!(said["problems"][&path].is_string(), "{said}");
    assert_eq!(said["total"], 3_375 - 172);
    assert!(found.stderr.contains(&format!("warning: {path} is damaged: ")), "{}", found.stderr);
    assert!(found.stderr.contains("this answer is partial"), "{}", found.stderr);
}

#[test]
fn no_partial_gives_no_answer() {
    let folder = Folder::new();
    let (store, path) = damaged_store(&folder);
    let refused = run(&format!("query --store {store} --by event --no-partial --format json"));
    refused.refused(1, &path);
    refused.refused(1, "no answer was given because it would be partial");
}

#[test]
fn verify_names_every_damaged_file() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let files = data_files(&store);
    damage(&files[3]);
    fs::remove_file(&files[5]).unwrap();
    let found = run(&format!("verify --store {store} --format json"));
    assert_eq!(found.code, 1);
    let said: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
    let name = |shard| format!("events/shard={shard}/00000000000000000001.parquet");
    assert_eq!(said["damaged"], json!([name("0003"), name("0005")]));
    assert_eq!(said["sound"], false);
    let text = run(&format!("verify --store {store}"));
    assert_eq!(text.code, 1);
    assert!(text.stdout.contains("has 2 damaged files"), "{}", text.stdout);
    assert!(text.stdout.contains(&name("0005")), "{}", text.stdout);
    let report = run(&format!("report --store {store}"));
    assert_eq!(report.code, 1, "a report lacks what the files held");
}

#[test]
fn a_damaged_commit_record_is_named_by_readers_and_stops_writers() {
    let folder = Folder::new();
    let store = folder.flights("rename");
    let record = "_meta/commits/00000000000000000001.json";
    damage(format!("{store}/{record}"));
    for command in ["query", "files", "check", "verify"] {
        let found = run(&format!("{command} --store {store}"));
        assert_eq!(found.code, 1, "{command}");
        assert!((found.stderr + &found.stdout).contains(record), "{command}");
    }
    let ingest = run(&format!("ingest --store {store} {}", sample()));
    ingest.refused(1, &format!("{record} is damaged"));
}
