use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hotshard_event::{Override, Overrides, Threshold};
use hotshard_store::{Error, Io, Operation, Store};

use crate::fixture::{Events, Folder, count};

fn overrides(all: &[(&str, Override)]) -> Overrides {
    let mut overrides = Overrides::default();
    for &(id, to) in all {
        overrides.set(id, to).unwrap();
    }
    overrides
}

#[test]
fn overrides_are_kept_with_the_store() {
    let folder = Folder::new();
    let mut writer = folder.store().writer().unwrap();
    assert!(writer.identity().overrides().is_empty());
    let set = overrides(&[
        ("0", Override::Unattributed),
        ("import", Override::Threshold(Threshold::new(7))),
        ("pod=1", Override::Hot),
    ]);
    writer.set_overrides(set.clone()).unwrap();
    assert_eq!(*writer.identity().overrides(), set);
    assert_eq!(*writer.committed().identity().overrides(), set);
    Events::default().many(5).commit_to(&mut writer).unwrap();
    drop(writer);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(*store.identity().overrides(), set);
    // Everything else is as the store was created.
    assert_eq!(store.identity().threshold(), Threshold::new(10));
    assert_eq!(count(&store.snapshot().unwrap()), 5);

    let file = fs::read_to_string(folder.path().join("hotshard.json")).unwrap();
    let part = r#""overrides":{"thresholds":{"import":7},"unattributed":["0"],"hot":["pod=1"]}"#;
    assert!(file.contains(part), "{file}");
}

#[test]
fn without_overrides_the_identity_does_not_mention_them() {
    let folder = Folder::new();
    let mut writer = folder.store().writer().unwrap();
    let identity = folder.path().join("hotshard.json");
    let before = fs::read(&identity).unwrap();
    assert!(!String::from_utf8_lossy(&before).contains("overrides"));
    writer.set_overrides(overrides(&[("a", Override::Hot)])).unwrap();
    writer.set_overrides(Overrides::default()).unwrap();
    assert_eq!(fs::read(&identity).unwrap(), before);
}

/// A store was opened, then another process changed the overrides: the writer taken then would
/// have gone on, and written back, the ones that were there when the store was opened.
#[test]
fn a_writer_and_a_snapshot_have_the_overrides_of_now() {
    let folder = Folder::new();
    let opened_early = folder.store();
    let set = overrides(&[("a", Override::Unattributed)]);
    folder.store().writer().unwrap().set_overrides(set.clone()).unwrap();
    assert!(opened_early.identity().overrides().is_empty());
    assert_eq!(*opened_early.snapshot().unwrap().identity().overrides(), set);
    assert_eq!(*opened_early.writer().unwrap().identity().overrides(), set);
}

#[test]
fn the_same_overrides_again_write_nothing() {
    let folder = Folder::new();
    let may_write = Arc::new(AtomicBool::new(true));
    let allowed = Arc::clone(&may_write);
    let io = Io::with_hook(move |operation, _| match operation {
        Operation::Read | Operation::List | Operation::Lock => Ok(()),
        _ if allowed.load(Ordering::SeqCst) => Ok(()),
        _ => Err(io::Error::other("written")),
    });
    let set = overrides(&[("a", Override::Hot)]);
    let mut writer = folder.store_with(io).unwrap().writer().unwrap();
    writer.set_overrides(set.clone()).unwrap();
    may_write.store(false, Ordering::SeqCst);
    writer.set_overrides(set).unwrap();
    assert!(writer.set_overrides(Overrides::default()).is_err());
    let error = writer.set_overrides(Overrides::default()).unwrap_err();
    assert!(matches!(error, Error::Poisoned));
}
