//! One JSON text, cut into keys and values where they stand.

use std::ops::Range;

use serde::de::IgnoredAny;

use crate::decode::plain_text::{digits_length, plain_length};

/// A key or a value of an object, as a place in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    begin: u32,
    end: u32,
    shape: Shape,
}

/// What a value is like inside, in one word: it is told for every value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape(u32);

impl Shape {
    /// Neither nested nor escaped.
    const PLAIN: Self = Self(0);
    /// A string with escapes.
    const ESCAPED: Self = Self(1);

    /// Objects and arrays that nest so deep.
    fn nested(levels: usize) -> Self {
        Self(u32::try_from(levels).unwrap_or(u32::MAX).saturating_mul(2))
    }
}

impl Piece {
    fn new(begin: usize, end: usize, shape: Shape) -> Self {
        // Records are no longer than 512 MiB.
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { begin: place(begin), end: place(end), shape }
    }

    /// How deep objects and arrays nest in it; 0 for a plain value.
    pub(super) const fn levels(self) -> usize {
        self.shape.0 as usize / 2
    }

    /// Whether it is a string with escapes.
    pub(super) fn is_escaped(self) -> bool {
        self.shape == Shape::ESCAPED
    }

    /// Its first byte, from the text's begin.
    pub(super) const fn begin(self) -> usize {
        self.begin as usize
    }

    /// One past its last byte.
    pub(super) const fn end(self) -> usize {
        self.end as usize
    }

    pub(super) const fn range(self) -> Range<usize> {
        self.begin()..self.end()
    }

    /// As it was written in its text.
    pub(super) fn json(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }

    /// What stands between its quotes, if it is a string.
    pub(super) fn quoted(self, text: &str) -> Option<&str> {
        self.json(text).strip_prefix('"')?.strip_suffix('"')
    }
}

/// The text is not JSON. Where and why is for serde_json to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotJson;

