//! Data files that a commit replaced: out of the data root at once, readable until a vacuum.
//!
//! A snapshot that was opened before still names the old path. A file is moved by one rename, and
//! only away from the data root, so a reader that looks there first and then here finds it.

use std::collections::BTreeSet;

use crate::io::OpenFile;
use crate::manifest::{Loaded, Manifest};
use crate::{CommitNumber, Damage, Error, Store, layout};

/// Whether a file in the data root belonged to a commit. When none names it any more, it was
/// replaced; a file of a later number was left by a crash.
pub(crate) fn was_committed(path: &str, last: CommitNumber) -> bool {
    layout::parse_data_path(path).is_some_and(|name| name.commit() <= last)
}

/// Moves replaced data files out of the data root, durably.
pub(crate) fn set_aside(store: &Store, paths: &[String]) -> Result<(), Error> {
    let io = store.io();
    let (mut from_folders, mut to_folders) = (BTreeSet::new(), BTreeSet::new());
    for path in paths {
        let Some(place) = layout::replaced(path) else { continue };
        let (from, to) = (store.at(path), store.at(&place));
        if let (Some(left), Some(reached)) = (from.parent(), to.parent()) {
            io.create_dir_durably(reached)?;
            from_folders.insert(left.to_path_buf());
            to_folders.insert(reached.to_path_buf());
        }
        io.rename(&from, &to)?;
    }
    // Where they are is durable before where they no longer are.
    to_folders.iter().chain(&from_folders).try_for_each(|folder| io.sync_dir(folder))
}

/// A piece of a file, be it replaced meanwhile or not; `None` when the file is missing or ends
/// before the piece does.
pub(crate) fn read_range(
    store: &Store,
    path: &str,
    offset: u64,
    length: usize,
) -> Result<Option<Vec<u8>>, Error> {
    for place in places(path) {
        if let Some(piece) = store.io().read_range(&store.at(&place), offset, length)? {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}

/// Opens a file, be it replaced meanwhile or not; `None` when it is missing.
pub(crate) fn open(store: &Store, path: &str) -> Result<Option<OpenFile>, Error> {
    for place in places(path) {
        if let Some(file) = store.io().open(&store.at(&place))? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// Where a file is looked for, in this order: it leaves the first place for the second, and never
/// comes back.
fn places(path: &str) -> impl Iterator<Item = String> {
    std::iter::once(path.to_owned()).chain(layout::replaced(path))
}

/// Why a file that a snapshot names cannot be read: a vacuum, if the store of today does not need
/// it, or else damage.
pub(crate) fn missing(store: &Store, path: &str, problem: String) -> Error {
    match Manifest::load(store.io(), store.root()) {
        Ok(Loaded { manifest, damage })
            if damage.is_empty() && may_be_vacuumed(path) && !manifest.needs(path) =>
        {
            Error::Vacuumed { path: path.to_owned(), store: store.root().to_path_buf() }
        }
        _ => Damage::new(path, problem).into(),
    }
}

fn may_be_vacuumed(path: &str) -> bool {
    [layout::EVENTS_DIR, layout::STATE_DIR].iter().any(|folder| path.starts_with(folder))
}
