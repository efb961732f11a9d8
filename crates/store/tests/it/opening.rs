use std::fs;

use hotshard_event::{Remedy, Threshold};
use hotshard_store::{Error, Settings, ShardCount, Store};

use crate::fixture::{Events, Folder, NOON, count, settings};

#[test]
fn a_folder_without_a_store_is_told_apart() {
    let folder = Folder::new();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(
        error.to_string().contains("is not a hotshard store: it has no hotshard.json"),
        "{error}"
    );
}

#[test]
fn a_store_that_lost_its_identity_is_not_made_anew() {
    // A new one had other shards than the rows were routed to.
    let folder = Folder::new();
    let store = folder.store();
    Events::default().event("A", "a", NOON).commit_to(&mut store.writer().unwrap()).unwrap();
    fs::remove_file(folder.path().join("hotshard.json")).unwrap();
    let error = Store::create_or_open(folder.path(), &settings()).unwrap_err().to_string();
    assert!(error.contains("the store has commits; restore it from a copy"), "{error}");
}

#[test]
fn a_copy_without_the_empty_folders_is_written_to() {
    let folder = Folder::new();
    let store = folder.store();
    Events::default().event("A", "a", NOON).commit_to(&mut store.writer().unwrap()).unwrap();
    for empty in ["_tmp", "rejects"] {
        fs::remove_dir(folder.path().join(empty)).unwrap();
    }
    Events::default().event("A", "b", NOON).commit_to(&mut store.writer().unwrap()).unwrap();
    assert_eq!(count(&store.snapshot().unwrap()), 2);
}

#[test]
fn a_file_is_no_store() {
    let folder = Folder::new();
    fs::write(folder.path(), "x").unwrap();
    for path in [folder.path(), folder.path().join("below")] {
        let error = Store::open(&path).unwrap_err();
        assert!(matches!(error, Error::NotAStore { .. }), "{error}");
        assert!(Store::create_or_open(&path, &settings()).is_err());
    }
}

#[test]
fn a_store_is_made_with_the_folders_on_the_way_to_it() {
    let folder = Folder::new();
    let deep = folder.path().join("a/b/store");
    Store::create_or_open(&deep, &settings()).unwrap();
    assert!(Store::open(&deep).is_ok());
}

#[test]
fn a_store_is_not_made_among_other_files() {
    let folder = Folder::new();
    fs::create_dir(folder.path()).unwrap();
    fs::write(folder.path().join("thesis.doc"), "x").unwrap();
    let error = Store::create_or_open(folder.path(), &settings()).unwrap_err();
    assert!(error.to_string().contains("holds other files and no store"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn settings_left_out_come_from_the_store_and_others_must_agree() {
    let folder = Folder::new();
    folder.store();
    let again = Store::create_or_open(folder.path(), &Settings::default()).unwrap();
    assert_eq!(again.identity().shards().get(), 4);
    assert_eq!(again.identity().remedy(), Remedy::Split);

    let refuse =
        |asked: Settings| Store::create_or_open(folder.path(), &asked).unwrap_err().to_string();
    let shards =
        refuse(Settings { shards: Some(ShardCount::new(16).unwrap()), ..Settings::default() });
    assert!(shards.contains("has --shards 4, not 16; leave the option out"), "{shards}");
    let threshold = refuse(Settings { threshold: Some(Threshold::new(9)), ..Settings::default() });
    assert!(threshold.contains("has --threshold 10, not 9"), "{threshold}");
    let remedy = refuse(Settings { remedy: Some(Remedy::Off), ..Settings::default() });
    assert!(remedy.contains("has --remedy split, not off"), "{remedy}");
    let zone =
        refuse(Settings { time_zone: Some("Asia/Tokyo".parse().unwrap()), ..Settings::default() });
    assert!(zone.contains("has --time-zone UTC, not Asia/Tokyo"), "{zone}");
    let promoted = refuse(Settings { promoted: Some(vec![]), ..Settings::default() });
    assert!(promoted.contains("has --promote plan:string,seats:long, not nothing"), "{promoted}");
}

#[test]
fn a_newer_format_asks_for_a_newer_program() {
    let folder = Folder::new();
    folder.store();
    let identity = folder.path().join("hotshard.json");
    let newer = fs::read_to_string(&identity).unwrap().replace("\"version\":1", "\"version\":2");
    fs::write(&identity, newer).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(error, Error::NewerFormat { version: 2, supported: 1, .. }));
    assert!(error.to_string().ends_with("reads up to 1; use a newer hotshard"), "{error}");
}

#[test]
fn there_is_one_writer_and_its_lock_goes_with_it() {
    let folder = Folder::new();
    let store = folder.store();
    let writer = store.writer().unwrap();
    let error = folder.store().writer().unwrap_err();
    assert!(matches!(error, Error::Locked { .. }));
    assert!(error.to_string().contains("is locked: another process is writing to it"), "{error}");
    drop(writer);
    folder.store().writer().unwrap();
}

#[test]
fn a_reader_keeps_the_snapshot_it_opened() {
    let folder = Folder::new();
    let store = folder.store();
    let mut writer = store.writer().unwrap();
    Events::default().event("A", "a", NOON).commit_to(&mut writer).unwrap();
    let before = store.snapshot().unwrap();
    Events::default().event("A", "b", NOON).append_to(&mut writer);
    assert_eq!(count(&store.snapshot().unwrap()), 1, "appended rows are not visible");
    writer.commit(Default::default()).unwrap();
    assert_eq!((count(&before), count(&store.snapshot().unwrap())), (1, 2));
}

#[test]
fn a_store_with_a_checkpoint_reads_the_same_with_and_without_it() {
    let folder = Folder::new();
    let store = folder.store();
    let mut writer = store.writer().unwrap();
    for number in 0..40 {
        Events::default().split(&format!("id-{number}"), NOON).commit_to(&mut writer).unwrap();
    }
    let commits = folder.path().join("_meta/commits");
    let checkpoint = commits.join("00000000000000000032.checkpoint.json");
    let with = store.snapshot().unwrap();
    let damaged = fs::read_to_string(&checkpoint).unwrap().replace("id-", "xx-");
    fs::write(&checkpoint, damaged.replacen("\"rows\":1", "\"rows\":2", 1)).unwrap();
    let without = store.snapshot().unwrap();
    let paths = |snapshot: &hotshard_store::Snapshot| {
        snapshot.files().map(|file| (file.path().to_owned(), file.rows())).collect::<Vec<_>>()
    };
    assert_eq!(paths(&with), paths(&without));
    assert_eq!(with.split_directory().unwrap(), without.split_directory().unwrap());
    assert_eq!(count(&with), 40);
    fs::remove_file(&checkpoint).unwrap();
    assert_eq!(paths(&with), paths(&store.snapshot().unwrap()));
    // With the records before it gone, the checkpoint is all there is: it carries the store.
}
