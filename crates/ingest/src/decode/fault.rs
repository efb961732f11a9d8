//! What is wrong with one record, and the sentence that says so.

use std::fmt::{self, Write as _};

use crate::decode::RejectReason;

/// Longest value that a message quotes, in characters.
const SHOWN_CHARS: usize = 60;

/// What is wrong with a record. Bytes count from 1, from the record's first.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault<'a> {
    #[error("not valid JSON at byte {byte}: {cause}; write each event as one JSON object")]
    InvalidJson { cause: String, byte: usize },
    #[error("not valid JSON: the array has an empty element here; remove one of its commas")]
    EmptyElement,
    #[error("byte {byte} is not valid UTF-8; write the event in UTF-8")]
    InvalidUtf8 { byte: usize },
    #[error(
        "objects and arrays nest {levels} levels deep and {} are allowed, the event itself being \
         the first; flatten the value, or send it as text",
        hotshard_event::MAX_NESTING
    )]
    TooDeep { levels: usize },
    #[error("longer than the limit of {limit} bytes; shorten the event, or raise the limit")]
    TooLong { limit: usize },
    #[error(
        "part {part} of the record before it, which is longer than the limit of {limit} bytes; \
         shorten the event, or raise the limit"
    )]
    TooLongPart { limit: usize, part: u32 },
    #[error(
        "cut off: the source ends at byte {end}, inside the record that begins at byte {begin}; \
         ingest the rest, from byte {begin} on; the whole source would be stored beside what is \
         in already, for it is another content"
    )]
    CutOff { begin: u64, end: u64 },
    #[error(
        "`{}` is {}, not an object; write each event as {{\"event\": ..., \"properties\": {{...}}}}",
        Shown(.value), kind_of(.value)
    )]
    NotAnObject { value: &'a str },
    #[error("`event` is missing; name the event")]
    MissingEvent,
    #[error("`event` is `{}`, which is {}; give a name in text", Shown(.value), kind_of(.value))]
    InvalidEvent { value: &'a str },
    #[error("`event` is empty; name the event")]
    EmptyEvent,
    #[error("`properties` are missing; send an object that holds at least `time`")]
    MissingProperties,
    #[error("`properties` is {kind}; send an object that holds at least `time`")]
    InvalidProperties { kind: &'static str },
    #[error("`time` is missing; send it in `properties`, in seconds or milliseconds since 1970")]
    MissingTime,
    #[error(
        "`time` is `{}`, which is {}; send a number, in seconds or milliseconds since 1970",
        Shown(.value), kind_of(.value)
    )]
    InvalidTime { value: &'a str },
    #[error(
        "`time` is `{}`, which is no finite number; send seconds or milliseconds since 1970",
        Shown(.value)
    )]
    InfiniteTime { value: &'a str },
    #[error(
        "`time` is `{}`, which is before 1971; send seconds or milliseconds since 1970",
        Shown(.value)
    )]
    TimeBefore1971 { value: &'a str },
    #[error(
        "`time` is `{}`, which looks like microseconds; send seconds or milliseconds since 1970",
        Shown(.value)
    )]
    TimeInMicroseconds { value: &'a str },
    #[error(
        "`distinct_id` is `{}`, which is {}; send text or a number, or \"\" for nobody",
        Shown(.value), kind_of(.value)
    )]
    InvalidDistinctId { value: &'a str },
    #[error(
        "`distinct_id` is `{}`, which is no finite number; send text or a number, or \"\" for \
         nobody",
        Shown(.value)
    )]
    InfiniteDistinctId { value: &'a str },
    #[error("`$insert_id` is `{}`, which is {}; send text", Shown(.value), kind_of(.value))]
    InvalidInsertId { value: &'a str },
    #[error(
        "`distinct_id` is `{}`, which Mixpanel refuses; send the user's own id, or \"\" for nobody",
        Shown(.id)
    )]
    RefusedDistinctId { id: String },
    #[error(
        "`$insert_id` is `{}`, {} bytes long; send at most {limit} bytes of A-Z, a-z, 0-9 and -",
        Shown(.id), .id.len()
    )]
    MalformedInsertId { id: String, limit: usize },
    #[error("the event has {count} properties; send at most {limit}")]
    TooManyProperties { count: usize, limit: usize },
    #[error(
        "`time` is {time}, more than one hour ahead of {now}; send the time at which it happened"
    )]
    TimeInFuture { time: hotshard_event::EventTime, now: hotshard_event::EventTime },
}

impl Fault<'_> {
    /// The code it is counted under.
    pub(super) fn reason(&self) -> RejectReason {
        match self {
            Self::InvalidJson { .. } | Self::EmptyElement => RejectReason::InvalidJson,
            Self::InvalidUtf8 { .. } => RejectReason::InvalidUtf8,
            Self::TooDeep { .. } => RejectReason::TooDeep,
            Self::TooLong { .. } | Self::TooLongPart { .. } => RejectReason::TooLong,
            Self::CutOff { .. } => RejectReason::CutOff,
            Self::NotAnObject { .. } => RejectReason::NotAnObject,
            Self::MissingEvent => RejectReason::MissingEvent,
            Self::InvalidEvent { .. } | Self::EmptyEvent => RejectReason::InvalidEvent,
            Self::MissingProperties => RejectReason::MissingProperties,
            Self::InvalidProperties { .. } => RejectReason::InvalidProperties,
            Self::MissingTime => RejectReason::MissingTime,
            Self::InvalidTime { .. } | Self::InfiniteTime { .. } => RejectReason::InvalidTime,
            Self::TimeBefore1971 { .. } => RejectReason::TimeBefore1971,
            Self::TimeInMicroseconds { .. } => RejectReason::TimeInMicroseconds,
            Self::InvalidDistinctId { .. } | Self::InfiniteDistinctId { .. } => {
                RejectReason::InvalidDistinctId
            }
            Self::InvalidInsertId { .. } => RejectReason::InvalidInsertId,
            Self::RefusedDistinctId { .. } => RejectReason::RefusedDistinctId,
            Self::MalformedInsertId { .. } => RejectReason::MalformedInsertId,
            Self::TooManyProperties { .. } => RejectReason::TooManyProperties,
            Self::TimeInFuture { .. } => RejectReason::TimeInFuture,
        }
    }
}

/// What a JSON text is, in a word that fits after "is".
pub(super) fn kind_of(json: &str) -> &'static str {
    match json.trim_start().as_bytes().first() {
        Some(b'"') => "text",
        Some(b'[') => "an array",
        Some(b'{') => "an object",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// A value in a message: shortened, and without characters that a terminal would obey.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chars = self.0.trim().chars();
        for character in chars.by_ref().take(SHOWN_CHARS) {
            if character.is_control() {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                f.write_char(character)?;
            }
        }
        if chars.next().is_some() { f.write_char('…') } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_between_characters() {
        assert_eq!(Shown(&"é".repeat(60)).to_string(), "é".repeat(60));
        assert_eq!(Shown(&"é".repeat(61)).to_string(), "é".repeat(60) + "…");
    }

    #[test]
    fn a_message_sends_no_command_to_the_terminal() {
        assert_eq!(Shown("a\u{9b}2J").to_string(), "a\\u{9b}2J");
    }
}
