//! Detection of hot keys by ingesters that share a counter now and then.

mod cluster;
mod outcome;

use hotshard_event::Threshold;
use hotshard_workload::{IdDistribution, Ranks, RngSeed};

use self::cluster::{Answer, Cluster};
pub use self::outcome::KeyOutcome;
use crate::{Key, SimError};

/// The stream of the rng seed from which ingesters are drawn, and the one for crashes.
const ROUTING_STREAM: u64 = 0;
const CRASH_STREAM: u64 = 1;

/// Which ingester an event reaches. Keys play no part in it, as behind a load balancer.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Routing {
    /// One after the other.
    #[default]
    RoundRobin,
    /// Any of them with the same probability.
    Random,
}

/// An ingester crashes and comes back at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crash {
    /// Just before this event of the stream, counted from 0.
    pub before_event: u64,
    /// Who; ingesters are numbered from 0.
    pub ingester: u32,
}

/// When ingesters crash.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum Crashes {
    /// Never.
    #[default]
    Never,
    /// At these points.
    At(Vec<Crash>),
    /// Instead of one flush in so many, on average: the worst moment there is.
    InsteadOfFlush {
        /// In how many.
        one_in: u32,
    },
}

/// Best-effort detection as published systems describe it: j ingesters, a shared counter per key,
/// and B events between two looks at it.
///
/// # The model
///
/// - Each event reaches one ingester, which decides alone and at once: if the total it *knows* of
///   the key is T or more, the event is past T and is **diverted**, else it is **let through** and
///   joins the ingester's batch. Diverted events are counted nowhere.
/// - When its batch holds B events, of whatever keys, the ingester **flushes**: it adds the batch to
///   the shared counters and reads back the new totals of the keys in it. From then on it knows
///   these totals, and nothing of what others add later: they learn at their own flushes. Adding and
///   reading back are one step, as with an atomic increment.
/// - A **crash** loses the batch and nothing else: the totals it knew are there to be read again.
/// - There is no time: an ingester looks at the counter after a number of events, however long
///   that takes. The last batches are never flushed.
///
/// # Never early, and how late
///
/// What an ingester knows was let through before, so an event is diverted only when T of its key
/// came before it: **no event up to the T-th is ever diverted**.
///
/// **At most j·B − 1 events past T are let through, and what crashes lost of that key.** Take the
/// flush with which the shared total of the key reaches T, if there is one.
/// 1. Before it the total was at most T − 1: so many of the events let through had been flushed.
/// 2. Of the rest, look at one ingester. All those that it flushes are in one batch: its first with
///    that key from this flush on. For when it has flushed that batch, it has read back a total of T
///    or more, and lets no event of the key through again. A batch holds B events.
/// 3. What it lets through and never flushes was lost in a crash, or is in its last batch; and then
///    it has not flushed the key since, so the batch of step 2 is that last one.
///
/// Together (T − 1) + j·B, plus what was lost. Without such a flush, everything let through is in
/// step 1, in j last batches of fewer than B events, or lost.
#[derive(Debug, Clone)]
pub struct BestEffort {
    ingesters: u32,
    flush_every: u64,
    threshold: Threshold,
    routing: Routing,
    crashes: Crashes,
    rng_seed: RngSeed,
}

impl BestEffort {
    /// This many ingesters (j), each flushing whenever it has let this many events through (B),
    /// that take turns and never crash.
    #[must_use]
    pub fn new(ingesters: u32, flush_every: u64, threshold: Threshold) -> Self {
        Self {
            ingesters,
            flush_every,
            threshold,
            routing: Routing::default(),
            crashes: Crashes::default(),
            rng_seed: RngSeed::DEFAULT,
        }
    }

    /// Sets which ingester an event reaches.
    #[must_use]
    pub fn routing(mut self, routing: Routing) -> Self {
        self.routing = routing;
        self
    }

    /// Sets when ingesters crash.
    #[must_use]
    pub fn crashes(mut self, crashes: Crashes) -> Self {
        self.crashes = crashes;
        self
    }

    /// Sets where random choices come from.
    #[must_use]
    pub fn rng_seed(mut self, rng_seed: RngSeed) -> Self {
        self.rng_seed = rng_seed;
        self
    }

    /// How many events past T are let through at most of any key of which no crash lost any:
    /// j·B − 1.
    #[must_use]
    pub fn overshoot_bound(&self) -> u64 {
        u64::from(self.ingesters).saturating_mul(self.flush_every).saturating_sub(1)
    }

    /// What happens to the keys of these events, taken in this order; by key.
    ///
    /// # Errors
    /// If the model has no ingester, never flushes, or crashes what is not there.
    pub fn run(&self, events: impl IntoIterator<Item = Key>) -> Result<Vec<KeyOutcome>, SimError> {
        let mut crashes = self.planned_crashes()?.into_iter().peekable();
        let mut fails = self.failing_flushes()?;
        let mut drawn = self.random_routing()?;
        let mut cluster = Cluster::new(self.ingesters, self.threshold.get());
        for (number, key) in (0..).zip(events) {
            while let Some(crash) = crashes.next_if(|crash| crash.before_event <= number) {
                cluster.crash(crash.ingester);
            }
            let drawn = drawn.as_mut().and_then(Iterator::next).unwrap_or(number);
            let ingester = narrow(drawn % u64::from(self.ingesters));
            if let Answer::LetThrough { batch } = cluster.take(ingester, key)
                && batch >= self.flush_every
            {
                match fails.as_mut().and_then(Iterator::next) {
                    Some(0) => cluster.crash(ingester),
                    _ => cluster.flush(ingester),
                }
            }
        }
        Ok(cluster.outcomes())
    }

    /// The crashes at given points, in order.
    fn planned_crashes(&self) -> Result<Vec<Crash>, SimError> {
        if self.ingesters == 0 {
            return Err(SimError::NoIngesters);
        }
        if self.flush_every == 0 {
            return Err(SimError::NoFlush);
        }
        let Crashes::At(crashes) = &self.crashes else {
            return Ok(Vec::new());
        };
        let mut crashes = crashes.clone();
        crashes.sort_by_key(|crash| crash.before_event);
        match crashes.iter().find(|crash| crash.ingester >= self.ingesters) {
            Some(&Crash { before_event, ingester }) => {
                Err(SimError::NoSuchIngester { ingester, before_event, ingesters: self.ingesters })
            }
            None => Ok(crashes),
        }
    }

    /// A draw for each flush; it fails at 0.
    fn failing_flushes(&self) -> Result<Option<Ranks>, SimError> {
        match self.crashes {
            Crashes::Never | Crashes::At(_) => Ok(None),
            Crashes::InsteadOfFlush { one_in: 0 } => Err(SimError::CrashRate),
            Crashes::InsteadOfFlush { one_in } => self.draws(one_in, CRASH_STREAM).map(Some),
        }
    }

    fn random_routing(&self) -> Result<Option<Ranks>, SimError> {
        match self.routing {
            Routing::RoundRobin => Ok(None),
            Routing::Random => self.draws(self.ingesters, ROUTING_STREAM).map(Some),
        }
    }

    fn draws(&self, below: u32, stream: u64) -> Result<Ranks, SimError> {
        Ok(Ranks::new(u64::from(below), IdDistribution::Uniform, self.rng_seed, stream)?)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the number of an ingester, of at most 2³²−1")]
fn narrow(ingester: u64) -> u32 {
    ingester as u32
}
