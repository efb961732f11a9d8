//! Texts from outside, made safe for a terminal.

use std::fmt::Write as _;

/// The longest text from outside that a table shows, in characters.
const LONGEST: usize = 60;

/// A text without control characters: an id cannot move the cursor or hide a line. Also those
/// that turn the reading direction are escaped.
pub(crate) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_unsafe(letter) {
            // Writing to a string cannot fail.
            let _ = write!(safe, "{}", letter.escape_default());
        } else {
            safe.push(letter);
        }
    }
    safe
}

/// A printable text of at most 60 characters, for a cell.
pub(crate) fn cell(text: &str) -> String {
    let safe = printable(text);
    match safe.char_indices().nth(LONGEST) {
        None => safe,
        Some(_) => safe.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}

/// An id or a value for a cell; what is empty or missing says so.
pub(crate) fn value_cell(value: Option<&str>) -> String {
    match value {
        None => "(missing)".to_owned(),
        Some("") => "(empty)".to_owned(),
        Some(text) => cell(text),
    }
}

fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(printable("\u{1b}[31mred\n"), "\\u{1b}[31mred\\n");
        assert_eq!(printable("\u{202e}abc"), "\\u{202e}abc");
        assert_eq!(printable("Grüße 🦀"), "Grüße 🦀");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(cell(&"x".repeat(60)), "x".repeat(60));
        let cut = cell(&"é".repeat(61));
        assert_eq!(cut.chars().count(), 60);
        assert!(cut.ends_with('…'));
    }

    #[test]
    fn nothing_is_named() {
        assert_eq!(value_cell(None), "(missing)");
        assert_eq!(value_cell(Some("")), "(empty)");
        assert_eq!(value_cell(Some("pro")), "pro");
    }
}
