//! Event times and the zone that turns them into days.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Offset, TimeZone as _, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{EventDate, ParseError};

const MILLIS_PER_SECOND: i64 = 1_000;
const MILLIS_PER_DAY: i64 = 86_400_000;

/// When an event happened: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct EventTime(i64);

impl EventTime {
    /// The time `millis` after the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }
}

impl fmt::Display for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::<Utc>::from_timestamp_millis(self.0) {
            Some(time) => write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%S%.3fZ")),
            None => write!(f, "{} ms", self.0),
        }
    }
}

/// The time zone whose midnights cut a store's days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeZone(chrono_tz::Tz);

impl TimeZone {
    /// Coordinated Universal Time, the default.
    pub const UTC: Self = Self(chrono_tz::Tz::UTC);

    /// The calendar day of a time, here.
    #[must_use]
    pub fn date_of(self, time: EventTime) -> EventDate {
        let local_millis = time.0.saturating_add(self.offset_millis(time));
        let days = local_millis.div_euclid(MILLIS_PER_DAY);
        EventDate::from_epoch_days(i32::try_from(days).unwrap_or(i32::MAX))
    }

    /// When a calendar day begins here: at its midnight or, where the clocks skip that, at the
    /// moment they skip it.
    ///
    /// ```
    /// use hotshard_event::{EventDate, TimeZone};
    ///
    /// let zone: TimeZone = "Europe/Berlin".parse()?;
    /// let start = zone.start_of("2021-04-18".parse()?);
    /// assert_eq!(start.to_string(), "2021-04-17T22:00:00.000Z");
    /// # Ok::<(), hotshard_event::ParseError>(())
    /// ```
    #[must_use]
    pub fn start_of(self, date: EventDate) -> EventTime {
        let midnight = i64::from(date.epoch_days()) * MILLIS_PER_DAY;
        if self == Self::UTC {
            return EventTime(midnight);
        }
        let exists = DateTime::<Utc>::from_timestamp_millis(midnight)
            .and_then(|utc| self.0.from_local_datetime(&utc.naive_utc()).earliest());
        EventTime(exists.map_or_else(
            // A skipped midnight is the moment of the change, told in the time before it.
            || midnight - self.offset_millis(EventTime(midnight - MILLIS_PER_DAY)),
            |start| start.timestamp_millis(),
        ))
    }

    /// What to add to UTC at that time.
    fn offset_millis(self, time: EventTime) -> i64 {
        if self == Self::UTC {
            return 0;
        }
        let seconds = time.0.div_euclid(MILLIS_PER_SECOND);
        DateTime::<Utc>::from_timestamp(seconds, 0).map_or(0, |utc| {
            let offset = self.0.offset_from_utc_datetime(&utc.naive_utc()).fix();
            i64::from(offset.local_minus_utc()) * MILLIS_PER_SECOND
        })
    }
}

impl Default for TimeZone {
    fn default() -> Self {
        Self::UTC
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl FromStr for TimeZone {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        text.parse().map(Self).map_err(|_| ParseError::TimeZone { given: text.to_owned() })
    }
}

impl Serialize for TimeZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(zone: &str, millis: i64) -> String {
        let zone: TimeZone = zone.parse().unwrap();
        zone.date_of(EventTime::from_millis(millis)).to_string()
    }

    #[test]
    fn midnight_belongs_to_the_new_day() {
        assert_eq!(date("UTC", 1_618_703_999_999), "2021-04-17");
        assert_eq!(date("UTC", 1_618_704_000_000), "2021-04-18");
    }

    #[test]
    fn a_zone_moves_midnight_also_in_summer() {
        let before_local_midnight = 1_618_696_799_999; // 2021-04-17T21:59:59.999Z, UTC+2
        assert_eq!(date("Europe/Berlin", before_local_midnight), "2021-04-17");
        assert_eq!(date("Europe/Berlin", before_local_midnight + 1), "2021-04-18");
        assert_eq!(date("America/New_York", 1_618_704_000_000), "2021-04-17");
    }

    #[test]
    fn a_day_begins_with_its_first_moment() {
        let starts = [
            ("UTC", "2021-04-18", "2021-04-18T00:00:00.000Z"),
            ("America/New_York", "2021-04-18", "2021-04-18T04:00:00.000Z"),
            ("Africa/Cairo", "2023-04-28", "2023-04-27T22:00:00.000Z"), // 00:00 becomes 01:00
            ("America/Havana", "2022-11-06", "2022-11-06T04:00:00.000Z"), // 00:00 comes twice
        ];
        for (zone, day, start) in starts {
            let zone: TimeZone = zone.parse().unwrap();
            let day: EventDate = day.parse().unwrap();
            let first = zone.start_of(day);
            assert_eq!(first.to_string(), start, "{zone}");
            assert_eq!(zone.date_of(first), day, "{zone}");
            assert!(zone.date_of(EventTime::from_millis(first.millis() - 1)) < day, "{zone}");
        }
    }

    #[test]
    fn a_skipped_day_begins_where_the_next_one_does() {
        let samoa: TimeZone = "Pacific/Apia".parse().unwrap();
        let start = |day: &str| samoa.start_of(day.parse().unwrap());
        assert_eq!(start("2011-12-30"), start("2011-12-31"));
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let error = "Mars/Base".parse::<TimeZone>().unwrap_err();
        assert!(error.to_string().starts_with("`Mars/Base` is not a time zone"));
    }
}
