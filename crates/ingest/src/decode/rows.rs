//! The rows of a block as they are decoded: texts that the raw block has stay there.

use std::ops::Range;

use hotshard_event::{EventBlock, Row, Span};

use crate::decode::others::Place;

/// Rows, and the texts that the raw block does not have as they are needed.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Length of the raw block.
    raw_bytes: usize,
    rows: Vec<Row>,
    /// Texts that stand behind the raw block in the end.
    extra: String,
}

impl Rows {
    /// None yet, of a raw block of this length.
    pub(super) fn new(raw_bytes: usize) -> Self {
        Self { raw_bytes, ..Self::default() }
    }

    pub(super) fn reserve(&mut self, rows: usize) {
        self.rows.reserve(rows);
    }

    pub(super) fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// The buffer for further texts.
    pub(super) const fn extra_mut(&mut self) -> &mut String {
        &mut self.extra
    }

    /// Length of that buffer.
    pub(super) const fn extra_len(&self) -> usize {
        self.extra.len()
    }

    /// Takes back all further texts since there were so many bytes of them.
    pub(super) fn truncate_extra(&mut self, bytes: usize) {
        self.extra.truncate(bytes);
    }

    /// Adds a further text.
    pub(super) fn push_text(&mut self, text: &str) -> Span {
        let begin = self.extra.len();
        self.extra.push_str(text);
        self.extra_from(begin)
    }

    /// The further text from `begin` on.
    pub(super) fn extra_from(&self, begin: usize) -> Span {
        self.in_extra(begin..self.extra.len())
    }

    /// A further text.
    pub(super) fn extra_text(&self, span: Span) -> &str {
        let range = span.range();
        let begin = range.start.saturating_sub(self.raw_bytes);
        self.extra.get(begin..begin + range.len()).unwrap_or_default()
    }

    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    fn in_extra(&self, range: Range<usize>) -> Span {
        Span::new(self.raw_bytes + range.start..self.raw_bytes + range.end)
    }

    /// The properties of the record at `record_at` that are no columns, with their braces.
    pub(super) fn properties(&self, record_at: usize, place: &Place) -> Span {
        match place {
            Place::Record(inside) => {
                Span::new(record_at + inside.start - 1..record_at + inside.end + 1)
            }
            Place::Out(range) => self.in_extra(range.clone()),
        }
    }

    /// The block of these rows, in the memory of its raw block.
    ///
    /// Properties that stayed there get their braces: the byte on either side of them is a brace, a
    /// comma or space, and belongs to nothing else that is still needed.
    pub(super) fn into_block(self, mut raw: Vec<u8>) -> EventBlock {
        for row in &self.rows {
            let range = row.properties.range();
            if let Some([first, .., last]) = raw.get_mut(range) {
                (*first, *last) = (b'{', b'}');
            }
        }
        if self.rows.is_empty() {
            raw.clear();
        } else {
            raw.extend_from_slice(self.extra.as_bytes());
        }
        EventBlock::from_parts(raw, self.rows)
    }
}
