//! Word that a key comes near the threshold or has passed it.

use hotshard_event::{EventDate, EventTime, Sequence, Threshold};
use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeKind {
    /// The key reached 80 % of the threshold ([`Threshold::approaching`]).
    Approaching,
    /// The key passed the threshold: this event is its first excess.
    Crossed,
}

/// A key came near the threshold or passed it. Each key gives each kind once, whatever the number
/// of blocks, runs and restarts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Near, or past.
    pub kind: NoticeKind,
    /// The id.
    pub distinct_id: String,
    /// The day on which it has that many events.
    pub event_date: EventDate,
    /// Events of the key, this one included.
    pub events: u64,
    /// The event that did it.
    pub sequence: Sequence,
    /// That event's own time.
    pub event_time: EventTime,
    /// When the key will pass the threshold if its events go on as they came since the day began;
    /// absent when that is not on the same day, and when it has passed already.
    pub projected_crossing: Option<EventTime>,
}

/// A day's first moment and the next day's, in the store's time zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day {
    pub(super) start: EventTime,
    pub(super) end: EventTime,
}

impl Day {
    /// When a key that had `events` at `time` reaches event T+1, on the line through the day's
    /// start; nothing when the day ends before.
    ///
    /// The key's own first event is not used, because no time is kept per counter. So a mistake
    /// that began in mid-day is projected later than it will come, never too early.
    pub(super) fn project(
        self,
        events: u64,
        time: EventTime,
        threshold: Threshold,
    ) -> Option<EventTime> {
        let elapsed = i128::from(time.millis()) - i128::from(self.start.millis());
        let needed = (i128::from(threshold.get()) + 1) * elapsed.max(0);
        let needed = needed.checked_div(i128::from(events))?;
        let millis = i64::try_from(i128::from(self.start.millis()) + needed).ok()?;
        (millis < self.end.millis()).then(|| EventTime::from_millis(millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn project(events: u64, hours: i64, threshold: u64) -> Option<i64> {
        let day = Day {
            start: EventTime::from_millis(100 * 24 * HOUR),
            end: EventTime::from_millis(101 * 24 * HOUR),
        };
        let time = EventTime::from_millis((100 * 24 + hours) * HOUR);
        let crossing = day.project(events, time, Threshold::new(threshold))?;
        Some((crossing.millis() - day.start.millis()) / HOUR)
    }

    #[test]
    fn an_even_pace_is_continued() {
        assert_eq!(project(80, 8, 99), Some(10));
        assert_eq!(project(80, 0, 99), Some(0)); // all at once, so the rest too
    }

    #[test]
    fn not_today_is_no_answer() {
        assert_eq!(project(80, 19, 99), Some(23));
        assert_eq!(project(80, 20, 99), None);
        assert_eq!(project(u64::MAX, 23, u64::MAX), Some(23));
    }
}
