//! A frame as a Parquet file.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::{Frame, Value, ValueKind};

/// The file's bytes: one row group, zstd, texts as strings, counts as unsigned 64-bit integers,
/// numbers as doubles, and null for what is missing.
pub(super) fn bytes(frame: &Frame) -> Result<Vec<u8>, ParquetError> {
    let columns = frame.columns.iter().enumerate();
    let arrays = columns.map(|(at, column)| (column.name, array(frame, at, column.kind), true));
    let batch = RecordBatch::try_from_iter_with_nullable(arrays)?;
    let compression = Compression::ZSTD(ZstdLevel::default());
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(bytes)
}

fn array(frame: &Frame, at: usize, kind: ValueKind) -> ArrayRef {
    let values = || frame.rows.iter().map(move |row| row.get(at).unwrap_or(&Value::Missing));
    match kind {
        ValueKind::Text => Arc::new(StringArray::from_iter(values().map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        }))),
        ValueKind::Count => Arc::new(UInt64Array::from_iter(values().map(|value| match value {
            Value::Count(count) => Some(*count),
            _ => None,
        }))),
        ValueKind::Number => Arc::new(Float64Array::from_iter(values().map(Value::as_number))),
    }
}
