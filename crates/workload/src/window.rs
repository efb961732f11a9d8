//! When a mistake lasts.

use crate::TimeOfDay;

pub(crate) const MILLIS_PER_DAY: i64 = 86_400_000;
const MILLIS_PER_MINUTE: i64 = 60_000;

/// The times at which a mistake lasts, by when an event happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    Always,
    From {
        from_ms: i64,
    },
    /// The second end is not inside.
    Between {
        from_ms: i64,
        to_ms: i64,
    },
    /// Every day, between these two times since midnight; the second is not inside.
    Daily {
        from_ms: i64,
        to_ms: i64,
    },
}

impl Window {
    /// From this time of a day on.
    pub(crate) fn from(epoch_day: i64, at: TimeOfDay) -> Self {
        Self::From { from_ms: epoch_day * MILLIS_PER_DAY + at.millis() }
    }

    /// So many minutes of one day.
    pub(crate) fn once(epoch_day: i64, at: TimeOfDay, minutes: u32) -> Self {
        let from_ms = epoch_day * MILLIS_PER_DAY + at.millis();
        Self::Between { from_ms, to_ms: from_ms + i64::from(minutes) * MILLIS_PER_MINUTE }
    }

    /// So many minutes of every day.
    pub(crate) fn daily(at: TimeOfDay, minutes: u32) -> Self {
        let from_ms = at.millis();
        Self::Daily { from_ms, to_ms: from_ms + i64::from(minutes) * MILLIS_PER_MINUTE }
    }

    /// Whether so many minutes from this time on end on the same day.
    pub(crate) fn fits_a_day(at: TimeOfDay, minutes: u32) -> bool {
        at.millis() + i64::from(minutes) * MILLIS_PER_MINUTE <= MILLIS_PER_DAY
    }

    /// Whether this moment lies inside.
    #[inline]
    pub(crate) fn contains(self, time_ms: i64) -> bool {
        match self {
            Self::Always => true,
            Self::From { from_ms } => time_ms >= from_ms,
            Self::Between { from_ms, to_ms } => (from_ms..to_ms).contains(&time_ms),
            Self::Daily { from_ms, to_ms } => {
                (from_ms..to_ms).contains(&time_ms.rem_euclid(MILLIS_PER_DAY))
            }
        }
    }

    /// The part of a day that lies inside, as its two ends; the second is not inside.
    pub(crate) fn on_day(self, epoch_day: i64) -> (i64, i64) {
        let (midnight, next) = (epoch_day * MILLIS_PER_DAY, (epoch_day + 1) * MILLIS_PER_DAY);
        let (from, to) = match self {
            Self::Always => (midnight, next),
            Self::From { from_ms } => (from_ms, next),
            Self::Between { from_ms, to_ms } => (from_ms, to_ms),
            Self::Daily { from_ms, to_ms } => (midnight + from_ms, midnight + to_ms),
        };
        let from = from.clamp(midnight, next);
        (from, to.clamp(from, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_days_are_what_lies_inside() {
        let at = "02:30".parse().unwrap();
        let windows = [
            Window::Always,
            Window::from(100, at),
            Window::once(100, at, 20),
            Window::daily(at, 60),
            Window::daily(TimeOfDay::MIDNIGHT, 1_440),
        ];
        for window in windows {
            for day in 99..102 {
                let (from, to) = window.on_day(day);
                let inside = (day * MILLIS_PER_DAY..(day + 1) * MILLIS_PER_DAY)
                    .step_by(60_000)
                    .filter(|&time| window.contains(time))
                    .count();
                assert_eq!((to - from) / MILLIS_PER_MINUTE, inside as i64, "{window:?}");
                assert!(from == to || window.contains(from) && window.contains(to - 1));
            }
        }
    }

    #[test]
    fn a_window_may_end_at_midnight() {
        let at = "23:00".parse().unwrap();
        assert!(Window::fits_a_day(at, 60) && !Window::fits_a_day(at, 61));
    }
}
