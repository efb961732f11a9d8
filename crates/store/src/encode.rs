//! Rows of one shard as one Parquet file with its checksums.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, TimestampMillisecondArray,
};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hotshard_event::{EventBlock, EventDate, EventView, Placement, Properties, Row};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::checksum::Piece;
use crate::schema::{self, Texts};
use crate::{DataFile, Error, PromotedColumn, PromotedType, RowCounts, ShardId};

/// Rows a row group: a few MiB per column, so that a scan holds little and skips by date.
const ROW_GROUP_ROWS: usize = 262_144;
/// Rows converted at a time.
const BATCH_ROWS: usize = 16_384;
/// zstd's fastest regular level.
const ZSTD_LEVEL: i32 = 1;

/// An encoded file and its entry for the commit record.
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) entry: DataFile,
    /// What is in it.
    pub(crate) counts: RowCounts,
}

/// Encodes the rows of one shard, sorted by (event date, event, time, sequence).
pub(crate) fn encode(
    path: String,
    shard: ShardId,
    promoted: &[PromotedColumn],
    block: &EventBlock,
) -> Result<Encoded, Error> {
    let sorted = sort(block);
    let schema = schema::schema(promoted, Texts::Plain);
    let options = ArrowWriterOptions::new()
        .with_properties(writer_properties(promoted))
        .with_skip_arrow_metadata(true);
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new_with_options(&mut bytes, schema.clone(), options)
        .map_err(Error::Encode)?;
    let mut tally = Tally::new(promoted);
    for rows in sorted.chunks(BATCH_ROWS) {
        let mut columns = Columns::new(promoted, rows.len());
        for row in rows.iter().map(|row| block.view(row)) {
            tally.add(&row);
            columns.push(&row, &mut tally);
        }
        let batch = RecordBatch::try_new(schema.clone(), columns.finish())
            .map_err(|error| Error::Encode(error.into()))?;
        writer.write(&batch).map_err(Error::Encode)?;
    }
    tally.end_run();
    let metadata = writer.close().map_err(Error::Encode)?;
    let (chunks, footer) = checksums(&bytes, &metadata)?;
    let date = |row: Option<&&Row>| row.map_or_else(Default::default, |row| row.date);
    let entry = DataFile {
        path,
        shard,
        rows: sorted.len() as u64,
        first_date: date(sorted.first()),
        last_date: date(sorted.last()),
        length: bytes.len() as u64,
        footer,
        chunks,
        events: tally.counts.by_name(),
        mistyped: tally.mistyped,
    };
    Ok(Encoded { bytes, entry, counts: tally.counts })
}

/// The rows in file order. Event names are few: each is ranked once, and ranks are compared.
fn sort(block: &EventBlock) -> Vec<&Row> {
    let mut names: HashMap<&str, u32, FixedState> = HashMap::default();
    let mut keyed = Vec::with_capacity(block.len());
    for (at, row) in (0_u32..).zip(block.rows()) {
        let next = u32::try_from(names.len()).unwrap_or(u32::MAX);
        let name = *names.entry(block.text(row.name)).or_insert(next);
        keyed.push((row.date, name, row.time, row.sequence, at));
    }
    let mut in_order: Vec<(&str, u32)> = names.into_iter().collect();
    in_order.sort_unstable();
    let mut ranks = vec![0_u32; in_order.len()];
    for (rank, (_, name)) in (0_u32..).zip(in_order) {
        if let Some(slot) = ranks.get_mut(name as usize) {
            *slot = rank;
        }
    }
    for key in &mut keyed {
        key.1 = ranks.get(key.1 as usize).copied().unwrap_or(key.1);
    }
    keyed.sort_unstable();
    keyed.into_iter().filter_map(|(.., at)| block.rows().get(at as usize)).collect()
}

