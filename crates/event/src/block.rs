//! Blocks of events that share one text buffer.

use std::num::NonZeroU32;
use std::ops::Range;

use crate::{EventDate, EventTime, Sequence};

/// A piece of its block's text. It takes 8 bytes, also where there may be none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    start: u32,
    /// One more than the end, so that it is never 0.
    after_end: NonZeroU32,
}

impl Span {
    /// The piece between two offsets of the buffer.
    ///
    /// # Panics
    /// When the end passes 4 GiB; blocks are cut long before.
    #[must_use]
    #[inline]
    #[expect(clippy::expect_used, reason = "the caller cuts blocks at a few MiB")]
    pub fn new(range: Range<usize>) -> Self {
        let start = u32::try_from(range.start).expect("a block holds less than 4 GiB of text");
        let after_end = u32::try_from(range.end.max(range.start) + 1)
            .expect("a block holds less than 4 GiB of text");
        let after_end = NonZeroU32::new(after_end).expect("one more than anything is not 0");
        Self { start, after_end }
    }

    /// Where it stands in the buffer.
    #[must_use]
    #[inline]
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.after_end.get() as usize - 1
    }

    /// Its length in bytes.
    #[must_use]
    #[inline]
    pub const fn len(self) -> usize {
        self.after_end.get() as usize - 1 - self.start as usize
    }

    /// Whether it holds nothing.
    #[must_use]
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// Which shard a row goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Where its distinct id hashes to.
    Home,
    /// Where its sequence hashes to: rows without an id, and excess under `rename` and `split`.
    Spread,
}

/// One event of a block. Texts are spans of the block's buffer, so rewriting a row moves no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// When it happened.
    pub time: EventTime,
    /// The day of that time in the store's time zone.
    pub date: EventDate,
    /// Event name, never empty.
    pub name: Span,
    /// Distinct id; empty for an unattributed event.
    pub distinct_id: Span,
    /// Insert id, never empty when present.
    pub insert_id: Option<Span>,
    /// The event name before a rename.
    pub original_name: Option<Span>,
    /// The distinct id before a remedy took it away.
    pub original_distinct_id: Option<Span>,
    /// The remaining properties, as the text of a JSON object.
    pub properties: Span,
    /// Running number in the store; 0 until the block is numbered.
    pub sequence: Sequence,
    /// Home shard or spread.
    pub placement: Placement,
    /// Whether `properties` holds an `mp_original_…` key, which a rename would collide with.
    pub carries_originals: bool,
    /// Where its record began in the raw block that it was decoded from, in bytes.
    pub record_at: u32,
}

/// What an event was before a remedy.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Originals<'a> {
    /// The event name it had.
    pub name: Option<&'a str>,
    /// The distinct id it had.
    pub distinct_id: Option<&'a str>,
}

/// One event, read from its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventView<'a> {
    /// Event name.
    pub name: &'a str,
    /// When it happened.
    pub time: EventTime,
    /// The day of that time in the store's time zone.
    pub date: EventDate,
    /// Distinct id; empty for an unattributed event.
    pub distinct_id: &'a str,
    /// Insert id, if it has one.
    pub insert_id: Option<&'a str>,
    /// What it was before a remedy; nothing for most events.
    pub originals: Originals<'a>,
    /// The remaining properties, as the text of a JSON object.
    pub properties: &'a str,
    /// Running number in the store.
    pub sequence: Sequence,
    /// Home shard or spread.
    pub placement: Placement,
}

/// An event to put into a block.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// Event name, not empty.
    pub name: &'a str,
    /// Distinct id; empty for an unattributed event.
    pub distinct_id: &'a str,
    /// When it happened.
    pub time: EventTime,
    /// The day of that time in the store's time zone.
    pub date: EventDate,
    /// Insert id; empty is the same as none.
    pub insert_id: Option<&'a str>,
    /// The remaining properties, as the text of a JSON object.
    pub properties: &'a str,
}

/// Events in ingest order, with their texts in one buffer of at most 4 GiB.
///
/// The buffer holds bytes rather than a `String`, so that a raw block can become the buffer of its
/// events without being checked for UTF-8 a second time: every span lies on text that was.
#[derive(Debug, Default, Clone)]
pub struct EventBlock {
    text: Vec<u8>,
    rows: Vec<Row>,
}

