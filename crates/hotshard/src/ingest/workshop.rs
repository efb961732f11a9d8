//! An ingest at work: its threads, and what they share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hotshard_ingest::decode::Decoder;
use rayon::ThreadPool;

use super::crew::{Arrival, Crew, SourceEnd, Task};
use super::lanes::{Left, Limits};
use super::pipeline::{Decoded, Pipeline};
use super::reader::{Found, Readers};
use crate::Error;

/// All that the threads of an ingest work on.
pub(super) struct Workshop<'a> {
    crew: Crew,
    decoder: &'a Decoder,
    readers: Readers<'a>,
    /// Used by the thread that takes in order.
    pipeline: Mutex<Pipeline<'a>>,
    failure: Mutex<Option<Error>>,
}

impl<'a> Workshop<'a> {
    pub(super) fn new(
        limits: Limits,
        decoder: &'a Decoder,
        readers: Readers<'a>,
        pipeline: Pipeline<'a>,
    ) -> Self {
        Self {
            crew: Crew::new(limits, readers.openings()),
            decoder,
            readers,
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
                Task::Read { source, number, spare } => self.read(source, number, spare),
                Task::Stop => return,
            }
        }
    }

    /// Reads a block, lets the next one be read, and decodes it while it is in a near cache.
    fn read(&self, source: usize, number: u64, spare: Vec<u8>) {
        let found = self.readers.read(source, spare, || self.crew.note_packed(source));
        self.crew.end_read(source, left(&found));
        let arrival = match found {
            Found::Block(raw, raw_bytes) => {
                Arrival::Block(Box::new(Decoded::new(self.decoder, *raw, raw_bytes)))
            }
            Found::Resumed(name) => Arrival::Resumed(name),
            Found::Waits => return,
            Found::Failed(error) => Arrival::Failed(error),
            Found::Duplicate { name, raw_bytes } => {
                Arrival::End(SourceEnd { duplicate: Some(name), raw_bytes })
            }
            Found::End { raw_bytes } => Arrival::End(SourceEnd { duplicate: None, raw_bytes }),
        };
        self.crew.arrive(source, number, arrival);
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
                Arrival::Resumed(name) => pipeline.note_resumed(name),
                // What was read before stays.
                Arrival::Failed(error) => {
                    pipeline.finish(&self.crew)?;
                    return Err(error);
                }
                Arrival::End(source) => pipeline.end_source(source),
                Arrival::AllEnd => {
                    pipeline.finish(&self.crew)?;
                    self.crew.stop();
                    return Ok(());
                }
            }
        }
    }
}

fn left(found: &Found) -> Left {
    match found {
        Found::Block(..) => Left::Block,
        Found::Resumed(_) => Left::More,
        Found::Waits => Left::Waits,
        Found::Failed(_) => Left::Failed,
        Found::Duplicate { .. } | Found::End { .. } => Left::Nothing,
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
