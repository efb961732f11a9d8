//! The mistakes of an implementation that make hot ids.

use serde::{Deserialize, Serialize};

use crate::TimeOfDay;

/// A named mistake in how events are sent.
///
/// Each leaves the evidence that it leaves in life, so that its cause can be told from the stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Mistake {
    /// `identify('user_id')`: from the release on, a static string stands where the user's own id
    /// belongs.
    ///
    /// Evidence: a jump at a time, many `$device_id`s under one id. The stream's events then carry
    /// a `$user_id` property, which keeps the user's own id before and after, so that history can
    /// be mapped back.
    StaticIdentify {
        /// The string that all users share.
        #[serde(default = "default_static_id")]
        id: String,
        /// The day of the stream on which it ships; the first is 1.
        #[serde(default = "default_day")]
        day: u32,
        /// When on that day.
        #[serde(default = "default_time")]
        at: TimeOfDay,
        /// Its share of all events from then on, 0 to 1.
        share: f64,
    },
    /// Events that belong to nobody, sent under one arbitrary id: the import of advertising spend
    /// and the runs of automated tests.
    ///
    /// Evidence: event names and properties of their own, and no device.
    Zero {
        /// The arbitrary id.
        #[serde(default = "default_zero_id")]
        id: String,
        /// Its share of all events, 0 to 1.
        share: f64,
    },
}

impl Mistake {
    /// `identify('user_id')` shipped at noon of the first day, with this share of the events from
    /// then on.
    #[must_use]
    pub fn static_identify(share: f64) -> Self {
        Self::StaticIdentify {
            id: default_static_id(),
            day: default_day(),
            at: default_time(),
            share,
        }
    }

    /// Events of nobody under the id `0`, with this share of all events.
    #[must_use]
    pub fn zero(share: f64) -> Self {
        Self::Zero { id: default_zero_id(), share }
    }

    /// The id that gets hot.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::StaticIdentify { id, .. } | Self::Zero { id, .. } => id,
        }
    }

    /// Its share of the events while it lasts, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        match self {
            Self::StaticIdentify { share, .. } | Self::Zero { share, .. } => *share,
        }
    }
}

fn default_static_id() -> String {
    "user_id".to_owned()
}

fn default_zero_id() -> String {
    "0".to_owned()
}

const fn default_day() -> u32 {
    1
}

const fn default_time() -> TimeOfDay {
    TimeOfDay::NOON
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_of_a_file_has_its_default() {
        let read = |text| serde_json::from_str::<Mistake>(text).unwrap();
        assert_eq!(
            read(r#"{"kind": "static-identify", "share": 0.6}"#),
            Mistake::static_identify(0.6)
        );
        assert_eq!(read(r#"{"kind": "zero", "share": 0.1}"#), Mistake::zero(0.1));
    }
}
