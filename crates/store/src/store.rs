//! A store's front door.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::io::Io;
use crate::layout;
use crate::manifest::Manifest;
use crate::sealed::{self, Kind};
use crate::{Damage, Error, Identity, PromotedColumn, Settings, Snapshot, Writer};

/// An open store. Cheap to clone; any number of readers, one writer.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    io: Io,
    identity: Identity,
}

impl Store {
    /// Opens the store in a folder.
    ///
    /// # Errors
    /// When there is none, it is of a newer format, or its identity is damaged.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::open_with(root, Io::default())
    }

    /// Opens the store in a folder, with all of its input and output going through `io`.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(root: impl Into<PathBuf>, io: Io) -> Result<Self, Error> {
        let root = root.into();
        let Some(identity) = read_identity(&io, &root)? else {
            return Err(Error::NotAStore { path: root });
        };
        Ok(Self::new(root, io, identity))
    }

    /// Opens the store in a folder, or makes one there with these settings.
    ///
    /// # Errors
    /// When the folder holds other files, or a store with other settings than those asked for.
    pub fn create_or_open(root: impl Into<PathBuf>, settings: &Settings) -> Result<Self, Error> {
        Self::create_or_open_with(root, settings, Io::default())
    }

    /// [`Store::create_or_open`], with all of its input and output going through `io`.
    ///
    /// # Errors
    /// As [`Store::create_or_open`].
    pub fn create_or_open_with(
        root: impl Into<PathBuf>,
        settings: &Settings,
        io: Io,
    ) -> Result<Self, Error> {
        let root = root.into();
        let identity = match read_identity(&io, &root)? {
            Some(identity) => identity,
            None => create(&io, &root, settings)?,
        };
        identity.check(&root, settings)?;
        Ok(Self::new(root, io, identity))
    }

    fn new(root: PathBuf, io: Io, identity: Identity) -> Self {
        Self { inner: Arc::new(Inner { root, io, identity }) }
    }

    /// The same store with the identity that it has now: overrides may have changed since.
    pub(crate) fn reopened(&self) -> Result<Self, Error> {
        Self::open_with(self.root(), self.io().clone())
    }

    /// The same store once its identity is replaced by this one. Only the holder of the lock may
    /// call it.
    pub(crate) fn with_identity(&self, identity: Identity) -> Result<Self, Error> {
        write_identity(self.io(), self.root(), &identity)?;
        Ok(Self::new(self.root().to_path_buf(), self.io().clone(), identity))
    }

    /// The store's folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.inner.root
    }

    /// What it was created with, and its overrides when it was opened.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    pub(crate) fn io(&self) -> &Io {
        &self.inner.io
    }

    /// A path in the file system for a path in the store.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        layout::absolute(self.root(), path)
    }

    /// The store as of its newest commit. What later commits add is not seen through it.
    ///
    /// # Errors
    /// When the identity or commits cannot be read, or are of a newer format. Damaged records are
    /// no error: [`Snapshot::damage`] lists them.
    pub fn snapshot(&self) -> Result<Snapshot, Error> {
        let store = self.reopened()?;
        let loaded = Manifest::load(store.io(), store.root())?;
        Ok(Snapshot::new(store, Arc::new(loaded.manifest), loaded.damage))
    }

    /// Takes the writer's lock, and removes what a crashed writer left behind.
    ///
    /// # Errors
    /// When another writer has the lock, or a commit record is damaged.
    pub fn writer(&self) -> Result<Writer, Error> {
        Writer::open(self)
    }
}

fn read_identity(io: &Io, root: &Path) -> Result<Option<Identity>, Error> {
    match io.read(&layout::absolute(root, layout::IDENTITY_FILE))? {
        Some(bytes) => sealed::open(root, layout::IDENTITY_FILE, Kind::Identity, &bytes).map(Some),
        None => Ok(None),
    }
}

/// Makes the folders and the identity; of several processes at it, one wins and all see its store.
fn create(io: &Io, root: &Path, settings: &Settings) -> Result<Identity, Error> {
    PromotedColumn::check_list(settings.promoted.as_deref().unwrap_or_default())?;
    let ours = |name: &String| layout::DIRECTORIES.contains(&name.as_str());
    if !io.list(root)?.iter().all(ours) {
        return Err(Error::NotEmpty { path: root.to_path_buf() });
    }
    // Made anew, it would have other settings than the rows were routed by.
    if !io.list(&layout::absolute(root, layout::COMMITS_DIR))?.is_empty() {
        let problem = "it is missing, and the store has commits; restore it from a copy";
        return Err(Damage::new(layout::IDENTITY_FILE, problem).into());
    }
    io.create_dir_durably(root)?;
    for folder in layout::DIRECTORIES {
        io.create_dir(&layout::absolute(root, folder))?;
    }
    let lock_path = layout::absolute(root, layout::LOCK_FILE);
    let Some(_lock) = io.lock(&lock_path)? else {
        return Err(Error::Locked { path: root.to_path_buf() });
    };
    if let Some(identity) = read_identity(io, root)? {
        return Ok(identity);
    }
    io.sync_dir(&layout::absolute(root, layout::META_DIR))?;
    write_identity(io, root, &Identity::new(settings))?;
    read_identity(io, root)?
        .ok_or_else(|| Damage::new(layout::IDENTITY_FILE, "it is gone after it was written").into())
}

/// Puts an identity in the place of the one there, if there is one: after a crash at any moment
/// there is the old one or the new one.
fn write_identity(io: &Io, root: &Path, identity: &Identity) -> Result<(), Error> {
    let temporary = layout::absolute(root, &layout::temporary(layout::IDENTITY_FILE));
    if io.read(&temporary)?.is_some() {
        io.remove(&temporary)?;
    }
    io.write_new(&temporary, &sealed::seal(Kind::Identity, identity))?;
    io.rename(&temporary, &layout::absolute(root, layout::IDENTITY_FILE))?;
    io.sync_dir(root)
}
