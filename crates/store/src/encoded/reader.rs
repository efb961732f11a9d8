//! Verified reading of a data file, column by column as they turn out to be needed.

use parquet::file::metadata::ParquetMetaData;

use super::column;
use super::page::Undecodable;
use super::workbench::Workbench;
use super::{CodedColumn, Presence, TextPage, ValueType, texts};
use crate::checksum::{Piece, Xxh3};
use crate::codec::{self, Codec};
use crate::io::OpenFile;
use crate::{Column, Damage, DataFile, Error, ScanStats, Selection, Store, replaced, scan};

/// An open data file. Everything that is read from it is verified first.
#[derive(Debug)]
pub struct FileReader<'s> {
    store: &'s Store,
    entry: &'s DataFile,
    file: OpenFile,
    /// Per column, in the order of the file.
    codecs: Vec<Codec>,
    bench: Workbench,
    stats: ScanStats,
}

/// A row group of an open file.
#[derive(Debug)]
pub struct RowGroup<'r, 's> {
    reader: &'r mut FileReader<'s>,
    index: usize,
    /// Its rows, once the first column was read.
    rows: Option<u32>,
}

impl<'s> FileReader<'s> {
    /// Opens a file and verifies its footer.
    pub(crate) fn open(store: &'s Store, entry: &'s DataFile) -> Result<Self, Error> {
        let Some(file) = replaced::open(store, &entry.path)? else {
            return Err(replaced::missing(store, &entry.path, "it is missing".to_owned()));
        };
        let stats = ScanStats { bytes: entry.footer.length, ..ScanStats::default() };
        let mut reader = Self {
            store,
            entry,
            file,
            codecs: entry.codecs.clone(),
            bench: Workbench::take(),
            stats,
        };
        // Nothing in it is needed, but a file without a footer is damaged for everybody else.
        reader.read_piece(&entry.footer)?;
        if entry.codecs.is_empty() {
            reader.codecs =
                codecs(&scan::decode_footer(entry, &reader.bench.chunk)?).ok_or_else(|| {
                    damaged(entry, "it is compressed in a way that this version does not read")
                })?;
        }
        Ok(reader)
    }

    /// How many row groups there are.
    #[must_use]
    pub const fn row_groups(&self) -> usize {
        self.entry.chunks.len()
    }

    /// A row group by its number.
    pub const fn row_group(&mut self, index: usize) -> RowGroup<'_, 's> {
        RowGroup { reader: self, index, rows: None }
    }

    /// What was read so far.
    #[must_use]
    pub const fn stats(&self) -> ScanStats {
        self.stats
    }

    /// Reads the chunk of a column and verifies it; gives how it is compressed.
    fn read_chunk(&mut self, row_group: usize, column: Column) -> Result<Codec, Error> {
        let pieces = self.entry.chunks.get(row_group).map_or(&[][..], Vec::as_slice);
        let place = column.place(pieces.len());
        let piece = place.and_then(|place| pieces.get(place));
        let codec = place.and_then(|place| self.codecs.get(place));
        let (Some(piece), Some(&codec)) = (piece, codec) else {
            let problem = "its commit record lacks a column chunk's checksum";
            return Err(damaged(self.entry, problem));
        };
        self.read_piece(piece)?;
        self.stats.bytes += piece.length;
        Ok(codec)
    }

    fn read_piece(&mut self, piece: &Piece) -> Result<(), Error> {
        let length = usize::try_from(piece.length).unwrap_or(usize::MAX);
        match self.file.read_at(self.store.io(), piece.offset, length, &mut self.bench.chunk)? {
            Some(()) if Xxh3::of(&self.bench.chunk) == piece.xxh3 => Ok(()),
            Some(()) => Err(damaged(self.entry, &piece.mismatch())),
            None => Err(damaged(self.entry, &piece.cut_off())),
        }
    }
}

