//! The members of an object in JSON text that was checked before: split, not parsed.

use memchr::memchr2;

/// The members of one JSON object, in order: each key as written between its quotes, and each
/// value as written.
///
/// Nothing is checked. What is no JSON ends the walk somewhere or yields members nobody wrote, but
/// each of them lies inside the text.
pub(crate) struct Members<'t> {
    /// What begins with the next key, or whitespace before it; empty at the end.
    rest: &'t [u8],
}

impl<'t> Members<'t> {
    pub(crate) fn of(text: &'t [u8]) -> Self {
        Self { rest: text.trim_ascii_start().strip_prefix(b"{").unwrap_or_default() }
    }
}

impl<'t> Iterator for Members<'t> {
    type Item = (&'t [u8], &'t [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.rest.trim_ascii_start();
        let (quoted, rest) = text.split_at_checked(string_length(text)?)?;
        let key = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        let value = first_value(after_colon(rest)?)?;
        let rest = after_colon(rest)?.get(value.len()..)?;
        self.rest = rest.trim_ascii_start().strip_prefix(b",").unwrap_or_default();
        Some((key, value))
    }
}

/// Where the value begins, if a colon is next.
pub(crate) fn after_colon(text: &[u8]) -> Option<&[u8]> {
    Some(text.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start())
}

/// The member's value that `text` begins with, as written.
pub(crate) fn first_value(text: &[u8]) -> Option<&[u8]> {
    let length = match text.first()? {
        b'"' => string_length(text)?,
        b'{' | b'[' => nested_length(text)?,
        _ => text.iter().position(|&byte| is_after_scalar(byte)).unwrap_or(text.len()),
    };
    text.get(..length)
}

/// Whether a number, `true`, `false` or `null` in an object ends before this byte.
fn is_after_scalar(byte: u8) -> bool {
    matches!(byte, b',' | b'}') || byte.is_ascii_whitespace()
}

/// The length of the string that `text` begins with, with its quotes.
fn string_length(text: &[u8]) -> Option<usize> {
    let mut at = usize::from(text.first() == Some(&b'"'));
    if at == 0 {
        return None;
    }
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        // Past the backslash and what it escapes; the digits of a `\u` are plain text.
        at += 2;
    }
}

/// The length of the object or array that `text` begins with, with its brackets.
fn nested_length(text: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        match text.get(at)? {
            b'"' => {
                at += string_length(text.get(at..)?)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}
