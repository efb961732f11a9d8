//! The thread that reads inputs while others decode.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use hotshard_event::SourceMark;
use hotshard_ingest::source::{Input, Opened, RawBlock, ReadOptions, SourceReader};

use crate::Error;

/// What the reader found.
#[derive(Debug)]
pub(super) enum Found {
    /// A block, and the raw bytes of all inputs read so far.
    Block(RawBlock, u64),
    /// An input that is in the store already.
    Duplicate(String),
    /// An input that goes on where an earlier ingest broke off.
    Resumed(String),
    /// The inputs cannot be read further.
    Failed(Error),
}

/// Blocks in input order, and a way to give back their memory.
pub(super) struct Blocks {
    found: Receiver<Found>,
    used: Used,
}

/// Gives back the memory of blocks that are done with.
#[derive(Clone)]
pub(super) struct Used(Sender<Vec<u8>>);

impl Blocks {
    /// The next thing found; none after the last.
    pub(super) fn next(&self) -> Option<Found> {
        self.found.recv().ok()
    }

    /// The way back for used memory.
    pub(super) fn used(&self) -> Used {
        self.used.clone()
    }
}

impl Used {
    pub(super) fn give_back(&self, buffer: Vec<u8>) {
        // The reader may have ended: then the memory is simply freed.
        let _ = self.0.send(buffer);
    }
}

/// Reads inputs on a thread of its own, up to `ahead` blocks ahead of `work`.
pub(super) fn with_blocks<T>(
    inputs: &[Input],
    options: ReadOptions,
    known: &[SourceMark],
    ahead: usize,
    work: impl FnOnce(Blocks) -> T,
) -> T {
    thread::scope(|scope| {
        let (found_sender, found) = sync_channel(ahead);
        let (used, used_receiver) = channel();
        scope.spawn(move || {
            let mut reading = Reading {
                options,
                known: known.to_vec(),
                found: found_sender,
                used: used_receiver,
                raw_bytes: 0,
            };
            reading.read_all(inputs);
        });
        work(Blocks { found, used: Used(used) })
    })
}

/// What the reading thread holds.
struct Reading {
    options: ReadOptions,
    known: Vec<SourceMark>,
    found: SyncSender<Found>,
    used: Receiver<Vec<u8>>,
    /// Raw bytes of inputs that are done.
    raw_bytes: u64,
}

/// The other side wants no more.
struct Stopped;

impl Reading {
    fn read_all(&mut self, inputs: &[Input]) {
        for (index, input) in (0_u32..).zip(inputs) {
            let read = self.read(index, input);
            let goes_on = match read {
                Ok(Ok(())) => true,
                Ok(Err(Stopped)) => false,
                Err(error) => {
                    let _ = self.send(Found::Failed(error.into()));
                    false
                }
            };
            if !goes_on {
                return;
            }
        }
    }

    fn read(
        &mut self,
        index: u32,
        input: &Input,
    ) -> Result<Result<(), Stopped>, hotshard_ingest::Error> {
        let mut reader = match SourceReader::open(input, index, self.options, &self.known)? {
            Opened::Fresh(reader) => reader,
            Opened::Resumed(reader) => {
                if self.send(Found::Resumed(input.name().to_owned())).is_err() {
                    return Ok(Err(Stopped));
                }
                reader
            }
            Opened::Duplicate(_) => {
                self.raw_bytes += input.raw_bytes().unwrap_or(0);
                return Ok(self.send(Found::Duplicate(input.name().to_owned())));
            }
            Opened::Empty => return Ok(Ok(())),
        };
        // A source keeps the name it was first taken in under, so that its marks belong together.
        let first_name = reader.resumed_from().map(|mark| mark.name.clone());
        let mut last_mark = None;
        while let Some(mut block) = reader.next_block(self.used.try_recv().unwrap_or_default())? {
            if let Some(name) = &first_name {
                block.mark.name.clone_from(name);
            }
            last_mark = Some(block.mark.clone());
            let raw_bytes = self.raw_bytes + reader.raw_bytes_read();
            if self.send(Found::Block(block, raw_bytes)).is_err() {
                return Ok(Err(Stopped));
            }
        }
        self.raw_bytes += reader.raw_bytes_read();
        // The same content further on in this run is a duplicate as well.
        let replaced = reader.resumed_from();
        self.known.retain(|mark| Some(mark) != replaced);
        self.known.extend(last_mark);
        Ok(Ok(()))
    }

    fn send(&self, found: Found) -> Result<(), Stopped> {
        self.found.send(found).map_err(|_| Stopped)
    }
}
