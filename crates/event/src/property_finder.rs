//! One property in many texts, at the speed at which memory is read.

use std::borrow::Cow;

use memchr::arch::all::packedpair::HeuristicFrequencyRank;
use memchr::memmem::{Finder, FinderBuilder};
use memchr::{memchr, memchr_iter, memchr2};

use crate::members::{Members, after_colon, first_value};

/// So many texts are swept at once. They fit into the processor's nearest cache, so that sweeping
/// them a second time costs little, and what cannot be swept makes only its neighbours slower.
const BLOCK_ROWS: usize = 256;

/// Finds the values of one property in the texts of many events, without parsing them.
///
/// It says what [`Properties::raw`](crate::Properties::raw) says of each text, as long as the
/// texts are all JSON objects. But where that reads every byte as JSON, this sweeps many texts at once
/// for the property's name in quotes. Why that is enough:
///
/// - A name that needs no escape is written as it is, unless one of its characters is escaped
///   needlessly. Such escapes are swept for too, and their texts walked member by member.
/// - A quote that has no backslash before it begins or ends a string, and the name is chosen such
///   that nothing like it can follow a string's end. So the string is the name, and with a colon
///   after it, it is a key.
/// - Such a key belongs to the outermost object if every other object that begins before it ends
///   before it, too. Which braces are only text is told by counting quotes, unless there are
///   backslashes; what that does not settle is walked.
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
    /// What the escape of a character of the name begins with.
    escape: Finder<'static>,
    /// The name in UTF-16, as escapes have it.
    units: Vec<u16>,
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
    /// of `texts`; so does what is found where ends are not in order.
    pub fn find<'t>(
        &self,
        texts: &'t [u8],
        ends: &[u32],
        mut visit: impl FnMut(usize, Option<&'t [u8]>),
    ) {
        let (mut row, mut begin) = (0, 0);
        for ends in ends.chunks(BLOCK_ROWS) {
            let block_end = ends.last().map_or(0, |&end| end as usize).clamp(begin, texts.len());
            let block = texts.get(..block_end).unwrap_or_default();
            let sweep = |needles| Sweep::new(needles, block, begin, ends.len());
            let mut sweep = self.needles.as_ref().map(sweep);
            for &end in ends {
                let end = (end as usize).clamp(begin, block_end);
                let found = sweep.as_mut().map_or(Found::Unclear, |sweep| sweep.row(begin, end));
                let value = match found {
                    Found::Nothing => None,
                    Found::Value(value) => Some(value),
                    Found::Unclear => self.walk(block.get(begin..end).unwrap_or_default()),
                };
                visit(row, value);
                (row, begin) = (row + 1, end);
            }
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
        let quoted = format!("\"{name}\"");
        // Of the characters that need no escape, only the slash has one that is not `\u`.
        let escape = if name.contains('/') { r"\" } else { r"\u" };
        Self {
            key: FinderBuilder::new().build_forward_with_ranker(InJson, &quoted).into_owned(),
            escape: Finder::new(escape),
            units: name.encode_utf16().collect(),
        }
    }

    /// Whether a key that means the name, or no text at all, may be written with this escape.
    fn may_matter(&self, escape: &[u8]) -> bool {
        let digits = escape.strip_prefix(br"\u").and_then(|digits| digits.first_chunk::<4>());
        let digits = digits.and_then(|digits| str::from_utf8(digits).ok());
        digits
            .and_then(|digits| u16::from_str_radix(digits, 16).ok())
            .is_none_or(|unit| matches!(unit, 0xd800..=0xdfff) || self.units.contains(&unit))
    }
}

/// How frequent bytes are in properties. A search compares the two rarest bytes of its needle
/// first; it must not take quotes for rare.
struct InJson;

impl HeuristicFrequencyRank for InJson {
    fn rank(&self, byte: u8) -> u8 {
        match byte {
            b'"' => 5,
            b'0'..=b'9' | b'$' | b'_' => 4,
            b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 3,
            b'a'..=b'z' => 2,
            b'A'..=b'Z' => 1,
            _ => 0,
        }
    }
}

/// What the needles tell about a text.
enum Found<'t> {
    Nothing,
    Value(&'t [u8]),
    /// The text has to be walked.
    Unclear,
}

/// A sweep over a block of texts that stops at each row.
struct Sweep<'f, 't> {
    needles: &'f Needles,
    keys: Occurrences<'f, 't>,
    escapes: Occurrences<'f, 't>,
    /// Whether no text holds any brace but its own, not even in a string.
    is_flat: bool,
}

impl<'f, 't> Sweep<'f, 't> {
    /// A sweep over so many texts that begin at `begin` and end where `block` does.
    fn new(needles: &'f Needles, block: &'t [u8], begin: usize, rows: usize) -> Self {
        let keys = Occurrences::new(&needles.key, block, begin);
        let texts = block.get(begin..).unwrap_or_default();
        let is_flat = keys.is_any() && memchr_iter(b'{', texts).count() == rows;
        Self { needles, keys, escapes: Occurrences::new(&needles.escape, block, begin), is_flat }
    }

    /// What is known about the text at `begin..end`, the next one.
    fn row(&mut self, begin: usize, end: usize) -> Found<'t> {
        while self.escapes.at < end {
            if self.needles.may_matter(self.escapes.here()) {
                self.escapes.pass(end);
                self.keys.pass(end);
                return Found::Unclear;
            }
            self.escapes.pass(self.escapes.at + 1);
        }
        let mut last = None;
        while self.keys.at < end {
            let at = self.keys.at;
            if let Some(value) = self.keys.value() {
                last = Some((at, value));
            }
            self.keys.pass(at + 1);
        }
        let Some((at, value)) = last else { return Found::Nothing };
        let before = || self.keys.texts.get(begin..at).unwrap_or_default();
        if self.is_flat || is_outermost(before()) {
            first_value(value).map_or(Found::Nothing, Found::Value)
        } else {
            Found::Unclear
        }
    }
}

