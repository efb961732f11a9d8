//! Where an event stands in its source.

use hotshard_event::{EventBlock, Row};

use crate::source::{RawBlock, Records};

/// Where a record stands in its source.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// 1-based number of the line it begins in.
    pub line: u64,
    /// Offset of its first byte in the decompressed content.
    pub offset: u64,
}

/// Tells the positions of a block's rows, in ascending order.
///
/// Nobody asks for most events, so none carries its line: it is counted, each time from the row
/// that was asked for before.
#[derive(Debug)]
pub struct Positions<'a> {
    events: &'a EventBlock,
    raw: &'a RawBlock,
    /// Up to where line breaks were counted, and how many there are.
    counted: (u32, u64),
}

impl<'a> Positions<'a> {
    /// Of the events that were decoded from `raw`.
    #[must_use]
    pub const fn new(events: &'a EventBlock, raw: &'a RawBlock) -> Self {
        Self { events, raw, counted: (0, 0) }
    }

    /// Where a row stands; rows before the one asked for last are not told right.
    pub fn of(&mut self, row: &Row) -> Position {
        let line = match &self.raw.records {
            Records::Elements(elements) => {
                let at = elements.partition_point(|element| element.start < row.record_at);
                elements.get(at).map_or(self.raw.first_line, |element| element.line)
            }
            Records::Lines { .. } | Records::Oversize { .. } | Records::Broken { .. } => {
                let (from, breaks) = self.counted;
                let breaks = breaks + self.events.line_breaks_in(from..row.record_at);
                self.counted = (row.record_at, breaks);
                self.raw.first_line + breaks
            }
        };
        Position { line, offset: self.raw.offset + u64::from(row.record_at) }
    }
}
