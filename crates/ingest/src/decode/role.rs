//! What a key of a record means.

use hotshard_event::{ORIGINAL_DISTINCT_ID, ORIGINAL_EVENT_NAME};

/// What the value of a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Top level: the event's name.
    Event,
    /// Top level: no part of an event.
    Ignored,
    /// Top level: `properties` that are no object.
    NoProperties,
    /// A property that is a column.
    Time,
    /// The same.
    DistinctId,
    /// The same.
    InsertId,
    /// A property that is a column in some rows.
    OriginalName,
    /// The same.
    OriginalDistinctId,
    /// Any other property.
    Other,
}

impl Role {
    /// What a key of `properties` means.
    pub(super) fn of_property(key: &str) -> Self {
        match key {
            "time" => Self::Time,
            "distinct_id" => Self::DistinctId,
            "$insert_id" => Self::InsertId,
            ORIGINAL_EVENT_NAME => Self::OriginalName,
            ORIGINAL_DISTINCT_ID => Self::OriginalDistinctId,
            _ => Self::Other,
        }
    }

    /// Whether it is a key of the record itself and not of its properties.
    pub(super) const fn is_top_level(self) -> bool {
        matches!(self, Self::Event | Self::Ignored | Self::NoProperties)
    }
}
