//! Whether a source was taken in before, and how far.

use hotshard_event::SourceMark;
use xxhash_rust::xxh3::Xxh3;

use super::Input;
use super::codec::Format;
use super::content::Content;
use super::cut::{Cutter, Ending};
use crate::Error;

/// How many first bytes of a source make its [`SourceHead`](hotshard_event::SourceHead), if it has
/// as many.
pub const HEAD_BYTES: usize = 64 << 10;

/// What a source turned out to be.
pub(super) enum Identity {
    /// Not seen before.
    New { content: Content },
    /// Seen in part; the content goes on where that part ends.
    Interrupted { content: Content, seen: Seen },
    /// Seen in full.
    Complete(SourceMark),
}

/// A part of a source that is in the store already.
pub(super) struct Seen {
    pub(super) mark: SourceMark,
    /// The hash over it.
    pub(super) hasher: Box<Xxh3>,
    /// Where it leaves off.
    pub(super) cutter: Cutter,
}

/// Compares a source, of which `start` was read, with those marks of earlier ones that its start
/// does not rule out.
///
/// A complete mark matches content of exactly its length and hash: content that merely goes on
/// from there is another source, and none of its records may be taken for known. An incomplete
/// mark matches content that begins with what the mark covers; of several the longest counts.
///
/// Only when there are some, the content is read up to the end of the longest, and then once more
/// from where it is to go on. What can't be read twice is copied to a temporary file meanwhile.
pub(super) fn identify(
    input: &Input,
    mut content: Content,
    start: Vec<u8>,
    cutter: &Cutter,
    mut candidates: Vec<&SourceMark>,
) -> Result<Identity, Error> {
    let length = match content.format() {
        Format::Plain => input.raw_bytes(),
        Format::Gzip | Format::Zstd => None,
    };
    candidates.retain(|mark| match (mark.complete, length) {
        (true, Some(length)) => mark.end_offset == length,
        (false, Some(length)) => mark.end_offset <= length,
        (_, None) => true,
    });
    candidates.sort_by_key(|mark| mark.end_offset);
    if candidates.is_empty() {
        content.unread(start);
        return Ok(Identity::New { content });
    }
    if !input.is_repeatable() {
        content.record(&start)?;
    }
    let partly_known = candidates.iter().any(|mark| !mark.complete);
    let mut walk = Walk {
        content,
        hasher: Box::new(Xxh3::new()),
        cutter: partly_known.then(|| cutter.clone()),
        left: start.len(),
        chunk: start,
        position: 0,
    };
    let mut seen = None;
    for mark in candidates {
        if !walk.reach(mark.end_offset)? {
            break;
        }
        if walk.hasher.digest128() != mark.xxh3 {
            continue;
        }
        if mark.complete {
            if walk.is_at_end()? {
                return Ok(Identity::Complete(mark.clone()));
            }
        } else if let Some(cutter) = &walk.cutter {
            let (hasher, cutter) = (walk.hasher.clone(), cutter.clone());
            seen = Some(Seen { mark: mark.clone(), hasher, cutter });
        }
    }
    let offset = seen.as_ref().map_or(0, |seen| seen.mark.end_offset);
    let content = walk.content.restart(input, offset)?;
    Ok(match seen {
        Some(seen) => Identity::Interrupted { content, seen },
        None => Identity::New { content },
    })
}

/// Reads content once, hashing it.
struct Walk {
    content: Content,
    hasher: Box<Xxh3>,
    /// Follows the structure, if it may be needed.
    cutter: Option<Cutter>,
    /// What was read last; `left` bytes at its end are not hashed yet.
    chunk: Vec<u8>,
    left: usize,
    /// How far the content is hashed.
    position: u64,
}

impl Walk {
    /// Hashes up to `offset`; false if the content ends before.
    fn reach(&mut self, offset: u64) -> Result<bool, Error> {
        while self.position < offset {
            if self.left == 0 && !self.read()? {
                return Ok(false);
            }
            let missing = usize::try_from(offset - self.position).unwrap_or(usize::MAX);
            let take = missing.min(self.left);
            let begin = self.chunk.len() - self.left;
            let bytes = self.chunk.get(begin..begin + take).unwrap_or_default();
            self.hasher.update(bytes);
            if let Some(cutter) = &mut self.cutter {
                cutter.skip(bytes);
            }
            self.left -= take;
            self.position += u64::try_from(take).unwrap_or(u64::MAX);
        }
        Ok(true)
    }

    /// Whether nothing follows, and nothing is missing.
    fn is_at_end(&mut self) -> Result<bool, Error> {
        let more = self.left > 0 || self.read()?;
        Ok(!more && self.content.ending() == Ending::Clean)
    }

    fn read(&mut self) -> Result<bool, Error> {
        let filled = self.content.fill(&mut self.chunk, 0, HEAD_BYTES)?;
        self.chunk.truncate(filled);
        self.left = filled;
        Ok(filled > 0)
    }
}
