//! A sorted run: row groups of one file that follow each other in order.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use hotshard_event::EventDate;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::SerializedPageReader;
use parquet::file::statistics::Statistics;

use super::chunk::{HELD_BYTES, VerifiedChunk, inwards};
use super::column::{BATCH_ROWS, ColumnCursor};
use crate::{Damage, DataFile, Error, Store, layout, scan, schema};

/// Largest page and dictionary that a column of a data file has, give or take a value.
const PAGE_BYTES: u64 = (1 << 20) + (64 << 10);
/// Largest page and dictionary that a column of a temporary run has, give or take a value: small
/// ones let more runs be open.
pub(super) const TEMPORARY_PAGE_BYTES: u32 = 64 << 10;
/// What a dictionary takes, in parts of its page: the page and a reference for each entry.
const DICTIONARY_PARTS: u64 = 3;
/// What a decoded value of any type takes apart from its page.
const VALUE_BYTES: u64 = 40;
/// What a column takes whatever is in it: above all what zstd needs to unpack.
const COLUMN_BYTES: u64 = 112 << 10;
/// How much longer than the mean the values are that a page may end with.
const LONGEST_PARTS: u64 = 4;
/// What a footer takes once it is decoded, in parts of its length.
const FOOTER_PARTS: u64 = 8;

/// The most an open run of a data file takes in memory, in bytes, with so many promoted columns.
#[must_use]
pub const fn largest_run_bytes(promoted: usize) -> u64 {
    run_bytes(promoted, PAGE_BYTES)
}

/// The most an open temporary run takes in memory, in bytes.
pub(super) const fn temporary_run_bytes(promoted: usize) -> u64 {
    run_bytes(promoted, TEMPORARY_PAGE_BYTES as u64)
}

/// Four of the ten fixed columns have large pages, four a large dictionary, too, and two are small.
const fn run_bytes(promoted: usize, page_bytes: u64) -> u64 {
    let columns = 10 + promoted as u64;
    let with_dictionary = (4 + promoted as u64) * (1 + DICTIONARY_PARTS);
    let pages = (4 + with_dictionary) * page_bytes + (64 << 10);
    pages + columns * (COLUMN_BYTES + HELD_BYTES + BATCH_ROWS as u64 * VALUE_BYTES)
}

/// A run that is not open: it takes next to no memory.
#[derive(Debug, Clone)]
pub(super) struct RunSource {
    pub(super) file: Arc<DataFile>,
    pub(super) row_groups: Range<usize>,
    /// No row is of an earlier day.
    pub(super) first_date: EventDate,
    /// No row is of a later day.
    pub(super) last_date: EventDate,
    pub(super) rows: u64,
    /// What it takes in memory once it is open, in bytes; never less than it does.
    pub(super) cost: u64,
}

impl RunSource {
    /// The runs of a file: one when all of it is sorted, or else one a row group.
    pub(super) fn of_file(store: &Store, file: &Arc<DataFile>) -> Result<Vec<Self>, Error> {
        let metadata = scan::read_footer(store, file)?;
        let groups = metadata.row_groups().iter().enumerate();
        let runs = groups.map(|(at, group)| {
            let (first_date, last_date) = dates(group).unwrap_or((file.first_date, file.last_date));
            Self {
                file: Arc::clone(file),
                row_groups: at..at + 1,
                first_date,
                last_date,
                rows: u64::try_from(group.num_rows()).unwrap_or(0),
                cost: cost(file, group),
            }
        });
        if !file.is_sorted() {
            return Ok(runs.collect());
        }
        Ok(runs.reduce(|whole, next| whole.followed_by(&next)).into_iter().collect())
    }

    fn followed_by(self, next: &Self) -> Self {
        Self {
            row_groups: self.row_groups.start..next.row_groups.end,
            last_date: self.last_date.max(next.last_date),
            rows: self.rows + next.rows,
            cost: self.cost.max(next.cost),
            ..self
        }
    }
}

