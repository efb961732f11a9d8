//! The structure of JSON arrays, without parsing what is in them.

use memchr::memchr;

/// Follows arrays of elements, one after another, byte by byte, and stops where an element ends.
///
/// It knows strings, escapes and nesting, and no more: whether an element is JSON is for the
/// decoder to say. What stands between arrays is taken line by line, each line as an element.
#[derive(Debug, Clone)]
pub(super) struct Scanner {
    place: Place,
    /// Content offset of the next byte to look at.
    at: u64,
    /// Content offset of the element it is in, or was in last.
    start: u64,
    depth: u32,
    text: Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside of any array.
    Outside,
    /// Behind `[`.
    Opened,
    /// Behind a comma.
    Next,
    Element,
    /// In a line outside of any array.
    Stray,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Outside,
    Inside,
    /// Behind a backslash.
    Escape,
}

/// What a source that ends here ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// Nothing: every array is closed.
    Nothing,
    /// An array, between elements.
    Array,
    /// An element of an array.
    Element,
    /// A line outside of any array.
    Stray,
}

impl Scanner {
    pub(super) fn new() -> Self {
        Self { place: Place::Outside, at: 0, start: 0, depth: 0, text: Text::Outside }
    }

    /// Content offset of the next byte to look at.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Content offset of the first byte of the element it stands in or in front of whose end it
    /// stopped.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// The last offset so far at which a block may end: not within an element.
    pub(super) fn boundary(&self) -> u64 {
        if self.in_element() { self.start } else { self.at }
    }

    pub(super) fn in_element(&self) -> bool {
        matches!(self.place, Place::Element | Place::Stray)
    }

    /// What would be left open if the source ended here.
    pub(super) fn open(&self) -> Open {
        match self.place {
            Place::Outside => Open::Nothing,
            Place::Opened | Place::Next => Open::Array,
            Place::Element => Open::Element,
            Place::Stray => Open::Stray,
        }
    }

    /// Whether the brackets and strings of the present element are all closed.
    pub(super) fn is_balanced(&self) -> bool {
        self.depth == 0 && self.text == Text::Outside
    }

    /// Goes on over `bytes`, which begin at [`Scanner::at`], and stops in front of the next
    /// delimiter that ends an element. [`Scanner::close`] must follow before it goes on.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Option<u8> {
        let mut rest = bytes;
        loop {
            if !self.in_element() {
                let blank = rest.iter().position(|byte| !self.is_blank(*byte));
                rest = self.pass(rest, blank.unwrap_or(rest.len()));
                let first = *rest.first()?;
                self.start = self.at;
                match (self.place, first) {
                    (Place::Outside, b'[') => {
                        self.place = Place::Opened;
                        rest = self.pass(rest, 1);
                        continue;
                    }
                    (Place::Opened, b']') => {
                        self.place = Place::Outside;
                        rest = self.pass(rest, 1);
                        continue;
                    }
                    (Place::Opened | Place::Next, b',' | b']') => return Some(first),
                    (Place::Outside, _) => self.place = Place::Stray,
                    _ => self.enter_element(),
                }
            }
            let end = match self.place {
                Place::Stray => memchr(b'\n', rest),
                _ => self.element_end(rest),
            };
            rest = self.pass(rest, end.unwrap_or(rest.len()));
            return rest.first().copied();
        }
    }

    /// Passes the delimiter that [`Scanner::advance`] stopped at.
    pub(super) fn close(&mut self, delimiter: u8) {
        self.at = self.at.saturating_add(1);
        self.place = if delimiter == b',' && self.place != Place::Stray {
            Place::Next
        } else {
            Place::Outside
        };
    }

    fn enter_element(&mut self) {
        self.place = Place::Element;
        self.depth = 0;
        self.text = Text::Outside;
    }

    fn pass<'a>(&mut self, bytes: &'a [u8], count: usize) -> &'a [u8] {
        self.at = self.at.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        bytes.get(count..).unwrap_or_default()
    }

    /// White space; outside of arrays also the bytes of a byte order mark, which stands in front
    /// of the first array and, in files put together, of later ones.
    fn is_blank(&self, byte: u8) -> bool {
        is_space(byte) || (self.place == Place::Outside && matches!(byte, 0xef | 0xbb | 0xbf))
    }

    /// Where the element ends that `bytes` go on with.
    fn element_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut from = 0;
        loop {
            let rest = bytes.get(from..)?;
            if self.is_balanced() {
                let stops = |byte: &u8| matches!(byte, b',' | b']' | b'"' | b'{' | b'[');
                let at = rest.iter().position(stops)?;
                match rest.get(at)? {
                    b',' | b']' => return Some(from + at),
                    b'"' => self.text = Text::Inside,
                    _ => self.depth = 1,
                }
                from += at + 1;
            } else {
                from += self.balance(rest)?;
            }
        }
    }

    /// Goes on to where all brackets and texts of the element are closed, and one byte further.
    fn balance(&mut self, bytes: &[u8]) -> Option<usize> {
        // The byte behind a backslash means nothing.
        let mut escaped = if self.text == Text::Escape { 0 } else { usize::MAX };
        if self.text == Text::Escape && !bytes.is_empty() {
            self.text = Text::Inside;
        }
        let (words, tail) = bytes.as_chunks::<8>();
        for (nth, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let mut hits = structural_bytes(word);
            while hits != 0 {
                let bit = hits.trailing_zeros() & !7;
                let at = nth * 8 + (bit / 8) as usize;
                let [byte, ..] = (word >> bit).to_le_bytes();
                if at != escaped && self.step(byte, at, &mut escaped) {
                    return Some(at + 1);
                }
                hits &= hits - 1;
            }
        }
        let tail_at = words.len() * 8;
        for (at, byte) in (tail_at..).zip(tail) {
            if at != escaped && self.step(*byte, at, &mut escaped) {
                return Some(at + 1);
            }
        }
        if escaped == bytes.len() {
            self.text = Text::Escape;
        }
        None
    }

    /// Takes in one byte of the element, at `at`; true if it closes all.
    #[inline]
    fn step(&mut self, byte: u8, at: usize, escaped: &mut usize) -> bool {
        match (self.text, byte) {
            (Text::Outside, b'"') => self.text = Text::Inside,
            (Text::Outside, b'{' | b'[') => self.depth = self.depth.saturating_add(1),
            (Text::Outside, b'}' | b']') => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            (_, b'"') => {
                self.text = Text::Outside;
                return self.depth == 0;
            }
            (Text::Inside, b'\\') => *escaped = at + 1,
            _ => {}
        }
        false
    }
}

