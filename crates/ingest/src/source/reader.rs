//! Reads one source as blocks of whole records.

use std::fmt;

use hotshard_event::{SourceHead, SourceMark};
use xxhash_rust::xxh3::Xxh3;

use super::Input;
use super::content::Content;
use super::cut::{Cut, CutKind, Cutter, Ending, Pending, line_breaks};
use super::identify::Seen;
use super::raw_block::{RawBlock, Records};
use super::start::SourceStart;
use crate::Error;

/// Content bytes of a block, unless told otherwise.
pub const DEFAULT_BLOCK_BYTES: usize = 4 << 20;

/// The longest record, in bytes without its line break, unless told otherwise.
pub const DEFAULT_MAX_RECORD_BYTES: usize = 1 << 20;

/// Positions within a block are 32 bits wide, and a block may hold twice its size or the longest
/// record.
const LARGEST_SIZE_BYTES: usize = 512 << 20;

/// How a source is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// Content bytes of a block, more or less, from 1 byte to 512 MiB. A record is never divided:
    /// a block may grow to hold one. Memory is about three times this, and more if records are
    /// longer.
    pub block_bytes: usize,
    /// The longest record, in bytes without its line break, from 1 byte to 512 MiB. A longer one
    /// is handed out in pieces.
    pub max_record_bytes: usize,
    /// Whether sources that were taken in before are found out.
    pub identification: Identification,
}

impl ReadOptions {
    /// The same with sizes that positions can address.
    pub(super) fn clamped(self) -> Self {
        Self {
            block_bytes: self.block_bytes.clamp(1, LARGEST_SIZE_BYTES),
            max_record_bytes: self.max_record_bytes.clamp(1, LARGEST_SIZE_BYTES),
            ..self
        }
    }
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            block_bytes: DEFAULT_BLOCK_BYTES,
            max_record_bytes: DEFAULT_MAX_RECORD_BYTES,
            identification: Identification::Check,
        }
    }
}

/// Whether sources that were taken in before are found out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Identification {
    /// They are compared with the known marks.
    #[default]
    Check,
    /// Every source is read as if it were new.
    Again,
}

/// A source, as far as its first bytes and the known marks tell.
#[derive(Debug)]
pub enum Opened {
    /// Not taken in before: the reader stands at its begin.
    Fresh(SourceReader),
    /// Taken in up to a point: the reader stands there.
    Resumed(SourceReader),
    /// Taken in to its end before, as this mark says.
    Duplicate(SourceMark),
    /// It holds no byte.
    Empty,
}

/// Reads one source, in order, as blocks that end where a record ends.
///
/// Sequential and fast; decoding the blocks is for others, in parallel.
pub struct SourceReader {
    index: u32,
    name: String,
    head: SourceHead,
    options: ReadOptions,
    content: Box<Content>,
    hasher: Box<Xxh3>,
    cutter: Cutter,
    /// What was read but is not part of a block yet.
    carry: Vec<u8>,
    /// Where the next block begins.
    offset: u64,
    line: u64,
    resumed_from: Option<SourceMark>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    Finished,
}

impl SourceReader {
    /// Opens an input as source number `index` of the run and compares it with the marks of
    /// sources taken in before.
    ///
    /// Of each earlier source `known` should hold the latest mark only: an incomplete mark claims
    /// every source that begins with what it covers.
    ///
    /// # Errors
    ///
    /// [`Error::Open`] and [`Error::Read`] when the input cannot be opened or read,
    /// [`Error::Spool`] when a pipe had to be copied to a temporary file and that failed,
    /// [`Error::Changed`] when a file shrank meanwhile.
    pub fn open(
        input: &Input,
        index: u32,
        options: ReadOptions,
        known: &[SourceMark],
    ) -> Result<Opened, Error> {
        match SourceStart::read(input, options)? {
            Some(start) => start.open(input, index, known),
            None => Ok(Opened::Empty),
        }
    }

    /// A reader that stands at the begin of source number `index`.
    pub(super) fn at_begin(
        name: &str,
        index: u32,
        head: SourceHead,
        options: ReadOptions,
        content: Content,
        cutter: Cutter,
    ) -> Self {
        Self {
            index,
            name: name.to_owned(),
            head,
            options,
            content: Box::new(content),
            hasher: Box::new(Xxh3::new()),
            cutter,
            carry: Vec::new(),
            offset: 0,
            line: 1,
            resumed_from: None,
            state: State::Reading,
        }
    }

