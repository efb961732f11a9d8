//! Cuts content at the ends of array elements.

use std::mem;
use std::ops::Range;

use super::cut::{Cut, Ending, Pending, line_breaks};
use super::raw_block::{Element, Records};
use super::scanner::{Open, Scanner, is_space};

/// A block is cut early rather than hold more than one element for this many of its bytes, so that
/// an array of nothing but commas cannot take the memory.
const BLOCK_BYTES_AN_ELEMENT: usize = 64;

/// Cuts between elements, and long elements into pieces.
#[derive(Debug, Clone)]
pub(super) struct ElementCutter {
    scanner: Scanner,
    max_record_bytes: usize,
    max_elements: usize,
    /// The next piece's number, while inside an element that is too long.
    oversize: Option<u32>,
    /// What was found in the pending bytes, in positions from their begin; lines come last.
    elements: Vec<Element>,
}

/// Whether an element is there to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Yes,
    CutOff,
}

/// Why the scan of the pending bytes stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    AllSeen,
    Full,
    /// In or behind an element that is too long.
    TooLong,
}

impl ElementCutter {
    pub(super) fn new(max_record_bytes: usize, block_bytes: usize) -> Self {
        Self {
            scanner: Scanner::new(),
            max_record_bytes,
            max_elements: block_bytes / BLOCK_BYTES_AN_ELEMENT + 1,
            oversize: None,
            elements: Vec::new(),
        }
    }

    pub(super) fn cut(&mut self, pending: Pending<'_>, ending: Ending) -> Option<Cut> {
        if let Some(part) = self.oversize
            && let Some(piece) = self.piece(pending, part, ending)
        {
            return Some(piece);
        }
        let stop = self.scan(pending);
        let boundary = pending.index_of(self.scanner.boundary());
        match (stop, ending) {
            (Stop::TooLong, _) if boundary == 0 => self.piece(pending, 0, ending),
            (Stop::TooLong | Stop::Full, _) => Some(self.take(pending, boundary)),
            (Stop::AllSeen, Ending::Clean) => {
                self.push_what_is_open(pending);
                Some(self.take(pending, pending.len()))
            }
            (Stop::AllSeen, _) if boundary > 0 => Some(self.take(pending, boundary)),
            (Stop::AllSeen, Ending::Broken) => Some(Cut::leftover(pending.len())),
            (Stop::AllSeen, Ending::Open) => None,
        }
    }

    pub(super) fn skip(&mut self, bytes: &[u8]) {
        let pending = Pending { bytes, offset: self.scanner.at(), line: 0 };
        while let Some(delimiter) = self.scanner.advance(rest(pending, &self.scanner)) {
            self.scanner.close(delimiter);
        }
        // Blocks end between elements, but for the pieces of an element that is too long.
        self.oversize = self.scanner.in_element().then_some(1);
    }

    fn scan(&mut self, pending: Pending<'_>) -> Stop {
        while let Some(delimiter) = self.scanner.advance(rest(pending, &self.scanner)) {
            if self.is_too_long(pending) {
                return Stop::TooLong;
            }
            self.push(self.body(pending), Whole::Yes);
            self.scanner.close(delimiter);
            if self.elements.len() >= self.max_elements && !rest(pending, &self.scanner).is_empty()
            {
                return Stop::Full;
            }
        }
        let too_long = self.scanner.in_element() && self.is_too_long(pending);
        if too_long { Stop::TooLong } else { Stop::AllSeen }
    }

    /// The element that the scanner is in, as far as it got, without white space behind it.
    fn body(&self, pending: Pending<'_>) -> Range<usize> {
        let start = pending.index_of(self.scanner.start());
        let bytes = pending.bytes.get(start..pending.index_of(self.scanner.at()));
        let last = bytes.unwrap_or_default().iter().rposition(|byte| !is_space(*byte));
        start..last.map_or(start, |last| start + last + 1)
    }

    /// White space behind an element does not count, up to as much of it as an element may have:
    /// it must be held until the delimiter is found.
    fn is_too_long(&self, pending: Pending<'_>) -> bool {
        let held = pending.index_of(self.scanner.at()) - pending.index_of(self.scanner.start());
        held > self.max_record_bytes
            && (self.body(pending).len() > self.max_record_bytes
                || held > self.max_record_bytes.saturating_mul(2))
    }