/// The places of a needle in texts, one at a time.
struct Occurrences<'f, 't> {
    needle: &'f Finder<'static>,
    texts: &'t [u8],
    /// The next place; past all texts if there is none.
    at: usize,
}

impl<'f, 't> Occurrences<'f, 't> {
    fn new(needle: &'f Finder<'static>, texts: &'t [u8], from: usize) -> Self {
        let mut places = Self { needle, texts, at: 0 };
        places.search(from);
        places
    }

    /// Goes on to the first place that is not before `from`.
    fn pass(&mut self, from: usize) {
        if self.at < from {
            self.search(from);
        }
    }

    fn search(&mut self, from: usize) {
        let found = self.texts.get(from..).and_then(|rest| self.needle.find(rest));
        self.at = found.map_or(usize::MAX, |at| from + at);
    }

    fn is_any(&self) -> bool {
        self.at < self.texts.len()
    }

    /// What begins with the needle.
    fn here(&self) -> &'t [u8] {
        self.texts.get(self.at..).unwrap_or_default()
    }

    /// What begins with the value, if a key stands here.
    fn value(&self) -> Option<&'t [u8]> {
        let (before, quoted) = self.texts.split_at_checked(self.at)?;
        if before.ends_with(br"\") {
            return None;
        }
        after_colon(quoted.get(self.needle.needle().len()..)?)
    }
}

/// Whether a key after this begin of an object surely is one of that object. Arrays need no look:
/// a key in one is inside of an object in it.
fn is_outermost(before: &[u8]) -> bool {
    let inside = before.get(1..).unwrap_or_default();
    if memchr(b'{', inside).is_none() {
        return true;
    }
    if memchr(b'\\', inside).is_some() {
        return false;
    }
    let (mut depth, mut in_string) = (0_usize, false);
    let mut rest = inside;
    while let Some((skipped, from_brace)) =
        memchr2(b'{', b'}', rest).and_then(|at| rest.split_at_checked(at))
    {
        in_string ^= memchr_iter(b'"', skipped).count() % 2 == 1;
        match from_brace.first() {
            _ if in_string => {}
            Some(b'{') => depth += 1,
            _ => depth = depth.saturating_sub(1),
        }
        rest = from_brace.get(1..).unwrap_or_default();
    }
    depth == 0
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

#[cfg(test)]
mod tests;
