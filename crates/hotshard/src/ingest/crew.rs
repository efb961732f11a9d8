//! Who does what, and when: the desk at which all threads of an ingest find their next task.
//!
//! Every thread is alike. It takes the task that helps most: first what has to happen in order, if
//! nobody is at it; then encoding, which frees memory; then reading the next block and decoding it.
//! So all are busy until the end, and none of the stages has a thread that waits for another stage.
//! Which source is read next is for [`Lanes`] to say.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use hotshard_store::{Finished, Job};

use super::lanes::{Lanes, Left, Limits, Opening};
use super::pipeline::Decoded;
use super::sink::Sink;
use crate::Error;

/// What was found in a source, in the form that is taken in order.
pub(super) enum Arrival {
    Block(Box<Decoded>),
    /// The source goes on where an earlier ingest broke off.
    Resumed(String),
    /// The source cannot be read further.
    Failed(Error),
    /// The source ends.
    End(SourceEnd),
    /// So do all sources.
    AllEnd,
}

/// A source that has ended.
pub(super) struct SourceEnd {
    /// Its name, if it was taken in before.
    pub(super) duplicate: Option<String>,
    /// Its bytes as they lie there.
    pub(super) raw_bytes: u64,
}

/// What a thread does next.
pub(super) enum Task {
    /// Take in order what has arrived.
    Order,
    /// Run this job and hand it back.
    Run(Job),
    /// Read a block of this source and decode it. What is found gets this number in the source.
    Read { source: usize, number: u64, spare: Vec<u8> },
    /// Nothing more.
    Stop,
}

/// The desk.
pub(super) struct Crew {
    limits: Limits,
    desk: Mutex<Desk>,
    changed: Condvar,
}

struct Desk {
    /// What is to be taken in order, by source and number.
    arrived: BTreeMap<(usize, u64), Arrival>,
    /// What is to be taken next.
    next_in_order: (usize, u64),
    is_ordering: bool,
    lanes: Lanes,
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
    const fn new(lanes: Lanes) -> Self {
        Self {
            arrived: BTreeMap::new(),
            next_in_order: (0, 0),
            is_ordering: false,
            lanes,
            jobs: VecDeque::new(),
            jobs_running: 0,
            away_bytes: 0,
            finished: Vec::new(),
            spares: Vec::new(),
            stopped: false,
        }
    }

    fn all_end(&self) -> bool {
        let (source, _) = self.next_in_order;
        source == self.lanes.sources()
    }

    fn take_job(&mut self) -> Option<Job> {
        let job = self.jobs.pop_front()?;
        self.jobs_running += 1;
        Some(job)
    }
}

impl Crew {
    pub(super) const fn new(limits: Limits, openings: Vec<Opening>) -> Self {
        let desk = Desk::new(Lanes::new(limits, openings));
        Self { limits, desk: Mutex::new(desk), changed: Condvar::new() }
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
            if let Some((source, number)) = desk.lanes.take() {
                let spare = desk.spares.pop().unwrap_or_default();
                return Task::Read { source, number, spare };
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
        if desk.all_end() {
            return Some(Arrival::AllEnd);
        }
        let (source, number) = desk.next_in_order;
        let arrival = desk.arrived.remove(&(source, number))?;
        desk.next_in_order = match arrival {
            Arrival::End(_) => (source + 1, 0),
            _ => (source, number + 1),
        };
        if matches!(arrival, Arrival::Block(_)) {
            desk.lanes.end_block();
        }
        self.changed.notify_all();
        Some(arrival)
    }

    fn may_take(&self, desk: &Desk) -> bool {
        let is_there = desk.arrived.contains_key(&desk.next_in_order) || desk.all_end();
        is_there && desk.away_bytes <= self.limits.away_bytes
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

    /// Says that a source is packed, so that others may be read beside it.
    pub(super) fn note_packed(&self, source: usize) {
        self.desk().lanes.note_packed(source);
        self.changed.notify_all();
    }

    /// Says that nobody reads a source any more, and what was left of it.
    pub(super) fn end_read(&self, source: usize, left: Left) {
        self.desk().lanes.end_read(source, left);
        self.changed.notify_all();
    }

    /// Puts what was found where it is taken in order.
    pub(super) fn arrive(&self, source: usize, number: u64, arrival: Arrival) {
        self.desk().arrived.insert((source, number), arrival);
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
        let running = Running { crew: self, bytes: job.memory_bytes() };
        let finished = job.run();
        self.desk().finished.push(finished);
        drop(running);
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
                if desk.stopped {
                    return Err(Error::Stopped);
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

/// A job that runs. However it ends, nobody waits for it any longer.
struct Running<'c> {
    crew: &'c Crew,
    bytes: usize,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut desk = self.crew.desk();
        desk.away_bytes -= self.bytes;
        desk.jobs_running -= 1;
        drop(desk);
        self.crew.changed.notify_all();
    }
}
