//! How long users wait for queries that scatter over all shards.

mod arrivals;
mod batches;
mod cliff;
mod idle;
pub mod queueing;
mod report;
mod run;
mod servers;
mod service_law;

use hotshard_workload::RngSeed;

pub use self::arrivals::Arrivals;
pub use self::cliff::{CliffPoint, cliff_curve, cliff_edge};
pub use self::idle::idle_latency_ns;
pub use self::report::{Estimate, Interval, Intervals, LatencyReport, Load};
pub use self::servers::{Servers, TaskOrder};
pub use self::service_law::ServiceLaw;
use crate::SimError;

pub(crate) const NS_PER_SECOND: f64 = 1e9;

/// Longest modelled service time: eleven days.
const MAX_SERVICE_NS: f64 = 1e15;

/// Queries that each have a task for every shard, and are answered when the last task is done and
/// the results are merged. Every time in it is modelled.
///
/// # The model
///
/// - A task takes the modelled service time of its shard, times a factor drawn from the
///   [`ServiceLaw`].
/// - With [`Servers::OnePerShard`], each shard works off its own queue, first come, first served.
///   With [`Servers::Workers`], all tasks wait in one queue, and whoever is free takes the next: a
///   query's tasks enter it together, largest first, so all tasks of a query are taken before any of
///   the next query's, and a later query waits behind an earlier one even for its shortest tasks.
/// - The merge takes its time after the last task and occupies no server.
/// - [`Arrivals`] are an open loop: latency is counted from the time a query is meant to start, so
///   waiting counts however long the queues are.
///
/// ```
/// use hotshard_sim::{Arrivals, LatencyModel};
/// use hotshard_workload::RngSeed;
///
/// // Nine shards that take 2 ms each, and a hot one that takes 8 ms.
/// let mut modelled_service_ns = vec![2e6; 9];
/// modelled_service_ns.push(8e6);
/// let model = LatencyModel::new(modelled_service_ns)?;
/// assert!((model.saturation_rate() - 125.0).abs() < 1e-9, "queries a second");
///
/// let arrivals = Arrivals::Poisson { per_second: model.rate_at(0.5), queries: 100_000 };
/// let report = model.simulate(&arrivals, RngSeed::DEFAULT)?;
/// // Theory: 8 ms · (1 + 0.5/(2 · (1 − 0.5))), as long as nothing but the hot shard counts.
/// assert!((report.modelled_mean.ns / 12e6 - 1.0).abs() < 0.02);
/// # Ok::<(), hotshard_sim::SimError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyModel {
    modelled_service_ns: Vec<f64>,
    modelled_merge_ns: f64,
    law: ServiceLaw,
    servers: Servers,
    order: TaskOrder,
}

impl LatencyModel {
    /// Shards with these modelled service times, in nanoseconds, which do not vary; a server a shard;
    /// a merge that takes no time.
    ///
    /// # Errors
    /// Without shards, and for a time that is negative, no number, or longer than 10¹⁵ ns.
    pub fn new(modelled_service_ns: Vec<f64>) -> Result<Self, SimError> {
        if modelled_service_ns.is_empty() {
            return Err(SimError::NoShards);
        }
        for (shard, &time_ns) in modelled_service_ns.iter().enumerate() {
            if !(0.0..=MAX_SERVICE_NS).contains(&time_ns) {
                return Err(SimError::ServiceTime { shard, time_ns });
            }
        }
        Ok(Self {
            modelled_service_ns,
            modelled_merge_ns: 0.0,
            law: ServiceLaw::Fixed,
            servers: Servers::OnePerShard,
            order: TaskOrder::LargestFirst,
        })
    }

    /// With these servers.
    #[must_use]
    pub const fn servers(mut self, servers: Servers) -> Self {
        self.servers = servers;
        self
    }

    /// With tasks in this order in the queue of the workers.
    #[must_use]
    pub const fn order(mut self, order: TaskOrder) -> Self {
        self.order = order;
        self
    }

