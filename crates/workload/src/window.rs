//! When a mistake lasts.

use crate::TimeOfDay;

pub(crate) const MILLIS_PER_DAY: i64 = 86_400_000;

/// The times at which a mistake lasts, by when an event happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    Always,
    From { from_ms: i64 },
}

impl Window {
    /// From this moment on; the epoch day is that of the moment.
    pub(crate) fn from(epoch_day: i64, at: TimeOfDay) -> Self {
        Self::From { from_ms: epoch_day * MILLIS_PER_DAY + at.millis() }
    }

    /// Whether this moment lies inside.
    #[inline]
    pub(crate) fn contains(self, time_ms: i64) -> bool {
        match self {
            Self::Always => true,
            Self::From { from_ms } => time_ms >= from_ms,
        }
    }

    /// The part of a day that lies inside, as its two ends; the second is not inside.
    pub(crate) fn on_day(self, epoch_day: i64) -> (i64, i64) {
        let (midnight, next) = (epoch_day * MILLIS_PER_DAY, (epoch_day + 1) * MILLIS_PER_DAY);
        let (from, to) = match self {
            Self::Always => (midnight, next),
            Self::From { from_ms } => (from_ms, next),
        };
        let from = from.clamp(midnight, next);
        (from, to.clamp(from, next))
    }
}
