//! A column chunk that passed its checksum, read page by page: never all of it is in memory. It is
//! read twice therefore, once to be checked and once to be decoded.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use crate::checksum::{Piece, Xxh3Stream};
use crate::{Damage, Error, Store, replaced};

/// Bytes checked at a time.
const CHECK_BYTES: u64 = 256 * 1024;
/// A chunk up to this size stays in memory once it is checked.
pub(super) const HELD_BYTES: u64 = 32 * 1024;
/// Bytes read to find a page's header in.
const HEADER_BYTES: u64 = 512;

/// A column chunk whose bytes match their checksum.
#[derive(Debug, Clone)]
pub(super) struct VerifiedChunk {
    store: Store,
    path: Arc<str>,
    piece: Piece,
    held: Option<Bytes>,
}

impl VerifiedChunk {
    /// Reads all of the chunk and checks it.
    pub(super) fn open(store: &Store, path: &str, piece: Piece) -> Result<Self, Error> {
        let mut chunk = Self { store: store.clone(), path: path.into(), piece, held: None };
        let mut hash = Xxh3Stream::default();
        let mut at = piece.offset;
        while at < piece.end() {
            let bytes = chunk.read(at, CHECK_BYTES.min(piece.end() - at))?;
            hash.update(&bytes);
            at += bytes.len() as u64;
            if piece.length <= HELD_BYTES {
                chunk.held = Some(bytes);
            }
        }
        if hash.finish() == piece.xxh3 {
            return Ok(chunk);
        }
        let problem =
            format!("bytes {} to {} do not match their checksum", piece.offset, piece.end());
        Err(Damage::new(path, problem).into())
    }

    /// Bytes of the file, from memory if they are there.
    fn read(&self, start: u64, length: u64) -> Result<Bytes, Error> {
        let outside = || {
            let end = start.saturating_add(length);
            let problem = format!("bytes {start} to {end} are not of one chunk");
            Error::Damaged(Damage::new(&*self.path, problem))
        };
        let size = usize::try_from(length).map_err(|_| outside())?;
        let skip = start.checked_sub(self.piece.offset).ok_or_else(outside)?;
        if start.saturating_add(length) > self.piece.end() {
            return Err(outside());
        }
        if let (Some(held), Ok(skip)) = (&self.held, usize::try_from(skip)) {
            return Ok(held.slice(skip..skip + size));
        }
        match replaced::read_range(&self.store, &self.path, start, size)? {
            Some(bytes) => Ok(bytes.into()),
            None => {
                let end = start.saturating_add(length);
                let problem = format!("it is missing, or shorter than {end} bytes");
                Err(replaced::missing(&self.store, &self.path, problem))
            }
        }
    }
}

/// A failure of ours on its way through the Parquet library.
fn outwards(error: Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

/// What a failure of the Parquet library means for the file at `path`.
pub(super) fn inwards(path: &str, error: ParquetError) -> Error {
    let problem = match error {
        ParquetError::External(source) => match source.downcast::<Error>() {
            Ok(ours) => return *ours,
            Err(source) => source.to_string(),
        },
        other => other.to_string(),
    };
    Damage::new(path, format!("it cannot be decoded: {problem}")).into()
}

impl Length for VerifiedChunk {
    fn len(&self) -> u64 {
        self.piece.end()
    }
}

impl ChunkReader for VerifiedChunk {
    type T = ChunkCursor;

    fn get_read(&self, start: u64) -> Result<ChunkCursor, ParquetError> {
        // Here, so that a failure keeps its type: a page's header is in these bytes.
        let length = HEADER_BYTES.min(self.piece.end().saturating_sub(start));
        let window = self.read(start, length).map_err(outwards)?;
        Ok(ChunkCursor { chunk: self.clone(), at: start + length, window })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.read(start, length as u64).map_err(outwards)
    }
}

/// Reads on from a place in a chunk, a little at a time.
#[derive(Debug)]
pub(super) struct ChunkCursor {
    chunk: VerifiedChunk,
    at: u64,
    window: Bytes,
}

impl Read for ChunkCursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.window.is_empty() {
            let length = HEADER_BYTES.min(self.chunk.piece.end().saturating_sub(self.at));
            self.window = self.chunk.read(self.at, length).map_err(io::Error::other)?;
            self.at += length;
        }
        let (size, wanted) = (self.window.len().min(buffer.len()), buffer);
        let piece = self.window.split_to(size);
        if let Some(target) = wanted.get_mut(..size) {
            target.copy_from_slice(&piece);
        }
        Ok(size)
    }
}
