//! All of the store's input and output: the only file that touches the file system.
//!
//! Every operation goes through [`Io`], which can call a hook before it acts. Tests use the hook
//! to record operations, to fail the n-th of them, and to fail everything after it.

mod growing;
mod open_file;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

pub(crate) use growing::{Descriptor, GrowingFile};
pub(crate) use open_file::OpenFile;

use crate::Error;

/// Folders that are forced to the disk at once.
const SYNCS_AT_ONCE: usize = 8;

/// What is about to happen to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// A folder is created.
    CreateDir,
    /// A new file is written.
    Write,
    /// A file gets more content behind its end.
    Append,
    /// A file's content is forced to the disk.
    SyncFile,
    /// A folder's entries are forced to the disk.
    SyncDir,
    /// A file gets its final name.
    Rename,
    /// A file gets a second name that must not exist yet.
    Link,
    /// A file is removed.
    Remove,
    /// A file is read.
    Read,
    /// A folder is listed.
    List,
    /// The writer's lock is taken.
    Lock,
}

type Hook = dyn Fn(Operation, &Path) -> io::Result<()> + Send + Sync;

/// The store's access to the file system.
#[derive(Clone, Default)]
pub struct Io {
    hook: Option<Arc<Hook>>,
}

impl std::fmt::Debug for Io {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Io").field("hooked", &self.hook.is_some()).finish()
    }
}

/// The writer's lock; released when dropped, or when the process ends in whatever way.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Io {
    /// The file system, with a hook that is called before each operation and may refuse it.
    #[must_use]
    pub fn with_hook(
        hook: impl Fn(Operation, &Path) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self { hook: Some(Arc::new(hook)) }
    }

    fn run<T>(
        &self,
        operation: Operation,
        path: &Path,
        act: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, Error> {
        let allowed = self.hook.as_ref().map_or(Ok(()), |hook| hook(operation, path));
        allowed.and_then(|()| act()).map_err(Error::io(operation.verb(), path))
    }

    /// Creates a folder and its parents, unless they are there.
    pub(crate) fn create_dir(&self, path: &Path) -> Result<(), Error> {
        self.run(Operation::CreateDir, path, || fs::create_dir_all(path))
    }

    /// Creates a folder and its parents, and forces the entry of each new one to the disk: what
    /// is durable in a folder is lost with the folder.
    pub(crate) fn create_dir_durably(&self, path: &Path) -> Result<(), Error> {
        if path.is_dir() {
            return Ok(());
        }
        let named = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = named.unwrap_or(Path::new("."));
        self.create_dir_durably(parent)?;
        self.create_dir(path)?;
        self.sync_dir(parent)
    }

    /// Writes a new file and forces its content to the disk. The name must be free.
    pub(crate) fn write_new(&self, path: &Path, content: &[u8]) -> Result<(), Error> {
        let file = self.run(Operation::Write, path, || {
            let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
            file.write_all(content)?;
            Ok(file)
        })?;
        self.run(Operation::SyncFile, path, || file.sync_all())
    }

    /// The length of a file in bytes; `None` when there is none.
    pub(crate) fn length(&self, path: &Path) -> Result<Option<u64>, Error> {
        self.run(Operation::Read, path, || match fs::metadata(path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        })
    }

    /// Forces a folder's entries to the disk.
    pub(crate) fn sync_dir(&self, path: &Path) -> Result<(), Error> {
        self.run(Operation::SyncDir, path, || File::open(path)?.sync_all())
    }

    /// Forces the entries of many folders to the disk, several at once: each waits for the disk.
    pub(crate) fn sync_dirs(&self, paths: &[PathBuf]) -> Result<(), Error> {
        let at_once = paths.len().div_ceil(SYNCS_AT_ONCE).max(1);
        let sync_all = |paths: &[PathBuf]| paths.iter().try_for_each(|path| self.sync_dir(path));
        thread::scope(|scope| {
            let threads: Vec<_> =
                paths.chunks(at_once).map(|paths| scope.spawn(move || sync_all(paths))).collect();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
        })
    }

    /// Gives a file its final name.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> Result<(), Error> {
        self.run(Operation::Rename, to, || fs::rename(from, to))
    }

    /// Gives a file a second name, unless that name exists: then `Ok(false)`.
    pub(crate) fn link_new(&self, from: &Path, to: &Path) -> Result<bool, Error> {
        self.run(Operation::Link, to, || match fs::hard_link(from, to) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        })
    }

    /// Removes a file.
    pub(crate) fn remove(&self, path: &Path) -> Result<(), Error> {
        self.run(Operation::Remove, path, || fs::remove_file(path))
    }

    /// A whole file; `None` when there is none.
    pub(crate) fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        self.run(Operation::Read, path, || match fs::read(path) {
            Ok(content) => Ok(Some(content)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        })
    }

    /// A piece of a file; `None` when the file is missing or ends before the piece does.
    pub(crate) fn read_range(
        &self,
        path: &Path,
        offset: u64,
        length: usize,
    ) -> Result<Option<Vec<u8>>, Error> {
        self.run(Operation::Read, path, || {
            let read = || -> io::Result<Vec<u8>> {
                let mut file = File::open(path)?;
                if file.metadata()?.len() < offset.saturating_add(length as u64) {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                file.seek(SeekFrom::Start(offset))?;
                let mut piece = vec![0; length];
                file.read_exact(&mut piece)?;
                Ok(piece)
            };
            match read() {
                Ok(piece) => Ok(Some(piece)),
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof
                    ) =>
                {
                    Ok(None)
                }
                Err(error) => Err(error),
            }
        })
    }

    /// The names in a folder, sorted; none when there is no such folder.
    pub(crate) fn list(&self, path: &Path) -> Result<Vec<String>, Error> {
        self.run(Operation::List, path, || {
            let entries = match fs::read_dir(path) {
                Ok(entries) => entries,
                Err(error) if is_absent(&error) => return Ok(Vec::new()),
                Err(error) => return Err(error),
            };
            let mut names = Vec::new();
            for entry in entries {
                names.push(entry?.file_name().to_string_lossy().into_owned());
            }
            names.sort_unstable();
            Ok(names)
        })
    }

    /// Takes the writer's lock; `None` when another process, or another writer here, has it.
    pub(crate) fn lock(&self, path: &Path) -> Result<Option<Lock>, Error> {
        self.run(Operation::Lock, path, || {
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            match file.try_lock() {
                Ok(()) => Ok(Some(Lock { _file: file })),
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(error)) => Err(error),
            }
        })
    }
}

/// Whether there is no such file, be it because a folder on the way is none.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

impl Operation {
    const fn verb(self) -> &'static str {
        match self {
            Self::CreateDir => "create the folder",
            Self::Write | Self::Append => "write",
            Self::SyncFile | Self::SyncDir => "force to the disk",
            Self::Rename => "rename to",
            Self::Link => "link to",
            Self::Remove => "remove",
            Self::Read => "read",
            Self::List => "list",
            Self::Lock => "lock",
        }
    }
}
