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

impl Position {
    /// Where a row of `events` stands, which were decoded from `raw`.
    ///
    /// Nobody asks for most events, so none carries its line: it is counted.
    #[must_use]
    pub fn of(row: &Row, events: &EventBlock, raw: &RawBlock) -> Self {
        let line = match &raw.records {
            Records::Elements(elements) => {
                let at = elements.partition_point(|element| element.start < row.record_at);
                elements.get(at).map_or(raw.first_line, |element| element.line)
            }
            Records::Lines { .. } | Records::Oversize { .. } | Records::Broken { .. } => {
                raw.first_line + events.line_breaks_before(row.record_at)
            }
        };
        Self { line, offset: raw.offset + u64::from(row.record_at) }
    }
}
