//! Files that a merge writes: sorted rows, row group by row group.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use hotshard_event::EventDate;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::data_type::ByteArray;
use parquet::file::properties::WriterProperties;

use super::plan::TargetSize;
use super::rows::Rows;
use super::run::{self, Run};
use crate::checksum::Piece;
use crate::io::{Descriptor, GrowingFile};
use crate::row_counts::MAX_EVENT_NAMES;
use crate::shard_file::{outside, pieces};
use crate::{
    Damage, DataFile, Error, PromotedColumn, ShardId, Store, ZstdLevel, codec, encoding, layout,
    schema,
};

/// Room for what the writer's estimate of a row group leaves out.
const SLACK_BYTES: usize = 64 << 10;

/// What is written for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Files of the store, of this size.
    Files(TargetSize),
    /// One file that is merged again.
    Run,
}

/// How a merge writes.
#[derive(Debug, Clone)]
pub(super) struct OutputSettings {
    pub(super) store: Store,
    pub(super) shard: ShardId,
    pub(super) purpose: Purpose,
    /// Encoded rows held in memory at most, in bytes, give or take a batch.
    pub(super) row_group_bytes: usize,
    /// In `_tmp/`, without the number and suffix.
    pub(super) name: String,
}

/// A series of files with sorted rows.
pub(super) struct Output {
    settings: OutputSettings,
    schema: SchemaRef,
    rows: Rows,
    open: Option<OpenFile>,
    finished: Vec<DataFile>,
}

impl Output {
    pub(super) fn new(settings: OutputSettings) -> Self {
        let promoted = settings.store.identity().promoted();
        let schema = schema::schema(promoted, schema::Texts::Plain);
        let rows = Rows::new(&schema, promoted);
        Self { rows, schema, settings, open: None, finished: Vec::new() }
    }

    /// The columns, in order.
    pub(super) const fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Adds the current row of a run, which belongs behind all rows before it.
    pub(super) fn push(&mut self, run: &Run) -> Result<(), Error> {
        let date = run.key().date();
        match self.open.as_ref().map(|file| file.last_date) {
            Some(last) if last > date => {
                let problem = "it has rows of days before those that its statistics tell";
                return Err(Damage::new(run.file().path(), problem).into());
            }
            Some(last) if last < date => self.begin_day(date)?,
            _ => {}
        }
        let number = self.finished.len() + 1;
        let file = match &mut self.open {
            Some(file) => file,
            none => none.insert(OpenFile::create(&self.settings, &self.schema, number, date)?),
        };
        file.count(run.key().event());
        self.rows.push(run)?;
        if self.rows.is_full() {
            self.write_rows()?;
            // A day that is larger than a file is cut.
            let day_start = self.open.as_ref().map_or(0, |file| file.day_start);
            self.close_if_large(day_start)?;
        }
        Ok(())
    }

    /// Ends the series; its files, in order.
    pub(super) fn finish(mut self) -> Result<Vec<DataFile>, Error> {
        self.close()?;
        Ok(self.finished)
    }

    /// The open file ends where its last day does, or takes in another one.
    fn begin_day(&mut self, date: EventDate) -> Result<(), Error> {
        self.close_if_large(0)?;
        let size = self.size();
        if let Some(file) = &mut self.open {
            (file.last_date, file.day_start) = (date, size);
        }
        Ok(())
    }

    /// About how large the open file would be if it ended here.
    fn size(&self) -> u64 {
        self.open.as_ref().map_or(0, |file| file.size() + self.rows.text_bytes() as u64)
    }

    /// Closes the open file when what it has from that byte on is enough for a file: when it seems
    /// to be, and what was still to be encoded does not turn out to be much smaller.
    fn close_if_large(&mut self, from: u64) -> Result<(), Error> {
        let Purpose::Files(target) = self.settings.purpose else { return Ok(()) };
        if self.size().saturating_sub(from) < target.bytes() {
            return Ok(());
        }
        self.write_rows()?;
        let Some(file) = &mut self.open else { return Ok(()) };
        file.flush_row_group()?;
        file.day_start = file.day_start.min(file.file.written());
        let is_large = file.file.written().saturating_sub(from) >= target.large_enough();
        if is_large { self.close() } else { Ok(()) }
    }

    fn write_rows(&mut self) -> Result<(), Error> {
        if self.rows.len() == 0 {
            return Ok(());
        }
        let batch = self.rows.take()?;
        let mistyped = self.rows.take_mistyped();
        match &mut self.open {
            Some(file) => file.write(&batch, mistyped),
            None => Ok(()),
        }
    }

    fn close(&mut self) -> Result<(), Error> {
        self.write_rows()?;
        if let Some(file) = self.open.take() {
            self.finished.push(file.finish()?);
        }
        Ok(())
    }
}

/// A file under way: row groups that are complete are on the disk.
struct OpenFile {
    store: Store,
    entry: DataFile,
    writer: ArrowWriter<Vec<u8>>,
    row_group_bytes: usize,
    file: GrowingFile,
    last_date: EventDate,
    /// About how large the file was when its last day began.
    day_start: u64,
    /// The event name of the last rows and their number.
    run: Option<(ByteArray, u64)>,
}

