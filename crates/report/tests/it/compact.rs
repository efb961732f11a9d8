use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::fixture::{Fields, Folder, MORNING, contents, data_files, line, run, sample};

/// A store into which the sample came twice, and its path.
fn twice(folder: &Folder) -> String {
    let store = folder.flights("rename");
    run(&format!("ingest --store {store} --again {}", sample())).ok();
    store
}

#[test]
fn a_compaction_and_a_vacuum_say_what_they_did() {
    let folder = Folder::new();
    let store = twice(&folder);
    let before = contents(&store);
    #[track_caller]
    fn says(said: &str, expected: &[&str]) {
        for expected in expected {
            assert!(said.contains(expected), "{said}");
        }
    }
    let say = |arguments: &str| {
        let said = run(&format!("{arguments} --store {store}")).ok();
        said.replace(&store, "S")
    };
    let dry = say("compact --dry-run");
    says(&dry, &["Dry run: nothing was written.", "\n0007    503             2      2  "]);
    says(&dry, &["\nTo merge: 32 files, ", ", in 16 shards of S; 0 shards left alone.\n"]);
    let done = say("compact");
    says(&done, &["\n0007    503             2  2 → 1  ", "\nMerged 32 files, "]);
    says(&done, &[" of S; 0 shards left alone.\n", "hotshard vacuum removes them.\nTook "]);
    says(&say("compact"), &["Nothing to compact in S: 16 shards left alone.\n"]);
    says(&say("vacuum --dry-run"), &["A vacuum would remove 32 files with "]);
    says(&say("vacuum"), &["Removed 32 files with ", " from S: 32 data files and 0 state files."]);
    says(&say("vacuum"), &["S has no files that it does not need."]);
    assert_eq!(contents(&store), before);
    assert_eq!(data_files(&store).len(), 16);
    assert!(data_files(&store).iter().all(|file| file.exists()));
    let verified = run(&format!("verify --store {store} --format json")).json();
    assert_eq!((&verified["sound"], &verified["strays"]), (&json!(true), &json!([])));
}

#[test]
fn their_json_is_as_documented() {
    let folder = Folder::new();
    let store = twice(&folder);
    let said = run(&format!("compact --store {store} --format json")).ok();
    let fields = Fields::of(&said);
    let expected = [
        "shards",
        "left_alone",
        "rows",
        "commits",
        "elapsed_ns",
        "peak_memory_bytes",
        "memory_budget_bytes",
        "target_bytes",
        "dry_run",
        "damaged",
        "problems",
        "store",
    ];
    assert_eq!(fields.names(), expected);
    let expected = [
        "shard",
        "files_before",
        "files_after",
        "bytes_before",
        "bytes_after",
        "merged_files",
        "merged_bytes",
        "rows",
    ];
    assert_eq!(fields.inside("shards").names(), expected);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&said["rows"], &said["commits"]), (&json!(6_750), &json!(16)));
    let said = run(&format!("vacuum --store {store} --format json")).ok();
    let expected = [
        "files",
        "bytes",
        "replaced_files",
        "replaced_bytes",
        "state_files",
        "state_bytes",
        "elapsed_ns",
        "dry_run",
        "store",
    ];
    assert_eq!(Fields::of(&said).names(), expected);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&said["replaced_files"], &said["dry_run"]), (&json!(32), &json!(false)));
    let sheet = run(&format!("compact --store {store} --format csv")).ok();
    let header =
        "shard,files_before,files_after,bytes_before,bytes_after,merged_files,merged_bytes,rows";
    assert_eq!(sheet.trim_end(), header, "nothing is left to compact");
    let sheet = run(&format!("vacuum --store {store} --format csv --dry-run")).ok();
    assert_eq!(sheet.trim_end(), "path,bytes");
}

#[test]
fn what_cannot_be_done_is_refused() {
    let folder = Folder::new();
    let store = twice(&folder);
    let small = run(&format!("compact --store {store} --memory 16"));
    small.refused(2, "a memory budget of 16 MiB is too small; give at least 9");
    run(&format!("compact --store {store} --target-size 0")).refused(2, "--target-size");
    for command in ["compact", "vacuum"] {
        run(&format!("{command} --store {}", folder.at("nothing")))
            .refused(1, "is not a hotshard store");
    }
}

#[test]
fn a_damaged_file_leaves_its_shard_alone_and_ends_with_code_1() {
    let folder = Folder::new();
    let store = twice(&folder);
    let file = &data_files(&store)[6];
    let mut bytes = fs::read(file).unwrap();
    bytes[40] ^= 1;
    fs::write(file, bytes).unwrap();
    let found = run(&format!("compact --store {store} --format json"));
    assert_eq!(found.code, 1, "{}", found.stderr);
    let said: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(said["damaged"], json!(["events/shard=0003/00000000000000000001.parquet"]));
    assert_eq!((said["shards"].as_array().unwrap().len(), &said["left_alone"]), (15, &json!(1)));
    assert!(
        found.stderr.contains("shards with 1 damaged file were left alone"),
        "{}",
        found.stderr
    );
}

/// Many batches that each cover hundreds of days, with the least memory there is: what is merged
/// does not fit at once.
#[cfg(target_os = "linux")]
#[test]
fn a_wide_backfill_is_merged_in_the_memory_it_is_given() {
    let folder = Folder::new();
    let store = folder.at("store");
    let text = "wörter ".repeat(40);
    for batch in 0..40_i64 {
        let day = |number: i64| MORNING + (number * 37 % 3_650) * 86_400_000;
        let one = |at: i64| {
            let number = batch * 3_000 + at;
            line(&format!("E{}", number % 50), &format!("{text}{number}"), day(number))
        };
        let input = folder.file("batch.jsonl", (0..3_000).map(one).collect::<String>());
        run(&format!("ingest --store {store} --shards 2 --again {input}")).ok();
    }
    let before = contents(&store);
    let said = run(&format!("compact --store {store} --memory 120 --format json")).json();
    assert_eq!(said["rows"], 120_000);
    let peak = said["peak_memory_bytes"].as_u64().unwrap();
    assert!(peak <= 120 << 20, "{peak} bytes");
    assert_eq!(data_files(&store).len(), 2);
    assert!(contents(&store) == before);
    let left = fs::read_dir(Path::new(&store).join("_tmp")).unwrap().count();
    assert_eq!(left, 0);
}
