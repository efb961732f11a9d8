//! A moment of any day.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::WorkloadError;

const MINUTES_PER_HOUR: u32 = 60;
const MILLIS_PER_MINUTE: i64 = 60_000;

/// A moment of any day, in UTC, to the minute. Written `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    minutes: u32,
}

impl TimeOfDay {
    /// 00:00.
    pub const MIDNIGHT: Self = Self { minutes: 0 };
    /// 02:00.
    pub const TWO_AT_NIGHT: Self = Self { minutes: 2 * MINUTES_PER_HOUR };
    /// 12:00.
    pub const NOON: Self = Self { minutes: 12 * MINUTES_PER_HOUR };

    /// Milliseconds since midnight.
    #[must_use]
    pub fn millis(self) -> i64 {
        i64::from(self.minutes) * MILLIS_PER_MINUTE
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / MINUTES_PER_HOUR, self.minutes % MINUTES_PER_HOUR)
    }
}

impl FromStr for TimeOfDay {
    type Err = WorkloadError;

    fn from_str(text: &str) -> Result<Self, WorkloadError> {
        let two_digits = |part: &str, limit: u32| {
            let shape = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            let number = part.parse::<u32>().ok();
            number.filter(|&number| shape && number < limit)
        };
        text.split_once(':')
            .and_then(|(hours, minutes)| {
                let hours = two_digits(hours, 24)?;
                let minutes = two_digits(minutes, MINUTES_PER_HOUR)?;
                Some(Self { minutes: hours * MINUTES_PER_HOUR + minutes })
            })
            .ok_or_else(|| WorkloadError::TimeOfDay { given: text.to_owned() })
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = WorkloadError;

    fn try_from(text: String) -> Result<Self, WorkloadError> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_minutes_of_a_day() {
        assert_eq!("12:00".parse::<TimeOfDay>().unwrap(), TimeOfDay::NOON);
        assert_eq!("00:00".parse::<TimeOfDay>().unwrap(), TimeOfDay::MIDNIGHT);
        let time: TimeOfDay = "09:05".parse().unwrap();
        assert_eq!((time.millis(), time.to_string().as_str()), (32_700_000, "09:05"));
    }

    #[test]
    fn a_bad_time_says_how_to_write_one() {
        for given in ["", "noon", "24:00", "12:60", "1:00", "12:00:00", "+1:00", "12.00"] {
            let message = given.parse::<TimeOfDay>().unwrap_err().to_string();
            assert_eq!(
                message,
                format!(
                    "`{given}` is not a time of day; write it as HH:MM in UTC, for example 12:00"
                )
            );
        }
    }
}
