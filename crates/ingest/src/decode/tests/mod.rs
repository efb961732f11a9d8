//! Decoding as a whole: every rule of the wire form, every reason for a reject with its message.

mod any_input;
mod fields;
mod outlines;
mod rejects;
mod strict;
mod unattributed;

use hotshard_event::{EventView, SourceHead, SourceMark};

use crate::decode::{DecodeOptions, DecodedBlock, Decoder, Reject, RejectReason};
use crate::source::{LastLine, RawBlock, Records};

/// A time that is valid everywhere.
const TIME: &str = "1618716477000";

fn raw(bytes: &[u8], records: Records) -> RawBlock {
    RawBlock {
        source: 3,
        offset: 1_000,
        first_line: 11,
        bytes: bytes.to_vec(),
        records,
        mark: SourceMark {
            name: "events.jsonl".to_owned(),
            head: SourceHead { length: 0, xxh3: 0 },
            end_offset: 1_000 + bytes.len() as u64,
            xxh3: 0,
            next_line: 12,
            complete: false,
        },
    }
}

fn lines(bytes: &[u8], last_line: LastLine) -> RawBlock {
    raw(bytes, Records::Lines { last_line })
}

/// Decodes lines of a source that goes on behind them.
fn decode(bytes: impl AsRef<[u8]>) -> DecodedBlock {
    Decoder::default().decode(&mut lines(bytes.as_ref(), LastLine::Terminated))
}

/// Decodes lines with which their source ends.
fn decode_end(bytes: impl AsRef<[u8]>) -> DecodedBlock {
    Decoder::default().decode(&mut lines(bytes.as_ref(), LastLine::EndOfSource))
}

fn decode_with(options: DecodeOptions, bytes: impl AsRef<[u8]>) -> DecodedBlock {
    Decoder::new(options).decode(&mut lines(bytes.as_ref(), LastLine::Terminated))
}

/// A line with this name and these properties (the inside of the object).
fn line(event: &str, properties: &str) -> String {
    format!("{{\"event\":\"{event}\",\"properties\":{{{properties}}}}}\n")
}

/// A line named `a` with a valid time and these further properties.
fn timed(properties: &str) -> String {
    line("a", &format!("\"time\":{TIME},{properties}"))
}

/// The one event of a block without rejects.
fn the_event(block: &DecodedBlock) -> EventView<'_> {
    assert_eq!(block.rejects, []);
    assert_eq!((block.events.len(), block.records), (1, 1));
    block.events.event(0).unwrap()
}

/// The one reject of a block without events, which leaves no text behind.
fn the_reject(block: &DecodedBlock) -> &Reject {
    assert_eq!((block.events.len(), block.events.text_len()), (0, 0));
    assert_eq!((block.rejects.len(), block.records), (1, 1));
    &block.rejects[0]
}

fn assert_rejected(bytes: impl AsRef<[u8]>, reason: RejectReason, message: &str) {
    let block = decode(bytes);
    let reject = the_reject(&block);
    assert_eq!((reject.reason, reject.message.as_str()), (reason, message));
}
