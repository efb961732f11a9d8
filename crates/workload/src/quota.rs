//! Events with a fixed place in the stream.

use crate::workload::proportion;

/// So many events of every day, taken from the whole stream at even distances instead of at random:
/// that is how an id has just under a threshold and never one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Events taken on one day.
    daily: u64,
    /// Events taken on all days.
    taken: u64,
    /// Events of the stream.
    events: u64,
}

impl Quota {
    /// A quota that fits the stream.
    pub(crate) fn new(daily: u64, days: u32, events: u64) -> Self {
        Self { daily, taken: daily.saturating_mul(u64::from(days)), events }
    }

    /// The share of all events that it takes.
    #[expect(clippy::cast_precision_loss, reason = "counts of events lie far below 2^53")]
    pub(crate) fn share(&self) -> f64 {
        self.taken as f64 / self.events as f64
    }

    /// The place of an event among those taken on its day, from 0, if it is one.
    #[inline]
    pub(crate) fn place(&self, event: u64) -> Option<u64> {
        if self.taken == 0 {
            return None;
        }
        let before = proportion(self.taken, event, self.events);
        let after = proportion(self.taken, event + 1, self.events);
        (after > before).then_some(before % self.daily)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_takes_its_quota() {
        for (daily, days, events) in [(5, 2, 100_u64), (7, 3, 22), (1, 4, 1_000), (30, 1, 30)] {
            let quota = Quota::new(daily, days, events);
            let places: Vec<u64> = (0..events).filter_map(|event| quota.place(event)).collect();
            let expected: Vec<u64> = (0..days).flat_map(|_| 0..daily).collect();
            assert_eq!(places, expected);
        }
        assert_eq!(Quota::new(0, 3, 10).place(3), None);
    }
}
