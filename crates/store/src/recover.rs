//! What a crashed writer left behind.

use std::collections::BTreeSet;

use crate::manifest::Manifest;
use crate::{Error, Store, layout, replaced};

/// Removes every file that no commit names, and sets those aside that a commit replaced. Only the
/// holder of the lock may call it.
pub(crate) fn remove_uncommitted(store: &Store, manifest: &Manifest) -> Result<(), Error> {
    let (replaced, uncommitted): (Vec<String>, Vec<String>) = uncommitted(store, manifest)?
        .into_iter()
        .partition(|path| replaced::was_committed(path, manifest.last));
    for path in uncommitted {
        store.io().remove(&store.at(&path))?;
    }
    replaced::set_aside(store, &replaced)
}

/// Every file in the store's folders that no commit names. Replaced files that were set aside are
/// none of them.
pub(crate) fn uncommitted(store: &Store, manifest: &Manifest) -> Result<Vec<String>, Error> {
    let state = manifest.state_files.iter().map(String::as_str);
    let rejects = manifest.rejects.iter().map(|file| file.path.as_str());
    let committed: BTreeSet<&str> =
        manifest.files.keys().map(String::as_str).chain(state).chain(rejects).collect();
    let mut folders = vec![layout::TMP_DIR.to_owned(), layout::REJECTS_DIR.to_owned()];
    for name in store.io().list(&store.at(layout::EVENTS_DIR))? {
        folders.push(format!("{}/{name}", layout::EVENTS_DIR));
    }
    folders.push(layout::STATE_DIR.to_owned());
    let mut strays = Vec::new();
    for folder in folders {
        for name in store.io().list(&store.at(&folder))? {
            let path = format!("{folder}/{name}");
            if !committed.contains(path.as_str()) {
                strays.push(path);
            }
        }
    }
    Ok(strays)
}