/// A place in a text that should be JSON.
///
/// It takes exactly the JSON that serde_json takes when it skips a value: the grammar of RFC 8259,
/// where an escape may also be half of a surrogate pair. Most properties are short and flat, and
/// for those a cursor takes half the time that a deserializer does for the same pieces. What nests
/// is left to serde_json.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at the first value of the text.
    pub(super) fn new(text: &'a str) -> Self {
        let mut cursor = Self { text, at: 0 };
        cursor.skip_space();
        cursor
    }

    /// A cursor at the first byte of the text.
    pub(super) const fn at_begin(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// How far from the text's begin it stands.
    pub(super) const fn position(&self) -> usize {
        self.at
    }

    /// The bytes from here on.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Moves on by so many bytes, which are there and of no value.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Whether nothing follows.
    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    /// The byte here.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes into the object that begins here. Its first key is given, and the cursor stands at
    /// its value; or nothing, and the cursor stands behind the object.
    pub(super) fn first_key(&mut self) -> Result<Option<Piece>, NotJson> {
        self.take(b'{')?;
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(None);
        }
        self.key().map(Some)
    }

    /// The next key, after a value of an object, as [`Cursor::first_key`] gives the first.
    pub(super) fn next_key(&mut self) -> Result<Option<Piece>, NotJson> {
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(None);
        }
        self.take(b',')?;
        self.skip_space();
        self.key().map(Some)
    }

    fn key(&mut self) -> Result<Piece, NotJson> {
        let begin = self.at;
        let shape = self.take_string()?;
        let key = Piece::new(begin, self.at, shape);
        self.skip_space();
        self.take(b':')?;
        self.skip_space();
        Ok(key)
    }

    /// The value here; the cursor moves behind it.
    #[inline(always)]
    pub(super) fn value(&mut self) -> Result<Piece, NotJson> {
        let begin = self.at;
        let shape = if self.take_plain_string() { Shape::PLAIN } else { self.take_value()? };
        Ok(Piece::new(begin, self.at, shape))
    }

    /// Moves behind a string without escapes, which most values are; false if there is none.
    #[inline(always)]
    fn take_plain_string(&mut self) -> bool {
        let Some((b'"', inside)) = self.rest().split_first() else { return false };
        let length = plain_length(inside);
        let is_plain = inside.get(length) == Some(&b'"');
        if is_plain {
            self.at += length + 2;
        }
        is_plain
    }

    /// Moves behind the value here, whatever it is.
    fn take_value(&mut self) -> Result<Shape, NotJson> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.take_number()?,
            Some(b'"') => return self.take_string(),
            Some(b'{' | b'[') => return self.take_nested().map(Shape::nested),
            Some(b't') => self.take_word(b"true")?,
            Some(b'f') => self.take_word(b"false")?,
            Some(b'n') => self.take_word(b"null")?,
            _ => return Err(NotJson),
        }
        Ok(Shape::PLAIN)
    }

    /// Makes sure that nothing but space follows.
    pub(super) fn end(&mut self) -> Result<(), NotJson> {
        self.skip_space();
        if self.at == self.text.len() { Ok(()) } else { Err(NotJson) }
    }

    fn take(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.peek() != Some(byte) {
            return Err(NotJson);
        }
        self.at += 1;
        Ok(())
    }

    fn take_word(&mut self, word: &[u8]) -> Result<(), NotJson> {
        let rest = self.rest();
        if !rest.starts_with(word) {
            return Err(NotJson);
        }
        self.at += word.len();
        Ok(())
    }

    fn take_number(&mut self) -> Result<(), NotJson> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.take_digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.take_digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.take_digits()?;
        }
        Ok(())
    }

    /// At least one digit.
    fn take_digits(&mut self) -> Result<(), NotJson> {
        let digits = digits_length(self.rest());
        self.at += digits;
        if digits > 0 { Ok(()) } else { Err(NotJson) }
    }

    /// The object or array here, and how deep it nests.
    fn take_nested(&mut self) -> Result<usize, NotJson> {
        let begin = self.at;
        let levels = self.skip_brackets();
        // If this is JSON, then it is the value here, for no JSON begins with another one.
        let json = self.text.get(begin..self.at).ok_or(NotJson)?;
        serde_json::from_str::<IgnoredAny>(json).map(|_| levels).map_err(|_| NotJson)
    }

    /// Moves behind the bracket that closes the one here; how deep they nest in between.
    fn skip_brackets(&mut self) -> usize {
        let (mut depth, mut deepest) = (0_usize, 0_usize);
        while let Some(byte) = self.peek() {
            match byte {
                // A string with a fault ends in some wrong place, and serde_json will see it.
                b'"' if self.take_string().is_ok() => continue,
                b'{' | b'[' => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        self.at = self.at.min(self.text.len());
        deepest
    }

    /// Moves behind the string here.
    fn take_string(&mut self) -> Result<Shape, NotJson> {
        self.take(b'"')?;
        let mut shape = Shape::PLAIN;
        loop {
            self.at += plain_length(self.rest());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(shape);
                }
                Some(b'\\') => {
                    shape = Shape::ESCAPED;
                    self.take_escape()?;
                }
                // A control character, or the end of the text.
                _ => return Err(NotJson),
            }
        }
    }

    fn take_escape(&mut self) -> Result<(), NotJson> {
        let rest = self.rest();
        self.at += match rest {
            [_, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
            [_, b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(|hex| hex.is_ascii_hexdigit()) => {
                6
            }
            _ => return Err(NotJson),
        };
        Ok(())
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The pairs of a text that is one object.
    fn pairs(text: &str) -> Result<Vec<(&str, &str)>, NotJson> {
        let mut cursor = Cursor::new(text);
        let mut pairs = Vec::new();
        let mut next = cursor.first_key()?;
        while let Some(key) = next {
            pairs.push((key.json(text), cursor.value()?.json(text)));
            next = cursor.next_key()?;
        }
        cursor.end().map(|()| pairs)
    }

    #[test]
    fn pieces_are_as_written() {
        let text = concat!(
            " {\"a\" : 1.50 ,\n\"\\u0062\\\"\":{\"x\":[1, \"}\"]},",
            "\"c\":\"a long text with \\\"\" , \"d\":null} "
        );
        let expected = [
            (r#""a""#, "1.50"),
            (r#""\u0062\"""#, r#"{"x":[1, "}"]}"#),
            (r#""c""#, r#""a long text with \"""#),
            (r#""d""#, "null"),
        ];
        assert_eq!(pairs(text).unwrap(), expected);
        assert_eq!(pairs("{ }"), Ok(vec![]));
        assert_eq!(pairs(r#"{"a":""}"#), Ok(vec![(r#""a""#, r#""""#)]));
    }

    #[test]
    fn pieces_know_where_they_stand() {
        let text = r#"{"k\n":[[{}], [1]],"long enough for a word":true}"#;
        let mut cursor = Cursor::new(text);
        let key = cursor.first_key().unwrap().unwrap();
        assert!(key.is_escaped() && key.levels() == 0);
        assert_eq!(key.range(), 1..6);
        let value = cursor.value().unwrap();
        assert_eq!((value.levels(), value.begin(), value.is_escaped()), (3, 7, false));
        assert_eq!(value.json(text), "[[{}], [1]]");
        assert!(!cursor.next_key().unwrap().unwrap().is_escaped());
        assert_eq!(cursor.value().unwrap().json(text), "true");
        assert_eq!(cursor.next_key(), Ok(None));
    }

    #[test]
    fn a_second_object_is_no_further_pair() {
        assert_eq!(pairs(r#"{"a":1{"b":2}}"#), Err(NotJson));
        assert_eq!(pairs(r#"{"a":[1}]}"#), Err(NotJson));
        assert_eq!(pairs(r#"{"a":[1}"#), Err(NotJson));
    }

    /// Objects with something wrong in them, more often than not.
    fn almost_json() -> impl Strategy<Value = String> {
        let token = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\"a\"",
            "\"a\":",
            "\\",
            "\\u00e9",
            "\\ud800",
            "\\n",
            "\\x",
            "0",
            "1",
            "12",
            "-",
            "+",
            ".",
            "e",
            "E",
            "1.5",
            "1e+9",
            "01",
            "true",
            "false",
            "null",
            "nul",
            " ",
            "\t",
            "\n",
            "\u{1f}",
            "\u{0}",
            "\u{7f}",
            "é",
            "😀",
            "eight by",
            "[1,2]",
            "{\"b\":[]}",
        ]);
        let value = prop::collection::vec(token, 1..8).prop_map(|tokens| tokens.concat());
        let pair = prop_oneof![
            2 => value.clone(),
            3 => value.prop_map(|value| format!("\"k\":{value}")),
            3 => Just("\"k\":\"v\"".to_owned()),
        ];
        prop::collection::vec(pair, 0..4).prop_map(|pairs| format!("{{{}}}", pairs.join(",")))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn it_takes_what_serde_json_takes(text in almost_json()) {
            let expected = serde_json::from_str::<IgnoredAny>(&text).is_ok();
            prop_assert_eq!(pairs(&text).is_ok(), expected, "{}", text);
        }

        #[test]
        fn numbers_are_those_of_serde_json(text in "-?[0-9]{0,2}(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?") {
            let mut cursor = Cursor::new(&text);
            let taken = cursor.value().and_then(|_| cursor.end()).is_ok();
            prop_assert_eq!(taken, serde_json::from_str::<IgnoredAny>(&text).is_ok(), "{}", text);
        }

        #[test]
        fn strings_end_where_serde_json_ends_them(text in "\"([^\"\\\\]|\\\\.){0,20}\"?") {
            let mut cursor = Cursor::new(&text);
            let taken = cursor.value().and_then(|_| cursor.end()).is_ok();
            prop_assert_eq!(taken, serde_json::from_str::<IgnoredAny>(&text).is_ok(), "{}", text);
        }
    }
}