fn writer_properties(promoted: &[PromotedColumn]) -> WriterProperties {
    let column = |name: &str| ColumnPath::from(name);
    let level = ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default();
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("hotshard ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_column_dictionary_enabled(column(schema::PROPERTIES), false)
        .set_column_statistics_enabled(column(schema::PROPERTIES), EnabledStatistics::None)
        .set_column_dictionary_enabled(column(schema::INSERT_ID), false)
        .set_column_statistics_enabled(column(schema::INSERT_ID), EnabledStatistics::None);
    for name in [schema::TIME, schema::SEQUENCE] {
        properties = properties
            .set_column_dictionary_enabled(column(name), false)
            .set_column_encoding(column(name), Encoding::DELTA_BINARY_PACKED);
    }
    // A promoted property may have dots in its name, which a column path would take apart.
    for promoted in promoted.iter().filter(|column| column.kind() == PromotedType::Double) {
        let path = ColumnPath::new(vec![promoted.name().to_owned()]);
        properties = properties.set_column_dictionary_enabled(path, false);
    }
    properties.build()
}

/// What the commit record says of the rows. They come sorted, so a run of one event name and
/// date is counted before it is looked up.
struct Tally<'a> {
    counts: RowCounts,
    run: Option<(&'a str, EventDate, u64)>,
    mistyped: BTreeMap<String, u64>,
}

impl<'a> Tally<'a> {
    fn new(promoted: &[PromotedColumn]) -> Self {
        let mistyped = promoted.iter().map(|column| (column.name().to_owned(), 0)).collect();
        Self { counts: RowCounts::default(), run: None, mistyped }
    }

    fn add(&mut self, row: &EventView<'a>) {
        match &mut self.run {
            Some((name, date, rows)) if *name == row.name && *date == row.date => *rows += 1,
            _ => {
                self.end_run();
                self.run = Some((row.name, row.date, 1));
            }
        }
    }

    fn end_run(&mut self) {
        if let Some((name, date, rows)) = self.run.take() {
            self.counts.add(name, date, rows);
        }
    }
}

/// Builders for a batch, in the order of the schema.
struct Columns<'p> {
    promoted_columns: &'p [PromotedColumn],
    dates: Vec<i32>,
    events: StringBuilder,
    times: Vec<i64>,
    distinct_ids: StringBuilder,
    insert_ids: StringBuilder,
    original_names: StringBuilder,
    original_ids: StringBuilder,
    spread: Vec<bool>,
    sequences: Vec<i64>,
    promoted: Vec<PromotedBuilder>,
    properties: StringBuilder,
}

impl<'p> Columns<'p> {
    fn new(promoted: &'p [PromotedColumn], rows: usize) -> Self {
        let texts = |bytes_a_row: usize| StringBuilder::with_capacity(rows, rows * bytes_a_row);
        Self {
            promoted_columns: promoted,
            dates: Vec::with_capacity(rows),
            events: texts(16),
            times: Vec::with_capacity(rows),
            distinct_ids: texts(24),
            insert_ids: texts(36),
            original_names: texts(4),
            original_ids: texts(4),
            spread: Vec::with_capacity(rows),
            sequences: Vec::with_capacity(rows),
            promoted: promoted.iter().map(PromotedBuilder::new).collect(),
            properties: texts(160),
        }
    }

    fn push(&mut self, row: &EventView<'_>, tally: &mut Tally<'_>) {
        self.dates.push(row.date.epoch_days());
        self.events.append_value(row.name);
        self.times.push(row.time.millis());
        self.distinct_ids.append_value(row.distinct_id);
        self.insert_ids.append_option(row.insert_id);
        self.original_names.append_option(row.originals.name);
        self.original_ids.append_option(row.originals.distinct_id);
        self.spread.push(row.placement == Placement::Spread);
        self.sequences.push(row.sequence.get().cast_signed());
        self.properties.append_value(row.properties);
        for (column, builder) in self.promoted_columns.iter().zip(&mut self.promoted) {
            let raw = Properties::new(row.properties).raw(column.name());
            if !builder.push(raw)
                && let Some(mistyped) = tally.mistyped.get_mut(column.name())
            {
                *mistyped += 1;
            }
        }
    }

    fn finish(mut self) -> Vec<ArrayRef> {
        let times = TimestampMillisecondArray::from(self.times).with_timezone("UTC");
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(Date32Array::from(self.dates)),
            Arc::new(self.events.finish()),
            Arc::new(times),
            Arc::new(self.distinct_ids.finish()),
            Arc::new(self.insert_ids.finish()),
            Arc::new(self.original_names.finish()),
            Arc::new(self.original_ids.finish()),
            Arc::new(BooleanArray::from(self.spread)),
            Arc::new(Int64Array::from(self.sequences)),
        ];
        arrays.extend(self.promoted.into_iter().map(PromotedBuilder::finish));
        arrays.push(Arc::new(self.properties.finish()));
        arrays
    }
}

/// The builder of a promoted column.
enum PromotedBuilder {
    Text(StringBuilder),
    Long(Int64Builder),
    Double(Float64Builder),
    Boolean(BooleanBuilder),
}

impl PromotedBuilder {
    fn new(column: &PromotedColumn) -> Self {
        match column.kind() {
            PromotedType::String => Self::Text(StringBuilder::new()),
            PromotedType::Long => Self::Long(Int64Builder::new()),
            PromotedType::Double => Self::Double(Float64Builder::new()),
            PromotedType::Boolean => Self::Boolean(BooleanBuilder::new()),
        }
    }

