//! JSON strings as plain text, and where in a record a piece of it stands.

use std::borrow::Cow;

use hotshard_event::Span;
use serde_json::value::RawValue;

use crate::decode::cursor::Piece;
use crate::decode::fault::Fault;
use crate::decode::rows::Rows;

/// What a JSON string of a record means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text<'a> {
    text: Cow<'a, str>,
    /// Where the text begins in its record, if it stands there as it is.
    begin: usize,
}

impl<'a> Text<'a> {
    /// The text of a JSON string of `record`.
    ///
    /// # Errors
    /// When an escape means no character: half of a surrogate pair.
    pub(super) fn of(record: &'a str, piece: Piece) -> Result<Self, Fault<'a>> {
        let begin = piece.begin() + 1;
        match piece.quoted(record) {
            Some(text) if !piece.is_escaped() => Ok(Self { text: Cow::Borrowed(text), begin }),
            _ => Ok(Self { text: plain(record, piece.json(record))?, begin }),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The text as a span of its block: where it stands, or written anew without its escapes.
    pub(super) fn place(&self, record_at: usize, rows: &mut Rows) -> Span {
        match &self.text {
            Cow::Borrowed(text) => {
                let begin = record_at + self.begin;
                Span::new(begin..begin + text.len())
            }
            Cow::Owned(text) => rows.push_text(text),
        }
    }
}

/// The text that a JSON string of `record` means. It allocates only when there are escapes.
///
/// # Errors
/// When an escape means no character: half of a surrogate pair.
pub(super) fn plain<'a>(record: &str, raw: &'a str) -> Result<Cow<'a, str>, Fault<'a>> {
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(text) if memchr::memchr(b'\\', text.as_bytes()).is_none() => Ok(Cow::Borrowed(text)),
        _ => match serde_json::from_str::<String>(raw) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(error) => {
                let before = raw.as_ptr().addr().saturating_sub(record.as_ptr().addr());
                Err(invalid_json(raw, before, &error))
            }
        },
    }
}

/// A serde_json error about `text`, which stands `before` bytes into its record.
pub(super) fn invalid_json<'a>(text: &str, before: usize, error: &serde_json::Error) -> Fault<'a> {
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string();
    let cause = message.strip_suffix(&position).unwrap_or(&message).to_owned();
    let line_begin = match error.line().checked_sub(2) {
        Some(breaks) => {
            memchr::memchr_iter(b'\n', text.as_bytes()).nth(breaks).map_or(0, |at| at + 1)
        }
        None => 0,
    };
    Fault::InvalidJson { cause, byte: before + line_begin + error.column() }
}

/// Whether this invalid JSON is only short of its end.
///
/// A number needs a second look, since one that breaks off after `-`, `.` or `e` is a wrong number
/// to serde_json, and not an early end.
pub(super) fn ends_early(text: &str) -> bool {
    let short = |text: &str| serde_json::from_str::<&RawValue>(text).is_err_and(|e| e.is_eof());
    short(text) || (text.ends_with(['-', '+', '.', 'e', 'E']) && short(&format!("{text}0")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_of_an_object_ends_early() {
        let whole = r#"{"a":-1.5e+3,"b":[true,null,"\u00e9\\"],"c":{"d":0.25E-7}}"#;
        for cut in (1..whole.len()).filter_map(|end| whole.get(..end)) {
            assert!(ends_early(cut), "{cut}");
        }
        assert!(!ends_early(whole));
    }

    #[test]
    fn a_wrong_last_byte_is_no_early_end() {
        for text in [r#"{"a":1.e"#, r#"{"a":--"#, r#"{"a":1,e"#, r#"{"a":+"#, "x", r#"{"a":1}}"#] {
            assert!(!ends_early(text), "{text}");
        }
    }

    #[test]
    fn bytes_count_through_the_lines_of_a_record() {
        let text = "{\n\"a\":1,\n\"b\":x}";
        let error = serde_json::from_str::<&RawValue>(text).unwrap_err();
        let Fault::InvalidJson { cause, byte } = invalid_json(text, 0, &error) else {
            panic!("{error}")
        };
        assert_eq!((cause.as_str(), byte), ("expected value", 14));
        assert_eq!(text.as_bytes()[byte - 1], b'x');
    }
}
