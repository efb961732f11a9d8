use std::fs;
use std::path::{Path, PathBuf};

use hotshard_store::{Error, Snapshot};

use crate::fixture::{Events, Folder, NOON, Rows, read_all};

fn three_commits() -> (Folder, Snapshot, Rows) {
    let folder = Folder::new();
    let store = folder.store();
    let mut writer = store.writer().unwrap();
    Events::default().many(60).commit_to(&mut writer).unwrap();
    Events::default().split("s", NOON).split("t", NOON).commit_to(&mut writer).unwrap();
    Events::default().many(10).commit_to(&mut writer).unwrap();
    let snapshot = store.snapshot().unwrap();
    let (rows, errors) = read_all(&snapshot);
    assert!(errors.is_empty() && rows.len() == 72);
    (folder, snapshot, rows)
}

fn first_data_file(snapshot: &Snapshot) -> PathBuf {
    snapshot.absolute_path(snapshot.files().next().unwrap())
}

/// Calls `check` with each single damage of a file: every byte flipped, every length.
fn for_each_damage(path: &Path, mut check: impl FnMut(&str)) {
    let whole = fs::read(path).unwrap();
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        fs::write(path, &flipped).unwrap();
        check(&format!("byte {at} flipped"));
        fs::write(path, &whole[..at]).unwrap();
        check(&format!("cut to {at} bytes"));
    }
    fs::write(path, &whole).unwrap();
}

#[test]
fn a_damaged_data_file_is_named_and_never_wrong() {
    let (_folder, snapshot, rows) = three_commits();
    for_each_damage(&first_data_file(&snapshot), |damage| {
        let (read, errors) = read_all(&snapshot);
        let lost = rows.len() - read.len();
        assert!(read.iter().all(|row| rows.contains(row)), "{damage}: a wrong row");
        assert_eq!(lost > 0, !errors.is_empty(), "{damage}: rows were lost silently");
        for error in errors {
            assert!(error.to_string().starts_with("events/shard="), "{damage}: {error}");
        }
        let found = snapshot.verify(|_| {}).unwrap();
        assert_eq!(found.damaged.len(), 1, "{damage}: verify sees every damage");
        assert!(found.damaged[0].path.starts_with("events/shard="), "{damage}");
    });
    assert!(snapshot.verify(|_| {}).unwrap().is_sound());
}

#[test]
fn a_longer_or_missing_data_file_is_found_by_verify() {
    let (_folder, snapshot, rows) = three_commits();
    let path = first_data_file(&snapshot);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [whole.as_slice(), b"x"].concat()).unwrap();
    assert!(snapshot.verify(|_| {}).unwrap().damaged[0].problem.contains("it is longer than"));
    assert_eq!(read_all(&snapshot).0, rows, "what was committed is still there");
    fs::remove_file(&path).unwrap();
    assert_eq!(snapshot.verify(|_| {}).unwrap().damaged[0].problem, "it is missing or empty");
    assert!(read_all(&snapshot).1[0].to_string().contains("is damaged: it is missing, or shorter"));
}

#[test]
fn a_damaged_commit_record_is_named_and_the_rest_answers() {
    let (folder, snapshot, rows) = three_commits();
    let record = folder.path().join("_meta/commits/00000000000000000001.json");
    let store = folder.store();
    for_each_damage(&record, |damage| {
        let snapshot = store.snapshot().unwrap();
        let (read, errors) = read_all(&snapshot);
        assert!(errors.is_empty(), "{damage}");
        if snapshot.damage().is_empty() {
            assert_eq!(read, rows, "{damage}: silently wrong");
            return;
        }
        assert_eq!(snapshot.damage()[0].path, "_meta/commits/00000000000000000001.json");
        assert_eq!(read.len(), 12, "{damage}: the other commits answer");
        let error = store.writer().unwrap_err();
        assert!(matches!(error, Error::Damaged(_)), "{damage}: a writer refuses: {error}");
    });
    fs::remove_file(&record).unwrap();
    let message = store.snapshot().unwrap().damage()[0].to_string();
    assert!(message.ends_with("is damaged: the commit record is missing"), "{message}");
    drop(snapshot);
}

/// With its newest record gone a store looked as if that commit had never been, and the next
/// writer took its files for those of a crash.
#[test]
fn a_lost_newest_record_is_noticed_and_its_files_stay() {
    let (folder, snapshot, _) = three_commits();
    let files: Vec<_> = snapshot.files().map(|file| snapshot.absolute_path(file)).collect();
    fs::remove_file(folder.path().join("_meta/commits/00000000000000000003.json")).unwrap();
    let store = folder.store();
    let message = store.snapshot().unwrap().damage()[0].to_string();
    assert!(message.ends_with("00003.json is damaged: the commit record is missing"), "{message}");
    assert!(matches!(store.writer().unwrap_err(), Error::Damaged(_)));
    assert!(files.iter().all(|file| file.exists()));
}

#[test]
fn the_note_of_the_newest_commit_is_checked_and_not_needed() {
    let (folder, snapshot, rows) = three_commits();
    let store = folder.store();
    for_each_damage(&folder.path().join("_meta/newest.json"), |damage| {
        assert_eq!(read_all(&store.snapshot().unwrap()).0, rows, "{damage}");
        let damaged = snapshot.verify(|_| {});
        match damaged {
            Ok(found) => assert!(found.damaged.len() <= 1, "{damage}"),
            Err(error) => assert!(matches!(error, Error::NewerFormat { .. }), "{damage}: {error}"),
        }
    });
}

#[test]
fn damaged_state_is_named() {
    let (folder, snapshot, _) = three_commits();
    let state = folder.path().join("_meta/state/00000000000000000002.state");
    for_each_damage(&state, |damage| {
        let error = snapshot.split_directory().unwrap_err();
        assert!(error.to_string().starts_with("_meta/state/"), "{damage}: {error}");
        assert_eq!(snapshot.verify(|_| {}).unwrap().damaged.len(), 1, "{damage}");
    });
}

#[test]
fn a_damaged_identity_is_an_error() {
    let (folder, _, _) = three_commits();
    let path = folder.path().join("hotshard.json");
    let identity = folder.store().identity().clone();
    for_each_damage(&path, |damage| match hotshard_store::Store::open(folder.path()) {
        Ok(store) => assert_eq!(store.identity(), &identity, "{damage}: silently wrong"),
        Err(Error::Damaged(found)) => assert_eq!(found.path, "hotshard.json", "{damage}"),
        Err(Error::NewerFormat { .. }) => {}
        Err(other) => panic!("{damage}: {other}"),
    });
}