    /// Adds a raw JSON value, or null; false when the null hides a value of another type.
    fn push(&mut self, raw: Option<&str>) -> bool {
        let raw = raw.filter(|raw| *raw != "null");
        let kept = match self {
            Self::Text(builder) => {
                let text = raw.and_then(|raw| serde_json::from_str::<String>(raw).ok());
                builder.append_option(text.as_deref());
                text.is_some()
            }
            Self::Long(builder) => {
                // Only the canonical form: what the column says is what the text said.
                let long = raw
                    .and_then(|raw| raw.parse::<i64>().ok().filter(|long| long.to_string() == raw));
                builder.append_option(long);
                long.is_some()
            }
            Self::Double(builder) => {
                // Rust's parser rounds correctly; a JSON string begins with a quote and is none.
                let parsed = raw.and_then(|raw| raw.parse::<f64>().ok());
                let number = parsed.filter(|number| number.is_finite());
                builder.append_option(number);
                number.is_some()
            }
            Self::Boolean(builder) => {
                let boolean = raw.and_then(|raw| raw.parse::<bool>().ok());
                builder.append_option(boolean);
                boolean.is_some()
            }
        };
        kept || raw.is_none()
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut builder) => Arc::new(builder.finish()),
            Self::Long(mut builder) => Arc::new(builder.finish()),
            Self::Double(mut builder) => Arc::new(builder.finish()),
            Self::Boolean(mut builder) => Arc::new(builder.finish()),
        }
    }
}

/// Checksums of every column chunk and of the footer, which together cover the whole file but
/// its first magic.
fn checksums(bytes: &[u8], metadata: &ParquetMetaData) -> Result<(Vec<Vec<Piece>>, Piece), Error> {
    let outside = || Error::Encode(ParquetError::General("a chunk outside of the file".into()));
    let mut chunks = Vec::with_capacity(metadata.num_row_groups());
    for row_group in metadata.row_groups() {
        let pieces: Option<Vec<Piece>> = row_group
            .columns()
            .iter()
            .map(|column| {
                let (offset, length) = column.byte_range();
                Piece::of(bytes, offset, length)
            })
            .collect();
        chunks.push(pieces.ok_or_else(outside)?);
    }
    let end = chunks.iter().flatten().map(Piece::end).max();
    let footer_offset = end.unwrap_or(crate::layout::PARQUET_MAGIC.len() as u64);
    let footer_length = bytes.len() as u64 - footer_offset;
    let footer = Piece::of(bytes, footer_offset, footer_length).ok_or_else(outside)?;
    Ok((chunks, footer))
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;
    use arrow_array::types::Float64Type;

    use super::*;

    /// A fast parser gave -0.9287993464166108 for this latitude, one unit in the last place off.
    #[test]
    fn a_promoted_double_is_the_nearest_to_its_text() {
        let column = PromotedColumn::new("lat", PromotedType::Double).unwrap();
        let mut builder = PromotedBuilder::new(&column);
        assert!(builder.push(Some("-0.9287993464166107")));
        let array = builder.finish();
        assert_eq!(array.as_primitive::<Float64Type>().value(0).to_string(), "-0.9287993464166107");
    }

    #[test]
    fn only_values_of_the_type_reach_a_promoted_column() {
        let cases = [
            (PromotedType::String, r#""pro""#, true),
            (PromotedType::String, "5", false),
            (PromotedType::Long, "5", true),
            (PromotedType::Long, "5.0", false),
            (PromotedType::Long, "-0", false),
            (PromotedType::Long, "9223372036854775808", false),
            (PromotedType::Double, "1e2", true),
            (PromotedType::Double, "1e400", false),
            (PromotedType::Double, "{}", false),
            (PromotedType::Double, r#""1""#, false),
            (PromotedType::Boolean, "true", true),
            (PromotedType::Boolean, "1", false),
        ];
        for (kind, raw, kept) in cases {
            let column = PromotedColumn::new("p", kind).unwrap();
            let mut builder = PromotedBuilder::new(&column);
            assert_eq!(builder.push(Some(raw)), kept, "{kind:?} {raw}");
            assert!(builder.push(Some("null")) && builder.push(None), "{kind:?}");
            let array = builder.finish();
            assert_eq!(arrow_array::Array::is_valid(&array, 0), kept, "{kind:?} {raw}");
            assert_eq!(arrow_array::Array::null_count(&array), if kept { 2 } else { 3 });
        }
    }
}
