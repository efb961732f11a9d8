//! How many events are expected to happen when.

use crate::WorkloadSpec;
use crate::window::MILLIS_PER_DAY;
use crate::workload::{MAX_JITTER_MS, MAX_LATE_DAYS};

/// When the events of a stream happen, as shares of all of them: what the times of generated lines
/// average to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrivals {
    start_ms: f64,
    span_ms: f64,
    late_share: f64,
    first_day: i64,
    days: i64,
}

impl Arrivals {
    /// The arrivals of a valid spec.
    pub(crate) fn new(spec: &WorkloadSpec) -> Self {
        let days = i64::from(spec.days);
        let first_day = i64::from(spec.start.epoch_days());
        Self {
            start_ms: float(first_day * MILLIS_PER_DAY),
            span_ms: float(days * MILLIS_PER_DAY),
            late_share: spec.late_share,
            first_day,
            days,
        }
    }

    /// The days on which events happen, late ones included, as days since 1970.
    pub(crate) fn event_dates(&self) -> std::ops::Range<i64> {
        let late_days = if self.late_share > 0.0 { i64::from(MAX_LATE_DAYS) } else { 0 };
        self.first_day - late_days..self.first_day + self.days
    }

    /// The share of the events that happen from one moment on and before another.
    pub(crate) fn between(&self, (from_ms, to_ms): (i64, i64)) -> f64 {
        if to_ms <= from_ms {
            return 0.0;
        }
        let on_time = self.on_time_between(from_ms, to_ms);
        if self.late_share <= 0.0 {
            return on_time;
        }
        let late: f64 = (1..=i64::from(MAX_LATE_DAYS))
            .map(|days| days * MILLIS_PER_DAY)
            .map(|late_ms| self.on_time_between(from_ms + late_ms, to_ms + late_ms))
            .sum();
        (1.0 - self.late_share) * on_time + self.late_share * late / f64::from(MAX_LATE_DAYS)
    }

    fn on_time_between(&self, from_ms: i64, to_ms: i64) -> f64 {
        self.on_time_before(to_ms) - self.on_time_before(from_ms)
    }

    /// The share of the events whose place in the stream, jitter included, lies before a moment. The
    /// jitter is uniform and takes no event out of the stream's days, so that it moves any other
    /// moment by its mean.
    fn on_time_before(&self, time_ms: i64) -> f64 {
        let mean_jitter_ms = (float(MAX_JITTER_MS.cast_signed()) - 1.0) / 2.0;
        let offset_ms = float(time_ms) - self.start_ms;
        if offset_ms >= self.span_ms {
            1.0
        } else {
            ((offset_ms - mean_jitter_ms) / self.span_ms).max(0.0)
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "times in milliseconds stay below 2^53")]
fn float(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = MILLIS_PER_DAY;

    #[test]
    fn days_share_the_events_but_for_the_jitter() {
        let arrivals = Arrivals::new(&WorkloadSpec::new(10).days(4));
        let shares: Vec<f64> = arrivals
            .event_dates()
            .map(|day| arrivals.between((day * DAY, (day + 1) * DAY)))
            .collect();
        let moved = 2_499.5 / 86_400_000.0 / 4.0;
        let expected = [0.25 - moved, 0.25, 0.25, 0.25 + moved];
        for (share, expected) in shares.iter().zip(expected) {
            assert!((share - expected).abs() < 1e-12, "{shares:?}");
        }
    }

    #[test]
    fn late_events_lie_on_the_days_before() {
        let arrivals = Arrivals::new(&WorkloadSpec::new(10).late_share(0.7));
        let shares: Vec<f64> = arrivals
            .event_dates()
            .map(|day| arrivals.between((day * DAY, (day + 1) * DAY)))
            .collect();
        assert_eq!(shares.len(), 8);
        for share in &shares[..7] {
            assert!((share - 0.1).abs() < 1e-12, "{shares:?}");
        }
        assert!((shares[7] - 0.3).abs() < 1e-12, "{shares:?}");
    }
}
