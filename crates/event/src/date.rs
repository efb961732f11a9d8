//! Calendar days and ranges of them.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ParseError;

/// Days from 0001-01-01 to 1970-01-01, the offset between chrono's day numbers and ours.
const EPOCH_FROM_COMMON_ERA: i32 = 719_163;

/// The calendar day of an event's own time, in the store's time zone; days since 1970-01-01.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventDate(i32);

impl EventDate {
    /// The day that lies `days` after 1970-01-01.
    #[must_use]
    pub const fn from_epoch_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01, as Parquet's DATE has them.
    #[must_use]
    pub const fn epoch_days(self) -> i32 {
        self.0
    }
}

impl From<NaiveDate> for EventDate {
    fn from(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce() - EPOCH_FROM_COMMON_ERA)
    }
}

impl fmt::Display for EventDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NaiveDate::from_num_days_from_ce_opt(self.0.saturating_add(EPOCH_FROM_COMMON_ERA)) {
            Some(date) => write!(f, "{}", date.format("%Y-%m-%d")),
            None => write!(f, "day {} of the epoch", self.0),
        }
    }
}

impl FromStr for EventDate {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let error = || ParseError::Date { given: text.to_owned() };
        let shape = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !shape {
            return Err(error());
        }
        NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Self::from).map_err(|_| error())
    }
}

impl Serialize for EventDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A range of days, both ends included; an end left out is open.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    from: Option<EventDate>,
    to: Option<EventDate>,
}

impl DateRange {
    /// Every day.
    pub const ALL: Self = Self { from: None, to: None };

    /// One day.
    #[must_use]
    pub const fn only(date: EventDate) -> Self {
        Self { from: Some(date), to: Some(date) }
    }

    /// The days from `from` to `to`, both included.
    ///
    /// # Errors
    /// When `to` lies before `from`.
    pub fn new(from: Option<EventDate>, to: Option<EventDate>) -> Result<Self, ParseError> {
        match (from, to) {
            (Some(from), Some(to)) if to < from => {
                Err(ParseError::EmptyRange { from: from.to_string(), to: to.to_string() })
            }
            _ => Ok(Self { from, to }),
        }
    }

    /// Whether the range holds this day.
    #[must_use]
    pub fn contains(&self, date: EventDate) -> bool {
        self.overlaps(date, date)
    }

    /// Whether the range shares a day with the days from `first` to `last`.
    #[must_use]
    pub fn overlaps(&self, first: EventDate, last: EventDate) -> bool {
        self.from.is_none_or(|from| from <= last) && self.to.is_none_or(|to| first <= to)
    }

    /// Whether every day from `first` to `last` is in the range.
    #[must_use]
    pub fn covers(&self, first: EventDate, last: EventDate) -> bool {
        self.contains(first) && self.contains(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> EventDate {
        text.parse().unwrap()
    }

    #[test]
    fn dates_count_from_1970() {
        assert_eq!(day("1970-01-01").epoch_days(), 0);
        assert_eq!(day("2013-02-09").epoch_days(), 15_745);
        assert_eq!(EventDate::from_epoch_days(15_745).to_string(), "2013-02-09");
    }

    #[test]
    fn a_bad_date_says_how_to_write_one() {
        for given in ["2013-2-9", "2013-02-30", "yesterday", "", "+013-02-09", "2013-02-09x"] {
            let message = given.parse::<EventDate>().unwrap_err().to_string();
            assert!(message.contains("write it as YYYY-MM-DD"), "{given}: {message}");
        }
    }

    #[test]
    fn both_ends_belong_to_a_range() {
        let range = DateRange::new(Some(day("2013-02-08")), Some(day("2013-02-09"))).unwrap();
        assert!(range.contains(day("2013-02-08")) && range.contains(day("2013-02-09")));
        assert!(!range.contains(day("2013-02-07")) && !range.contains(day("2013-02-10")));
        assert!(range.overlaps(day("2013-02-01"), day("2013-02-08")));
        assert!(!range.covers(day("2013-02-01"), day("2013-02-08")));
        let error = DateRange::new(Some(day("2013-02-09")), Some(day("2013-02-08"))).unwrap_err();
        assert!(error.to_string().contains("ends before it starts"));
    }
}
