//! The project's only clock: time is read here and nowhere else.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::MeasuredTime;

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

/// The time of day on this machine, in milliseconds since 1970; 0 when its clock stands before.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this module is the project's only clock")]
pub fn wall_clock_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}
