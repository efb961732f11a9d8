//! What a query takes that is alone.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Servers, TaskOrder};

/// The modelled latency of one query on idle servers, without its merge, in nanoseconds, from the
/// modelled service time of each shard: the longest with a server a shard; with workers, when the
/// last of them is done (list scheduling: whoever is free takes the next task).
///
/// With fewer workers than shards, that is about max(longest, sum/W): however long one task is, it
/// hides behind the others until it alone takes longer than all of them shared out. See
/// [`cliff_curve`](crate::cliff_curve).
#[must_use]
pub fn idle_latency_ns(modelled_service_ns: &[f64], servers: Servers, order: TaskOrder) -> f64 {
    match servers {
        Servers::OnePerShard => modelled_service_ns.iter().copied().fold(0.0, f64::max),
        Servers::Workers(_) => {
            let tasks = in_order(modelled_service_ns, order);
            let workers = servers.count(tasks.len()).min(tasks.len());
            WorkersFree::new(workers).run(0.0, tasks.into_iter())
        }
    }
}

/// The service times in the order in which a query's tasks enter the queue.
pub(super) fn in_order(modelled_service_ns: &[f64], order: TaskOrder) -> Vec<f64> {
    let mut tasks = modelled_service_ns.to_vec();
    if order == TaskOrder::LargestFirst {
        tasks.sort_by(|a, b| b.total_cmp(a));
    }
    tasks
}

/// When each worker is free, in nanoseconds, as the bits of a number that is never below 0: these
/// are in the same order as the numbers.
#[derive(Debug)]
pub(super) struct WorkersFree(BinaryHeap<Reverse<u64>>);

impl WorkersFree {
    /// So many workers who are free at 0.
    pub(super) fn new(workers: usize) -> Self {
        Self(std::iter::repeat_n(Reverse(0), workers).collect())
    }

    /// Gives tasks that come now to whoever is free first, one by one; tells when the last of them
    /// ends.
    #[inline]
    pub(super) fn run(&mut self, now_ns: f64, service_ns: impl Iterator<Item = f64>) -> f64 {
        let mut last = now_ns;
        for service_ns in service_ns {
            if let Some(mut first) = self.0.peek_mut() {
                let end = f64::from_bits(first.0).max(now_ns) + service_ns;
                *first = Reverse(end.to_bits());
                last = last.max(end);
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workers(number: u32) -> Servers {
        Servers::Workers(number.try_into().unwrap())
    }

    #[test]
    fn a_server_a_shard_waits_for_the_longest() {
        let longest = idle_latency_ns(&[3.0, 9.0, 1.0], Servers::OnePerShard, TaskOrder::ByShard);
        assert!((longest - 9.0).abs() < 1e-12);
    }

    /// Graham's example of how much the order counts: 4/3 − 1/(3W) of the best at worst.
    #[test]
    fn workers_take_the_next_task_when_they_are_free() {
        let tasks = [1.0, 1.0, 1.0, 1.0, 4.0];
        let idle = |order| idle_latency_ns(&tasks, workers(2), order);
        assert!((idle(TaskOrder::ByShard) - 6.0).abs() < 1e-12);
        assert!((idle(TaskOrder::LargestFirst) - 4.0).abs() < 1e-12);
    }

    #[test]
    fn one_worker_does_all_and_too_many_change_nothing() {
        let tasks = [3.0, 9.0, 1.0];
        let idle = |number| idle_latency_ns(&tasks, workers(number), TaskOrder::LargestFirst);
        assert!((idle(1) - 13.0).abs() < 1e-12);
        assert!((idle(u32::MAX) - 9.0).abs() < 1e-12);
        assert!(idle_latency_ns(&[], workers(1), TaskOrder::LargestFirst).abs() < 1e-12);
    }
}
