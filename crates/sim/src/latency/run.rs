//! Queries pass through servers.

use hotshard_workload::{RngSeed, RngStream};

use super::batches::Batches;
use super::idle::{WorkersFree, in_order};
use super::{Arrivals, LatencyModel, Servers, ServiceLaw};

/// The stream of the rng seed from which service times come, next to that of the arrivals.
const SERVICE_STREAM: u64 = (1 << 40) + 1;

/// The latency of each query, in the order in which they come.
pub(super) fn latencies(model: &LatencyModel, arrivals: &Arrivals, seed: RngSeed) -> Batches {
    let mut rng = RngStream::new(seed, SERVICE_STREAM);
    let mut batches = Batches::new(arrivals);
    let merge_ns = model.modelled_merge_ns;
    match model.servers {
        Servers::OnePerShard => {
            let mut queues = Queues::new(model);
            for gap_ns in arrivals.gaps_ns(seed) {
                batches.record(queues.query(gap_ns, &mut rng) + merge_ns);
            }
        }
        Servers::Workers(_) => {
            let tasks = in_order(&model.modelled_service_ns, model.order);
            let mut workers = WorkersFree::new(model.servers.count(tasks.len()));
            let mut now_ns = 0.0;
            for gap_ns in arrivals.gaps_ns(seed) {
                now_ns += gap_ns;
                let service_ns = tasks.iter().map(|time| time * model.law.draw(&mut rng));
                batches.record(workers.run(now_ns, service_ns) - now_ns + merge_ns);
            }
        }
    }
    batches
}

/// A queue a shard: what each server has left to do (Lindley's recursion).
struct Queues<'a> {
    law: &'a ServiceLaw,
    service_ns: Vec<f64>,
    left_ns: Vec<f64>,
}

impl<'a> Queues<'a> {
    fn new(model: &'a LatencyModel) -> Self {
        let mut service_ns = model.modelled_service_ns.clone();
        if model.law == ServiceLaw::Fixed {
            // All get the same queries, so the one with the longest tasks always has the most to do.
            service_ns = vec![service_ns.into_iter().fold(0.0, f64::max)];
        }
        Self { law: &model.law, left_ns: vec![0.0; service_ns.len()], service_ns }
    }

    /// A query comes so long after the one before; tells when the last of its tasks is done.
    #[inline]
    fn query(&mut self, gap_ns: f64, rng: &mut RngStream) -> f64 {
        let mut last = 0.0_f64;
        for (left_ns, service_ns) in self.left_ns.iter_mut().zip(&self.service_ns) {
            *left_ns = (*left_ns - gap_ns).max(0.0) + service_ns * self.law.draw(rng);
            last = last.max(*left_ns);
        }
        last
    }
}
