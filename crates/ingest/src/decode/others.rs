//! The properties that are no columns: left where they are if they stand together, else written
//! out.

use std::ops::Range;

/// Where a text is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In the record. Of an object only the inside, without its braces: the bytes around it are
    /// braces, commas or space, and may become its braces.
    Record(Range<usize>),
    /// In what was written out.
    Out(Range<usize>),
}

impl Default for Place {
    fn default() -> Self {
        Self::Out(0..0)
    }
}

/// Properties on their way. Neighbours that were written with nothing but `,` and `:` between them
/// are one run.
pub(super) struct Others<'a, 'o> {
    text: &'a str,
    /// The last run, which may stay where it is.
    run: Range<usize>,
    /// What to write before the run.
    separator: &'static str,
    out: &'o mut String,
    begin: usize,
}

impl<'a, 'o> Others<'a, 'o> {
    /// None yet, of a record with this text.
    pub(super) fn new(text: &'a str, out: &'o mut String) -> Self {
        let begin = out.len();
        Self { text, run: 0..0, separator: "{", out, begin }
    }

    pub(super) const fn text(&self) -> &'a str {
        self.text
    }

    /// Adds a pair that stands here in the record.
    pub(super) fn add(&mut self, key: Range<usize>, value: Range<usize>) {
        if key.end + 1 != value.start {
            self.write_run();
            let text = |range: Range<usize>| self.text.get(range).unwrap_or_default();
            for piece in [self.separator, text(key), ":", text(value)] {
                self.out.push_str(piece);
            }
            self.separator = ",";
        } else if !self.run.is_empty() && self.run.end + 1 == key.start {
            self.run.end = value.end;
        } else {
            self.write_run();
            self.run = key.start..value.end;
        }
    }

    fn write_run(&mut self) {
        if !self.run.is_empty() {
            self.out.push_str(self.separator);
            self.out.push_str(self.text.get(self.run.clone()).unwrap_or_default());
            self.separator = ",";
            self.run = 0..0;
        }
    }

    /// Where all of them are to be found.
    pub(super) fn finish(&mut self) -> Place {
        let nothing_written = self.separator == "{";
        if nothing_written && !self.run.is_empty() {
            return Place::Record(self.run.clone());
        }
        self.write_run();
        self.out.push_str(if nothing_written { "{}" } else { "}" });
        Place::Out(self.begin..self.out.len())
    }
}
