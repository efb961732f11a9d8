//! The values of a column chunk, one after another, with no more than a page of them in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_schema::DataType as ArrowType;
use parquet::basic::Type as PhysicalType;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{BoolType, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::SerializedPageReader;
use parquet::schema::types::ColumnDescPtr;

use super::chunk::VerifiedChunk;

/// Most values decoded at a time.
pub(super) const BATCH_ROWS: usize = 1_024;

/// A column of an open run at its current row.
pub(super) enum ColumnCursor {
    /// Days.
    Day(Values<Int32Type>),
    /// Integers, times among them.
    Long(Values<Int64Type>),
    /// Floating point.
    Double(Values<DoubleType>),
    /// `true` and `false`.
    Flag(Values<BoolType>),
    /// Texts.
    Text(Values<ByteArrayType>),
    /// A promoted column that the file does not have: its values stand in the properties.
    Absent,
}

impl ColumnCursor {
    /// A column of that type before its first row; `None` when the file has it in another.
    pub(super) fn open(
        kind: &ArrowType,
        column: &ColumnDescPtr,
        pages: SerializedPageReader<VerifiedChunk>,
    ) -> Option<Self> {
        let cursor = match (kind, column.physical_type()) {
            (ArrowType::Date32, PhysicalType::INT32) => Self::Day(Values::new(column, pages)),
            (ArrowType::Int64 | ArrowType::Timestamp(..), PhysicalType::INT64) => {
                Self::Long(Values::new(column, pages))
            }
            (ArrowType::Float64, PhysicalType::DOUBLE) => Self::Double(Values::new(column, pages)),
            (ArrowType::Boolean, PhysicalType::BOOLEAN) => Self::Flag(Values::new(column, pages)),
            (ArrowType::Utf8, PhysicalType::BYTE_ARRAY) => Self::Text(Values::new(column, pages)),
            _ => return None,
        };
        Some(cursor)
    }

    /// Goes to the next row.
    pub(super) fn step(&mut self) -> Result<(), ParquetError> {
        match self {
            Self::Day(values) => values.step(),
            Self::Long(values) => values.step(),
            Self::Double(values) => values.step(),
            Self::Flag(values) => values.step(),
            Self::Text(values) => values.step(),
            Self::Absent => Ok(()),
        }
    }
}

/// The values of one type.
pub(super) struct Values<D: DataType> {
    reader: ColumnReaderImpl<D>,
    gate: Arc<AtomicBool>,
    /// The level of a value that is there; 0 when none may be missing.
    present: i16,
    levels: Vec<i16>,
    /// Decoded values, those that are there.
    values: Vec<D::T>,
    rows: usize,
    row: usize,
    value: usize,
}

impl<D: DataType> Values<D> {
    fn new(column: &ColumnDescPtr, pages: SerializedPageReader<VerifiedChunk>) -> Self {
        let gate = Arc::new(AtomicBool::new(false));
        let gated = GatedPages { pages, open: Arc::clone(&gate) };
        Self {
            reader: ColumnReaderImpl::new(Arc::clone(column), Box::new(gated)),
            gate,
            present: column.max_def_level(),
            levels: Vec::new(),
            values: Vec::new(),
            rows: 0,
            row: 0,
            value: 0,
        }
    }

    /// The value of the current row; `None` when it is missing, and before the first row.
    pub(super) fn get(&self) -> Option<&D::T> {
        if self.is_there() { self.values.get(self.value) } else { None }
    }

    fn is_there(&self) -> bool {
        let level = self.levels.get(self.row);
        self.row < self.rows && (self.present == 0 || level == Some(&self.present))
    }

    fn step(&mut self) -> Result<(), ParquetError> {
        self.value += usize::from(self.is_there());
        self.row += 1;
        if self.row < self.rows {
            return Ok(());
        }
        (self.row, self.value) = (0, 0);
        self.levels.clear();
        // What is left of the current page comes first; only then is the next one let through.
        self.rows = self.decode()?;
        if self.rows == 0 {
            self.gate.store(true, Ordering::Relaxed);
            self.rows = self.decode()?;
        }
        Ok(())
    }

    fn decode(&mut self) -> Result<usize, ParquetError> {
        self.values.clear();
        let levels = Some(&mut self.levels);
        let (rows, ..) = self.reader.read_records(BATCH_ROWS, levels, None, &mut self.values)?;
        Ok(rows)
    }
}

/// Lets one page of data through at a time: values refer to their page, and a reader that asked
/// for many long ones at once would hold many pages.
struct GatedPages {
    pages: SerializedPageReader<VerifiedChunk>,
    open: Arc<AtomicBool>,
}

impl PageReader for GatedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        if !self.open.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let page = self.pages.get_next_page()?;
        if page.as_ref().is_some_and(Page::is_data_page) {
            self.open.store(false, Ordering::Relaxed);
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.pages.skip_next_page()
    }
}

impl Iterator for GatedPages {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
