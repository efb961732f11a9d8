//! Models of event stores at sizes, and with failures, that one machine does not have.
//!
//! Only models: nothing here reads an event's text or writes a file, and there is no clock. Random
//! choices come from `hotshard-workload`, under one [`RngSeed`](hotshard_workload::RngSeed).
//!
//! [`BestEffort`] is detection of hot keys as published systems do it: several ingesters that share
//! a counter and look at it only now and then. It shows how late that is.
//!
//! ```
//! use hotshard_event::Threshold;
//! use hotshard_sim::{BestEffort, Key};
//!
//! // Four ingesters, each sending its counts on after every 100 events, and one busy key.
//! let system = BestEffort::new(4, 100, Threshold::new(2_000));
//! let outcomes = system.run(std::iter::repeat_n(Key::new(7), 10_000))?;
//!
//! let late = outcomes[0].overshoot;
//! assert_eq!(late, 300, "events past the threshold that were let through");
//! assert!(late <= system.overshoot_bound());
//! # Ok::<(), hotshard_sim::SimError>(())
//! ```
//!
//! [`route`] and [`fluid`] say how evenly a [`Policy`] fills shards: the one event by event, the other
//! from numbers of events a key, at any size.
//!
//! ```
//! use std::num::NonZeroU32;
//!
//! use hotshard_sim::{Population, fluid};
//! use hotshard_workload::{ExpectedKeys, IdDistribution, RngSeed, WorkloadSpec};
//!
//! // 10¹² events of 10⁹ ids over 3 200 shards.
//! let ids = IdDistribution::Zipf { s: 1.0 };
//! let spec = WorkloadSpec::new(1_000_000_000_000).users(1_000_000_000, ids);
//! let seed = RngSeed::new(7);
//! let population = Population::from(ExpectedKeys::of(&spec, seed, 10_000)?);
//! let shards = NonZeroU32::new(3_200).expect("more than none");
//!
//! let hash = fluid::balance(&population, "hash".parse()?, shards, seed)?;
//! assert!(hash.skew.max_over_mean > 150.0, "the largest id has 4.7 % of all events");
//!
//! // T is a fifth of what a shard gets in the mean.
//! let rename = fluid::balance(&population, "rename@0.2N/n".parse()?, shards, seed)?;
//! assert!(rename.skew.max_over_mean < 2.0);
//! assert_eq!(rename.rows.iter().sum::<u64>(), 1_000_000_000_000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod balance;
mod best_effort;
mod bound;
mod error;
mod event_level;
pub mod fluid;
mod head_choices;
mod key;
mod key_events;
mod latency;
mod locality;
mod placement;
mod policy;
mod population;
mod ring;
mod service;
mod statistics;
pub mod theory;
mod virtual_shards;

pub use balance::{Balance, Bound};
pub use best_effort::{BestEffort, Crash, Crashes, KeyOutcome, Routing};
pub use error::SimError;
pub use event_level::route;
pub use key::Key;
pub use key_events::KeyEvents;
pub use latency::{
    Arrivals, CliffPoint, Estimate, Interval, Intervals, LatencyModel, LatencyReport, Load,
    Servers, ServiceLaw, TaskOrder, cliff_curve, cliff_edge, idle_latency_ns, queueing,
};
pub use locality::Locality;
pub use policy::{Policy, ThresholdRule};
pub use population::{HeadKey, Population, TailIds};
pub use service::{FitError, ServiceFit, ServiceModel, ServiceSample};
pub use statistics::Distribution;