impl OpenFile {
    fn create(
        settings: &OutputSettings,
        schema: &SchemaRef,
        number: usize,
        date: EventDate,
    ) -> Result<Self, Error> {
        let store = settings.store.clone();
        let path = format!("{}/{}-{number:06}.parquet", layout::TMP_DIR, settings.name);
        // What an earlier attempt of this writer left.
        if store.io().length(&store.at(&path))?.is_some() {
            store.io().remove(&store.at(&path))?;
        }
        // One file at a time is written.
        let file = GrowingFile::new(store.at(&path), Descriptor::Kept);
        let properties = properties(store.identity().promoted(), settings.purpose);
        let options =
            ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(schema), options)
            .map_err(Error::Encode)?;
        let entry = DataFile {
            path,
            shard: settings.shard,
            rows: 0,
            first_date: date,
            last_date: date,
            length: 0,
            footer: Piece::EMPTY,
            chunks: Vec::new(),
            codecs: Vec::new(),
            unpacked: Vec::new(),
            events: Some(BTreeMap::new()),
            mistyped: BTreeMap::new(),
            sorted: true,
        };
        Ok(Self {
            store,
            entry,
            writer,
            row_group_bytes: settings.row_group_bytes,
            file,
            last_date: date,
            day_start: 0,
            run: None,
        })
    }

    /// Counts a row by its event name. Rows come sorted, so a run of one name is counted before
    /// it is looked up.
    fn count(&mut self, event: &ByteArray) {
        match &mut self.run {
            Some((name, rows)) if name == event => *rows += 1,
            _ => {
                self.end_run();
                self.run = Some((event.clone(), 1));
            }
        }
    }

    fn end_run(&mut self) {
        let Some((name, rows)) = self.run.take() else { return };
        self.entry.rows += rows;
        let Some(events) = &mut self.entry.events else { return };
        let name = String::from_utf8_lossy(name.data());
        if let Some(known) = events.get_mut(name.as_ref()) {
            *known += rows;
        } else if events.len() < MAX_EVENT_NAMES {
            events.insert(name.into_owned(), rows);
        } else {
            self.entry.events = None;
        }
    }

    fn size(&self) -> u64 {
        self.file.written() + self.writer.in_progress_size() as u64
    }

    fn write(&mut self, batch: &RecordBatch, mistyped: BTreeMap<String, u64>) -> Result<(), Error> {
        self.writer.write(batch).map_err(Error::Encode)?;
        for (column, values) in mistyped {
            *self.entry.mistyped.entry(column).or_default() += values;
        }
        if self.writer.memory_size() > self.row_group_bytes {
            return self.flush_row_group();
        }
        self.write_row_groups()
    }

    /// Ends the row group at hand, if it has rows.
    fn flush_row_group(&mut self) -> Result<(), Error> {
        let size = self.writer.in_progress_size() + SLACK_BYTES;
        self.writer.inner_mut().reserve(size);
        self.writer.flush().map_err(Error::Encode)?;
        self.write_row_groups()
    }

    /// Moves row groups that are encoded to the disk.
    fn write_row_groups(&mut self) -> Result<(), Error> {
        let groups = self.writer.flushed_row_groups().len();
        if groups == self.entry.chunks.len() {
            return Ok(());
        }
        let bytes = self.take_bytes()?;
        let new = self.writer.flushed_row_groups().iter().skip(self.entry.chunks.len());
        let mut chunks = Vec::new();
        for group in new {
            let pieces = pieces(&bytes, self.file.written(), group);
            chunks.push(pieces.ok_or_else(outside)?);
            self.entry.codecs = codec::codecs(group).unwrap_or_default();
            codec::most_unpacked(&mut self.entry.unpacked, group);
        }
        self.entry.chunks.extend(chunks);
        self.append(&bytes)
    }

    /// The encoded bytes that are not on the disk.
    fn take_bytes(&mut self) -> Result<Vec<u8>, Error> {
        self.writer.sync().map_err(|error| Error::Encode(error.into()))?;
        Ok(std::mem::take(self.writer.inner_mut()))
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.append(self.store.io(), bytes)
    }

    /// Writes the footer, and forces the file to the disk.
    fn finish(mut self) -> Result<DataFile, Error> {
        self.flush_row_group()?;
        self.end_run();
        self.writer.finish().map_err(Error::Encode)?;
        let bytes = self.take_bytes()?;
        let (begin, length) = (self.file.written(), bytes.len() as u64);
        let footer = Piece::within(&bytes, begin, begin, length).ok_or_else(outside)?;
        self.append(&bytes)?;
        self.file.sync(self.store.io())?;
        let (last_date, length) = (self.last_date, self.file.written());
        Ok(DataFile { last_date, length, footer, ..self.entry })
    }
}

fn properties(promoted: &[PromotedColumn], purpose: Purpose) -> WriterProperties {
    let builder = encoding::writer_properties(promoted, ZstdLevel::DEFAULT).into_builder();
    match purpose {
        Purpose::Files(_) => builder.build(),
        Purpose::Run => builder
            .set_data_page_size_limit(run::TEMPORARY_PAGE_BYTES as usize)
            .set_dictionary_page_size_limit(run::TEMPORARY_PAGE_BYTES as usize)
            .build(),
    }
}
