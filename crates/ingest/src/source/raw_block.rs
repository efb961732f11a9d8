//! A piece of a source, cut where a record ends.

use hotshard_event::SourceMark;

/// Bytes of one source that hold whole records (lines, or elements of a JSON array).
#[derive(Debug)]
pub struct RawBlock {
    /// Which source of the run it is, from 0.
    pub source: u32,
    /// Offset of the first byte in the source's decompressed content.
    pub offset: u64,
    /// 1-based number of the line in which the block begins.
    pub first_line: u64,
    /// The content.
    pub bytes: Vec<u8>,
    /// How the content is cut into records.
    pub records: Records,
    /// How far the source is taken in once this block is.
    pub mark: SourceMark,
}

/// How a block's bytes are cut into records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    /// One record a line.
    Lines {
        /// Whether the last line ended with a line break, or with the source.
        last_line: LastLine,
    },
    /// Elements of JSON arrays, found by a structural scan.
    Elements(Vec<Element>),
    /// One piece of a record that is longer than the limit; never decoded, kept as a reject.
    Oversize {
        /// Number of the piece, from 0. The record counts once, with its first piece.
        part: u32,
    },
    /// What could not be read because the source broke off (a truncated or corrupt compressed
    /// stream). The bytes are what was left over; the message says what happened.
    Broken {
        /// What happened, for people.
        message: String,
    },
}

/// How the last line of a block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastLine {
    /// With a line break.
    Terminated,
    /// With the end of the source: it may have been cut off.
    EndOfSource,
}

/// One element of a JSON array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// First byte, from the block's begin.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// 1-based number of the line it begins in.
    pub line: u64,
    /// Whether the source ended inside it.
    pub cut_off: bool,
}
