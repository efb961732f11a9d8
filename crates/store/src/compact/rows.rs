//! Merged rows on their way into a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use hotshard_event::Properties;
use parquet::data_type::ByteArray;

use super::column::ColumnCursor;
use super::run::Run;
use crate::promoted_values::PromotedBuilder;
use crate::{Damage, DataFile, Error, PromotedColumn};

/// Rows gathered for a batch.
const MOST_ROWS: usize = 8_192;
/// Text gathered for a batch, in bytes.
const MOST_BYTES: usize = 1 << 20;

/// Rows gathered for the writer, and how many of their promoted nulls hide a value of another
/// type.
pub(super) struct Rows {
    schema: SchemaRef,
    promoted: Vec<PromotedColumn>,
    builders: Vec<Builder>,
    rows: usize,
    text_bytes: usize,
    mistyped: BTreeMap<String, u64>,
}

/// A column being gathered.
enum Builder {
    Day(Date32Builder),
    Time(TimestampMillisecondBuilder),
    Long(Int64Builder),
    Flag(BooleanBuilder),
    Text(StringBuilder),
    Promoted(PromotedBuilder),
}

impl Rows {
    pub(super) fn new(schema: &SchemaRef, promoted: &[PromotedColumn]) -> Self {
        let mut rows = Self {
            schema: Arc::clone(schema),
            promoted: promoted.to_vec(),
            builders: Vec::new(),
            rows: 0,
            text_bytes: 0,
            mistyped: BTreeMap::new(),
        };
        rows.begin();
        rows
    }

    fn begin(&mut self) {
        let builder = |name: &str, kind: &DataType| {
            let promoted = self.promoted.iter().find(|column| column.name() == name);
            match (promoted, kind) {
                (Some(column), _) => Builder::Promoted(PromotedBuilder::new(column)),
                (None, DataType::Date32) => Builder::Day(Date32Builder::new()),
                (None, DataType::Timestamp(..)) => {
                    let builder = TimestampMillisecondBuilder::new();
                    Builder::Time(builder.with_data_type(kind.clone()))
                }
                (None, DataType::Boolean) => Builder::Flag(BooleanBuilder::new()),
                (None, DataType::Int64) => Builder::Long(Int64Builder::new()),
                (None, _) => Builder::Text(StringBuilder::new()),
            }
        };
        let fields = self.schema.fields().iter();
        self.builders = fields.map(|field| builder(field.name(), field.data_type())).collect();
        (self.rows, self.text_bytes) = (0, 0);
    }

    /// Whether it is time to write what was gathered.
    pub(super) const fn is_full(&self) -> bool {
        self.rows >= MOST_ROWS || self.text_bytes >= MOST_BYTES
    }

