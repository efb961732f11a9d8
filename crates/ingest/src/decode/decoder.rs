//! Raw blocks to decoded blocks.

use std::ops::Range;

use hotshard_event::{EventBlock, TimeZone};

use crate::decode::event::{Rules, Source};
use crate::decode::fault::Fault;
use crate::decode::outline::Outlines;
use crate::decode::rows::Rows;
use crate::decode::unattributed::take_ids;
use crate::decode::{Reject, RejectReason, UnattributedIds, Validation, event, string};
use crate::source::{DEFAULT_MAX_RECORD_BYTES, Element, LastLine, RawBlock, Records};

/// What a byte order mark looks like in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// No event is shorter.
const SHORTEST_EVENT: &str = r#"{"event":"a","properties":{"time":31536000}}"#;

/// How blocks are decoded.
#[derive(Debug, Clone, Copy)]
pub struct DecodeOptions {
    /// The zone whose midnights cut the days.
    pub time_zone: TimeZone,
    /// How closely events are looked at.
    pub validation: Validation,
    /// Records of more bytes, line break not counted, are rejected.
    pub max_record_bytes: usize,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self {
            time_zone: TimeZone::UTC,
            validation: Validation::Lenient,
            max_record_bytes: DEFAULT_MAX_RECORD_BYTES,
        }
    }
}

/// What a block held.
#[derive(Debug, Default, Clone)]
pub struct DecodedBlock {
    /// The events in their order, not yet numbered.
    pub events: EventBlock,
    /// The records that are no events, in their order.
    pub rejects: Vec<Reject>,
    /// Lines or elements that hold something: events and rejected records. A record in several
    /// parts counts with its first.
    pub records: u64,
    /// Events that came without a distinct id, or with null; an empty one is not missing.
    pub missing_distinct_id: u64,
    /// Keys beside `event` and `properties` in the records of the events. They are no part of an
    /// event and were dropped.
    pub ignored_keys: u64,
    /// Events whose id is declared unattributed; they have none now.
    pub unattributed: u64,
    /// How many of these carried an `mp_original_…` property, which was moved away.
    pub collisions: u64,
}

impl DecodedBlock {
    /// Bytes of memory the block holds. Where most records are rejects it is several times the
    /// raw block, for each has a message of its own.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let texts = |reject: &Reject| reject.text.capacity() + reject.message.capacity();
        self.events.memory_bytes()
            + self.rejects.capacity() * size_of::<Reject>()
            + self.rejects.iter().map(texts).sum::<usize>()
    }
}

/// Turns raw blocks into events and rejects.
#[derive(Debug, Default, Clone)]
pub struct Decoder {
    options: DecodeOptions,
    unattributed: UnattributedIds,
}

impl Decoder {
    /// A decoder with these options.
    #[must_use]
    pub fn new(options: DecodeOptions) -> Self {
        Self { options, unattributed: UnattributedIds::default() }
    }

    /// Takes these ids for nobody's: their events are what they would be if they had been sent with
    /// an empty id, which no validation refuses, but keep the id as their original one.
    #[must_use]
    pub fn unattributed(self, unattributed: UnattributedIds) -> Self {
        Self { unattributed, ..self }
    }

    /// The events and rejects of a block. Its bytes are taken from it, and become the memory of
    /// the events.
    #[must_use]
    pub fn decode(&self, raw: &mut RawBlock) -> DecodedBlock {
        let bytes = std::mem::take(&mut raw.bytes);
        let Decoding { mut out, rows, unattributed, .. } = self.run(raw, &bytes);
        out.events = rows.into_block(bytes);
        out.unattributed = unattributed.len() as u64;
        out.collisions = take_ids(&mut out.events, &unattributed);
        out
    }

    fn run<'a>(&'a self, raw: &'a RawBlock, bytes: &'a [u8]) -> Decoding<'a> {
        let mut decoding = Decoding {
            rules: Rules { options: &self.options, unattributed: &self.unattributed },
            raw,
            bytes,
            text: simdutf8::basic::from_utf8(bytes).ok(),
            outlines: Outlines::new(),
            rows: Rows::new(bytes.len()),
            unattributed: Vec::new(),
            out: DecodedBlock::default(),
        };
        match &raw.records {
            Records::Lines { last_line } => decoding.lines(*last_line),
            Records::Elements(elements) => decoding.elements(elements),
            Records::Oversize { part } => decoding.oversize(*part),
            Records::Broken { message } => decoding.broken(message),
        }
        decoding
    }
}

/// Whether a record may have been cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// More followed it.
    Whole,
    /// The source ended with it.
    AtEndOfSource,
}

/// One block being decoded.
struct Decoding<'a> {
    rules: Rules<'a>,
    raw: &'a RawBlock,
    /// The content of the block.
    bytes: &'a [u8],
    /// The whole block, when all of it is UTF-8.
    text: Option<&'a str>,
    outlines: Outlines,
    rows: Rows,
    /// Numbers of the rows whose ids are unattributed.
    unattributed: Vec<usize>,
    /// All else.
    out: DecodedBlock,
}

