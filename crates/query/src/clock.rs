//! The project's only clock: time is read here and nowhere else.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::{CpuTime, MeasuredTime};

/// A running stopwatch.
///
/// ```
/// use hotshard_query::Stopwatch;
///
/// let watch = Stopwatch::start();
/// let first = watch.elapsed();
/// assert!(first <= watch.elapsed());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    started: Instant,
}

impl Stopwatch {
    /// Starts it.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this module is the project's only clock")]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// The time since it was started.
    #[must_use]
    pub fn elapsed(&self) -> MeasuredTime {
        let nanos = self.started.elapsed().as_nanos();
        MeasuredTime::from_ns(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

/// What a piece of work took, done by one thread from start to end.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spent {
    /// From its start to its end.
    pub(crate) wall: MeasuredTime,
    /// How long the thread ran in between; nothing where the system does not tell.
    pub(crate) cpu: Option<CpuTime>,
}

impl Spent {
    /// What nothing takes.
    pub(crate) const NONE: Self =
        Self { wall: MeasuredTime::from_ns(0), cpu: Some(CpuTime::from_ns(0)) };

    /// Adds what further work took.
    pub(crate) fn add(&mut self, more: Self) {
        self.wall = [self.wall, more.wall].into_iter().sum();
        self.cpu = self.cpu.zip(more.cpu).map(|(ours, theirs)| [ours, theirs].into_iter().sum());
    }
}

impl std::iter::Sum for Spent {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::NONE, |sum, part| Self {
            wall: [sum.wall, part.wall].into_iter().sum(),
            cpu: [sum.cpu, part.cpu].into_iter().sum(),
        })
    }
}

/// Does a piece of work on this thread, and tells what it took.
///
/// The CPU clock is a call into the system, so it is read outside of the wall time, and not the
/// other way round.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Spent) {
    let cpu_before = thread_cpu_time();
    let watch = Stopwatch::start();
    let done = work();
    let wall = watch.elapsed();
    let cpu = thread_cpu_time().zip(cpu_before).map(|(after, before)| after.since(before));
    (done, Spent { wall, cpu })
}

/// How long this thread has run on a processor so far.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos", target_os = "freebsd"))]
fn thread_cpu_time() -> Option<CpuTime> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec).ok()?, u64::try_from(time.tv_nsec).ok()?);
    Some(CpuTime::from_ns(seconds.checked_mul(1_000_000_000)?.checked_add(nanos)?))
}

/// This system does not tell.
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "macos",
    target_os = "freebsd"
)))]
fn thread_cpu_time() -> Option<CpuTime> {
    None
}

/// The time of day on this machine, in milliseconds since 1970; 0 when its clock stands before.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this module is the project's only clock")]
pub fn wall_clock_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_wall_time_and_cpu_time() {
        let (sum, spent) = timed(|| (0..1_000_000_u64).map(std::hint::black_box).sum::<u64>());
        assert_eq!(sum, 499_999_500_000);
        assert!(spent.wall > MeasuredTime::default());
        assert!(spent.cpu.is_none_or(|cpu| cpu > CpuTime::default()));
    }

    #[test]
    fn a_sum_knows_its_cpu_time_only_when_every_part_does() {
        let part = |wall, cpu: Option<u64>| Spent {
            wall: MeasuredTime::from_ns(wall),
            cpu: cpu.map(CpuTime::from_ns),
        };
        assert_eq!(
            [part(5, Some(3)), part(7, Some(4))].into_iter().sum::<Spent>(),
            part(12, Some(7))
        );
        assert_eq!([part(5, Some(3)), part(7, None)].into_iter().sum::<Spent>(), part(12, None));
    }
}
