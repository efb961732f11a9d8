//! Rows of one shard that wait to be encoded, each copied once; of event names only the number.
//!
//! They lie in segments of a fixed size. So a shard that has many rows takes no more memory than
//! they need, nothing is moved when it grows, and a segment that is done with serves another shard.

use hotshard_event::{EventBlock, EventDate, EventTime, Placement, Row, Span};

use crate::names::NameNumber;

/// Bytes of text for each row that a segment has room for: the texts of an event are seldom
/// shorter.
const TEXT_BYTES_A_ROW: usize = 160;

/// A row's place in its shard: segment and row.
pub(crate) type At = (u32, u32);

/// One row. Its texts stand one after another in its segment: distinct id, insert id, the original
/// distinct id, properties.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BufferedRow {
    pub(crate) time: EventTime,
    pub(crate) date: EventDate,
    pub(crate) sequence: u64,
    pub(crate) placement: Placement,
    pub(crate) names: RowNames,
    text_at: u32,
    distinct_id_bytes: u32,
    insert_id_bytes: OptionalBytes,
    original_distinct_id_bytes: OptionalBytes,
    properties_bytes: u32,
}

/// The event names of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowNames {
    pub(crate) name: NameNumber,
    pub(crate) original: Option<NameNumber>,
}

/// Length of a text that may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OptionalBytes(u32);

impl OptionalBytes {
    const MISSING: Self = Self(u32::MAX);

    fn of(span: Option<Span>) -> Self {
        span.map_or(Self::MISSING, |span| Self(length(span)))
    }

    /// How many bytes it takes.
    fn taken(self) -> u32 {
        if self == Self::MISSING { 0 } else { self.0 }
    }
}

/// A piece of a segment's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextAt {
    pub(crate) start: u32,
    pub(crate) bytes: u32,
}

/// Where the texts of a row stand in its segment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowTexts {
    pub(crate) distinct_id: TextAt,
    pub(crate) insert_id: Option<TextAt>,
    pub(crate) original_distinct_id: Option<TextAt>,
    pub(crate) properties: TextAt,
}

impl BufferedRow {
    /// Where its texts stand.
    pub(crate) fn texts(&self) -> RowTexts {
        let mut start = self.text_at;
        let mut next = |bytes: u32| {
            let text = TextAt { start, bytes };
            start += bytes;
            text
        };
        let distinct_id = next(self.distinct_id_bytes);
        let mut optional = |bytes: OptionalBytes| {
            let text = next(bytes.taken());
            (bytes != OptionalBytes::MISSING).then_some(text)
        };
        RowTexts {
            distinct_id,
            insert_id: optional(self.insert_id_bytes),
            original_distinct_id: optional(self.original_distinct_id_bytes),
            properties: next(self.properties_bytes),
        }
    }
}

/// A piece of memory for rows.
#[derive(Debug, Default)]
pub(crate) struct Segment {
    pub(crate) text: Vec<u8>,
    pub(crate) rows: Vec<BufferedRow>,
}

impl Segment {
    fn with_capacity(text_bytes: usize) -> Self {
        let rows = text_bytes / TEXT_BYTES_A_ROW + 1;
        Self { text: Vec::with_capacity(text_bytes), rows: Vec::with_capacity(rows) }
    }

    fn has_room_for(&self, text_bytes: usize) -> bool {
        self.text.capacity() - self.text.len() >= text_bytes
            && self.rows.capacity() > self.rows.len()
    }

    fn push(&mut self, block: &EventBlock, row: &Row, names: RowNames) {
        let text_at = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        for span in texts(row).into_iter().flatten() {
            self.text.extend_from_slice(block.bytes(span));
        }
        self.rows.push(BufferedRow {
            time: row.time,
            date: row.date,
            sequence: row.sequence.get(),
            placement: row.placement,
            names,
            text_at,
            distinct_id_bytes: length(row.distinct_id),
            insert_id_bytes: OptionalBytes::of(row.insert_id),
            original_distinct_id_bytes: OptionalBytes::of(row.original_distinct_id),
            properties_bytes: length(row.properties),
        });
    }

    /// Memory it holds, in bytes.
    fn memory_bytes(&self) -> usize {
        self.text.capacity() + self.rows.capacity() * size_of::<BufferedRow>()
    }
}

/// Segments that are done with, to be used again.
#[derive(Debug)]
pub(crate) struct SegmentPool {
    /// Text that a segment has room for.
    text_bytes: usize,
    free: Vec<Segment>,
}

impl SegmentPool {
    /// An empty pool of segments of this size.
    pub(crate) const fn new(text_bytes: usize) -> Self {
        Self { text_bytes, free: Vec::new() }
    }

    /// A segment with room for so much text at least.
    fn take(&mut self, text_bytes: usize) -> Segment {
        if text_bytes > self.text_bytes {
            return Segment::with_capacity(text_bytes);
        }
        self.free.pop().unwrap_or_else(|| Segment::with_capacity(self.text_bytes))
    }

    /// Takes segments back, as long as those that nobody uses hold at most so many bytes. Others are
    /// freed, and so are those of an odd size.
    pub(crate) fn give_back(
        &mut self,
        segments: impl IntoIterator<Item = Segment>,
        most_free_bytes: usize,
    ) {
        for mut segment in segments {
            let free_bytes = self.free.len() * segment.memory_bytes();
            if segment.text.capacity() == self.text_bytes && free_bytes <= most_free_bytes {
                segment.text.clear();
                segment.rows.clear();
                self.free.push(segment);
            }
        }
    }

    /// Frees what nobody uses.
    pub(crate) fn shrink(&mut self) {
        self.free = Vec::new();
    }
}

/// The rows of one shard, in ingest order.
#[derive(Debug, Default)]
pub(crate) struct ShardRows {
    pub(crate) segments: Vec<Segment>,
    rows: usize,
    memory_bytes: usize,
}

impl ShardRows {
    /// Adds a copy of a row; how much more memory is held for it.
    pub(crate) fn push(
        &mut self,
        block: &EventBlock,
        row: &Row,
        names: RowNames,
        pool: &mut SegmentPool,
    ) -> usize {
        let bytes = texts(row).iter().flatten().map(|span| span.len()).sum();
        let mut grown_bytes = 0;
        if !self.segments.last().is_some_and(|segment| segment.has_room_for(bytes)) {
            let segment = pool.take(bytes);
            grown_bytes = segment.memory_bytes();
            self.memory_bytes += grown_bytes;
            self.segments.push(segment);
        }
        if let Some(segment) = self.segments.last_mut() {
            segment.push(block, row, names);
            self.rows += 1;
        }
        grown_bytes
    }

    /// Number of rows.
    pub(crate) const fn len(&self) -> usize {
        self.rows
    }

    /// Memory they hold, in bytes.
    pub(crate) const fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Every row and its place, in ingest order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (At, &BufferedRow)> {
        (0_u32..).zip(&self.segments).flat_map(|(number, segment)| {
            (0_u32..).zip(&segment.rows).map(move |(row, record)| ((number, row), record))
        })
    }
}

/// The texts of a row, in the order in which a segment has them.
fn texts(row: &Row) -> [Option<Span>; 4] {
    [Some(row.distinct_id), row.insert_id, row.original_distinct_id, Some(row.properties)]
}

/// A span's length; blocks hold less than 4 GiB of text.
fn length(span: Span) -> u32 {
    u32::try_from(span.len()).unwrap_or(u32::MAX - 1)
}
