//! The columns of a data file.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::encoded::{Presence, ValueType};
use crate::{PromotedColumn, PromotedType};

pub(crate) const EVENT_DATE: &str = "event_date";
pub(crate) const EVENT: &str = "event";
pub(crate) const TIME: &str = "time";
pub(crate) const DISTINCT_ID: &str = "distinct_id";
pub(crate) const INSERT_ID: &str = "insert_id";
pub(crate) const ORIGINAL_NAME: &str = "mp_original_event_name";
pub(crate) const ORIGINAL_DISTINCT_ID: &str = "mp_original_distinct_id";
pub(crate) const SPREAD: &str = "spread";
pub(crate) const SEQUENCE: &str = "sequence";
pub(crate) const PROPERTIES: &str = "properties";

/// Where promoted columns begin.
const FIRST_PROMOTED: usize = 9;

/// The columns that every data file has; promoted ones stand before the last.
pub(crate) const FIXED_COLUMNS: [&str; 10] = [
    EVENT_DATE,
    EVENT,
    TIME,
    DISTINCT_ID,
    INSERT_ID,
    ORIGINAL_NAME,
    ORIGINAL_DISTINCT_ID,
    SPREAD,
    SEQUENCE,
    PROPERTIES,
];

/// A column to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Day of the event, as Arrow `Date32`.
    EventDate,
    /// Event name, as `Dictionary(Int32, Utf8)`.
    Event,
    /// Time, as `Timestamp(Millisecond, "UTC")`.
    Time,
    /// Distinct id, as `Dictionary(Int32, Utf8)`.
    DistinctId,
    /// Insert id, as nullable `Utf8`.
    InsertId,
    /// Event name before a rename, as nullable `Dictionary(Int32, Utf8)`.
    OriginalName,
    /// Distinct id before a remedy, as nullable `Dictionary(Int32, Utf8)`.
    OriginalDistinctId,
    /// Whether the row was placed by its sequence, as `Boolean`.
    Spread,
    /// Running number, as `Int64`.
    Sequence,
    /// The promoted column at this place of the identity's list, nullable, by its type; text as
    /// `Dictionary(Int32, Utf8)`.
    Promoted(usize),
    /// The rest, as `Utf8` holding a JSON object.
    Properties,
}

impl Column {
    /// Its name in the files; `None` for a promoted column the store does not have.
    #[must_use]
    pub fn name(self, promoted: &[PromotedColumn]) -> Option<&str> {
        Some(match self {
            Self::EventDate => EVENT_DATE,
            Self::Event => EVENT,
            Self::Time => TIME,
            Self::DistinctId => DISTINCT_ID,
            Self::InsertId => INSERT_ID,
            Self::OriginalName => ORIGINAL_NAME,
            Self::OriginalDistinctId => ORIGINAL_DISTINCT_ID,
            Self::Spread => SPREAD,
            Self::Sequence => SEQUENCE,
            Self::Promoted(at) => promoted.get(at)?.name(),
            Self::Properties => PROPERTIES,
        })
    }
}

impl Column {
    /// Its place among the columns of a file with so many of them; `None` for a promoted column
    /// that the file does not have. Promoted columns are only ever added, so that a file has the
    /// first ones of the store.
    pub(crate) fn place(self, columns: usize) -> Option<usize> {
        let properties = columns.checked_sub(1)?;
        let place = match self {
            Self::EventDate => 0,
            Self::Event => 1,
            Self::Time => 2,
            Self::DistinctId => 3,
            Self::InsertId => 4,
            Self::OriginalName => 5,
            Self::OriginalDistinctId => 6,
            Self::Spread => 7,
            Self::Sequence => 8,
            Self::Promoted(at) => FIRST_PROMOTED.checked_add(at)?,
            Self::Properties => return Some(properties),
        };
        (place < properties).then_some(place)
    }

    /// Of which type its values are, and whether all rows have one; `None` for a promoted column
    /// that the store does not have.
    pub(crate) fn kind(self, promoted: &[PromotedColumn]) -> Option<(ValueType, Presence)> {
        Some(match self {
            Self::EventDate => (ValueType::Day, Presence::Always),
            Self::Time | Self::Sequence => (ValueType::Long, Presence::Always),
            Self::Event | Self::DistinctId | Self::Properties => {
                (ValueType::Text, Presence::Always)
            }
            Self::InsertId | Self::OriginalName | Self::OriginalDistinctId => {
                (ValueType::Text, Presence::Optional)
            }
            Self::Spread => (ValueType::Flag, Presence::Always),
            Self::Promoted(at) => {
                let kind = match promoted.get(at)?.kind() {
                    PromotedType::String => ValueType::Text,
                    PromotedType::Long => ValueType::Long,
                    PromotedType::Double => ValueType::Double,
                    PromotedType::Boolean => ValueType::Flag,
                };
                (kind, Presence::Optional)
            }
        })
    }
}

/// In which form texts are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Texts {
    /// As strings, as files have them.
    Plain,
    /// As views of bytes, to write.
    Views,
    /// Those that repeat as dictionaries, to read.
    Dictionary,
}

/// The Arrow schema of a data file.
pub(crate) fn schema(promoted: &[PromotedColumn], texts: Texts) -> SchemaRef {
    let unique = match texts {
        Texts::Plain | Texts::Dictionary => DataType::Utf8,
        Texts::Views => DataType::BinaryView,
    };
    let repeated = match texts {
        Texts::Plain | Texts::Views => unique.clone(),
        Texts::Dictionary => {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        }
    };
    let utc = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    let mut fields = vec![
        Field::new(EVENT_DATE, DataType::Date32, false),
        Field::new(EVENT, repeated.clone(), false),
        Field::new(TIME, utc, false),
        Field::new(DISTINCT_ID, repeated.clone(), false),
        Field::new(INSERT_ID, unique.clone(), true),
        Field::new(ORIGINAL_NAME, repeated.clone(), true),
        Field::new(ORIGINAL_DISTINCT_ID, repeated.clone(), true),
        Field::new(SPREAD, DataType::Boolean, false),
        Field::new(SEQUENCE, DataType::Int64, false),
    ];
    for column in promoted {
        let kind = match column.kind() {
            PromotedType::String if texts == Texts::Views => DataType::Utf8,
            PromotedType::String => repeated.clone(),
            PromotedType::Long => DataType::Int64,
            PromotedType::Double => DataType::Float64,
            PromotedType::Boolean => DataType::Boolean,
        };
        fields.push(Field::new(column.name(), kind, true));
    }
    fields.push(Field::new(PROPERTIES, unique, false));
    Arc::new(Schema::new(fields))
}
