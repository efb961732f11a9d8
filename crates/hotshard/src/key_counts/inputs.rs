//! Reads inputs for their keys.

use hotshard_event::SourceMark;
use hotshard_ingest::decode::{DecodeOptions, Decoder};
use hotshard_ingest::source::{Input, Opened, RawBlock, ReadOptions, SourceReader};
use rayon::prelude::*;

use super::KeyCounting;
use super::block_keys::BlockKeys;
use crate::memory::MemoryPlan;
use crate::{Error, Progress};

/// Reads all inputs in their order and hands the keys of each block to `visit`, as an ingest into
/// an empty store would take them in: a source whose content came before adds nothing. Tells how many
/// records were no events.
///
/// Blocks are decoded in parallel, a few at a time, and handed out one by one.
pub(super) fn read(
    counting: &KeyCounting,
    plan: &MemoryPlan,
    inputs: &[Input],
    mut visit: impl FnMut(BlockKeys) -> Result<(), Error>,
) -> Result<u64, Error> {
    let threads = counting.threads.unwrap_or_else(rayon::current_num_threads);
    let threads = threads.min(plan.most_threads).max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|source| Error::Threads { threads, source })?;
    let decoder = Decoder::new(DecodeOptions {
        time_zone: counting.time_zone,
        validation: counting.validation,
        max_record_bytes: counting.max_record_bytes,
    });
    let mut sources = Sources::new(counting, plan, inputs);
    let mut told = Progress::default();
    let mut rejected = 0;
    loop {
        let mut blocks = sources.next_blocks(threads)?;
        if blocks.is_empty() {
            return Ok(rejected);
        }
        let decode = |raw: &mut RawBlock| {
            let block = decoder.decode(raw);
            (block.records, block.rejects.len() as u64, BlockKeys::of(block.events))
        };
        let decoded: Vec<(u64, u64, BlockKeys)> =
            pool.install(|| blocks.par_iter_mut().map(decode).collect());
        for (records, rejects, keys) in decoded {
            told.events += records;
            rejected += rejects;
            visit(keys)?;
        }
        told.raw_bytes = sources.raw_bytes();
        if let Some(tell) = &counting.on_progress {
            tell(told);
        }
    }
}

/// The inputs, one after another.
struct Sources<'a> {
    inputs: std::iter::Enumerate<std::slice::Iter<'a, Input>>,
    options: ReadOptions,
    known: Vec<SourceMark>,
    open: Option<SourceReader>,
    last_mark: Option<SourceMark>,
    ended_bytes: u64,
}

impl<'a> Sources<'a> {
    fn new(counting: &KeyCounting, plan: &MemoryPlan, inputs: &'a [Input]) -> Self {
        let options = ReadOptions {
            block_bytes: plan.block_bytes,
            max_record_bytes: counting.max_record_bytes,
            identification: counting.identification,
        };
        Self {
            inputs: inputs.iter().enumerate(),
            options,
            known: Vec::new(),
            open: None,
            last_mark: None,
            ended_bytes: 0,
        }
    }

    /// Up to so many blocks; none at the end of all inputs.
    fn next_blocks(&mut self, most: usize) -> Result<Vec<RawBlock>, Error> {
        let mut blocks = Vec::with_capacity(most);
        while blocks.len() < most {
            let Some(reader) = &mut self.open else {
                let Some((number, input)) = self.inputs.next() else { break };
                let index = u32::try_from(number).unwrap_or(u32::MAX);
                match SourceReader::open(input, index, self.options, &self.known)? {
                    Opened::Fresh(reader) | Opened::Resumed(reader) => self.open = Some(reader),
                    Opened::Duplicate(_) | Opened::Empty => {
                        self.ended_bytes += input.raw_bytes().unwrap_or(0);
                    }
                }
                continue;
            };
            match reader.next_block(Vec::new())? {
                Some(block) => {
                    self.last_mark = Some(block.mark.clone());
                    blocks.push(block);
                }
                None => {
                    self.ended_bytes += reader.raw_bytes_read();
                    let resumed_from = reader.resumed_from().cloned();
                    self.known.retain(|mark| Some(mark) != resumed_from.as_ref());
                    self.known.extend(self.last_mark.take());
                    self.open = None;
                }
            }
        }
        Ok(blocks)
    }

    fn raw_bytes(&self) -> u64 {
        self.ended_bytes + self.open.as_ref().map_or(0, SourceReader::raw_bytes_read)
    }
}
