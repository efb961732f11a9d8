//! One property in many texts, at the speed at which memory is read.

use std::borrow::Cow;

use memchr::memchr;
use memchr::memmem::Finder;

use crate::members::{Members, after_colon, first_value};

/// Finds the values of one property in the texts of many events, without parsing them.
///
/// It says what [`Properties::raw`](crate::Properties::raw) says of each text, as long as the
/// texts are JSON objects; but where that reads every byte as JSON, this sweeps all texts at once
/// for the property's name in quotes. Why that is enough:
///
/// - A name that needs no escape is written as it is, unless it is written with escapes it does not
///   need. Texts with such escapes are swept for too, and walked member by member.
/// - A quote that has no backslash before it begins or ends a string, and the name is chosen such
///   that nothing like it can follow a string's end. So the string is the name, and with a colon
///   after it, it is a key.
/// - Such a key belongs to the outermost object if no other one begins before it. If one does, the
///   text is walked.
/// - Of several such keys the last one counts, so only that one is looked at.
///
/// ```
/// use hotshard_event::PropertyFinder;
///
/// let texts = br#"{"plan":"pro"}{"seats":2}{"seats":3,"plan":null}"#;
/// let mut plans = Vec::new();
/// PropertyFinder::new("plan").find(texts, &[14, 25, 48], |_row, raw| plans.push(raw));
/// assert_eq!(plans, [Some(&b"\"pro\""[..]), None, Some(b"null")]);
/// ```
#[derive(Debug, Clone)]
pub struct PropertyFinder {
    name: String,
    /// Without them all texts are walked.
    needles: Option<Needles>,
}

/// What texts are swept for.
#[derive(Debug, Clone)]
struct Needles {
    /// The name in quotes.
    key: Finder<'static>,
    /// A part of every way to write the name with escapes.
    escape: Finder<'static>,
}

impl PropertyFinder {
    /// A finder of the property with this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), needles: is_told_by_quotes(name).then(|| Needles::of(name)) }
    }

    /// Calls `visit` with each row, in order, and its value as it was written, in JSON; of
    /// duplicates with the last one.
    ///
    /// Row 0 begins where `texts` does, and each row ends at its one of `ends`, where the next one
    /// begins. What is found in a text that is no JSON object is not specified, but it lies inside
    /// the text; a text that would end outside of `texts`, or before it begins, is cut there.
    pub fn find<'t>(
        &self,
        texts: &'t [u8],
        ends: &[u32],
        mut visit: impl FnMut(usize, Option<&'t [u8]>),
    ) {
        let mut sweep = self.needles.as_ref().map(|needles| Sweep::new(needles, texts));
        let mut begin = 0;
        for (row, &end) in ends.iter().enumerate() {
            let end = (end as usize).clamp(begin, texts.len());
            let text = texts.get(begin..end).unwrap_or_default();
            let found = sweep.as_mut().map_or(Found::Unclear, |sweep| sweep.next_row(text, end));
            visit(
                row,
                match found {
                    Found::Nothing => None,
                    Found::Value(value) => Some(value),
                    Found::Unclear => self.walk(text),
                },
            );
            begin = end;
        }
    }

    /// The value in one text, by reading all its keys.
    fn walk<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        let mut found = None;
        for (key, value) in Members::of(text) {
            match key_text(key) {
                Some(key) if *key == *self.name.as_bytes() => found = Some(value),
                Some(_) => {}
                // Half of a surrogate pair means no text; a parser stops here, too.
                None => break,
            }
        }
        found
    }
}

impl Needles {
    fn of(name: &str) -> Self {
        // Of the characters that need no escape, only the slash has one that is not `\u`.
        let escape = if name.contains('/') { r"\" } else { r"\u" };
        Self { key: Finder::new(&format!("\"{name}\"")).into_owned(), escape: Finder::new(escape) }
    }
}

/// What the needles tell about a text.
enum Found<'t> {
    Nothing,
    Value(&'t [u8]),
    /// The text has to be walked.
    Unclear,
}

/// A sweep over all texts that stops at each row.
struct Sweep<'f, 't> {
    keys: Occurrences<'f, 't>,
    escapes: Occurrences<'f, 't>,
}

impl<'f, 't> Sweep<'f, 't> {
    fn new(needles: &'f Needles, texts: &'t [u8]) -> Self {
        Self {
            keys: Occurrences::new(&needles.key, texts),
            escapes: Occurrences::new(&needles.escape, texts),
        }
    }

    /// What is known about the next row, which ends at `end`.
    fn next_row(&mut self, text: &'t [u8], end: usize) -> Found<'t> {
        if self.escapes.at < end {
            self.escapes.search_from(end);
            if self.keys.at < end {
                self.keys.search_from(end);
            }
            return Found::Unclear;
        }
        let begin = end - text.len();
        let mut last = None;
        while self.keys.at < end {
            let (before, quoted) = text.split_at(self.keys.at - begin);
            let after = quoted.get(self.keys.length()..).unwrap_or_default();
            if !before.ends_with(br"\")
                && let Some(value) = after_colon(after)
            {
                last = Some((before, value));
            }
            self.keys.search_from(self.keys.at + self.keys.length());
        }
        match last {
            None => Found::Nothing,
            Some((before, _)) if memchr(b'{', before.get(1..).unwrap_or_default()).is_some() => {
                Found::Unclear
            }
            Some((_, value)) => first_value(value).map_or(Found::Nothing, Found::Value),
        }
    }
}

/// The places of a needle in the texts, one at a time.
struct Occurrences<'f, 't> {
    needle: &'f Finder<'static>,
    texts: &'t [u8],
    /// The next place; past all texts if there is none.
    at: usize,
}

impl<'f, 't> Occurrences<'f, 't> {
    fn new(needle: &'f Finder<'static>, texts: &'t [u8]) -> Self {
        let mut occurrences = Self { needle, texts, at: 0 };
        occurrences.search_from(0);
        occurrences
    }

    fn length(&self) -> usize {
        self.needle.needle().len()
    }

    fn search_from(&mut self, from: usize) {
        let found = self.texts.get(from..).and_then(|rest| self.needle.find(rest));
        self.at = found.map_or(usize::MAX, |at| from + at);
    }
}

/// Whether its name in quotes tells a property: it is written without escapes, and it does not
/// begin like what follows a string's end.
fn is_told_by_quotes(name: &str) -> bool {
    !name.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\')
        && !name.trim_ascii_start().starts_with([',', ':', '}', ']'])
}

/// What a key means that is written like this between its quotes, if it means a text.
fn key_text(written: &[u8]) -> Option<Cow<'_, [u8]>> {
    if memchr(b'\\', written).is_none() {
        return Some(Cow::Borrowed(written));
    }
    let quoted = [b"\"", written, b"\""].concat();
    let text: String = serde_json::from_slice(&quoted).ok()?;
    Some(Cow::Owned(text.into_bytes()))
}