impl EventBlock {
    /// An empty block with room for `text_bytes` of text and `rows` events.
    #[must_use]
    pub fn with_capacity(text_bytes: usize, rows: usize) -> Self {
        Self { text: Vec::with_capacity(text_bytes), rows: Vec::with_capacity(rows) }
    }

    /// A block of this buffer and rows, whose spans must lie on whole UTF-8 texts.
    #[must_use]
    pub const fn from_parts(text: Vec<u8>, rows: Vec<Row>) -> Self {
        Self { text, rows }
    }

    /// Its buffer and rows, whose memory can be used again.
    #[must_use]
    pub fn into_parts(self) -> (Vec<u8>, Vec<Row>) {
        (self.text, self.rows)
    }

    /// Adds a text to the buffer and says where it stands.
    ///
    /// # Panics
    /// When the buffer would pass 4 GiB; blocks are cut long before.
    pub fn push_text(&mut self, text: &str) -> Span {
        let start = self.text.len();
        self.text.extend_from_slice(text.as_bytes());
        Span::new(start..self.text.len())
    }

    /// Length of the buffer in bytes.
    #[must_use]
    pub const fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Adds an event. A row without a distinct id is spread, every other goes home.
    pub fn push(&mut self, event: &NewEvent<'_>) {
        let row = Row {
            time: event.time,
            date: event.date,
            name: self.push_text(event.name),
            distinct_id: self.push_text(event.distinct_id),
            insert_id: event.insert_id.filter(|id| !id.is_empty()).map(|id| self.push_text(id)),
            original_name: None,
            original_distinct_id: None,
            properties: self.push_text(event.properties),
            sequence: Sequence::default(),
            placement: if event.distinct_id.is_empty() {
                Placement::Spread
            } else {
                Placement::Home
            },
            carries_originals: false,
            record_at: 0,
        };
        self.rows.push(row);
    }

    /// The bytes of a span of this block; UTF-8.
    #[must_use]
    #[inline]
    pub fn bytes(&self, span: Span) -> &[u8] {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The text of a span of this block. It is checked each time it is asked for: where bytes do,
    /// [`EventBlock::bytes`] is faster.
    ///
    /// # Panics
    /// When the span is another block's.
    #[must_use]
    #[expect(clippy::expect_used, reason = "spans lie on texts that were checked")]
    pub fn text(&self, span: Span) -> &str {
        std::str::from_utf8(self.bytes(span)).expect("spans lie on whole UTF-8 texts")
    }

    /// How many line feeds stand in a piece of the buffer.
    #[must_use]
    pub fn line_breaks_in(&self, range: Range<u32>) -> u64 {
        let range = range.start as usize..range.end as usize;
        self.text.get(range).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count()
            as u64
    }

    /// The rows, in ingest order.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows, to rewrite.
    pub fn rows_mut(&mut self) -> &mut [Row] {
        &mut self.rows
    }

    /// Number of events.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the block has no events.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The event at this index.
    #[must_use]
    pub fn event(&self, index: usize) -> Option<EventView<'_>> {
        self.rows.get(index).map(|row| self.view(row))
    }

    /// The events, in ingest order.
    pub fn events(&self) -> impl Iterator<Item = EventView<'_>> {
        self.rows.iter().map(|row| self.view(row))
    }

    /// A row of this block with its texts.
    #[must_use]
    pub fn view(&self, row: &Row) -> EventView<'_> {
        EventView {
            name: self.text(row.name),
            time: row.time,
            date: row.date,
            distinct_id: self.text(row.distinct_id),
            insert_id: row.insert_id.map(|span| self.text(span)),
            originals: Originals {
                name: row.original_name.map(|span| self.text(span)),
                distinct_id: row.original_distinct_id.map(|span| self.text(span)),
            },
            properties: self.text(row.properties),
            sequence: row.sequence,
            placement: row.placement,
        }
    }

    /// Gives the rows their running numbers, the first of them `first`; returns the next free one.
    pub fn number(&mut self, first: Sequence) -> Sequence {
        let mut next = first;
        for row in &mut self.rows {
            row.sequence = next;
            next = next.after(1);
        }
        next
    }

    /// Bytes that texts and rows take.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.text.len() + self.rows.len() * size_of::<Row>()
    }

    /// Empties the block and keeps its memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.rows.clear();
    }
}