    /// The reader, moved to where the part that was taken in before ends; its content stands there.
    pub(super) fn resumed(self, seen: Seen) -> Self {
        Self {
            hasher: seen.hasher,
            offset: seen.mark.end_offset,
            line: seen.mark.next_line,
            resumed_from: Some(seen.mark),
            ..self
        }
    }

    /// The next block, in `buffer`, whose content is dropped but whose memory is used again: give
    /// back the bytes of a block that is done with. None after the last one.
    ///
    /// The last block's mark is complete, unless the source broke off, which a block of
    /// [`Records::Broken`] tells.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] when the input cannot be read further, [`Error::Spool`] when its temporary
    /// copy cannot. The source then ends.
    pub fn next_block(&mut self, buffer: Vec<u8>) -> Result<Option<RawBlock>, Error> {
        if self.state == State::Finished {
            return Ok(None);
        }
        let block = self.read_block(buffer);
        if block.is_err() {
            self.state = State::Finished;
        }
        block.map(Some)
    }

    /// What people call the source.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The source's number in the run.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The mark at which it was taken up again. It is superseded by every mark from here on.
    #[must_use]
    pub fn resumed_from(&self) -> Option<&SourceMark> {
        self.resumed_from.as_ref()
    }

    /// How far the input is read, in bytes as they lie there (compressed, if they are); what
    /// [`Input::raw_bytes`] is the total of.
    #[must_use]
    pub fn raw_bytes_read(&self) -> u64 {
        self.content.raw_bytes_read()
    }

    /// How far the content is handed out, in decompressed bytes from its begin.
    #[must_use]
    pub fn content_bytes_read(&self) -> u64 {
        self.offset
    }

    fn read_block(&mut self, mut buffer: Vec<u8>) -> Result<RawBlock, Error> {
        let mut filled = self.carry.len();
        let mut wanted = self.options.block_bytes.max(filled).saturating_add(1);
        if buffer.capacity() < wanted {
            buffer = Vec::with_capacity(wanted);
        }
        // What the buffer held is overwritten rather than cleared first.
        buffer.resize(wanted, 0);
        if let Some(front) = buffer.get_mut(..filled) {
            front.copy_from_slice(&self.carry);
        }
        loop {
            filled = self.content.fill(&mut buffer, filled, wanted)?;
            let ending = self.content.ending();
            let seen = match ending {
                Ending::Open => filled.saturating_sub(1),
                Ending::Clean | Ending::Broken => filled,
            };
            let bytes = buffer.get(..seen).unwrap_or_default();
            let pending = Pending { bytes, offset: self.offset, line: self.line };
            if let Some(cut) = self.cutter.cut(pending, ending) {
                let complete = ending == Ending::Clean && cut.len == filled;
                return Ok(self.take(buffer, filled, cut, complete));
            }
            wanted = filled.saturating_mul(2);
        }
    }

    /// Makes the first `cut.len` bytes a block and keeps the others for the next one.
    fn take(&mut self, mut bytes: Vec<u8>, filled: usize, cut: Cut, complete: bool) -> RawBlock {
        self.carry.clear();
        self.carry.extend_from_slice(bytes.get(cut.len..filled).unwrap_or_default());
        bytes.truncate(cut.len);
        let (offset, first_line) = (self.offset, self.line);
        let records = match cut.kind {
            CutKind::Records(records) => {
                self.hasher.update(&bytes);
                self.offset += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                self.line += line_breaks(&bytes);
                if complete {
                    self.state = State::Finished;
                }
                records
            }
            // The mark stays in front of it: a repaired source goes on there.
            CutKind::Leftover => {
                self.state = State::Finished;
                Records::Broken { message: self.content.damage().to_owned() }
            }
        };
        let mark = SourceMark {
            name: self.name.clone(),
            head: self.head,
            end_offset: self.offset,
            xxh3: self.hasher.digest128(),
            next_line: self.line,
            complete,
        };
        RawBlock { source: self.index, offset, first_line, bytes, records, mark }
    }
}

impl fmt::Debug for SourceReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceReader")
            .field("index", &self.index)
            .field("name", &self.name)
            .field("offset", &self.offset)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}