/// The first and last day of a row group, as its statistics have them.
fn dates(group: &RowGroupMetaData) -> Option<(EventDate, EventDate)> {
    let is_date = |name: &str| name == schema::EVENT_DATE;
    let column = group.columns().iter().find(|column| is_date(column.column_descr().name()))?;
    match column.statistics()? {
        Statistics::Int32(days) => {
            let day = |day: Option<&i32>| day.copied().map(EventDate::from_epoch_days);
            Some((day(days.min_opt())?, day(days.max_opt())?))
        }
        _ => None,
    }
}

fn cost(file: &DataFile, group: &RowGroupMetaData) -> u64 {
    let is_temporary = file.path.starts_with(layout::TMP_DIR);
    let page_bytes = if is_temporary { TEMPORARY_PAGE_BYTES.into() } else { PAGE_BYTES };
    let column_costs = group.columns().iter().map(|column| {
        let content = u64::try_from(column.uncompressed_size()).unwrap_or(0);
        let packed = u64::try_from(column.compressed_size()).unwrap_or(0);
        let values = u64::try_from(column.num_values()).unwrap_or(0);
        let longest = LONGEST_PARTS * content / values.max(1);
        let page = content.min(page_bytes + longest);
        let has_dictionary = column.dictionary_page_offset().is_some();
        let dictionary = if has_dictionary { DICTIONARY_PARTS * page } else { 0 };
        let decoded = values.min(BATCH_ROWS as u64) * VALUE_BYTES;
        page + dictionary + decoded + packed.min(HELD_BYTES) + COLUMN_BYTES
    });
    column_costs.sum::<u64>() + FOOTER_PARTS * file.footer.length
}

/// What rows are sorted by.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Key {
    date: i32,
    event: ByteArray,
    time: i64,
    sequence: i64,
}

impl Key {
    pub(super) const fn date(&self) -> EventDate {
        EventDate::from_epoch_days(self.date)
    }

    pub(super) const fn event(&self) -> &ByteArray {
        &self.event
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let by_event = || self.event.partial_cmp(&other.event).unwrap_or(Ordering::Equal);
        let by_time = || (self.time, self.sequence).cmp(&(other.time, other.sequence));
        self.date.cmp(&other.date).then_with(by_event).then_with(by_time)
    }
}

/// A run at one of its rows.
pub(super) struct Run {
    store: Store,
    source: RunSource,
    schema: SchemaRef,
    metadata: ParquetMetaData,
    rows_left: i64,
    /// In the order of the schema.
    columns: Vec<ColumnCursor>,
    places: KeyPlaces,
    key: Key,
}

/// Where the columns of the key stand in the schema.
#[derive(Debug, Clone, Copy)]
struct KeyPlaces {
    date: usize,
    event: usize,
    time: usize,
    sequence: usize,
}

impl Run {
    /// Opens a run and goes to its first row; `None` when it has none.
    pub(super) fn open(
        store: &Store,
        source: RunSource,
        schema: &SchemaRef,
    ) -> Result<Option<Self>, Error> {
        let place = |name: &str| schema.index_of(name).unwrap_or(usize::MAX);
        let mut run = Self {
            store: store.clone(),
            schema: Arc::clone(schema),
            metadata: scan::read_footer(store, &source.file)?,
            rows_left: 0,
            columns: Vec::new(),
            places: KeyPlaces {
                date: place(schema::EVENT_DATE),
                event: place(schema::EVENT),
                time: place(schema::TIME),
                sequence: place(schema::SEQUENCE),
            },
            key: Key::default(),
            source,
        };
        Ok(if run.go_on()? { Some(run) } else { None })
    }

    /// The key of the current row.
    pub(super) const fn key(&self) -> &Key {
        &self.key
    }

    /// The columns at the current row, in the order of the schema.
    pub(super) fn columns(&self) -> &[ColumnCursor] {
        &self.columns
    }

    /// The file it is in.
    pub(super) fn file(&self) -> &DataFile {
        &self.source.file
    }

