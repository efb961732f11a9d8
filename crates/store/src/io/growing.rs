//! Files that are written piece by piece.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use super::{Io, Operation};
use crate::Error;

/// Whether a file stays open between its pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Descriptor {
    /// It does: the descriptor that is synced in the end is then told of every failure to write a
    /// piece back to the disk.
    Kept,
    /// It is opened for each piece: for so many files that descriptors run out. The system still
    /// tells of a failure as long as it has not forgotten the file meanwhile.
    Reopened,
}

/// A new file that grows until it is synced.
#[derive(Debug)]
pub(crate) struct GrowingFile {
    path: PathBuf,
    descriptor: Descriptor,
    open: Option<File>,
    written: u64,
}

impl GrowingFile {
    /// A file that is made with its first piece. The name must be free then.
    pub(crate) const fn new(path: PathBuf, descriptor: Descriptor) -> Self {
        Self { path, descriptor, open: None, written: 0 }
    }

    /// Bytes that are in the file.
    pub(crate) const fn written(&self) -> u64 {
        self.written
    }

    /// Writes a piece behind the others.
    pub(crate) fn append(&mut self, io: &Io, bytes: &[u8]) -> Result<(), Error> {
        let is_new = self.written == 0;
        let operation = if is_new { Operation::Write } else { Operation::Append };
        let open = self.open.take();
        let file = io.run(operation, &self.path, || {
            let mut file = match open {
                Some(file) => file,
                None if is_new => {
                    OpenOptions::new().write(true).create_new(true).open(&self.path)?
                }
                None => OpenOptions::new().append(true).open(&self.path)?,
            };
            file.write_all(bytes)?;
            Ok(file)
        })?;
        self.open = (self.descriptor == Descriptor::Kept).then_some(file);
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Forces all pieces to the disk.
    pub(crate) fn sync(&self, io: &Io) -> Result<(), Error> {
        io.run(Operation::SyncFile, &self.path, || match &self.open {
            Some(file) => file.sync_all(),
            None => OpenOptions::new().write(true).open(&self.path)?.sync_all(),
        })
    }
}
