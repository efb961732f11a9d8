//! A file that is read in pieces.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{Io, Operation, is_absent};
use crate::Error;

/// A file open for reading. It stays readable when it is moved or removed meanwhile.
#[derive(Debug)]
pub(crate) struct OpenFile {
    file: File,
    path: PathBuf,
    length: u64,
}

impl Io {
    /// Opens a file to read pieces of it; `None` when there is none.
    pub(crate) fn open(&self, path: &Path) -> Result<Option<OpenFile>, Error> {
        self.run(Operation::Read, path, || {
            let file = match File::open(path) {
                Ok(file) => file,
                Err(error) if is_absent(&error) => return Ok(None),
                Err(error) => return Err(error),
            };
            let length = file.metadata()?.len();
            Ok(Some(OpenFile { file, path: path.to_path_buf(), length }))
        })
    }
}

impl OpenFile {
    /// Reads a piece into `into`, in place of what it holds; `None` when the file ends before the
    /// piece does.
    pub(crate) fn read_at(
        &mut self,
        io: &Io,
        offset: u64,
        length: usize,
        into: &mut Vec<u8>,
    ) -> Result<Option<()>, Error> {
        let Self { file, path, length: file_length } = self;
        io.run(Operation::Read, path, || {
            if *file_length < offset.saturating_add(length as u64) {
                return Ok(None);
            }
            file.seek(SeekFrom::Start(offset))?;
            // Room that is there already need not be zeroed.
            into.truncate(length);
            into.resize(length, 0);
            match file.read_exact(into) {
                Ok(()) => Ok(Some(())),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
                Err(error) => Err(error),
            }
        })
    }
}
