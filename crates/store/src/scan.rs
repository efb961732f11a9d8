//! Verified reading of data files.

use std::sync::Arc;

use arrow_array::RecordBatch;
use bytes::{Buf, Bytes};
use hotshard_event::{DateRange, EventDate};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::statistics::Statistics;

use crate::checksum::{Piece, Xxh3};
use crate::schema::{self, Texts};
use crate::{Column, Damage, DataFile, Error, Store, replaced};

/// Rows a batch: large enough that a dictionary is looked at rarely.
const BATCH_ROWS: usize = 65_536;
/// The last bytes of a Parquet file: four of length, four of magic.
const TAIL_BYTES: usize = 8;

/// What a scan read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct ScanStats {
    /// Row groups read.
    pub row_groups: u64,
    /// Rows in them.
    pub rows: u64,
    /// Bytes read and verified, footer included.
    pub bytes: u64,
}

impl std::ops::AddAssign for ScanStats {
    fn add_assign(&mut self, other: Self) {
        self.row_groups += other.row_groups;
        self.rows += other.rows;
        self.bytes += other.bytes;
    }
}

/// Scans one file; see [`crate::Snapshot::scan`].
pub(crate) fn scan(
    store: &Store,
    file: &DataFile,
    columns: &[Column],
    dates: &DateRange,
    mut visit: impl FnMut(&RecordBatch),
) -> Result<ScanStats, Error> {
    let metadata = read_footer(store, file)?;
    let undecodable = |error: &dyn std::fmt::Display| {
        Error::Damaged(Damage::new(&file.path, format!("it cannot be decoded: {error}")))
    };
    let schema = schema::schema(store.identity().promoted(), Texts::Dictionary);
    let options = ArrowReaderOptions::new().with_schema(schema);
    let metadata = ArrowReaderMetadata::try_new(Arc::new(metadata), options)
        .map_err(|error| undecodable(&error))?;
    let projection = Projection::new(store, file, &metadata, columns)?;
    let mut stats = ScanStats { bytes: file.footer.length, ..ScanStats::default() };
    for (index, row_group) in metadata.metadata().row_groups().iter().enumerate() {
        if !holds_a_day(row_group, dates) {
            continue;
        }
        let chunks = projection.read_chunks(store, file, index)?;
        stats.row_groups += 1;
        stats.rows += u64::try_from(row_group.num_rows()).unwrap_or(0);
        stats.bytes += chunks.chunks.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>();
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(chunks, metadata.clone())
            .with_projection(projection.mask.clone())
            .with_row_groups(vec![index])
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|error| undecodable(&error))?;
        for batch in reader {
            let batch = batch.map_err(|error| undecodable(&error))?;
            let batch = batch.project(&projection.order).map_err(|error| undecodable(&error))?;
            visit(&batch);
        }
    }
    Ok(stats)
}

/// Reads a piece of a file and checks it against its checksum.
pub(crate) fn read_piece(store: &Store, path: &str, piece: &Piece) -> Result<Vec<u8>, Error> {
    let length = usize::try_from(piece.length).unwrap_or(usize::MAX);
    let Some(bytes) = replaced::read_range(store, path, piece.offset, length)? else {
        return Err(replaced::missing(store, path, piece.cut_off()));
    };
    if Xxh3::of(&bytes) != piece.xxh3 {
        return Err(Damage::new(path, piece.mismatch()).into());
    }
    Ok(bytes)
}

/// Reads, verifies and decodes a data file's footer.
pub(crate) fn read_footer(store: &Store, file: &DataFile) -> Result<ParquetMetaData, Error> {
    decode_footer(file, &read_piece(store, &file.path, &file.footer)?)
}