    /// A piece of an element that is too long, up to its delimiter; none if it has ended.
    fn piece(&mut self, pending: Pending<'_>, part: u32, ending: Ending) -> Option<Cut> {
        let delimiter = self.scanner.advance(rest(pending, &self.scanner));
        let len = pending.index_of(self.scanner.at());
        match delimiter {
            Some(delimiter) if len == 0 => {
                self.scanner.close(delimiter);
                self.oversize = None;
                None
            }
            None if ending == Ending::Broken => Some(Cut::leftover(len)),
            _ => {
                self.oversize = Some(part.saturating_add(1));
                Some(Cut::records(len, Records::Oversize { part }))
            }
        }
    }

    /// The source ends: hands out the element that it ends in, and tells of a missing bracket.
    fn push_what_is_open(&mut self, pending: Pending<'_>) {
        let body = self.body(pending);
        let end = pending.len()..pending.len();
        match self.scanner.open() {
            Open::Nothing => {}
            Open::Array => self.push(end, Whole::CutOff),
            Open::Stray => self.push(body, Whole::Yes),
            Open::Element => {
                let last = pending.bytes.get(..body.end).and_then(<[u8]>::last);
                if matches!(last, Some(b'}' | b']')) && self.scanner.is_balanced() {
                    self.push(body, Whole::Yes);
                    self.push(end, Whole::CutOff);
                } else {
                    self.push(body, Whole::CutOff);
                }
            }
        }
    }

    fn push(&mut self, body: Range<usize>, whole: Whole) {
        self.elements.push(Element {
            start: position(body.start),
            end: position(body.end),
            line: 0,
            cut_off: whole == Whole::CutOff,
        });
    }

    /// The first `len` pending bytes as a block, its elements with their line numbers.
    fn take(&mut self, pending: Pending<'_>, len: usize) -> Cut {
        let mut elements = mem::take(&mut self.elements);
        let (mut line, mut counted) = (pending.line, 0);
        for element in &mut elements {
            let start = usize::try_from(element.start).unwrap_or(usize::MAX);
            line += line_breaks(pending.bytes.get(counted..start).unwrap_or_default());
            element.line = line;
            counted = start;
        }
        Cut::records(len, Records::Elements(elements))
    }
}

/// What follows the scanner's position.
fn rest<'a>(pending: Pending<'a>, scanner: &Scanner) -> &'a [u8] {
    pending.bytes.get(pending.index_of(scanner.at())..).unwrap_or_default()
}

#[expect(clippy::cast_possible_truncation, reason = "ReadOptions keep blocks below 4 GiB")]
fn position(index: usize) -> u32 {
    index as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::cut::CutKind;

    fn pending(text: &str) -> Pending<'_> {
        Pending { bytes: text.as_bytes(), offset: 0, line: 1 }
    }

    fn last_block(text: &str) -> Vec<(&str, u64, bool)> {
        let cut = ElementCutter::new(100, 1000).cut(pending(text), Ending::Clean).unwrap();
        assert_eq!(cut.len, text.len());
        let CutKind::Records(Records::Elements(elements)) = cut.kind else { panic!("{cut:?}") };
        let bytes = |e: &Element| text.get(e.start as usize..e.end as usize).unwrap();
        elements.iter().map(|e| (bytes(e), e.line, e.cut_off)).collect()
    }

    #[test]
    fn elements_are_trimmed_and_know_their_lines() {
        let found = last_block("\n[ {\"a\":1} ,\n\n {\"b\":\n2}\n]\n[3]");
        let expected = [("{\"a\":1}", 2, false), ("{\"b\":\n2}", 4, false), ("3", 7, false)];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_source_that_ends_inside_an_element_cuts_it_off() {
        assert_eq!(last_block("[{}, {\"a\":1"), [("{}", 1, false), ("{\"a\":1", 1, true)]);
        assert_eq!(last_block("[{\"a}"), [("{\"a}", 1, true)]);
        assert_eq!(last_block("[12"), [("12", 1, true)]);
    }

    #[test]
    fn a_missing_bracket_is_told_by_an_empty_element() {
        assert_eq!(last_block("["), [("", 1, true)]);
        assert_eq!(last_block("[{} \n"), [("{}", 1, false), ("", 2, true)]);
        assert_eq!(last_block("[{},"), [("{}", 1, false), ("", 1, true)]);
        assert_eq!(last_block("[{}]"), [("{}", 1, false)]);
    }

    #[test]
    fn an_array_of_commas_is_cut_into_many_small_blocks() {
        let commas = format!("[{}", ",".repeat(1000));
        let cut = ElementCutter::new(100, 640).cut(pending(&commas), Ending::Open).unwrap();
        assert_eq!(cut.len, 12);
    }
}