    /// Adds the current row of a run.
    pub(super) fn push(&mut self, run: &Run) -> Result<(), Error> {
        let properties = match run.columns().last() {
            Some(ColumnCursor::Text(values)) => text(run.file(), values.get())?.unwrap_or("{}"),
            _ => "{}",
        };
        let fields = self.schema.fields().iter();
        for ((builder, column), field) in self.builders.iter_mut().zip(run.columns()).zip(fields) {
            if let Builder::Promoted(builder) = builder {
                let value = PromotedValue { column, name: field.name(), properties };
                if value.push_to(builder, run.file())? == Hidden::Mistyped {
                    *self.mistyped.entry(field.name().clone()).or_default() += 1;
                }
                continue;
            }
            match builder.push(column, run.file())? {
                Some(text_bytes) => self.text_bytes += text_bytes,
                None if field.is_nullable() => {}
                None => {
                    let problem = format!("its column `{}` ends early", field.name());
                    return Err(Damage::new(run.file().path(), problem).into());
                }
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// What was gathered, as a batch; afterwards there is nothing.
    pub(super) fn take(&mut self) -> Result<RecordBatch, Error> {
        let arrays = std::mem::take(&mut self.builders).into_iter().map(Builder::finish).collect();
        self.begin();
        RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|error| Error::Encode(error.into()))
    }

    /// Rows gathered and not taken.
    pub(super) const fn len(&self) -> usize {
        self.rows
    }

    /// Text gathered and not taken, in bytes.
    pub(super) const fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    /// For each promoted column, how many nulls since the last time hide a value of another type.
    pub(super) fn take_mistyped(&mut self) -> BTreeMap<String, u64> {
        let mut found = std::mem::take(&mut self.mistyped);
        for column in &self.promoted {
            found.entry(column.name().to_owned()).or_default();
        }
        found
    }
}

impl Builder {
    /// Adds a value of a column every file has, and tells how much text that is; `None` when it is
    /// missing.
    fn push(&mut self, column: &ColumnCursor, file: &DataFile) -> Result<Option<usize>, Error> {
        Ok(match (self, column) {
            (Self::Day(days), ColumnCursor::Day(values)) => {
                days.append_option(values.get().copied());
                values.get().map(|_| 0)
            }
            (Self::Time(times), ColumnCursor::Long(values)) => {
                times.append_option(values.get().copied());
                values.get().map(|_| 0)
            }
            (Self::Long(longs), ColumnCursor::Long(values)) => {
                longs.append_option(values.get().copied());
                values.get().map(|_| 0)
            }
            (Self::Flag(flags), ColumnCursor::Flag(values)) => {
                flags.append_option(values.get().copied());
                values.get().map(|_| 0)
            }
            (Self::Text(texts), ColumnCursor::Text(values)) => {
                let value = text(file, values.get())?;
                texts.append_option(value);
                value.map(str::len)
            }
            _ => None,
        })
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Day(mut builder) => Arc::new(builder.finish()),
            Self::Time(mut builder) => Arc::new(builder.finish()),
            Self::Long(mut builder) => Arc::new(builder.finish()),
            Self::Flag(mut builder) => Arc::new(builder.finish()),
            Self::Text(mut builder) => Arc::new(builder.finish()),
            Self::Promoted(builder) => builder.finish(),
        }
    }
}

/// A promoted property of a row.
struct PromotedValue<'a> {
    column: &'a ColumnCursor,
    name: &'a str,
    properties: &'a str,
}

/// What a null of a promoted column hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hidden {
    Nothing,
    Mistyped,
}

impl PromotedValue<'_> {
    /// Adds it, as the file has it, or else as the properties do.
    fn push_to(&self, builder: &mut PromotedBuilder, file: &DataFile) -> Result<Hidden, Error> {
        let Some(is_there) = self.push_stored(builder, file)? else {
            let is_told = builder.push(self.raw());
            return Ok(if is_told { Hidden::Nothing } else { Hidden::Mistyped });
        };
        let tells_all = is_there || file.tells_all_of(self.name);
        let hides = !tells_all && self.raw().is_some_and(|raw| raw != "null");
        Ok(if hides { Hidden::Mistyped } else { Hidden::Nothing })
    }

    /// Adds what the file's column says, and tells whether that is a value; `None` when the file
    /// lacks the column.
    fn push_stored(
        &self,
        builder: &mut PromotedBuilder,
        file: &DataFile,
    ) -> Result<Option<bool>, Error> {
        Ok(match (builder, self.column) {
            (PromotedBuilder::Text(texts), ColumnCursor::Text(values)) => {
                texts.append_option(text(file, values.get())?);
                Some(values.get().is_some())
            }
            (PromotedBuilder::Long(longs), ColumnCursor::Long(values)) => {
                longs.append_option(values.get().copied());
                Some(values.get().is_some())
            }
            (PromotedBuilder::Double(doubles), ColumnCursor::Double(values)) => {
                doubles.append_option(values.get().copied());
                Some(values.get().is_some())
            }
            (PromotedBuilder::Boolean(flags), ColumnCursor::Flag(values)) => {
                flags.append_option(values.get().copied());
                Some(values.get().is_some())
            }
            _ => None,
        })
    }

    fn raw(&self) -> Option<&str> {
        Properties::new(self.properties).raw(self.name)
    }
}

fn text<'a>(file: &DataFile, value: Option<&'a ByteArray>) -> Result<Option<&'a str>, Error> {
    let as_text = |value: &'a ByteArray| {
        value.as_utf8().map_err(|_| Damage::new(file.path(), "it has a text that is not UTF-8"))
    };
    Ok(value.map(as_text).transpose()?)
}
