//! Removing what only snapshots of the past need.

use std::collections::BTreeSet;

use crate::{Error, Snapshot, Store, Writer, layout, recover, replaced};

/// A file that a vacuum removes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VacuumedFile {
    /// Where it lies, relative to the store, with `/`.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// What a vacuum removes: nothing that the store needs as it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vacuum {
    /// Data files that a compaction replaced.
    pub replaced: Vec<VacuumedFile>,
    /// State files whose every section a later one replaced.
    pub state: Vec<VacuumedFile>,
}

impl Vacuum {
    /// Every file.
    pub fn files(&self) -> impl Iterator<Item = &VacuumedFile> {
        self.replaced.iter().chain(&self.state)
    }

    /// The length of all of them in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files().map(|file| file.bytes).sum()
    }
}

impl Snapshot {
    /// What a vacuum would remove now.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn plan_vacuum(&self) -> Result<Vacuum, Error> {
        let (store, manifest) = (self.store(), self.manifest());
        // A compaction that broke off leaves some where they were; recovery sets them aside.
        let mut paths = recover::uncommitted(store, manifest)?;
        paths.retain(|path| replaced::was_committed(path, manifest.last));
        for shard in store.io().list(&store.at(layout::REPLACED_DIR))? {
            let folder = format!("{}/{shard}", layout::REPLACED_DIR);
            let names = store.io().list(&store.at(&folder))?;
            paths.extend(names.into_iter().map(|name| format!("{folder}/{name}")));
        }
        let live = manifest.live_state_files();
        let state: BTreeSet<&String> = manifest.state_files.difference(&live).collect();
        Ok(Vacuum {
            replaced: sized(store, paths)?,
            state: sized(store, state.into_iter().cloned())?,
        })
    }
}

impl Writer {
    /// Removes what only snapshots of the past need, and tells what that was. A snapshot opened
    /// before a file was replaced answers [`Error::Vacuumed`] when it comes to it.
    ///
    /// # Errors
    /// When the disk refuses. What is left then goes with the next vacuum.
    pub fn vacuum(&mut self) -> Result<Vacuum, Error> {
        self.check_health()?;
        let snapshot = self.committed();
        let vacuum = snapshot.plan_vacuum()?;
        let store = snapshot.store();
        let mut folders = BTreeSet::new();
        for file in vacuum.files() {
            let path = store.at(&file.path);
            store.io().remove(&path)?;
            folders.extend(path.parent().map(std::path::Path::to_path_buf));
        }
        folders.iter().try_for_each(|folder| store.io().sync_dir(folder))?;
        Ok(vacuum)
    }
}

/// Those of the files that are there, with their lengths.
fn sized(
    store: &Store,
    paths: impl IntoIterator<Item = String>,
) -> Result<Vec<VacuumedFile>, Error> {
    let mut files = Vec::new();
    for path in paths {
        if let Some(bytes) = store.io().length(&store.at(&path))? {
            files.push(VacuumedFile { path, bytes });
        }
    }
    Ok(files)
}
