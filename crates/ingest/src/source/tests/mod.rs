//! Sources from end to end: what comes out of a reader, for any form of input.

mod cutting;
mod forms;
mod identity;

use hotshard_event::SourceMark;
use xxhash_rust::xxh3::xxh3_128;

use super::{Input, LastLine, Opened, RawBlock, ReadOptions, Records, SourceReader};

/// One thing that a source holds, with the bytes of its line or element.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    offset: u64,
    line: u64,
    bytes: Vec<u8>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Record,
    CutOff,
    /// Longer than the limit; its pieces put together.
    TooLong,
    /// The rest of one whose begin was taken in before.
    TooLongRest,
    Broken,
}

/// All that came out of a reader.
#[derive(Debug, Default)]
struct Drained {
    found: Vec<Found>,
    marks: Vec<SourceMark>,
    damage: Option<String>,
    largest_block_bytes: usize,
}

impl Drained {
    fn texts(&self) -> Vec<&str> {
        self.found.iter().map(|found| std::str::from_utf8(&found.bytes).unwrap()).collect()
    }

    fn last_mark(&self) -> &SourceMark {
        self.marks.last().unwrap()
    }

    /// What must come out of a reader that goes on at `offset`.
    fn from(&self, offset: u64) -> Vec<Found> {
        let mut rest = Vec::new();
        for found in &self.found {
            let passed = usize::try_from(offset.saturating_sub(found.offset)).unwrap();
            if passed == 0 {
                rest.push(found.clone());
            } else if found.kind == Kind::TooLong && passed < found.bytes.len() {
                let bytes = found.bytes[passed..].to_vec();
                let line = found.line + line_breaks(&found.bytes[..passed]);
                rest.push(Found { offset, line, bytes, kind: Kind::TooLongRest });
            }
        }
        rest
    }

    fn add(&mut self, block: RawBlock) {
        let RawBlock { offset, first_line, bytes, records, mark, .. } = block;
        self.largest_block_bytes = self.largest_block_bytes.max(bytes.capacity());
        let found = |start: usize, end: usize, line, kind| Found {
            offset: offset + start as u64,
            line,
            bytes: bytes[start..end].to_vec(),
            kind,
        };
        match records {
            Records::Lines { last_line } => {
                assert_eq!(
                    last_line == LastLine::EndOfSource,
                    bytes.last().is_some_and(|last| *last != b'\n')
                );
                let mut start = 0;
                for (nth, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
                    let end = start + line.strip_suffix(b"\n").unwrap_or(line).len();
                    self.found.push(found(start, end, first_line + nth as u64, Kind::Record));
                    start += line.len();
                }
            }
            Records::Elements(elements) => self.found.extend(elements.iter().map(|element| {
                let kind = if element.cut_off { Kind::CutOff } else { Kind::Record };
                found(element.start as usize, element.end as usize, element.line, kind)
            })),
            Records::Oversize { part } => match self.found.last_mut() {
                Some(last) if part > 0 && is_too_long(last) => last.bytes.extend(&bytes),
                _ => {
                    let kind = if part == 0 { Kind::TooLong } else { Kind::TooLongRest };
                    self.found.push(found(0, bytes.len(), first_line, kind));
                }
            },
            Records::Broken { message } => {
                self.damage = Some(message);
                self.found.push(found(0, bytes.len(), first_line, Kind::Broken));
            }
        }
        self.marks.push(mark);
    }
}

fn is_too_long(found: &Found) -> bool {
    matches!(found.kind, Kind::TooLong | Kind::TooLongRest)
}

fn line_breaks(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

fn options(block_bytes: usize, max_record_bytes: usize) -> ReadOptions {
    ReadOptions { block_bytes, max_record_bytes, ..ReadOptions::default() }
}

fn fresh(input: &Input, options: ReadOptions) -> SourceReader {
    match SourceReader::open(input, 0, options, &[]).unwrap() {
        Opened::Fresh(reader) => reader,
        other => panic!("expected a fresh source, got {other:?}"),
    }
}

/// Reads to the end, and checks what holds for every source: blocks follow one another without a
/// gap, and only the last mark can be complete.
fn drain(mut reader: SourceReader) -> Drained {
    let mut drained = Drained::default();
    let mut offset = reader.content_bytes_read();
    let mut buffer = Vec::new();
    while let Some(block) = reader.next_block(buffer).unwrap() {
        assert!(!drained.marks.last().is_some_and(|mark| mark.complete));
        assert_eq!(block.offset, offset);
        offset = block.mark.end_offset;
        if !matches!(block.records, Records::Broken { .. }) {
            assert_eq!(offset, block.offset + block.bytes.len() as u64);
            assert_eq!(block.mark.next_line, block.first_line + line_breaks(&block.bytes));
        }
        buffer = Vec::with_capacity(block.bytes.capacity());
        drained.add(block);
    }
    assert!(reader.next_block(Vec::new()).unwrap().is_none());
    drained
}

fn drain_bytes(content: &[u8], options: ReadOptions) -> Drained {
    let drained = drain(fresh(&Input::bytes("test", content), options));
    for mark in &drained.marks {
        let before = &content[..usize::try_from(mark.end_offset).unwrap()];
        assert_eq!(mark.xxh3, xxh3_128(before));
        assert_eq!(mark.next_line, 1 + line_breaks(before));
    }
    let last = drained.last_mark();
    assert!(last.complete);
    assert_eq!(last.end_offset, content.len() as u64);
    drained
}

/// Numbered lines, each an event.
fn lines(count: usize) -> Vec<u8> {
    (0..count).flat_map(|n| format!("{{\"event\":\"number {n}\"}}\n").into_bytes()).collect()
}
