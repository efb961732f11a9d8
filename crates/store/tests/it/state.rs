use hotshard_event::{DateRange, EventDate, SourceHead, SourceMark};
use hotshard_store::{
    CommitDetails, Error, NewSection, RejectedContent, RejectedRecord, StateKind, StateMode,
};

use crate::fixture::{DAY_MS, Events, Folder, NOON};

fn section(date: EventDate, mode: StateMode, bytes: &[u8]) -> NewSection {
    NewSection { kind: StateKind::Counters, date: Some(date), mode, bytes: bytes.to_vec() }
}

#[test]
fn sections_come_back_in_order_from_the_last_checkpoint_on() {
    let folder = Folder::new();
    let store = folder.store();
    let mut writer = store.writer().unwrap();
    let day: EventDate = "2021-04-18".parse().unwrap();
    let next: EventDate = "2021-04-19".parse().unwrap();
    let commits = [
        vec![section(day, StateMode::Changes, b"old"), section(next, StateMode::Changes, b"n")],
        vec![section(day, StateMode::Checkpoint, b"all")],
        vec![section(day, StateMode::Changes, b"more")],
    ];
    for state in commits {
        writer.commit(CommitDetails { state, ..CommitDetails::default() }).unwrap();
    }
    drop(writer);
    let snapshot = store.snapshot().unwrap();
    let bytes = |date| {
        let sections = snapshot.state(StateKind::Counters, Some(date)).unwrap();
        sections.into_iter().map(|section| section.bytes).collect::<Vec<_>>()
    };
    assert_eq!(bytes(day), [b"all".to_vec(), b"more".to_vec()]);
    assert_eq!(bytes(next), [b"n".to_vec()]);
    assert_eq!(snapshot.state_dates(StateKind::Counters).collect::<Vec<_>>(), [day, next]);
    // An older snapshot may still need the replaced section, so recovery keeps its file.
    store.writer().unwrap();
    assert!(folder.path().join("_meta/state/00000000000000000001.state").exists());
}

#[test]
fn a_vacuum_removes_state_files_that_only_old_snapshots_need() {
    let folder = Folder::new();
    let store = folder.store();
    let mut writer = store.writer().unwrap();
    let day: EventDate = "2021-04-18".parse().unwrap();
    let mut commit = |mode, bytes: &[u8]| {
        let state = vec![section(day, mode, bytes)];
        writer.commit(CommitDetails { state, ..CommitDetails::default() }).unwrap();
    };
    commit(StateMode::Changes, b"old");
    let old = store.snapshot().unwrap();
    commit(StateMode::Checkpoint, b"all");
    commit(StateMode::Changes, b"more");
    let vacuum = writer.vacuum().unwrap();
    let removed: Vec<_> = vacuum.files().map(|file| (file.path.as_str(), file.bytes)).collect();
    assert_eq!(removed, [("_meta/state/00000000000000000001.state", 3)]);
    let error = old.state(StateKind::Counters, Some(day)).unwrap_err();
    assert!(matches!(error, Error::Vacuumed { .. }), "{error}");
    let now = store.snapshot().unwrap();
    assert_eq!(now.state(StateKind::Counters, Some(day)).unwrap().len(), 2);
    assert!(now.verify(|_| {}).unwrap().is_sound());
}

#[test]
fn the_split_directory_grows_by_what_is_new() {
    let folder = Folder::new();
    let store = folder.store();
    let mut writer = store.writer().unwrap();
    let first = Events::default().split("a", NOON).split("a", NOON).event("A", "b", NOON);
    first.event("A", "", NOON).commit_to(&mut writer).unwrap();
    Events::default().split("a", NOON).split("c", NOON + DAY_MS).commit_to(&mut writer).unwrap();
    let snapshot = store.snapshot().unwrap();
    let directory = snapshot.split_directory().unwrap();
    let ids = |range: &DateRange| directory.ids_in(range).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(ids(&DateRange::ALL), "a c");
    let second_day = DateRange::new(Some("2021-04-19".parse().unwrap()), None).unwrap();
    assert_eq!(ids(&second_day), "c");
}

#[test]
fn rejected_records_and_sources_come_back() {
    let folder = Folder::new();
    let store = folder.store();
    let mut writer = store.writer().unwrap();
    let record = |part, content| RejectedRecord {
        source: "a.jsonl".into(),
        line: 3,
        offset: 99,
        reason: "too_long".into(),
        message: "the record is too long".into(),
        part,
        content,
    };
    let records = [
        record(0, RejectedContent::Text("{".into())),
        record(1, RejectedContent::Hex("ff".into())),
    ];
    for record in &records {
        writer.reject(record);
    }
    let head = SourceHead { length: 9, xxh3: u128::MAX };
    let name = "a.jsonl".to_owned();
    let mark =
        SourceMark { name, head, end_offset: 9, xxh3: u128::MAX, next_line: 4, complete: true };
    let sources = vec![mark.clone()];
    writer.commit(CommitDetails { sources, ..CommitDetails::default() }).unwrap();
    let snapshot = store.snapshot().unwrap();
    let read: Result<Vec<_>, _> = snapshot.rejects().collect();
    assert_eq!(read.unwrap(), records);
    assert_eq!(snapshot.rejected_records(), 1, "one record in two parts");
    assert_eq!(snapshot.sources(), [mark]);
}
