//! The columns a count can be grouped by.

use std::fmt;
use std::str::FromStr;

use crate::Error;
use crate::field::Field;

/// A column to group by, named as on the command line.
///
/// ```
/// use hotshard_query::GroupColumn;
///
/// let column: GroupColumn = "property:plan".parse()?;
/// assert_eq!(column, GroupColumn::Property("plan".into()));
/// assert_eq!(column.to_string(), "property:plan");
/// # Ok::<(), hotshard_query::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupColumn {
    /// `event`: the event name as stored, `$hotshard_events` for renamed events.
    Event,
    /// `date`: the event date, as YYYY-MM-DD.
    Date,
    /// `shard`: the shard's number.
    Shard,
    /// `distinct_id`: the id as stored, empty for renamed events.
    DistinctId,
    /// `original_event`: the name before a rename, for other events the name.
    OriginalEvent,
    /// `original_distinct_id`: the id before a remedy, for other events the id.
    OriginalDistinctId,
    /// `property:NAME`: a property's value as text; missing and `null` are one group.
    Property(String),
}

impl GroupColumn {
    pub(crate) fn field(&self) -> Field {
        match self {
            Self::Event => Field::Event,
            Self::Date => Field::Date,
            Self::Shard => Field::Shard,
            Self::DistinctId => Field::DistinctId,
            Self::OriginalEvent => Field::OriginalEvent,
            Self::OriginalDistinctId => Field::OriginalDistinctId,
            Self::Property(name) => Field::Property(name.clone()),
        }
    }
}

impl fmt::Display for GroupColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.field().fmt(f)
    }
}

impl FromStr for GroupColumn {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match Field::named(text) {
            Some(Field::Event) => Ok(Self::Event),
            Some(Field::Date) => Ok(Self::Date),
            Some(Field::Shard) => Ok(Self::Shard),
            Some(Field::DistinctId) => Ok(Self::DistinctId),
            Some(Field::OriginalEvent) => Ok(Self::OriginalEvent),
            Some(Field::OriginalDistinctId) => Ok(Self::OriginalDistinctId),
            Some(Field::Property(name)) => Ok(Self::Property(name)),
            Some(Field::InsertId) | None => {
                Err(Error::UnknownGroupColumn { given: text.to_owned() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        let names = [
            "event",
            "date",
            "shard",
            "distinct_id",
            "original_event",
            "original_distinct_id",
            "property:a:b c",
        ];
        for name in names {
            assert_eq!(name.parse::<GroupColumn>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn an_unknown_column_lists_the_choices() {
        for given in ["plan", "insert_id", "property:", "Event", ""] {
            assert_eq!(
                given.parse::<GroupColumn>().unwrap_err().to_string(),
                format!(
                    "`{given}` is not a column to group by; choose event, date, shard, \
                     distinct_id, original_event, original_distinct_id or property:NAME"
                )
            );
        }
    }
}
