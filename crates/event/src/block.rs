//! Blocks of events that share one text buffer.

use crate::{EventDate, EventTime, Sequence};

/// A piece of its block's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
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
#[derive(Debug, Default, Clone)]
pub struct EventBlock {
    text: String,
    rows: Vec<Row>,
}

impl EventBlock {
    /// An empty block with room for `text_bytes` of text and `rows` events.
    #[must_use]
    pub fn with_capacity(text_bytes: usize, rows: usize) -> Self {
        Self { text: String::with_capacity(text_bytes), rows: Vec::with_capacity(rows) }
    }

    /// Adds a text to the buffer and says where it stands.
    ///
    /// # Panics
    /// When the buffer would pass 4 GiB; blocks are cut long before.
    #[expect(clippy::expect_used, reason = "the caller cuts blocks at a few MiB")]
    pub fn push_text(&mut self, text: &str) -> Span {
        let start = u32::try_from(self.text.len()).expect("a block holds less than 4 GiB of text");
        self.text.push_str(text);
        let end = u32::try_from(self.text.len()).expect("a block holds less than 4 GiB of text");
        Span { start, end }
    }

    /// Begins a text that is written in pieces through [`EventBlock::text_mut`].
    #[must_use]
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    /// The text buffer, to append to.
    pub fn text_mut(&mut self) -> &mut String {
        &mut self.text
    }

    /// The span from `start` (an earlier [`EventBlock::text_len`]) to the buffer's end.
    ///
    /// # Panics
    /// When the buffer has passed 4 GiB; blocks are cut long before.
    #[expect(clippy::expect_used, reason = "the caller cuts blocks at a few MiB")]
    #[must_use]
    pub fn span_from(&self, start: usize) -> Span {
        Span {
            start: u32::try_from(start).expect("a block holds less than 4 GiB of text"),
            end: u32::try_from(self.text.len()).expect("a block holds less than 4 GiB of text"),
        }
    }

    /// Takes back everything that was written to the buffer since it was `len` bytes long.
    pub fn truncate_text(&mut self, len: usize) {
        self.text.truncate(len);
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
        };
        self.rows.push(row);
    }

    /// Adds a row whose texts were put into the buffer before.
    pub fn push_row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Adds a copy of another block's row, with its texts.
    pub fn push_copy(&mut self, from: &Self, row: &Row) {
        let mut copy = |span: Span| self.push_text(from.text(span));
        let row = Row {
            name: copy(row.name),
            distinct_id: copy(row.distinct_id),
            insert_id: row.insert_id.map(&mut copy),
            original_name: row.original_name.map(&mut copy),
            original_distinct_id: row.original_distinct_id.map(&mut copy),
            properties: copy(row.properties),
            ..*row
        };
        self.rows.push(row);
    }

    /// The text of a span of this block.
    #[must_use]
    #[expect(
        clippy::string_slice,
        reason = "spans are made by push_text and span_from of the same block, on whole texts"
    )]
    pub fn text(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
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
