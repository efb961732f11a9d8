//! Reads inputs block by block, several at once.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hotshard_event::{SourceHead, SourceMark};
use hotshard_ingest::source::{
    Identification, Input, Opened, RawBlock, ReadOptions, SourceReader, SourceStart,
};

use super::lanes::Opening;
use crate::Error;

/// The largest window of an input that is read ahead of its turn: what a thread's share of memory
/// has room for, and what zstd asks for up to level 15. Others are read alone.
const MAX_EARLY_WINDOW_BYTES: u64 = 4 << 20;

/// What was found in a source.
#[derive(Debug)]
pub(super) enum Found {
    /// A block, and the raw bytes of the source read so far.
    Block(Box<RawBlock>, u64),
    /// It goes on where an earlier ingest broke off.
    Resumed(String),
    /// Nothing yet: it may be the same as a source before it, which has not ended.
    Waits,
    /// It cannot be read further.
    Failed(Error),
    /// It is in the store already, or came earlier in this run.
    Duplicate { name: String, raw_bytes: u64 },
    /// Nothing is left.
    End { raw_bytes: u64 },
}

/// All inputs. Each may be read by one thread at a time.
pub(super) struct Readers<'a> {
    inputs: &'a [Input],
    options: ReadOptions,
    shelf: Mutex<Shelf>,
}

impl<'a> Readers<'a> {
    /// Readers of these inputs, of which those with a known mark are passed over or gone on with.
    pub(super) const fn new(
        inputs: &'a [Input],
        options: ReadOptions,
        known: Vec<SourceMark>,
    ) -> Self {
        let shelf = Shelf { known, first: 0, sources: BTreeMap::new() };
        Self { inputs, options, shelf: Mutex::new(shelf) }
    }

    /// When each may be opened.
    pub(super) fn openings(&self) -> Vec<Opening> {
        let opening = |input: &Input| {
            if input.is_repeatable() { Opening::Early } else { Opening::InTurn }
        };
        self.inputs.iter().map(opening).collect()
    }

    /// What comes next in a source; a block has its bytes in `spare`, if that is large enough.
    ///
    /// Calls `tell_packed` as soon as it is known that the source is packed and later ones can be
    /// compared with it.
    pub(super) fn read(&self, source: usize, spare: Vec<u8>, tell_packed: impl Fn()) -> Found {
        let stage = self.shelf().take(source);
        let read = self.go_on(source, stage, spare, tell_packed);
        let (stage, found) = read
            .unwrap_or_else(|error| (Stage::Ended(Marks::default()), Found::Failed(error.into())));
        self.shelf().put(source, stage);
        found
    }