/// The high bits of those of a word's eight bytes that are quotes, backslashes, brackets or braces
/// (or `|`, which does no harm).
fn structural_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    const LOW_BITS: u64 = ONES * 0x7f;
    const HIGH_BIT: u64 = ONES * 0x80;
    // Braces differ from brackets in one bit; without it, both and the backslash are 0x5b to 0x5d.
    let folded = word & (ONES * 0x5f);
    let from_5b = folded + ONES * (0x80 - 0x5b);
    let from_5e = folded + ONES * (0x80 - 0x5e);
    let brackets = from_5b & !from_5e & !word;
    // A byte that differs from a quote carries into its high bit, or has it set.
    let differs = word ^ (ONES * 0x22);
    let quotes = !(((differs & LOW_BITS) + LOW_BITS) | differs);
    (brackets | quotes) & HIGH_BIT
}

/// White space of JSON.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The elements that a scanner finds when it sees the text in chunks.
    fn elements(text: &str, chunk_bytes: usize) -> Vec<&str> {
        let mut scanner = Scanner::new();
        let mut found = Vec::new();
        for chunk in text.as_bytes().chunks(chunk_bytes) {
            let begin = usize::try_from(scanner.at()).unwrap();
            loop {
                let at = usize::try_from(scanner.at()).unwrap();
                let Some(delimiter) = scanner.advance(&chunk[at - begin..]) else { break };
                let end = usize::try_from(scanner.at()).unwrap();
                let start = usize::try_from(scanner.start()).unwrap();
                found.push(text.get(start..end).unwrap().trim_end());
                scanner.close(delimiter);
            }
        }
        found
    }

    #[test]
    fn structural_bytes_are_found_wherever_they_stand() {
        for byte in 0..=u8::MAX {
            let structural = b"\"\\[]{}|".contains(&byte);
            for at in 0..8 {
                for around in [0, b'"', b'Z', 0xff] {
                    let mut word = [around; 8];
                    word[at] = byte;
                    let hits = structural_bytes(u64::from_le_bytes(word)).to_le_bytes();
                    assert_eq!(hits[at] != 0, structural, "{byte:#x} at {at} in {around:#x}");
                    assert_eq!(hits[(at + 1) % 8] != 0, around == b'"');
                }
            }
        }
    }

    #[test]
    fn elements_end_at_commas_and_brackets_of_their_own_level() {
        for (text, expected) in [
            (r#"[{"a":[1,2]},{"b":"],\"{"}]"#, vec![r#"{"a":[1,2]}"#, r#"{"b":"],\"{"}"#]),
            (r#"[{"a":"\\"},{"b":1}]"#, vec![r#"{"a":"\\"}"#, r#"{"b":1}"#]),
            ("[]", vec![]),
            ("[ ] [\n]", vec![]),
            ("[,]", vec!["", ""]),
            ("[1,,2]", vec!["1", "", "2"]),
            ("[1,]", vec!["1", ""]),
            ("[1] x\n[2]", vec!["1", "x", "2"]),
            ("[1],\n[2]", vec!["1", ",", "2"]),
            ("\u{feff}[1]\n\u{feff}[2]", vec!["1", "2"]),
            ("[1 2]\n{\"a\":[1,2]}\n", vec!["1 2", "{\"a\":[1,2]}"]),
        ] {
            for chunk_bytes in 1..=text.len() {
                assert_eq!(elements(text, chunk_bytes), expected, "{text}, {chunk_bytes}");
            }
        }
    }
}
