//! The distinct id of a record.

use std::borrow::Cow;

use hotshard_event::HOTSHARD_EVENTS;

use crate::decode::fault::Fault;
use crate::decode::{number, string};

/// A distinct id as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DistinctId<'a> {
    /// Absent, or null.
    Missing,
    /// Text, perhaps empty.
    Text(Cow<'a, str>),
    /// A number, as JSON.
    Number(&'a str),
}

impl<'a> DistinctId<'a> {
    /// The id in a JSON value of `record`.
    ///
    /// # Errors
    /// When the value has another type.
    pub(super) fn of(record: &str, value: Option<&'a str>) -> Result<Self, Fault<'a>> {
        match value {
            None | Some("null") => Ok(Self::Missing),
            Some(value) if value.starts_with('"') => Ok(Self::Text(string::plain(record, value)?)),
            Some(value) if number::is_number(value) => Ok(Self::Number(value)),
            Some(value) => Err(Fault::InvalidDistinctId { value }),
        }
    }

    /// Whether an event of this name was remedied elsewhere: it is called as renamed excess is,
    /// and has no id, or a number, which means nothing there.
    pub(super) fn is_of_remedied(&self, event: &str) -> bool {
        event == HOTSHARD_EVENTS && !matches!(self, Self::Text(text) if !text.is_empty())
    }

    /// Appends the id's text, for a number its decimal text.
    ///
    /// # Errors
    /// When the number is not finite.
    pub(super) fn push_to(&self, out: &mut String) -> Result<(), Fault<'a>> {
        match self {
            Self::Missing => Ok(()),
            Self::Text(text) => {
                out.push_str(text);
                Ok(())
            }
            Self::Number(value) if number::push_decimal(value, out) => Ok(()),
            Self::Number(value) => Err(Fault::InfiniteDistinctId { value }),
        }
    }
}
