//! Where a block ends.

use memchr::memchr_iter;

use super::elements::ElementCutter;
use super::lines::LineCutter;
use super::raw_block::Records;

/// How what is at hand ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// More follows.
    Open,
    /// With the source.
    Clean,
    /// With damage that cannot be read past.
    Broken,
}

/// Content at hand that is not yet part of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pending<'a> {
    pub(super) bytes: &'a [u8],
    /// Offset of the first byte in the content.
    pub(super) offset: u64,
    /// Number of the line in which the first byte lies.
    pub(super) line: u64,
}

impl Pending<'_> {
    pub(super) fn len(self) -> usize {
        self.bytes.len()
    }

    /// The index of a content offset, at most the length.
    pub(super) fn index_of(self, offset: u64) -> usize {
        let index = offset.saturating_sub(self.offset);
        usize::try_from(index).unwrap_or(usize::MAX).min(self.len())
    }
}

/// A decision: the next block is the first `len` pending bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) len: usize,
    pub(super) kind: CutKind,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum CutKind {
    Records(Records),
    /// What is left over where the stream broke off.
    Leftover,
}

impl Cut {
    pub(super) fn records(len: usize, records: Records) -> Self {
        Self { len, kind: CutKind::Records(records) }
    }

    pub(super) fn leftover(len: usize) -> Self {
        Self { len, kind: CutKind::Leftover }
    }
}

/// Finds where blocks end; one for each form of content.
///
/// A cutter sees all of the source in order: what `cut` did not include in a block is at the front
/// the next time. While more follows, at least one byte is kept from it, so a block that reaches
/// the end of the source is known to be the last.
#[derive(Debug, Clone)]
pub(super) enum Cutter {
    Lines(LineCutter),
    Elements(ElementCutter),
}

impl Cutter {
    /// The cutter for content that begins with `head`: arrays if the first byte that is neither
    /// white space nor part of a byte order mark is `[`, else lines.
    pub(super) fn for_content(head: &[u8], max_record_bytes: usize, block_bytes: usize) -> Self {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        match text.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            Some(b'[') => Self::Elements(ElementCutter::new(max_record_bytes, block_bytes)),
            _ => Self::Lines(LineCutter::new(max_record_bytes, block_bytes)),
        }
    }

    /// The next block, or none if more must be at hand to tell.
    pub(super) fn cut(&mut self, pending: Pending<'_>, ending: Ending) -> Option<Cut> {
        match self {
            Self::Lines(lines) => lines.cut(pending.bytes, ending),
            Self::Elements(elements) => elements.cut(pending, ending),
        }
    }

    /// Passes over bytes that are in the store already, from the start of the source on.
    pub(super) fn skip(&mut self, bytes: &[u8]) {
        match self {
            Self::Lines(lines) => lines.skip(bytes),
            Self::Elements(elements) => elements.skip(bytes),
        }
    }
}

/// How many line breaks there are in `bytes`.
pub(super) fn line_breaks(bytes: &[u8]) -> u64 {
    u64::try_from(memchr_iter(b'\n', bytes).count()).unwrap_or(u64::MAX)
}
