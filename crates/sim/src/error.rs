//! What can be wrong with a model.

use hotshard_event::Threshold;
use hotshard_workload::WorkloadError;

/// Why a model cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// A word that is no policy.
    #[error(
        "`{given}` is no policy; write hash, jump, bounded-loads:0.25, pkg, d-choices, w-choices, \
         salting:8, virtual-shards:16, shuffle, rename@200000, split@200000 or rename@0.2N/n"
    )]
    Policy {
        /// What was written.
        given: String,
    },
    /// Text that is no threshold.
    #[error(
        "`{given}` is no threshold; write a number of events as in 200000, or a fraction of a \
         day's events per shard as in 0.2N/n"
    )]
    ThresholdRule {
        /// What was written.
        given: String,
    },
    /// A threshold that keys may have passed of which the model knows only the sum.
    #[error(
        "T = {threshold} lies below keys that the fluid model knows only as a crowd, of up to \
         {tail_key} events each; give it more keys one by one, or run it event by event"
    )]
    ThresholdInTail {
        /// T.
        threshold: Threshold,
        /// How many events such a key may have.
        tail_key: u64,
    },
    /// Numbers of events that are none.
    #[error(
        "a population of {given} events cannot be modelled; give finite numbers from 0, at most \
         {most} in all"
    )]
    PopulationEvents {
        /// What was given: the first number that is none, or the sum.
        given: f64,
        /// The most in all.
        most: u64,
    },
    /// More shards than any store has.
    #[error("{given} shards are more than a store can have; give at most {most}")]
    Shards {
        /// How many.
        given: u32,
        /// The most.
        most: u32,
    },
    /// More virtual shards than are placed one by one.
    #[error(
        "{per_shard} virtual shards for each of {shards} shards are too many to place; have at most \
         {most} in all"
    )]
    VirtualShards {
        /// Virtual shards a shard.
        per_shard: u32,
        /// Shards.
        shards: u32,
        /// The most in all.
        most: u32,
    },
    /// More events than are counted one by one.
    #[error(
        "{given} events are too many to route one by one; route at most 4294967295, or take the \
         fluid model"
    )]
    TooManyEvents {
        /// How many.
        given: u64,
    },
    /// Nobody to take events in.
    #[error("the model has 0 ingesters; give it at least one")]
    NoIngesters,
    /// Counts that are never sent on.
    #[error("an ingester that flushes every 0 events never does; flush after at least one")]
    NoFlush,
    /// A crash of an ingester that is not there.
    #[error(
        "ingester {ingester} is to crash before event {before_event}, but the model has \
         {ingesters}, numbered from 0"
    )]
    NoSuchIngester {
        /// Who is to crash.
        ingester: u32,
        /// When.
        before_event: u64,
        /// How many ingesters there are.
        ingesters: u32,
    },
    /// A rate of crashes that is none.
    #[error("one crash in 0 flushes is no rate; give at least 1, with which every flush is lost")]
    CrashRate,
    /// A word that is no law of service times.
    #[error(
        "`{given}` is no law of service times; write fixed, exponential, residuals:0.9:1:1.2 \
         (factors of 0 or more) or hiccup:0.01:100 (a probability up to 1, and a factor)"
    )]
    ServiceLaw {
        /// What was written.
        given: String,
    },
    /// Text that names no servers.
    #[error(
        "`{given}` says not who works on shards; write per-shard, or a number of workers from 1"
    )]
    Servers {
        /// What was written.
        given: String,
    },
    /// Too few measurements to fit a service time to.
    #[error(
        "a service time of a + b·rows + c·bytes cannot be fitted to {distinct} distinct pairs of \
         rows and bytes; measure at least {least}"
    )]
    TooFewSamples {
        /// How many there are.
        distinct: usize,
        /// How many it takes.
        least: usize,
    },
    /// A measurement that is none.
    #[error(
        "measurement {sample} (counted from 0) took {time_ns} ns; a service time is a number above \
         0"
    )]
    SampleTime {
        /// Which one.
        sample: usize,
        /// What it says, in nanoseconds.
        time_ns: f64,
    },
    /// Nothing to scatter a query over.
    #[error("the model has 0 shards; give it at least one")]
    NoShards,
    /// A service time that is none.
    #[error(
        "shard {shard} has a modelled service time of {time_ns} ns; give one from 0 to 10^15 ns \
         (eleven days)"
    )]
    ServiceTime {
        /// Whose; shards are numbered from 0.
        shard: usize,
        /// In nanoseconds.
        time_ns: f64,
    },
    /// A time of a merge that is none.
    #[error("the merge has a modelled time of {time_ns} ns; give one from 0 to 10^15 ns")]
    MergeTime {
        /// In nanoseconds.
        time_ns: f64,
    },
    /// Nobody asks anything.
    #[error("the model has 0 queries; give it at least one")]
    NoQueries,
    /// A rate that is none.
    #[error("{per_second} queries a second are no rate; give a number above 0")]
    ArrivalRate {
        /// Queries a second.
        per_second: f64,
    },
    /// Given times that go backwards.
    #[error(
        "query {query} (counted from 0) comes before the one ahead of it; sort the arrival times"
    )]
    ArrivalsOutOfOrder {
        /// The first query that does.
        query: u64,
    },
    /// More queries than can be answered.
    #[error(
        "{per_second} queries a second are at or past saturation, at {saturation} a second: queues \
         would grow for ever; give a lower rate"
    )]
    PastSaturation {
        /// Queries a second.
        per_second: f64,
        /// The rate from which queues grow for ever.
        saturation: f64,
    },
    /// A max/mean that no shards have.
    #[error("no {shards} shards have a max/mean of {given}; give one from 1 to {shards}")]
    MaxOverMean {
        /// What was given.
        given: f64,
        /// How many shards there are.
        shards: usize,
    },
    /// The random choices cannot be made.
    #[error("the random choices of the model cannot be made")]
    Random(#[from] WorkloadError),
}
