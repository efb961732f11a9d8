//! An ingest at work: its threads, and what they share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hotshard_ingest::decode::Decoder;
use rayon::ThreadPool;

use super::crew::{Arrival, Crew, Limits, Task};
use super::pipeline::{Decoded, Pipeline};
use super::reader::{BlockReader, Found};
use crate::Error;

/// All that the threads of an ingest work on.
pub(super) struct Workshop<'a> {
    crew: Crew,
    decoder: &'a Decoder,
    /// Used by the thread that reads.
    reader: Mutex<BlockReader<'a>>,
    /// Used by the thread that takes in order.
    pipeline: Mutex<Pipeline<'a>>,
    failure: Mutex<Option<Error>>,
}

impl<'a> Workshop<'a> {
    pub(super) fn new(
        limits: Limits,
        decoder: &'a Decoder,
        reader: BlockReader<'a>,
        pipeline: Pipeline<'a>,
    ) -> Self {
        Self {
            crew: Crew::new(limits),
            decoder,
            reader: Mutex::new(reader),
            pipeline: Mutex::new(pipeline),
            failure: Mutex::new(None),
        }
    }

    /// Takes in everything, on all threads of the pool.
    pub(super) fn run(self, pool: &ThreadPool) -> Result<Pipeline<'a>, Error> {
        pool.broadcast(|_| self.work());
        match self.failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(self.pipeline.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// What each thread does.
    fn work(&self) {
        let _stopper = StopOnPanic(&self.crew);
        loop {
            match self.crew.next_task() {
                Task::Order => self.order(),
                Task::Run(job) => self.crew.run(job),
                Task::Read { number, spare } => self.read(number, spare),
                Task::Stop => return,
            }
        }
    }

    /// Reads a block, lets the next one be read, and decodes it while it is in a near cache.
    fn read(&self, number: u64, spare: Vec<u8>) {
        let found = lock(&self.reader).next(spare);
        self.crew.end_read(matches!(found, Found::End | Found::Failed(_)));
        let arrival = match found {
            Found::Block(raw, raw_bytes) => {
                Arrival::Block(Box::new(Decoded::new(self.decoder, *raw, raw_bytes)))
            }
            Found::Duplicate(name) => Arrival::Duplicate(name),
            Found::Resumed(name) => Arrival::Resumed(name),
            Found::Failed(error) => Arrival::Failed(error),
            Found::End => Arrival::End,
        };
        self.crew.arrive(number, arrival);
    }

    /// Takes in order whatever is there.
    fn order(&self) {
        let mut pipeline = lock(&self.pipeline);
        if let Err(error) = self.take_all(&mut pipeline) {
            *lock(&self.failure) = Some(error);
            self.crew.stop();
        }
        drop(pipeline);
        self.crew.end_order();
    }

    fn take_all(&self, pipeline: &mut Pipeline<'a>) -> Result<(), Error> {
        loop {
            for finished in self.crew.take_finished() {
                pipeline.sink.accept(finished)?;
            }
            let Some(arrival) = self.crew.take_arrival() else { return Ok(()) };
            match arrival {
                Arrival::Block(decoded) => {
                    let spare = pipeline.take(*decoded, &self.crew)?;
                    self.crew.give_back(spare);
                }
                Arrival::Duplicate(name) => pipeline.note_duplicate(name),
                Arrival::Resumed(name) => pipeline.note_resumed(name),
                // What was read before stays.
                Arrival::Failed(error) => {
                    pipeline.finish(&self.crew)?;
                    return Err(error);
                }
                Arrival::End => {
                    pipeline.finish(&self.crew)?;
                    self.crew.stop();
                    return Ok(());
                }
            }
        }
    }
}

/// Stops the others when a thread panics, or they would wait for it.
struct StopOnPanic<'c>(&'c Crew);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