    fn go_on(
        &self,
        source: usize,
        stage: Stage,
        spare: Vec<u8>,
        tell_packed: impl Fn(),
    ) -> Result<(Stage, Found), hotshard_ingest::Error> {
        let input = self.inputs.get(source);
        let (start, input) = match (stage, input) {
            (Stage::Open(open), _) => return open.read(spare),
            (Stage::Started(start), Some(input)) => (Some(start), input),
            (Stage::Untouched, Some(input)) => {
                (SourceStart::read(input, self.options)?.map(Box::new), input)
            }
            (Stage::Ended(_), _) | (_, None) => return Ok(Stage::ended(0)),
        };
        let whole_bytes = input.raw_bytes().unwrap_or(0);
        let Some(start) = start else { return Ok(Stage::ended(whole_bytes)) };
        let known = self.shelf().compare(source, &start, self.options.identification);
        if start.is_packed() {
            tell_packed();
        }
        let Some(known) = known else { return Ok((Stage::Started(start), Found::Waits)) };
        let index = u32::try_from(source).unwrap_or(u32::MAX);
        let name = input.name().to_owned();
        match start.open(input, index, &known)? {
            Opened::Fresh(reader) => OpenSource::new(reader).read(spare),
            Opened::Resumed(reader) => {
                Ok((Stage::Open(OpenSource::new(reader)), Found::Resumed(name)))
            }
            Opened::Duplicate(_) => {
                let found = Found::Duplicate { name, raw_bytes: whole_bytes };
                Ok((Stage::Ended(Marks::default()), found))
            }
            Opened::Empty => Ok(Stage::ended(whole_bytes)),
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of the sources.
///
/// Marks become known in input order. So a source is compared with just those that it would be
/// compared with if all were read one after another, less those of sources that are still read:
/// if it could be one of these, it waits.
struct Shelf {
    /// Marks of the store and of all sources before `first`.
    known: Vec<SourceMark>,
    /// The first source that is not read to its end.
    first: usize,
    /// From that one on, those that were looked at.
    sources: BTreeMap<usize, Source>,
}

#[derive(Default)]
struct Source {
    /// How everything begins that could be taken for this source, or that goes on from a mark that
    /// this one may replace.
    claim: Option<SourceHead>,
    stage: Stage,
}

/// How far a source is read.
#[derive(Default)]
enum Stage {
    #[default]
    Untouched,
    /// It waits for its turn.
    Started(Box<SourceStart>),
    Open(OpenSource),
    Ended(Marks),
}

impl Stage {
    fn ended(raw_bytes: u64) -> (Self, Found) {
        (Self::Ended(Marks::default()), Found::End { raw_bytes })
    }
}

/// What a source that has ended changes about the known marks.
#[derive(Default)]
struct Marks {
    replaced: Option<SourceMark>,
    last: Option<SourceMark>,
}

impl Shelf {
    /// Takes a source to read from it. Its claim stays.
    fn take(&mut self, source: usize) -> Stage {
        std::mem::take(&mut self.sources.entry(source).or_default().stage)
    }

    /// Puts a source back. If all before it have ended as well, its marks are known from now on.
    fn put(&mut self, source: usize, stage: Stage) {
        self.sources.entry(source).or_default().stage = stage;
        while let Some(entry) = self.sources.first_entry()
            && *entry.key() == self.first
            && matches!(entry.get().stage, Stage::Ended(_))
        {
            if let Stage::Ended(marks) = entry.remove().stage {
                self.known.retain(|mark| Some(mark) != marks.replaced.as_ref());
                self.known.extend(marks.last);
            }
            self.first += 1;
        }
    }

    /// The known marks that a source may have; none if it may be one before it that is not known
    /// yet, or asks for more memory than there is beside the one whose turn it is.
    fn compare(
        &mut self,
        source: usize,
        start: &SourceStart,
        identification: Identification,
    ) -> Option<Vec<SourceMark>> {
        let fits = start.window_bytes().is_some_and(|bytes| bytes <= MAX_EARLY_WINDOW_BYTES);
        let may_go_on = source == self.first || fits;
        if identification == Identification::Again {
            return may_go_on.then(Vec::new);
        }
        let known: Vec<SourceMark> =
            self.known.iter().filter(|mark| start.may_be(mark)).cloned().collect();
        // All of these heads are beginnings of this source: the shortest stands for all.
        let heads = known.iter().map(|mark| mark.head).chain([start.head()]);
        self.sources.entry(source).or_default().claim = heads.min_by_key(|head| head.length);
        let mut before = self.sources.range(..source).filter_map(|(_, before)| before.claim);
        let may_be_before = before.any(|claim| start.begins_like(&claim));
        (may_go_on && !may_be_before).then_some(known)
    }
}

/// The input that is being read.
struct OpenSource {
    reader: Box<SourceReader>,
    /// The name it was first taken in under, so that its marks belong together.
    first_name: Option<String>,
    last_mark: Option<SourceMark>,
}

impl OpenSource {
    fn new(reader: SourceReader) -> Self {
        let first_name = reader.resumed_from().map(|mark| mark.name.clone());
        Self { reader: Box::new(reader), first_name, last_mark: None }
    }

    fn read(mut self, spare: Vec<u8>) -> Result<(Stage, Found), hotshard_ingest::Error> {
        let block = self.reader.next_block(spare)?;
        let raw_bytes = self.reader.raw_bytes_read();
        let Some(mut block) = block else {
            // The same content further on in this run is a duplicate as well.
            let replaced = self.reader.resumed_from().cloned();
            let marks = Marks { replaced, last: self.last_mark };
            return Ok((Stage::Ended(marks), Found::End { raw_bytes }));
        };
        if let Some(name) = &self.first_name {
            block.mark.name.clone_from(name);
        }
        self.last_mark = Some(block.mark.clone());
        Ok((Stage::Open(self), Found::Block(Box::new(block), raw_bytes)))
    }
}
