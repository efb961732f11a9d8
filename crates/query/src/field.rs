//! What a row can be asked for, and where a file keeps it.

use std::fmt;

use hotshard_event::PropertyFinder;
use hotshard_store::{Column, DataFile, Identity, PromotedType};

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

    /// Where a file keeps the field.
    pub(crate) fn source(&self, identity: &Identity, file: &DataFile) -> Source {
        match self {
            Self::Event => Source::Column(Column::Event),
            Self::Date => Source::Column(Column::EventDate),
            Self::Shard => Source::Constant(file.shard().get().to_string()),
            Self::DistinctId => Source::Column(Column::DistinctId),
            Self::InsertId => Source::InsertId,
            Self::OriginalEvent => {
                Source::Original { original: Column::OriginalName, current: Column::Event }
            }
            Self::OriginalDistinctId => Source::Original {
                original: Column::OriginalDistinctId,
                current: Column::DistinctId,
            },
            Self::Property(name) => property_source(name, identity, file),
        }
    }
}

/// Where a file keeps the values of a field.
#[derive(Debug)]
pub(crate) enum Source {
    /// A column with a dictionary.
    Column(Column),
    /// The original where there is one, otherwise the current value; both have dictionaries.
    Original { original: Column, current: Column },
    /// The insert ids, which hardly repeat.
    InsertId,
    /// A property in JSON objects.
    Property(Box<PropertyFinder>),
    /// The same value in each row.
    Constant(String),
}

/// The promoted column where it says all that the JSON says, otherwise the JSON.
fn property_source(name: &str, identity: &Identity, file: &DataFile) -> Source {
    let promoted = identity.promoted().iter().enumerate().find(|(_, column)| column.name() == name);
    match promoted.filter(|_| file.tells_all_of(name)) {
        // 1.50 and 1.5 are one double, but not one text.
        Some((place, column)) if column.kind() != PromotedType::Double => {
            Source::Column(Column::Promoted(place))
        }
        _ => Source::Property(Box::new(PropertyFinder::new(name))),
    }
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
