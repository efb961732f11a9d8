//! What a row can be asked for, and where a file keeps it.

use std::fmt;

use hotshard_store::{Column, DataFile, Identity, PromotedType};

use crate::values::Reader;

const PROPERTY_PREFIX: &str = "property:";

/// Something that every row has or lacks, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    Event,
    Date,
    Shard,
    DistinctId,
    InsertId,
    OriginalEvent,
    OriginalDistinctId,
    Property(String),
}

impl Field {
    /// The field of this name on the command line.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "event" => Self::Event,
            "date" => Self::Date,
            "shard" => Self::Shard,
            "distinct_id" => Self::DistinctId,
            "insert_id" => Self::InsertId,
            "original_event" => Self::OriginalEvent,
            "original_distinct_id" => Self::OriginalDistinctId,
            _ => {
                let property = name.strip_prefix(PROPERTY_PREFIX)?;
                (!property.is_empty()).then(|| Self::Property(property.to_owned()))?
            }
        })
    }

    /// How to read the field from a file; columns that takes are added to `columns`.
    pub(crate) fn reader(
        &self,
        identity: &Identity,
        file: &DataFile,
        columns: &mut ColumnList,
    ) -> Reader {
        match self {
            Self::Event => Reader::Text(columns.place(Column::Event)),
            Self::Date => Reader::Date(columns.place(Column::EventDate)),
            Self::Shard => Reader::Constant(file.shard().get().to_string()),
            Self::DistinctId => Reader::Text(columns.place(Column::DistinctId)),
            Self::InsertId => Reader::PlainText(columns.place(Column::InsertId)),
            Self::OriginalEvent => Reader::Original {
                original: columns.place(Column::OriginalName),
                current: columns.place(Column::Event),
            },
            Self::OriginalDistinctId => Reader::Original {
                original: columns.place(Column::OriginalDistinctId),
                current: columns.place(Column::DistinctId),
            },
            Self::Property(name) => property_reader(name, identity, file, columns),
        }
    }
}

/// The promoted column where it says all that the JSON says, otherwise the JSON.
fn property_reader(
    name: &str,
    identity: &Identity,
    file: &DataFile,
    columns: &mut ColumnList,
) -> Reader {
    let promoted = identity.promoted().iter().enumerate().find(|(_, column)| column.name() == name);
    if let Some((place, column)) = promoted.filter(|_| file.tells_all_of(name)) {
        let column = (column.kind(), Column::Promoted(place));
        match column {
            (PromotedType::String, column) => return Reader::Text(columns.place(column)),
            (PromotedType::Long, column) => return Reader::Long(columns.place(column)),
            (PromotedType::Boolean, column) => return Reader::Boolean(columns.place(column)),
            // 1.50 and 1.5 are one double, but not one text.
            (PromotedType::Double, _) => {}
        }
    }
    Reader::Json { column: columns.place(Column::Properties), name: name.to_owned() }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Event => "event",
            Self::Date => "date",
            Self::Shard => "shard",
            Self::DistinctId => "distinct_id",
            Self::InsertId => "insert_id",
            Self::OriginalEvent => "original_event",
            Self::OriginalDistinctId => "original_distinct_id",
            Self::Property(name) => return write!(f, "{PROPERTY_PREFIX}{name}"),
        })
    }
}

/// The columns to read from a file, each once.
#[derive(Debug, Default)]
pub(crate) struct ColumnList(Vec<Column>);

impl ColumnList {
    /// Where the column stands in a batch; it is added when it is not there.
    pub(crate) fn place(&mut self, column: Column) -> usize {
        self.0.iter().position(|known| *known == column).unwrap_or_else(|| {
            self.0.push(column);
            self.0.len() - 1
        })
    }

    /// The columns to ask the store for. A scan reads something even when only rows are counted:
    /// answering from commit records would time nothing.
    pub(crate) fn to_read(&self) -> &[Column] {
        if self.0.is_empty() { &[Column::EventDate] } else { &self.0 }
    }
}
