use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hotshard_event::{Override, Overrides};
use hotshard_store::{CommitDetails, Error, Io, Operation};

use crate::fixture::{Events, Folder, Rows, read_all};

/// What happens to the operations from the n-th on.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// The n-th fails, later ones work.
    Once,
    /// The n-th and all later ones fail, as after a crash.
    Sticky,
}

/// Input and output that fails at the n-th operation; counts them.
pub(crate) fn failing_at(n: usize, fault: Fault) -> (Io, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let io = Io::with_hook(move |_, _| {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        let fails = match fault {
            Fault::Once => number == n,
            Fault::Sticky => number >= n,
        };
        if fails { Err(io::Error::other("injected")) } else { Ok(()) }
    });
    (io, count)
}

/// The scenario: a store is made, two batches are committed.
fn scenario(folder: &Folder, io: Io) -> Result<(), Error> {
    let store = folder.store_with(io)?;
    let mut writer = store.writer()?;
    Events::default().many(20).split("s", 0).commit_to(&mut writer)?;
    // A batch whose files get several row groups, the first of them out of turn.
    Events::default().many(10).append_to(&mut writer);
    let mut jobs = writer.give_all();
    Events::default().many(10).append_to(&mut writer);
    jobs.extend(writer.give_all());
    for job in jobs.into_iter().rev() {
        writer.accept(job.run())?;
    }
    Events::default().many(10).commit_to(&mut writer)
}

fn rows_now(folder: &Folder) -> Rows {
    let (rows, errors) = read_all(&folder.store().snapshot().unwrap());
    assert!(errors.is_empty(), "{errors:?}");
    rows
}

#[test]
fn a_failure_at_any_operation_leaves_a_batch_whole_or_absent() {
    let clean = Folder::new();
    let (io, operations) = failing_at(usize::MAX, Fault::Once);
    scenario(&clean, io).unwrap();
    let total = operations.load(Ordering::SeqCst);
    assert!(total > 40, "the scenario has {total} operations");

    for fault in [Fault::Once, Fault::Sticky] {
        for n in 0..total {
            let folder = Folder::new();
            let result = scenario(&folder, failing_at(n, fault).0);
            let failed = result.is_err();
            if let Err(error) = result {
                assert!(matches!(error, Error::Io { .. }), "operation {n}: {error}");
            }
            let rows = rows_now(&folder).len();
            assert!([0, 21, 51].contains(&rows), "operation {n}: {rows} rows");
            assert!(failed || rows == 51, "operation {n}: success without its rows");

            // The next writer recovers, and goes on.
            let store = folder.store();
            let mut writer = store.writer().unwrap();
            let found = store.snapshot().unwrap().verify(|_| {}).unwrap();
            assert!(found.is_sound() && found.strays.is_empty(), "operation {n}: {found:?}");
            Events::default().many(5).commit_to(&mut writer).unwrap();
            assert_eq!(rows_now(&folder).len(), rows + 5, "operation {n}");
        }
    }
}

#[test]
fn a_writer_that_failed_does_no_more() {
    let folder = Folder::new();
    folder.store();
    let (io, operations) = failing_at(usize::MAX, Fault::Once);
    let _writer = folder.store_with(io).unwrap().writer().unwrap();
    let until_ready = operations.load(Ordering::SeqCst);
    drop(_writer);

    let (io, _) = failing_at(until_ready, Fault::Once);
    let mut writer = folder.store_with(io).unwrap().writer().unwrap();
    assert!(Events::default().many(5).commit_to(&mut writer).is_err());
    let error = Events::default().many(5).commit_to(&mut writer).unwrap_err();
    assert!(matches!(error, Error::Poisoned));
    assert_eq!(rows_now(&folder), []);
}

/// A second commit without new rows met an assertion: row groups of the first were still out.
#[test]
fn a_failed_commit_is_no_panic_the_second_time() {
    let folder = Folder::new();
    folder.store();
    let (io, _) = failing_at(usize::MAX, Fault::Once);
    drop(folder.store_with(io).unwrap().writer().unwrap());
    let io = Io::with_hook(|operation, _| match operation {
        Operation::Write => Err(io::Error::other("injected")),
        _ => Ok(()),
    });
    let mut writer = folder.store_with(io).unwrap().writer().unwrap();
    assert!(Events::default().many(50).commit_to(&mut writer).is_err());
    let error = writer.commit(CommitDetails::default()).unwrap_err();
    assert!(matches!(error, Error::Poisoned));
}

#[test]
fn a_batch_that_is_given_up_leaves_nothing_behind() {
    let folder = Folder::new();
    let mut writer = folder.store().writer().unwrap();
    Events::default().many(50).append_to(&mut writer);
    for job in writer.give_all() {
        writer.accept(job.run()).unwrap();
    }
    let unfinished = || std::fs::read_dir(folder.path().join("_tmp")).unwrap().count();
    assert!(unfinished() > 0);
    drop(writer);
    assert_eq!(unfinished(), 0);
}

/// Overrides with this one id, which is forced hot.
fn hot(id: &str) -> Overrides {
    let mut overrides = Overrides::default();
    overrides.set(id, Override::Hot).unwrap();
    overrides
}

#[test]
fn a_failure_at_any_operation_leaves_the_old_overrides_or_the_new_ones() {
    let change = |folder: &Folder, io: Io| -> Result<(), Error> {
        let store = folder.store_with(io)?;
        store.writer()?.set_overrides(hot("new"))
    };
    let before = || {
        let folder = Folder::new();
        let mut writer = folder.store().writer().unwrap();
        Events::default().many(7).commit_to(&mut writer).unwrap();
        writer.set_overrides(hot("old")).unwrap();
        folder
    };
    let (io, operations) = failing_at(usize::MAX, Fault::Once);
    change(&before(), io).unwrap();
    let total = operations.load(Ordering::SeqCst);
    assert!(total > 10, "the change has {total} operations");

    for fault in [Fault::Once, Fault::Sticky] {
        let (mut kept, mut changed) = (0, 0);
        for n in 0..total {
            let folder = before();
            let result = change(&folder, failing_at(n, fault).0);
            if let Err(error) = &result {
                assert!(matches!(error, Error::Io { .. }), "operation {n}: {error}");
            }
            let now = folder.store().identity().overrides().clone();
            kept += usize::from(now == hot("old"));
            changed += usize::from(now == hot("new"));
            assert_eq!(kept + changed, n + 1, "operation {n}: {now:?}");
            assert!(result.is_err() || now == hot("new"), "operation {n}: success without it");

            // The next writer recovers, and changes them again.
            let mut writer = folder.store().writer().unwrap();
            let found = folder.store().snapshot().unwrap().verify(|_| {}).unwrap();
            assert!(found.is_sound() && found.strays.is_empty(), "operation {n}: {found:?}");
            writer.set_overrides(hot("newer")).unwrap();
            assert_eq!(*folder.store().identity().overrides(), hot("newer"));
            assert_eq!(rows_now(&folder).len(), 7, "operation {n}");
        }
        assert!(kept > 0 && changed > 0, "failures before and after the switch");
    }
}
