//! One thing to read.

use std::fs::File;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::codec::Raw;
use crate::Error;

/// Something to ingest: a file, standard input, or bytes in memory.
#[derive(Debug, Clone)]
pub struct Input {
    name: String,
    raw_bytes: Option<u64>,
    place: Place,
}

/// Where an input's bytes are.
#[derive(Debug, Clone)]
enum Place {
    /// A regular file: may be read again from any offset.
    File(PathBuf),
    /// A pipe or a device: can be read once.
    Stream(PathBuf),
    Stdin,
    Memory(Arc<[u8]>),
}

impl Input {
    /// Bytes in memory, compressed or not, under a name for people.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let raw_bytes = u64::try_from(bytes.len()).ok();
        Self { name: name.into(), raw_bytes, place: Place::Memory(bytes) }
    }

    /// Standard input. It can be read once.
    #[must_use]
    pub fn stdin() -> Self {
        Self { name: "standard input".to_owned(), raw_bytes: None, place: Place::Stdin }
    }

    /// A regular file of a known size.
    pub(super) fn file(path: &Path, raw_bytes: u64) -> Self {
        Self {
            name: path.display().to_string(),
            raw_bytes: Some(raw_bytes),
            place: Place::File(path.to_owned()),
        }
    }

    /// A pipe or a device.
    pub(super) fn stream(path: &Path) -> Self {
        Self {
            name: path.display().to_string(),
            raw_bytes: None,
            place: Place::Stream(path.to_owned()),
        }
    }

    /// What people call it: the path as found, or "standard input".
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its size as it lies there (compressed, if it is), in bytes; none for pipes.
    #[must_use]
    pub fn raw_bytes(&self) -> Option<u64> {
        self.raw_bytes
    }

    /// Whether it can be read a second time: pipes cannot.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        matches!(self.place, Place::File(_) | Place::Memory(_))
    }

    /// Opens it at its first byte.
    pub(super) fn open(&self) -> Result<Raw, Error> {
        let raw = match &self.place {
            Place::File(path) | Place::Stream(path) => Raw::File(
                File::open(path).map_err(|source| Error::Open { path: path.clone(), source })?,
            ),
            Place::Stdin => Raw::Stdin(io::stdin()),
            Place::Memory(bytes) => Raw::Memory(Cursor::new(Arc::clone(bytes))),
        };
        Ok(raw)
    }
}