impl Drop for FileReader<'_> {
    fn drop(&mut self) {
        std::mem::take(&mut self.bench).keep();
    }
}

impl RowGroup<'_, '_> {
    /// The values of a column that repeats: any but [`Column::Time`], [`Column::Sequence`],
    /// [`Column::InsertId`] and [`Column::Properties`].
    ///
    /// # Errors
    /// When the file is damaged or cannot be read.
    pub fn coded(&mut self, column: Column) -> Result<CodedColumn, Error> {
        let most = self.most_rows();
        let (kind, presence) = self.kind(column)?;
        let codec = self.reader.read_chunk(self.index, column)?;
        let reader = &mut *self.reader;
        let decoded = column::decode(
            &reader.bench.chunk,
            codec,
            kind,
            presence,
            most,
            &mut reader.bench.unpacking,
        );
        let coded = decoded.map_err(|error| undecodable(self.reader.entry, error))?;
        self.note_rows(coded.codes.rows())?;
        Ok(coded)
    }

    /// The integers of [`Column::Time`] (milliseconds) or [`Column::Sequence`], one a row.
    ///
    /// # Errors
    /// When the file is damaged or cannot be read.
    pub fn longs(&mut self, column: Column, into: &mut Vec<i64>) -> Result<(), Error> {
        let most = self.most_rows();
        let codec = self.reader.read_chunk(self.index, column)?;
        let reader = &mut *self.reader;
        column::decode_longs(&reader.bench.chunk, codec, most, &mut reader.bench.unpacking, into)
            .map_err(|error| undecodable(self.reader.entry, error))?;
        self.note_rows(u32::try_from(into.len()).unwrap_or(u32::MAX))
    }

    /// Hands the texts of [`Column::InsertId`] or [`Column::Properties`] to `visit`: those pages
    /// that hold a selected row.
    ///
    /// # Errors
    /// When the file is damaged or cannot be read; some pages were visited already then.
    pub fn texts(
        &mut self,
        column: Column,
        selection: &Selection,
        visit: impl FnMut(&TextPage<'_>),
    ) -> Result<(), Error> {
        let most = self.most_rows();
        let (_, presence) = self.kind(column)?;
        let codec = self.reader.read_chunk(self.index, column)?;
        let reader = &mut *self.reader;
        let Workbench { chunk, unpacking } = &mut reader.bench;
        let rows = texts::visit(chunk, codec, presence, selection, most, unpacking, visit)
            .map_err(|error| undecodable(self.reader.entry, error))?;
        self.note_rows(rows)
    }

    fn kind(&self, column: Column) -> Result<(ValueType, Presence), Error> {
        let promoted = self.reader.store.identity().promoted();
        column
            .kind(promoted)
            .ok_or_else(|| damaged(self.reader.entry, "it lacks a column every file has"))
    }

    fn most_rows(&self) -> u32 {
        u32::try_from(self.reader.entry.rows).unwrap_or(u32::MAX)
    }

    /// All columns have the same number of rows.
    fn note_rows(&mut self, rows: u32) -> Result<(), Error> {
        match self.rows.replace(rows) {
            Some(before) if before != rows => {
                Err(damaged(self.reader.entry, "its columns have different numbers of rows"))
            }
            Some(_) => Ok(()),
            None => {
                self.reader.stats.row_groups += 1;
                self.reader.stats.rows += u64::from(rows);
                Ok(())
            }
        }
    }
}

fn codecs(metadata: &ParquetMetaData) -> Option<Vec<Codec>> {
    let Some(row_group) = metadata.row_groups().first() else { return Some(Vec::new()) };
    codec::codecs(row_group)
}

fn damaged(entry: &DataFile, problem: &str) -> Error {
    Damage::new(&entry.path, problem).into()
}

fn undecodable(entry: &DataFile, error: Undecodable) -> Error {
    Damage::new(&entry.path, format!("it cannot be decoded: {error}")).into()
}
