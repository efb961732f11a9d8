//! The stages that bound an ingest from below, each alone.

use anyhow::ensure;
use hotshard::{Input, MeasuredTime, Settings, Stopwatch, Store, keep_freed_memory};
use hotshard_event::Sequence;
use hotshard_ingest::decode::{DecodeOptions, DecodedBlock, Decoder};
use hotshard_ingest::source::{Opened, RawBlock, ReadOptions, SourceReader};
use hotshard_store::{Finished, Job, Writer};
use rayon::prelude::*;

/// Rows that wait to be encoded, in bytes, as with the default budget of an ingest.
const ROWS_BYTES: usize = 120 << 20;

/// How long each stage takes.
#[derive(Debug, Clone, Copy)]
pub struct Floors {
    threads: usize,
    events: u64,
    newlines: MeasuredTime,
    decode: MeasuredTime,
    encode: MeasuredTime,
}

impl Floors {
    /// Measures the stages on this many threads. The input is held in memory, decoded, and so are
    /// its files: give the machine three times its size.
    ///
    /// # Errors
    /// When the input cannot be read, or a temporary store cannot be written.
    pub fn measure(input: &Input, threads: usize) -> anyhow::Result<Self> {
        keep_freed_memory();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        pool.install(|| {
            let raw = raw_blocks(input)?;
            let watch = Stopwatch::start();
            let line_breaks: usize = raw.par_iter().map(|raw| count_line_breaks(&raw.bytes)).sum();
            let newlines = watch.elapsed();

            let decoder = Decoder::new(DecodeOptions::default());
            let watch = Stopwatch::start();
            let decoded: Vec<DecodedBlock> =
                raw.into_par_iter().map(|mut raw| decoder.decode(&mut raw)).collect();
            let decode = watch.elapsed();
            let events: u64 = decoded.iter().map(|block| block.events.len() as u64).sum();
            ensure!(events == line_breaks as u64, "not every line is an event");

            let encode = encode(decoded, events)?;
            Ok(Self { threads, events, newlines, decode, encode })
        })
    }

    /// As one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!(
            "{{\"threads\":{},\"events\":{},\"newlines_s\":{:.4},\"decode_s\":{:.4},\
             \"encode_s\":{:.4}}}",
            self.threads,
            self.events,
            seconds(self.newlines),
            seconds(self.decode),
            seconds(self.encode)
        )
    }
}

fn raw_blocks(input: &Input) -> anyhow::Result<Vec<RawBlock>> {
    let options = ReadOptions { block_bytes: 1 << 20, ..ReadOptions::default() };
    let Opened::Fresh(mut reader) = SourceReader::open(input, 0, options, &[])? else {
        anyhow::bail!("the input is empty");
    };
    let mut blocks = Vec::new();
    while let Some(block) = reader.next_block(Vec::new())? {
        blocks.push(block);
    }
    Ok(blocks)
}

fn count_line_breaks(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// How long the rows take from their shards' memory to encoded row groups. Rows are given away as an
/// ingest with the default budget gives them, so that row groups are as large.
fn encode(decoded: Vec<DecodedBlock>, events: u64) -> anyhow::Result<MeasuredTime> {
    let folder = tempfile::tempdir()?;
    let store = Store::create_or_open(folder.path().join("store"), &Settings::default())?;
    let mut writer = store.writer()?;
    let mut encode_ns = 0;
    let mut next = Sequence::default();
    for mut block in decoded {
        next = block.events.number(next);
        writer.append(&block.events);
        if writer.buffered_bytes() > ROWS_BYTES {
            let mut jobs = Vec::new();
            while writer.buffered_bytes() > ROWS_BYTES / 4 * 3 {
                jobs.extend(writer.give_fullest());
            }
            encode_ns += run(&mut writer, jobs)?;
        }
    }
    let jobs = writer.give_all();
    encode_ns += run(&mut writer, jobs)?;
    writer.commit(hotshard_store::CommitDetails::default())?;
    let rows: u64 = writer.committed().rows_per_shard().iter().sum();
    ensure!(rows == events, "{rows} rows were written of {events} events");
    Ok(MeasuredTime::from_ns(encode_ns))
}

/// Runs jobs in parallel, and says how many nanoseconds that took.
fn run(writer: &mut Writer, jobs: Vec<Job>) -> anyhow::Result<u64> {
    let watch = Stopwatch::start();
    let finished: Vec<Finished> = jobs.into_par_iter().map(Job::run).collect();
    let elapsed = watch.elapsed();
    for finished in finished {
        writer.accept(finished)?;
    }
    Ok(elapsed.ns())
}

#[expect(clippy::cast_precision_loss, reason = "nanoseconds of a day fit")]
fn seconds(time: MeasuredTime) -> f64 {
    time.ns() as f64 / 1e9
}