    /// With service times that vary.
    ///
    /// # Errors
    /// For a law whose numbers are none of a law.
    pub fn law(mut self, law: ServiceLaw) -> Result<Self, SimError> {
        law.check()?;
        self.law = law;
        Ok(self)
    }

    /// With a merge of this modelled time in nanoseconds after the last task.
    ///
    /// # Errors
    /// For a time that is negative, no number, or longer than 10¹⁵ ns.
    pub fn merge_ns(mut self, modelled_merge_ns: f64) -> Result<Self, SimError> {
        if !(0.0..=MAX_SERVICE_NS).contains(&modelled_merge_ns) {
            return Err(SimError::MergeTime { time_ns: modelled_merge_ns });
        }
        self.modelled_merge_ns = modelled_merge_ns;
        Ok(self)
    }

    /// The latency of a query that is alone and whose tasks take what is modelled, with its merge,
    /// in nanoseconds.
    #[must_use]
    pub fn modelled_idle_latency_ns(&self) -> f64 {
        idle_latency_ns(&self.modelled_service_ns, self.servers, self.order)
            + self.modelled_merge_ns
    }

    /// The rate, in queries a second, from which queues grow for ever: one over the longest mean
    /// service time with a server a shard, W over the sum of them with W workers. Infinite if tasks
    /// take no time.
    #[must_use]
    pub fn saturation_rate(&self) -> f64 {
        NS_PER_SECOND / self.bottleneck_ns()
    }

    /// Which share of its time the busiest server works at this many queries a second; past 1, it
    /// cannot keep up.
    #[must_use]
    pub fn utilisation(&self, queries_per_second: f64) -> f64 {
        queries_per_second * self.bottleneck_ns() / NS_PER_SECOND
    }

    /// The rate, in queries a second, at which the busiest server works this share of its time.
    #[must_use]
    pub fn rate_at(&self, utilisation: f64) -> f64 {
        utilisation * self.saturation_rate()
    }

    /// Runs the queries through the servers. The same rng seed gives the same report; arrivals do
    /// not change with the service times or the servers, so that two models can be compared under
    /// the same queries.
    ///
    /// # Errors
    /// Without queries, for a rate that is none or given times that go backwards, and for queries at
    /// random at or past the [`saturation_rate`](Self::saturation_rate): their latency is whatever
    /// the length of the run makes it. Given times may come too fast; the report says so.
    pub fn simulate(&self, arrivals: &Arrivals, seed: RngSeed) -> Result<LatencyReport, SimError> {
        arrivals.check()?;
        let per_second = arrivals.rate_per_second();
        let saturated = per_second >= self.saturation_rate();
        match arrivals {
            Arrivals::Poisson { .. } if saturated => {
                Err(SimError::PastSaturation { per_second, saturation: self.saturation_rate() })
            }
            _ => Ok(LatencyReport::of(self, arrivals, run::latencies(self, arrivals, seed))),
        }
    }

    /// How long the busiest server works on one query, on average.
    fn bottleneck_ns(&self) -> f64 {
        let modelled_ns = match self.servers {
            Servers::OnePerShard => self.modelled_service_ns.iter().copied().fold(0.0, f64::max),
            Servers::Workers(workers) => {
                self.modelled_service_ns.iter().sum::<f64>() / f64::from(workers.get())
            }
        };
        modelled_ns * self.law.mean()
    }

    /// The squared coefficient of variation of what a query brings the busiest server.
    fn squared_variation(&self) -> f64 {
        let law = self.law.squared_variation();
        match self.servers {
            Servers::OnePerShard => law,
            Servers::Workers(_) => {
                let sum: f64 = self.modelled_service_ns.iter().sum();
                let squares: f64 = self.modelled_service_ns.iter().map(|time| time * time).sum();
                if sum > 0.0 { law * squares / (sum * sum) } else { 0.0 }
            }
        }
    }
}
