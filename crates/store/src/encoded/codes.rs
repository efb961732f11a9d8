//! Which value each row has, as a small number.

use std::ops::Range;

use crate::Selection;

/// The code of each of some rows, in runs where they come in runs.
///
/// Rows of a row group are sorted by day and event, so that most columns have few runs; what is
/// counted by runs costs nothing a row.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Codes {
    parts: Vec<Part>,
    /// The codes of those parts that have one for each row.
    each: Vec<u32>,
    rows: u32,
}

/// Some rows that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    /// Where it ends, in rows.
    end: u32,
    codes: PartCodes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartCodes {
    /// All rows have this one.
    Same(u32),
    /// They begin here in `each`.
    Each(usize),
}

/// The codes of rows that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch<'c> {
    /// So many rows with the same code.
    Same(u32, u32),
    /// One code a row.
    Each(&'c [u32]),
}

impl Codes {
    /// Rows that all have this code.
    #[must_use]
    pub fn same(code: u32, rows: u32) -> Self {
        let mut codes = Self::default();
        codes.push_run(code, rows);
        codes
    }

    /// One code a row.
    #[must_use]
    pub fn each(codes: Vec<u32>) -> Self {
        let rows = u32::try_from(codes.len()).unwrap_or(u32::MAX);
        let parts = vec![Part { end: rows, codes: PartCodes::Each(0) }];
        Self { parts, each: codes, rows }
    }

    /// How many rows there are.
    #[must_use]
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Adds rows of one code.
    pub fn push_run(&mut self, code: u32, rows: u32) {
        if rows == 0 {
            return;
        }
        self.rows += rows;
        match self.parts.last_mut() {
            Some(part) if part.codes == PartCodes::Same(code) => part.end = self.rows,
            _ => self.parts.push(Part { end: self.rows, codes: PartCodes::Same(code) }),
        }
    }

    /// Adds rows with a code each, to be written to the slice.
    pub fn push_each(&mut self, rows: u32) -> &mut [u32] {
        let start = self.each.len();
        self.each.resize(start + rows as usize, 0);
        self.rows += rows;
        match self.parts.last_mut() {
            Some(part) if matches!(part.codes, PartCodes::Each(_)) => part.end = self.rows,
            _ => self.parts.push(Part { end: self.rows, codes: PartCodes::Each(start) }),
        }
        self.each.get_mut(start..).unwrap_or_default()
    }

    /// Adds rows as they are in a stretch.
    pub fn push(&mut self, stretch: Stretch<'_>) {
        match stretch {
            Stretch::Same(code, rows) => self.push_run(code, rows),
            Stretch::Each(codes) => {
                let rows = u32::try_from(codes.len()).unwrap_or(u32::MAX);
                self.push_each(rows).copy_from_slice(codes);
            }
        }
    }

    /// All rows, in stretches.
    pub fn stretches(&self) -> impl Iterator<Item = Stretch<'_>> {
        let mut start = 0;
        self.parts.iter().map(move |part| {
            let stretch = self.stretch(part, start..part.end, start);
            start = part.end;
            stretch
        })
    }

    /// A part of a part that begins at `start`.
    fn stretch(&self, part: &Part, rows: Range<u32>, start: u32) -> Stretch<'_> {
        let length = rows.end - rows.start;
        match part.codes {
            PartCodes::Same(code) => Stretch::Same(code, length),
            PartCodes::Each(at) => {
                let at = at + (rows.start - start) as usize;
                Stretch::Each(self.each.get(at..at + length as usize).unwrap_or_default())
            }
        }
    }

    /// The rows whose code passes.
    pub fn places(&self, mut passes: impl FnMut(u32) -> bool) -> Selection {
        let mut passed = Selection::default();
        let mut at = 0;
        for stretch in self.stretches() {
            let end = at + stretch.rows();
            match stretch {
                Stretch::Same(code, _) => {
                    if passes(code) {
                        passed.push(at..end);
                    }
                }
                Stretch::Each(codes) => {
                    let mut start = at;
                    for (row, &code) in (at..).zip(codes) {
                        if !passes(code) {
                            passed.push(start..row);
                            start = row + 1;
                        }
                    }
                    passed.push(start..end);
                }
            }
            at = end;
        }
        passed
    }

    /// Only the rows of a selection.
    #[must_use]
    pub fn select(&self, selection: &Selection) -> Self {
        let mut selected = Self::default();
        let mut cursor = Cursor::of(self);
        for range in selection.ranges() {
            cursor.skip_to(range.start);
            let mut left = range.end - range.start;
            while left > 0 {
                let Some(stretch) = cursor.take(left) else { break };
                left -= stretch.rows();
                selected.push(stretch);
            }
        }
        selected
    }
}

impl Stretch<'_> {
    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> u32 {
        match self {
            Self::Same(_, rows) => *rows,
            Self::Each(codes) => u32::try_from(codes.len()).unwrap_or(u32::MAX),
        }
    }
}

/// A place among the rows of some codes.
#[derive(Debug, Clone)]
pub struct Cursor<'c> {
    codes: &'c Codes,
    part: usize,
    row: u32,
}

impl<'c> Cursor<'c> {
    /// Before the first row.
    #[must_use]
    pub const fn of(codes: &'c Codes) -> Self {
        Self { codes, part: 0, row: 0 }
    }

    /// Goes forward to a row.
    pub fn skip_to(&mut self, row: u32) {
        self.row = self.row.max(row);
        let parts = self.codes.parts.get(self.part..).unwrap_or_default();
        self.part += parts.iter().take_while(|part| part.end <= self.row).count();
    }

    /// The next rows, at most so many of them; nothing at the end.
    pub fn take(&mut self, most: u32) -> Option<Stretch<'c>> {
        let part = self.codes.parts.get(self.part)?;
        let start = match self.part.checked_sub(1) {
            Some(before) => self.codes.parts.get(before)?.end,
            None => 0,
        };
        let end = part.end.min(self.row.saturating_add(most));
        let stretch = self.codes.stretch(part, self.row..end, start);
        self.skip_to(end);
        Some(stretch)
    }
}
