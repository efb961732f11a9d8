//! The distinct id of a record.

use hotshard_event::{HOTSHARD_EVENTS, Span};

use crate::decode::cursor::Piece;
use crate::decode::fault::Fault;
use crate::decode::number;
use crate::decode::rows::Rows;
use crate::decode::string::Text;

/// A distinct id as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DistinctId<'a> {
    /// Absent, or null.
    Missing,
    /// Text, perhaps empty.
    Text(Text<'a>),
    /// A number, as JSON.
    Number(&'a str),
}

impl<'a> DistinctId<'a> {
    /// The id in a JSON value of `record`.
    ///
    /// # Errors
    /// When the value has another type.
    pub(super) fn of(record: &'a str, value: Option<Piece>) -> Result<Self, Fault<'a>> {
        let Some(piece) = value else { return Ok(Self::Missing) };
        match piece.json(record) {
            value if value.starts_with('"') => Ok(Self::Text(Text::of(record, piece)?)),
            value if number::is_number(value) => Ok(Self::Number(value)),
            "null" => Ok(Self::Missing),
            value => Err(Fault::InvalidDistinctId { value }),
        }
    }

    /// Whether an event of this name was remedied elsewhere: it is called as renamed excess is,
    /// and has no id, or a number, which means nothing there.
    pub(super) fn is_of_remedied(&self, event: &str) -> bool {
        event == HOTSHARD_EVENTS && !matches!(self, Self::Text(text) if !text.as_str().is_empty())
    }

    /// Places the id's text, for a number its decimal text.
    ///
    /// # Errors
    /// When the number is not finite.
    pub(super) fn place(&self, record_at: usize, rows: &mut Rows) -> Result<Span, Fault<'a>> {
        match self {
            Self::Missing => Ok(rows.push_text("")),
            Self::Text(text) => Ok(text.place(record_at, rows)),
            Self::Number(value) => {
                let begin = rows.extra_len();
                if number::push_decimal(value, rows.extra_mut()) {
                    Ok(rows.extra_from(begin))
                } else {
                    Err(Fault::InfiniteDistinctId { value })
                }
            }
        }
    }

    /// The id's text, where it was placed.
    pub(super) fn text<'t>(&'t self, placed: Span, rows: &'t Rows) -> &'t str {
        match self {
            Self::Missing => "",
            Self::Text(text) => text.as_str(),
            Self::Number(_) => rows.extra_text(placed),
        }
    }
}
