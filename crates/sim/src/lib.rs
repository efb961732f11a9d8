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

mod balance;
mod best_effort;
mod bound;
mod error;
mod event_level;
pub mod fluid;
mod key;
mod key_events;
mod latency;
mod locality;
mod placement;
mod policy;
mod population;
mod service;
mod statistics;
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
