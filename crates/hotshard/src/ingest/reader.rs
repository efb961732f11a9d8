//! Reads inputs one after another, block by block.

use hotshard_event::SourceMark;
use hotshard_ingest::source::{Input, Opened, RawBlock, ReadOptions, SourceReader};

use crate::Error;

/// What the reader found.
#[derive(Debug)]
pub(super) enum Found {
    /// A block, and the raw bytes of all inputs read so far.
    Block(Box<RawBlock>, u64),
    /// An input that is in the store already.
    Duplicate(String),
    /// An input that goes on where an earlier ingest broke off.
    Resumed(String),
    /// The inputs cannot be read further.
    Failed(Error),
    /// Nothing is left.
    End,
}

/// All inputs, in their order.
pub(super) struct BlockReader<'a> {
    inputs: &'a [Input],
    options: ReadOptions,
    known: Vec<SourceMark>,
    /// The next input to open.
    next: usize,
    open: Option<OpenSource>,
    /// Raw bytes of inputs that are done.
    raw_bytes: u64,
}

/// The input that is being read.
struct OpenSource {
    reader: SourceReader,
    /// The name it was first taken in under, so that its marks belong together.
    first_name: Option<String>,
    last_mark: Option<SourceMark>,
}

impl<'a> BlockReader<'a> {
    /// A reader of these inputs, of which those with a known mark are passed over or gone on with.
    pub(super) const fn new(
        inputs: &'a [Input],
        options: ReadOptions,
        known: Vec<SourceMark>,
    ) -> Self {
        Self { inputs, options, known, next: 0, open: None, raw_bytes: 0 }
    }

    /// What comes next; a block has its bytes in `spare`, if that is large enough.
    pub(super) fn next(&mut self, spare: Vec<u8>) -> Found {
        self.try_next(spare).unwrap_or_else(|error| {
            self.open = None;
            self.next = self.inputs.len();
            Found::Failed(error.into())
        })
    }

    fn try_next(&mut self, mut spare: Vec<u8>) -> Result<Found, hotshard_ingest::Error> {
        loop {
            if let Some(source) = &mut self.open {
                if let Some(block) = source.next_block(std::mem::take(&mut spare))? {
                    let raw_bytes = self.raw_bytes + source.reader.raw_bytes_read();
                    return Ok(Found::Block(Box::new(block), raw_bytes));
                }
                self.close();
            }
            let Some(input) = self.inputs.get(self.next) else { return Ok(Found::End) };
            let index = u32::try_from(self.next).unwrap_or(u32::MAX);
            self.next += 1;
            match SourceReader::open(input, index, self.options, &self.known)? {
                Opened::Fresh(reader) => self.open = Some(OpenSource::new(reader)),
                Opened::Resumed(reader) => {
                    self.open = Some(OpenSource::new(reader));
                    return Ok(Found::Resumed(input.name().to_owned()));
                }
                Opened::Duplicate(_) => {
                    self.raw_bytes += input.raw_bytes().unwrap_or(0);
                    return Ok(Found::Duplicate(input.name().to_owned()));
                }
                Opened::Empty => {}
            }
        }
    }

    /// Ends the open source: the same content further on in this run is a duplicate as well.
    fn close(&mut self) {
        let Some(source) = self.open.take() else { return };
        self.raw_bytes += source.reader.raw_bytes_read();
        let replaced = source.reader.resumed_from();
        self.known.retain(|mark| Some(mark) != replaced);
        self.known.extend(source.last_mark);
    }
}

impl OpenSource {
    fn new(reader: SourceReader) -> Self {
        let first_name = reader.resumed_from().map(|mark| mark.name.clone());
        Self { reader, first_name, last_mark: None }
    }

    fn next_block(&mut self, spare: Vec<u8>) -> Result<Option<RawBlock>, hotshard_ingest::Error> {
        let Some(mut block) = self.reader.next_block(spare)? else { return Ok(None) };
        if let Some(name) = &self.first_name {
            block.mark.name.clone_from(name);
        }
        self.last_mark = Some(block.mark.clone());
        Ok(Some(block))
    }
}
