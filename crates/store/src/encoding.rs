//! How columns are encoded in data files. Which encoding, and why, is in `docs/performance.md`.

use std::sync::Arc;

use arrow_schema::SchemaRef;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory};
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, TypePtr};

use crate::schema::{self, Texts};
use crate::{Error, PromotedColumn, PromotedType, ZstdLevel};

/// Most rows of a row group: a few tens of MiB, so that a scan holds little and skips by date.
pub(crate) const MAX_ROW_GROUP_ROWS: usize = 262_144;

/// Everything that the data files of a store have in common.
pub(crate) struct FileEncoding {
    promoted: Vec<PromotedColumn>,
    arrow_schema: SchemaRef,
    parquet_schema: TypePtr,
    properties: WriterPropertiesPtr,
    row_groups: ArrowRowGroupWriterFactory,
}

impl std::fmt::Debug for FileEncoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileEncoding").field("schema", &self.arrow_schema).finish_non_exhaustive()
    }
}

impl FileEncoding {
    /// The encoding of files with these promoted columns.
    pub(crate) fn new(promoted: &[PromotedColumn], level: ZstdLevel) -> Result<Self, Error> {
        // Texts are handed over as views of bytes that were checked when they were decoded; in the
        // file they are strings.
        let arrow_schema = schema::schema(promoted, Texts::Views);
        let strings = schema::schema(promoted, Texts::Plain);
        let parquet_schema =
            ArrowSchemaConverter::new().convert(&strings).map_err(Error::Encode)?.root_schema_ptr();
        let properties = Arc::new(writer_properties(promoted, level));
        let empty = SerializedFileWriter::new(
            Vec::new(),
            Arc::clone(&parquet_schema),
            Arc::clone(&properties),
        )
        .map_err(Error::Encode)?;
        let row_groups = ArrowRowGroupWriterFactory::new(&empty, Arc::clone(&arrow_schema));
        let promoted = promoted.to_vec();
        Ok(Self { promoted, arrow_schema, parquet_schema, properties, row_groups })
    }

    pub(crate) fn promoted(&self) -> &[PromotedColumn] {
        &self.promoted
    }

    /// The schema of the batches that column writers take.
    pub(crate) const fn arrow_schema(&self) -> &SchemaRef {
        &self.arrow_schema
    }

    /// Writers for the columns of one row group.
    pub(crate) fn column_writers(&self) -> Result<Vec<ArrowColumnWriter>, Error> {
        self.row_groups.create_column_writers(0).map_err(Error::Encode)
    }

    /// A file without row groups, which begins with Parquet's magic.
    pub(crate) fn new_file(&self) -> Result<SerializedFileWriter<Vec<u8>>, Error> {
        let (schema, properties) = (Arc::clone(&self.parquet_schema), Arc::clone(&self.properties));
        SerializedFileWriter::new(Vec::new(), schema, properties).map_err(Error::Encode)
    }
}

/// Columns of few values, or of few rows.
const UNCOMPRESSED_DICTIONARIES: [&str; 4] =
    [schema::EVENT_DATE, schema::EVENT, schema::ORIGINAL_NAME, schema::ORIGINAL_DISTINCT_ID];
/// About a thousand insert ids of 36 bytes, the fewest that Parquet's writer puts into a page.
const INSERT_ID_PAGE_BYTES: usize = 32 * 1024;

/// Encodings by measurement.
///
/// - Texts that are seldom equal (insert ids, properties): lengths apart from the texts, which zstd
///   then takes twice as fast, and to fewer bytes, than with each length before its text.
/// - Times and sequences: deltas in a bit-packed form, in which zstd finds nothing more.
/// - All else: dictionaries, which counts are made on. Where those and their codes are short anyway,
///   because rows are sorted, zstd saves nothing and costs the reader a start for every page.
/// - Insert ids in small pages: of a row group, only those of possible duplicates are looked at.
pub(crate) fn writer_properties(promoted: &[PromotedColumn], level: ZstdLevel) -> WriterProperties {
    let column = |name: &str| ColumnPath::from(name);
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("hotshard ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(level.parquet()))
        .set_max_row_group_row_count(Some(MAX_ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    for name in [schema::INSERT_ID, schema::PROPERTIES] {
        properties = properties
            .set_column_dictionary_enabled(column(name), false)
            .set_column_encoding(column(name), Encoding::DELTA_LENGTH_BYTE_ARRAY)
            .set_column_statistics_enabled(column(name), EnabledStatistics::None);
    }
    // Every shard has ids from first to last.
    properties = properties
        .set_column_statistics_enabled(column(schema::DISTINCT_ID), EnabledStatistics::None);
    for name in [schema::TIME, schema::SEQUENCE] {
        properties = properties
            .set_column_dictionary_enabled(column(name), false)
            .set_column_encoding(column(name), Encoding::DELTA_BINARY_PACKED)
            .set_column_compression(column(name), Compression::UNCOMPRESSED);
    }
    for name in UNCOMPRESSED_DICTIONARIES {
        properties = properties.set_column_compression(column(name), Compression::UNCOMPRESSED);
    }
    properties =
        properties.set_column_data_page_size_limit(column(schema::INSERT_ID), INSERT_ID_PAGE_BYTES);
    // A promoted property may have dots in its name, which a column path would take apart.
    for promoted in promoted.iter().filter(|column| column.kind() == PromotedType::Double) {
        let path = ColumnPath::new(vec![promoted.name().to_owned()]);
        properties = properties.set_column_dictionary_enabled(path, false);
    }
    properties.build()
}