    /// Goes to the next row; whether there is one.
    pub(super) fn step(&mut self) -> Result<bool, Error> {
        let before = std::mem::take(&mut self.key);
        let is_there = self.go_on()?;
        if is_there && before.compare(&self.key) == Ordering::Greater {
            return Err(self.damaged("the rows of a row group are not sorted"));
        }
        Ok(is_there)
    }

    fn go_on(&mut self) -> Result<bool, Error> {
        while self.rows_left == 0 {
            let Some(row_group) = self.source.row_groups.next() else { return Ok(false) };
            self.open_row_group(row_group)?;
        }
        self.rows_left -= 1;
        let path = &self.source.file.path;
        for column in &mut self.columns {
            column.step().map_err(|error| inwards(path, error))?;
        }
        let key = self.read_key();
        self.key = key.ok_or_else(|| self.damaged("a row group ends before its last row"))?;
        Ok(true)
    }

    fn read_key(&self) -> Option<Key> {
        let column = |place: usize| self.columns.get(place);
        let long = |place: usize| match column(place) {
            Some(ColumnCursor::Long(values)) => values.get().copied(),
            _ => None,
        };
        let (Some(ColumnCursor::Day(date)), Some(ColumnCursor::Text(event))) =
            (column(self.places.date), column(self.places.event))
        else {
            return None;
        };
        Some(Key {
            date: *date.get()?,
            event: event.get()?.clone(),
            time: long(self.places.time)?,
            sequence: long(self.places.sequence)?,
        })
    }

    fn open_row_group(&mut self, at: usize) -> Result<(), Error> {
        // What the last one held goes first.
        self.columns.clear();
        let group = self.metadata.row_groups().get(at);
        let pieces = self.source.file.chunks.get(at);
        let (Some(group), Some(pieces)) = (group, pieces) else {
            return Err(self.damaged("it lacks a row group that was committed"));
        };
        self.rows_left = group.num_rows();
        let path = &self.source.file.path;
        let undecodable = |error: ParquetError| inwards(path, error);
        let promoted = self.store.identity().promoted();
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for field in self.schema.fields() {
            let place = group
                .columns()
                .iter()
                .position(|column| column.column_descr().name() == field.name());
            let chunk =
                place.and_then(|place| Some((group.columns().get(place)?, *pieces.get(place)?)));
            let cursor = match chunk {
                Some((column, piece)) => {
                    let chunk = Arc::new(VerifiedChunk::open(&self.store, path, piece)?);
                    let rows = usize::try_from(group.num_rows()).unwrap_or(0);
                    let pages = SerializedPageReader::new(chunk, column, rows, None);
                    let pages = pages.map_err(undecodable)?;
                    ColumnCursor::open(field.data_type(), &column.column_descr_ptr(), pages)
                }
                None => None,
            };
            let is_promoted = promoted.iter().any(|promoted| promoted.name() == field.name());
            columns.push(match cursor {
                Some(cursor) => cursor,
                None if is_promoted => ColumnCursor::Absent,
                None => {
                    let problem = format!("it lacks the column `{}`", field.name());
                    return Err(Damage::new(path, problem).into());
                }
            });
        }
        self.columns = columns;
        Ok(())
    }

    fn damaged(&self, problem: &str) -> Error {
        Damage::new(&self.source.file.path, problem).into()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ShardCount;
    use crate::checksum::Piece;

    /// A run of these days, rows and memory.
    pub(in crate::compact) fn source(days: (i32, i32), rows: u64, cost: u64) -> RunSource {
        let (first_date, last_date) =
            (EventDate::from_epoch_days(days.0), EventDate::from_epoch_days(days.1));
        let file = DataFile {
            path: "events/shard=0000/x.parquet".to_owned(),
            shard: ShardCount::new(1).unwrap().shards().next().unwrap(),
            rows,
            first_date,
            last_date,
            length: 0,
            footer: Piece::EMPTY,
            chunks: Vec::new(),
            codecs: Vec::new(),
            unpacked: Vec::new(),
            events: None,
            mistyped: BTreeMap::new(),
            sorted: true,
        };
        RunSource { file: Arc::new(file), row_groups: 0..1, first_date, last_date, rows, cost }
    }
}