/// Decodes a data file's footer, which was verified.
pub(crate) fn decode_footer(file: &DataFile, bytes: &[u8]) -> Result<ParquetMetaData, Error> {
    let damaged = |problem: String| Error::Damaged(Damage::new(&file.path, problem));
    let end = bytes.len().checked_sub(TAIL_BYTES);
    let Some(encoded) = end.and_then(|end| bytes.get(..end)) else {
        return Err(damaged("its footer is too short".to_owned()));
    };
    let metadata = ParquetMetaDataReader::decode_metadata(encoded)
        .map_err(|error| damaged(format!("its footer cannot be decoded: {error}")))?;
    if metadata.num_row_groups() != file.chunks.len() {
        return Err(damaged("its footer has another number of row groups than committed".into()));
    }
    Ok(metadata)
}

/// Which columns to read, and in which order they are wanted.
struct Projection {
    /// Leaf numbers of the wanted columns.
    leaves: Vec<usize>,
    mask: ProjectionMask,
    /// For each wanted column, its place among the columns the reader gives.
    order: Vec<usize>,
}

impl Projection {
    fn new(
        store: &Store,
        file: &DataFile,
        metadata: &ArrowReaderMetadata,
        columns: &[Column],
    ) -> Result<Self, Error> {
        let parquet = metadata.parquet_schema();
        let promoted = store.identity().promoted();
        let leaf = |column: &Column| {
            let name = column.name(promoted)?;
            parquet.columns().iter().position(|leaf| leaf.name() == name)
        };
        let Some(leaves) = columns.iter().map(leaf).collect::<Option<Vec<usize>>>() else {
            return Err(Damage::new(&file.path, "it lacks a column every file has").into());
        };
        let mut sorted = leaves.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let place = |leaf: &usize| sorted.iter().position(|other| other == leaf).unwrap_or(0);
        let order = leaves.iter().map(place).collect();
        let mask = ProjectionMask::leaves(parquet, sorted.iter().copied());
        Ok(Self { leaves: sorted, mask, order })
    }

    /// Reads and verifies the wanted chunks of a row group.
    fn read_chunks(
        &self,
        store: &Store,
        file: &DataFile,
        row_group: usize,
    ) -> Result<VerifiedChunks, Error> {
        let pieces = file.chunks.get(row_group).map_or(&[][..], Vec::as_slice);
        let read = |&leaf: &usize| {
            let piece = pieces.get(leaf).ok_or_else(|| {
                Damage::new(&file.path, "its commit record lacks a column chunk's checksum")
            })?;
            Ok((piece.offset, Bytes::from(read_piece(store, &file.path, piece)?)))
        };
        let chunks = self.leaves.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
        Ok(VerifiedChunks { length: file.length, chunks })
    }
}

/// Whether statistics leave room for a day of the range.
fn holds_a_day(row_group: &RowGroupMetaData, dates: &DateRange) -> bool {
    let statistics = row_group
        .columns()
        .iter()
        .find(|column| column.column_descr().name() == schema::EVENT_DATE)
        .and_then(|column| column.statistics());
    match statistics {
        Some(Statistics::Int32(days)) => match (days.min_opt(), days.max_opt()) {
            (Some(&first), Some(&last)) => {
                dates.overlaps(EventDate::from_epoch_days(first), EventDate::from_epoch_days(last))
            }
            _ => true,
        },
        _ => true,
    }
}

/// Column chunks that passed their checksums, by their offset in the file. The decoder can read
/// nothing else.
struct VerifiedChunks {
    length: u64,
    chunks: Vec<(u64, Bytes)>,
}

impl VerifiedChunks {
    fn from(&self, start: u64) -> Result<Bytes, ParquetError> {
        self.chunks
            .iter()
            .find(|(offset, bytes)| (*offset..offset + bytes.len() as u64).contains(&start))
            .and_then(|(offset, bytes)| {
                let skip = usize::try_from(start - offset).ok()?;
                (skip <= bytes.len()).then(|| bytes.slice(skip..))
            })
            .ok_or_else(|| ParquetError::General(format!("byte {start} lies in no verified chunk")))
    }
}

impl Length for VerifiedChunks {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for VerifiedChunks {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let bytes = self.from(start)?;
        if bytes.len() < length {
            return Err(ParquetError::EOF(format!("a page at {start} runs out of its chunk")));
        }
        Ok(bytes.slice(..length))
    }
}
