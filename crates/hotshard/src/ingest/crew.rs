//! Who does what, and when: the desk at which all threads of an ingest find their next task.
//!
//! Every thread is alike. It takes the task that helps most: first what has to happen in order, if
//! nobody is at it; then encoding, which frees memory; then reading the next block and decoding it.
//! So all are busy until the end, and none of the stages has a thread that waits for another stage.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use hotshard_store::{Finished, Job};

use super::pipeline::Decoded;
use super::sink::Sink;
use crate::Error;

/// What the reader found, in the form that is taken in order.
pub(super) enum Arrival {
    Block(Box<Decoded>),
    Duplicate(String),
    Resumed(String),
    Failed(Error),
    End,
}

/// What a thread does next.
pub(super) enum Task {
    /// Take in order what has arrived.
    Order,
    /// Run this job and hand it back.
    Run(Job),
    /// Read a block, which gets this number, and decode it.
    Read { number: u64, spare: Vec<u8> },
    /// Nothing more.
    Stop,
}

/// What may be under way at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Blocks from being read to being appended.
    pub(super) blocks: usize,
    /// Memory of rows that were given away to be encoded, in bytes. One job may pass it.
    pub(super) away_bytes: usize,
}

/// The desk.
pub(super) struct Crew {
    limits: Limits,
    desk: Mutex<Desk>,
    changed: Condvar,
}

#[derive(Default)]
struct Desk {
    /// What is to be taken in order, by number.
    arrived: BTreeMap<u64, Arrival>,
    /// The number to be taken next.
    next_in_order: u64,
    /// The number that the next block gets.
    next_to_read: u64,
    is_reading: bool,
    is_ordering: bool,
    input_ended: bool,
    jobs: VecDeque<Job>,
    jobs_running: usize,
    /// Memory of jobs that wait or run.
    away_bytes: usize,
    finished: Vec<Finished>,
    /// Memory of blocks that are done with.
    spares: Vec<Vec<u8>>,
    stopped: bool,
}

impl Desk {
    fn blocks_under_way(&self) -> u64 {
        self.next_to_read - self.next_in_order
    }

    fn take_job(&mut self) -> Option<Job> {
        let job = self.jobs.pop_front()?;
        self.jobs_running += 1;
        Some(job)
    }
}

impl Crew {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, desk: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits for a task.
    pub(super) fn next_task(&self) -> Task {
        let mut desk = self.desk();
        loop {
            if desk.stopped {
                return Task::Stop;
            }
            if !desk.is_ordering && (!desk.finished.is_empty() || self.may_take(&desk)) {
                desk.is_ordering = true;
                return Task::Order;
            }
            if let Some(job) = desk.take_job() {
                return Task::Run(job);
            }
            let has_room = desk.blocks_under_way() < self.limits.blocks as u64;
            if !desk.is_reading && !desk.input_ended && has_room {
                desk.is_reading = true;
                let number = desk.next_to_read;
                desk.next_to_read += 1;
                let spare = desk.spares.pop().unwrap_or_default();
                return Task::Read { number, spare };
            }
            desk = self.wait(desk);
        }
    }

    /// The next thing in order, if it is there and there is room for its rows.
    pub(super) fn take_arrival(&self) -> Option<Arrival> {
        let mut desk = self.desk();
        if !self.may_take(&desk) {
            return None;
        }
        let number = desk.next_in_order;
        desk.next_in_order += 1;
        let arrival = desk.arrived.remove(&number);
        self.changed.notify_all();
        arrival
    }

    fn may_take(&self, desk: &Desk) -> bool {
        desk.away_bytes <= self.limits.away_bytes && desk.arrived.contains_key(&desk.next_in_order)
    }

    /// What was encoded and is not in its file yet.
    pub(super) fn take_finished(&self) -> Vec<Finished> {
        std::mem::take(&mut self.desk().finished)
    }

    /// Says that nobody takes in order any more.
    pub(super) fn end_order(&self) {
        self.desk().is_ordering = false;
        self.changed.notify_all();
    }

    /// Says that the next block can be read, or that there is none.
    pub(super) fn end_read(&self, is_last: bool) {
        let mut desk = self.desk();
        desk.is_reading = false;
        desk.input_ended |= is_last;
        drop(desk);
        self.changed.notify_all();
    }

    /// Puts what was read under its number.
    pub(super) fn arrive(&self, number: u64, arrival: Arrival) {
        self.desk().arrived.insert(number, arrival);
        self.changed.notify_all();
    }

    /// Gives the memory of a block back.
    pub(super) fn give_back(&self, spare: Vec<u8>) {
        self.desk().spares.push(spare);
    }

    /// Gives jobs to whoever has time.
    pub(super) fn give(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut desk = self.desk();
        for job in jobs {
            desk.away_bytes += job.memory_bytes();
            desk.jobs.push_back(job);
        }
        drop(desk);
        self.changed.notify_all();
    }

    /// Does a job.
    pub(super) fn run(&self, job: Job) {
        let bytes = job.memory_bytes();
        let finished = job.run();
        let mut desk = self.desk();
        desk.finished.push(finished);
        desk.away_bytes -= bytes;
        desk.jobs_running -= 1;
        drop(desk);
        self.changed.notify_all();
    }

    /// Sees to it that all jobs are done and handed back, together with whoever has time.
    pub(super) fn finish_jobs(&self, sink: &mut Sink) -> Result<(), Error> {
        loop {
            let mut desk = self.desk();
            let finished = std::mem::take(&mut desk.finished);
            let job = desk.take_job();
            if job.is_none() && finished.is_empty() {
                if desk.jobs_running == 0 {
                    return Ok(());
                }
                drop(self.wait(desk));
                continue;
            }
            drop(desk);
            finished.into_iter().try_for_each(|finished| sink.accept(finished))?;
            if let Some(job) = job {
                self.run(job);
            }
        }
    }

    /// Ends all work.
    pub(super) fn stop(&self) {
        self.desk().stopped = true;
        self.changed.notify_all();
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // A thread that panics stops the others; what it left on the desk is not looked at again.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'d>(&self, desk: MutexGuard<'d, Desk>) -> MutexGuard<'d, Desk> {
        self.changed.wait(desk).unwrap_or_else(PoisonError::into_inner)
    }
}