impl<'a> Decoding<'a> {
    fn lines(&mut self, last_line: LastLine) {
        let bytes = self.bytes;
        let line_breaks = self.raw.mark.next_line.saturating_sub(self.raw.first_line);
        self.reserve(usize::try_from(line_breaks).unwrap_or_default() + 1);
        let (mut begin, mut line) = (0, self.raw.first_line);
        for end in memchr::memchr_iter(b'\n', bytes) {
            self.line(begin..end, line, Ending::Whole);
            begin = end + 1;
            line += 1;
        }
        let ending = match last_line {
            LastLine::Terminated => Ending::Whole,
            LastLine::EndOfSource => Ending::AtEndOfSource,
        };
        self.line(begin..bytes.len(), line, ending);
    }

    /// Makes room for so many records, but not for more events than the bytes can be.
    fn reserve(&mut self, records: usize) {
        self.rows.reserve(records.min(self.bytes.len() / SHORTEST_EVENT.len() + 1));
    }

    /// One line, without its line feed.
    fn line(&mut self, range: Range<usize>, line: u64, ending: Ending) {
        let bytes = self.bytes_of(range.clone());
        let mark = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        if !bytes.iter().skip(mark).all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) {
            let end = range.end - usize::from(bytes.ends_with(b"\r"));
            self.record(range.start..end, mark, line, ending);
        }
    }

    fn elements(&mut self, elements: &[Element]) {
        self.reserve(elements.len());
        for element in elements {
            let range = element.start as usize..element.end as usize;
            if element.cut_off {
                self.record(range, 0, element.line, Ending::AtEndOfSource);
            } else if range.is_empty() {
                self.out.records += 1;
                self.reject(range, element.line, &Fault::EmptyElement);
            } else {
                self.record(range, 0, element.line, Ending::Whole);
            }
        }
    }

    /// One record that holds something, after `skip` bytes that do not belong to it.
    fn record(&mut self, range: Range<usize>, skip: usize, line: u64, ending: Ending) {
        self.out.records += 1;
        let Err(fault) = self.event(range.start + skip..range.end) else {
            return;
        };
        let inner = self.bytes_of(range.start + skip..range.end);
        let fault = match fault {
            Fault::InvalidJson { .. } | Fault::InvalidUtf8 { .. }
                if ending == Ending::AtEndOfSource && is_cut_off(inner) =>
            {
                let begin = self.raw.offset + range.start as u64;
                Fault::CutOff { begin, end: self.raw.offset + range.end as u64 }
            }
            Fault::InvalidJson { cause, byte } => Fault::InvalidJson { cause, byte: byte + skip },
            Fault::InvalidUtf8 { byte } => Fault::InvalidUtf8 { byte: byte + skip },
            fault => fault,
        };
        self.reject(range, line, &fault);
    }

    /// Adds the event that the record in `range` is.
    fn event(&mut self, range: Range<usize>) -> Result<(), Fault<'a>> {
        let limit = self.rules.options.max_record_bytes;
        if range.len() > limit {
            return Err(Fault::TooLong { limit });
        }
        let text = match self.text.and_then(|text| text.get(range.clone())) {
            Some(text) => text,
            None => simdutf8::compat::from_utf8(self.bytes_of(range.clone()))
                .map_err(|error| Fault::InvalidUtf8 { byte: error.valid_up_to() + 1 })?,
        };
        let (begin, at) = (self.rows.extra_len(), range.start);
        let record = Source { text, at };
        let decoded = event::decode(record, self.rules, &mut self.outlines, &mut self.rows)
            .inspect_err(|_| self.rows.truncate_extra(begin))?;
        self.out.missing_distinct_id += u64::from(decoded.missing_distinct_id);
        self.out.ignored_keys += decoded.ignored_keys;
        if decoded.unattributed {
            self.unattributed.push(self.rows.len() - 1);
        }
        Ok(())
    }

    fn oversize(&mut self, part: u32) {
        let limit = self.rules.options.max_record_bytes;
        let fault = match part {
            0 => Fault::TooLong { limit },
            part => Fault::TooLongPart { limit, part },
        };
        self.out.records += u64::from(part == 0);
        let whole = 0..self.bytes.len();
        let reject = self.reject_of(whole, self.raw.first_line, fault.reason(), fault.to_string());
        self.out.rejects.push(Reject { part, ..reject });
    }

    fn broken(&mut self, message: &str) {
        self.out.records += 1;
        let (whole, reason) = (0..self.bytes.len(), RejectReason::BrokenSource);
        let reject = self.reject_of(whole, self.raw.first_line, reason, message.to_owned());
        self.out.rejects.push(reject);
    }

    fn reject(&mut self, range: Range<usize>, line: u64, fault: &Fault<'_>) {
        let reject = self.reject_of(range, line, fault.reason(), fault.to_string());
        self.out.rejects.push(reject);
    }

    fn reject_of(
        &self,
        range: Range<usize>,
        line: u64,
        reason: RejectReason,
        message: String,
    ) -> Reject {
        Reject {
            source: self.raw.source,
            line,
            offset: self.raw.offset + range.start as u64,
            reason,
            message,
            text: self.bytes_of(range).to_vec(),
            part: 0,
        }
    }

    fn bytes_of(&self, range: Range<usize>) -> &'a [u8] {
        self.bytes.get(range).unwrap_or_default()
    }
}

/// Whether the bytes of a bad record only lack their end.
fn is_cut_off(record: &[u8]) -> bool {
    match std::str::from_utf8(record) {
        Ok(text) => string::ends_early(text),
        // The last character is cut; what stands before it must be good so far.
        Err(error) if error.error_len().is_none() => record
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok())
            .is_some_and(string::ends_early),
        Err(_) => false,
    }
}
