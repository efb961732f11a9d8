//! Texts of others, made fit for a page.

/// Most characters of a heading.
pub(crate) const TITLE: usize = 160;
/// Most characters of a paragraph.
pub(crate) const PARAGRAPH: usize = 2_000;
/// Most characters of a name: a series, an axis, a category, a cell of a table.
pub(crate) const NAME: usize = 80;

/// The text in at most so many characters, ending in `…` where it was cut. What moves the text around
/// it (control characters, direction overrides) becomes `�`.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let mut kept = String::with_capacity(text.len().min(4 * most));
    for (at, letter) in text.chars().enumerate() {
        if at + 1 >= most && text.chars().nth(most).is_some() {
            kept.push('…');
            break;
        }
        kept.push(if is_unruly(letter) { '\u{FFFD}' } else { letter });
    }
    kept
}

fn is_unruly(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_end_in_an_ellipsis() {
        assert_eq!(cut("exactly", 7), "exactly");
        assert_eq!(cut("exactly!", 7), "exactl…");
        assert_eq!(cut("ÄÖÜß", 3), "ÄÖ…");
        assert_eq!(cut("", 3), "");
    }

    #[test]
    fn what_moves_other_text_is_replaced() {
        assert_eq!(cut("a\u{202E}b\0c\nd", 20), "a\u{FFFD}b\u{FFFD}c\u{FFFD}d");
    }
}
