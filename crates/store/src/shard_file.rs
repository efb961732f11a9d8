//! A data file that grows by row groups until its batch is committed.

use std::collections::BTreeMap;

use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::writer::SerializedFileWriter;

use crate::checksum::Piece;
use crate::encoding::FileEncoding;
use crate::io::{GrowingFile, Io};
use crate::row_counts::MAX_EVENT_NAMES;
use crate::row_group::EncodedRowGroup;
use crate::{DataFile, Error, ShardId, codec};

/// What a row group takes beside its pages, at most.
const ROOM_FOR_HEADERS_BYTES: usize = 4_096;

/// A file in the making, in the folder of unfinished ones.
pub(crate) struct ShardFile {
    parquet: SerializedFileWriter<Vec<u8>>,
    file: GrowingFile,
    entry: DataFile,
}

impl std::fmt::Debug for ShardFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShardFile").field("entry", &self.entry).finish_non_exhaustive()
    }
}

impl ShardFile {
    /// A file of a shard that will have this path in the store; nothing is written yet.
    pub(crate) fn new(
        encoding: &FileEncoding,
        shard: ShardId,
        path: String,
        file: GrowingFile,
    ) -> Result<Self, Error> {
        let entry = DataFile {
            path,
            shard,
            rows: 0,
            first_date: Default::default(),
            last_date: Default::default(),
            length: 0,
            footer: Piece::EMPTY,
            chunks: Vec::new(),
            codecs: Vec::new(),
            unpacked: Vec::new(),
            events: Some(BTreeMap::new()),
            mistyped: BTreeMap::new(),
            sorted: false,
        };
        let parquet = encoding.new_file()?;
        Ok(Self { parquet, file, entry })
    }

    /// Adds a row group behind the others.
    pub(crate) fn append(&mut self, io: &Io, group: EncodedRowGroup) -> Result<(), Error> {
        let encoded_bytes: u64 = group.chunks.iter().map(|chunk| chunk.close().bytes_written).sum();
        let room = usize::try_from(encoded_bytes).unwrap_or_default() + ROOM_FOR_HEADERS_BYTES;
        self.parquet.inner_mut().reserve(room);
        let mut row_group = self.parquet.next_row_group().map_err(Error::Encode)?;
        for chunk in group.chunks {
            chunk.append_to_row_group(&mut row_group).map_err(Error::Encode)?;
        }
        let metadata = row_group.close().map_err(Error::Encode)?;
        let bytes = self.write_through(io)?;
        let begin = self.file.written() - bytes.len() as u64;
        let pieces = pieces(&bytes, begin, &metadata);
        self.entry.chunks.push(pieces.ok_or_else(outside)?);
        self.entry.codecs = codec::codecs(&metadata).unwrap_or_default();
        codec::most_unpacked(&mut self.entry.unpacked, &metadata);
        let is_first = self.entry.rows == 0;
        let entry = &mut self.entry;
        entry.rows += group.rows;
        entry.first_date =
            if is_first { group.first_date } else { entry.first_date.min(group.first_date) };
        entry.last_date =
            if is_first { group.last_date } else { entry.last_date.max(group.last_date) };
        for (column, rows) in group.mistyped {
            *entry.mistyped.entry(column).or_default() += rows;
        }
        entry.events = add_names(entry.events.take(), group.events);
        Ok(())
    }

    /// Writes the footer, and forces the file to the disk. Gives its entry.
    pub(crate) fn finish(mut self, io: &Io) -> Result<DataFile, Error> {
        self.parquet.finish().map_err(Error::Encode)?;
        let begin = self.file.written();
        let footer = self.write_through(io)?;
        self.file.sync(io)?;
        self.entry.footer =
            Piece::within(&footer, begin, begin, footer.len() as u64).ok_or_else(outside)?;
        self.entry.length = self.file.written();
        Ok(self.entry)
    }

    /// Writes what Parquet has written so far to the file.
    fn write_through(&mut self, io: &Io) -> Result<Vec<u8>, Error> {
        self.parquet.flush().map_err(|error| Error::Encode(error.into()))?;
        let bytes = std::mem::take(self.parquet.inner_mut());
        self.file.append(io, &bytes)?;
        Ok(bytes)
    }
}

/// Rows per event name of both; nothing when either or both together have too many names.
fn add_names(
    names: Option<BTreeMap<String, u64>>,
    more: Option<BTreeMap<String, u64>>,
) -> Option<BTreeMap<String, u64>> {
    let mut names = names?;
    for (name, rows) in more? {
        *names.entry(name).or_default() += rows;
    }
    (names.len() <= MAX_EVENT_NAMES).then_some(names)
}

/// The checksums of a row group's column chunks, whose bytes begin at `offset` of the file.
pub(crate) fn pieces(
    bytes: &[u8],
    offset: u64,
    row_group: &RowGroupMetaData,
) -> Option<Vec<Piece>> {
    let piece = |column: &parquet::file::metadata::ColumnChunkMetaData| {
        let (begin, length) = column.byte_range();
        Piece::within(bytes, offset, begin, length)
    };
    row_group.columns().iter().map(piece).collect()
}

/// Parquet's own metadata names bytes that it did not write.
pub(crate) fn outside() -> Error {
    Error::Encode(ParquetError::General("a chunk outside of the file".into()))
}
