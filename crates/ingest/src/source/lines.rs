//! Cuts content at line breaks.

use memchr::{memchr, memchr_iter, memrchr};

use super::cut::{Cut, Ending};
use super::raw_block::{LastLine, Records};

/// Bytes of a block for each line it may hold. Events are longer; lines of a byte or two, all of
/// them rejected, would take far more memory decoded than as they came.
const BYTES_A_LINE: usize = 32;
/// Lines that even the smallest block may hold.
const MIN_LINES: usize = 64;

/// Cuts after the last line break at hand, and long lines into pieces.
#[derive(Debug, Clone)]
pub(super) struct LineCutter {
    max_record_bytes: usize,
    max_lines: usize,
    /// The next piece's number, while inside a line that is too long.
    oversize: Option<u32>,
}

/// What is at hand, in lines.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// One past the last line break that closes a line within the limit.
    whole: usize,
    /// Whether the line that begins there is longer than the limit.
    too_long: bool,
}

impl LineCutter {
    pub(super) fn new(max_record_bytes: usize, block_bytes: usize) -> Self {
        Self {
            max_record_bytes,
            max_lines: (block_bytes / BYTES_A_LINE).max(MIN_LINES),
            oversize: None,
        }
    }

    pub(super) fn cut(&mut self, bytes: &[u8], ending: Ending) -> Option<Cut> {
        if let Some(part) = self.oversize {
            return Some(self.piece(bytes, part, ending));
        }
        let Layout { whole, too_long } = self.layout(bytes);
        if too_long && whole == 0 {
            return Some(self.piece(bytes, 0, ending));
        }
        let terminated = Records::Lines { last_line: LastLine::Terminated };
        // Counting is many times faster than going from one to the next.
        if memchr_iter(b'\n', bytes).count() >= self.max_lines
            && let Some(at) = memchr_iter(b'\n', bytes).nth(self.max_lines - 1)
            && at + 1 < whole
        {
            return Some(Cut::records(at + 1, terminated));
        }
        match ending {
            Ending::Clean if whole == bytes.len() => Some(Cut::records(whole, terminated)),
            Ending::Clean if !too_long => {
                let records = Records::Lines { last_line: LastLine::EndOfSource };
                Some(Cut::records(bytes.len(), records))
            }
            _ if whole > 0 => Some(Cut::records(whole, terminated)),
            Ending::Broken => Some(Cut::leftover(bytes.len())),
            Ending::Open | Ending::Clean => None,
        }
    }

    pub(super) fn skip(&mut self, bytes: &[u8]) {
        // Blocks end at line breaks, but for the pieces of a line that is too long.
        match bytes.last() {
            Some(b'\n') => self.oversize = None,
            Some(_) => self.oversize = Some(1),
            None => {}
        }
    }

    /// Jumps from line break to line break, each time to the last one that a line within the
    /// limit can end at: a few steps a block, and no line longer than the limit is missed.
    fn layout(&self, bytes: &[u8]) -> Layout {
        let mut whole = 0;
        let mut rest = bytes;
        loop {
            let window = rest.get(..=self.max_record_bytes).unwrap_or(rest);
            let Some(at) = memrchr(b'\n', window) else {
                return Layout { whole, too_long: rest.len() > self.max_record_bytes };
            };
            whole += at + 1;
            rest = rest.get(at + 1..).unwrap_or_default();
        }
    }

    fn piece(&mut self, bytes: &[u8], part: u32, ending: Ending) -> Cut {
        let line_break = memchr(b'\n', bytes);
        self.oversize = match line_break {
            Some(_) => None,
            None => Some(part.saturating_add(1)),
        };
        match line_break {
            None if ending == Ending::Broken => Cut::leftover(bytes.len()),
            at => {
                let len = at.map_or(bytes.len(), |at| at + 1);
                Cut::records(len, Records::Oversize { part })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINATED: Records = Records::Lines { last_line: LastLine::Terminated };

    #[test]
    fn a_line_of_exactly_the_limit_is_no_longer_than_it() {
        let mut cutter = LineCutter::new(3, 1024);
        assert_eq!(cutter.cut(b"abc\nabc\nx", Ending::Open), Some(Cut::records(8, TERMINATED)));
        let end = Records::Lines { last_line: LastLine::EndOfSource };
        assert_eq!(cutter.cut(b"abc", Ending::Clean), Some(Cut::records(3, end)));
        assert_eq!(cutter.cut(b"abc", Ending::Open), None);
    }

    #[test]
    fn a_long_line_between_short_ones_is_cut_out() {
        let mut cutter = LineCutter::new(3, 1024);
        assert_eq!(cutter.cut(b"a\nabcd\nb\n", Ending::Clean), Some(Cut::records(2, TERMINATED)));
        let piece = Records::Oversize { part: 0 };
        assert_eq!(cutter.cut(b"abcd\nb\n", Ending::Clean), Some(Cut::records(5, piece)));
        assert_eq!(cutter.cut(b"b\n", Ending::Clean), Some(Cut::records(2, TERMINATED)));
    }

    #[test]
    fn many_short_lines_are_not_one_block() {
        let mut cutter = LineCutter::new(3, 100 * BYTES_A_LINE);
        let lines = b"a\n\n".repeat(80);
        assert_eq!(cutter.cut(&lines, Ending::Clean), Some(Cut::records(150, TERMINATED)));
        assert_eq!(cutter.cut(&lines[150..], Ending::Clean), Some(Cut::records(90, TERMINATED)));
    }

    #[test]
    fn a_break_in_the_stream_leaves_the_partial_line_over() {
        let mut cutter = LineCutter::new(3, 1024);
        assert_eq!(cutter.cut(b"a\nb", Ending::Broken), Some(Cut::records(2, TERMINATED)));
        assert_eq!(cutter.cut(b"b", Ending::Broken), Some(Cut::leftover(1)));
    }
}
