//! The first bytes of a source, before it is known what it is.

use std::fmt;

use hotshard_event::{SourceHead, SourceMark};
use xxhash_rust::xxh3::xxh3_128;

use super::codec::Format;
use super::content::Content;
use super::cut::{Cutter, Ending};
use super::identify::{HEAD_BYTES, Identity, identify};
use super::{Identification, Input, Opened, ReadOptions, SourceReader};
use crate::Error;

/// A source whose first bytes were read: enough to tell which others it cannot be.
///
/// Whoever reads several sources at once looks at their starts before any is opened: a source that
/// begins like one whose end is not read yet may be the same.
pub struct SourceStart {
    content: Content,
    /// The first [`HEAD_BYTES`], or all there are.
    bytes: Vec<u8>,
    head: SourceHead,
    options: ReadOptions,
}

impl SourceStart {
    /// Reads the first bytes of an input; none if it holds no byte.
    ///
    /// # Errors
    ///
    /// [`Error::Open`] and [`Error::Read`] when the input cannot be opened or read.
    pub fn read(input: &Input, options: ReadOptions) -> Result<Option<Self>, Error> {
        let mut content = Content::open(input)?;
        let mut bytes = Vec::new();
        let filled = content.fill(&mut bytes, 0, HEAD_BYTES)?;
        bytes.truncate(filled);
        if bytes.is_empty() && content.ending() == Ending::Clean {
            return Ok(None);
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let head = SourceHead { length, xxh3: xxh3_128(&bytes) };
        Ok(Some(Self { content, bytes, head, options: options.clamped() }))
    }

    /// The head of every mark that this source gets.
    #[must_use]
    pub fn head(&self) -> SourceHead {
        self.head
    }

    /// Whether its content has to be unpacked, which takes longer than reading it.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        self.content.format() != Format::Plain
    }

    /// Memory that unpacking it takes beside that of blocks, if its first bytes tell.
    #[must_use]
    pub fn window_bytes(&self) -> Option<u64> {
        self.content.window_bytes()
    }

    /// Whether it begins with what the head covers. Nothing begins with nothing: a source without
    /// content leaves no mark that another could match.
    #[must_use]
    pub fn begins_like(&self, head: &SourceHead) -> bool {
        let covered = usize::try_from(head.length).ok().and_then(|length| self.bytes.get(..length));
        covered.is_some_and(|bytes| !bytes.is_empty() && xxh3_128(bytes) == head.xxh3)
    }

    /// Whether the first bytes leave it possible that the source is the one of this mark, or goes
    /// on from it. A complete mark is that of equal content, so its head is equal.
    #[must_use]
    pub fn may_be(&self, mark: &SourceMark) -> bool {
        mark.end_offset > 0
            && if mark.complete { mark.head == self.head } else { self.begins_like(&mark.head) }
    }

    /// Compares the whole with the marks of sources taken in before and opens it as source number
    /// `index` of the run, as [`SourceReader::open`] does. `input` is the one it was read from.
    ///
    /// # Errors
    ///
    /// As [`SourceReader::open`].
    pub fn open(
        mut self,
        input: &Input,
        index: u32,
        known: &[SourceMark],
    ) -> Result<Opened, Error> {
        let (head, options) = (self.head, self.options);
        let cutter =
            Cutter::for_content(&self.bytes, options.max_record_bytes, options.block_bytes);
        let identity = match options.identification {
            Identification::Check => {
                let candidates = known.iter().filter(|mark| self.may_be(mark)).collect();
                identify(input, self.content, self.bytes, &cutter, candidates)?
            }
            Identification::Again => {
                self.content.unread(self.bytes);
                Identity::New { content: self.content }
            }
        };
        let reader = |content, cutter| {
            SourceReader::at_begin(input.name(), index, head, options, content, cutter)
        };
        Ok(match identity {
            Identity::New { content } => Opened::Fresh(reader(content, cutter)),
            Identity::Complete(mark) => Opened::Duplicate(mark),
            Identity::Interrupted { content, seen } => {
                let reader = reader(content, seen.cutter.clone());
                Opened::Resumed(reader.resumed(seen))
            }
        })
    }
}

impl fmt::Debug for SourceStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceStart").field("head", &self.head).finish_non_exhaustive()
    }
}
