//! Why a record is rejected, as a code that programs can count by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a record did not become an event. The codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RejectReason {
    /// Not JSON, or a string with an escape that means no character.
    InvalidJson,
    /// Bytes that are not UTF-8.
    InvalidUtf8,
    /// Objects and arrays nest deeper than [`MAX_NESTING`](hotshard_event::MAX_NESTING).
    TooDeep,
    /// Longer than the limit.
    TooLong,
    /// The source ends inside it.
    CutOff,
    /// JSON, but no object.
    NotAnObject,
    /// No `event`.
    MissingEvent,
    /// An `event` that is empty or not text.
    InvalidEvent,
    /// No `properties`.
    MissingProperties,
    /// `properties` that are no object.
    InvalidProperties,
    /// No `time`.
    MissingTime,
    /// A `time` that is not a finite number.
    InvalidTime,
    /// A `time` before 1971, or a negative one.
    #[serde(rename = "time_before_1971")]
    TimeBefore1971,
    /// A `time` of 10^14 or more.
    TimeInMicroseconds,
    /// A `distinct_id` that is neither text nor a finite number nor null.
    InvalidDistinctId,
    /// An `$insert_id` that is neither text nor null.
    InvalidInsertId,
    /// What was left when the source broke off.
    BrokenSource,
    /// Strict: a `distinct_id` that Mixpanel refuses.
    RefusedDistinctId,
    /// Strict: an `$insert_id` that is too long or has other characters than `[A-Za-z0-9-]`.
    MalformedInsertId,
    /// Strict: more properties than Mixpanel takes.
    TooManyProperties,
    /// Strict: a `time` too far ahead of now.
    TimeInFuture,
}

impl RejectReason {
    /// Every reason.
    pub const ALL: [Self; 21] = [
        Self::InvalidJson,
        Self::InvalidUtf8,
        Self::TooDeep,
        Self::TooLong,
        Self::CutOff,
        Self::NotAnObject,
        Self::MissingEvent,
        Self::InvalidEvent,
        Self::MissingProperties,
        Self::InvalidProperties,
        Self::MissingTime,
        Self::InvalidTime,
        Self::TimeBefore1971,
        Self::TimeInMicroseconds,
        Self::InvalidDistinctId,
        Self::InvalidInsertId,
        Self::BrokenSource,
        Self::RefusedDistinctId,
        Self::MalformedInsertId,
        Self::TooManyProperties,
        Self::TimeInFuture,
    ];

    /// The code in files and summaries.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::TooDeep => "too_deep",
            Self::TooLong => "too_long",
            Self::CutOff => "cut_off",
            Self::NotAnObject => "not_an_object",
            Self::MissingEvent => "missing_event",
            Self::InvalidEvent => "invalid_event",
            Self::MissingProperties => "missing_properties",
            Self::InvalidProperties => "invalid_properties",
            Self::MissingTime => "missing_time",
            Self::InvalidTime => "invalid_time",
            Self::TimeBefore1971 => "time_before_1971",
            Self::TimeInMicroseconds => "time_in_microseconds",
            Self::InvalidDistinctId => "invalid_distinct_id",
            Self::InvalidInsertId => "invalid_insert_id",
            Self::BrokenSource => "broken_source",
            Self::RefusedDistinctId => "refused_distinct_id",
            Self::MalformedInsertId => "malformed_insert_id",
            Self::TooManyProperties => "too_many_properties",
            Self::TimeInFuture => "time_in_future",
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A text that is no reason for a reject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a reason to reject a record; the reasons are codes like invalid_json")]
pub struct UnknownReason {
    /// What was given.
    pub given: String,
}

impl FromStr for RejectReason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.code() == text)
            .ok_or_else(|| UnknownReason { given: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back_in_text_and_in_json() {
        for reason in RejectReason::ALL {
            assert_eq!(reason.to_string().parse(), Ok(reason));
            let json = serde_json::to_string(&reason).unwrap();
            assert_eq!(json, format!("\"{}\"", reason.code()));
            assert_eq!(serde_json::from_str::<RejectReason>(&json).unwrap(), reason);
        }
        let error = "bad".parse::<RejectReason>().unwrap_err();
        assert!(error.to_string().starts_with("`bad` is not a reason to reject a record"));
    }
}
