//! The mistakes of an implementation that make hot ids.

use serde::{Deserialize, Serialize};

use crate::{TimeOfDay, WorkloadSpec};

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
    /// A server sends its users' events under its own name, here that of a pod.
    ///
    /// Evidence: the users' event names, no device, and a `host` property that equals the id, beside
    /// the `mp_lib` of a server's library.
    PodName {
        /// The name of the pod.
        #[serde(default = "default_pod")]
        id: String,
        /// Its share of all events, 0 to 1.
        share: f64,
    },
    /// A job loads another system's records every night, all under its own id.
    ///
    /// Evidence: a window at night, event names of their own, an `$import` property, no device.
    NightlyImport {
        /// The id of the job.
        #[serde(default = "default_import_id")]
        id: String,
        /// When it begins.
        #[serde(default = "default_night")]
        at: TimeOfDay,
        /// How long it takes, in minutes; it ends on the day on which it began.
        #[serde(default = "default_import_minutes")]
        minutes: u32,
        /// Its share of the events in that time, 0 to 1.
        share: f64,
    },
    /// A client that hears no answer sends the same few events over and over.
    ///
    /// Evidence: a burst, few insert ids, and lines that are equal from the first byte to the last.
    RetryStorm {
        /// The id of the client.
        #[serde(default = "default_storm_id")]
        id: String,
        /// The day of the stream on which it happens; the first is 1.
        #[serde(default = "default_day")]
        day: u32,
        /// When it begins.
        #[serde(default = "default_time")]
        at: TimeOfDay,
        /// How long it lasts, in minutes; it ends on the day on which it began.
        #[serde(default = "default_storm_minutes")]
        minutes: u32,
        /// How many different events it sends.
        #[serde(default = "default_insert_ids")]
        insert_ids: u32,
        /// Its share of the events in that time, 0 to 1.
        share: f64,
    },
    /// Ids that stay just under the threshold every day, so that no remedy ever applies to them:
    /// large accounts, or somebody who knows the limit.
    ///
    /// Evidence: the same number of events a day, spread evenly over it. Their number is exact but
    /// for events that happen within seconds of midnight, late events and retries.
    JustUnderT {
        /// What the ids, and no others of the stream, begin with; a number follows, from 0.
        #[serde(default = "default_prefix")]
        prefix: String,
        /// How many ids.
        #[serde(default = "default_ids")]
        ids: u32,
        /// Events of each of them on each day.
        #[serde(default = "default_events")]
        events: u64,
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

    /// Events of one server under the name of its pod, with this share of all events.
    #[must_use]
    pub fn pod_name(share: f64) -> Self {
        Self::PodName { id: default_pod(), share }
    }

    /// An import from 02:00 to 03:00 every night, with this share of the events in that time.
    #[must_use]
    pub fn nightly_import(share: f64) -> Self {
        Self::NightlyImport {
            id: default_import_id(),
            at: default_night(),
            minutes: default_import_minutes(),
            share,
        }
    }

    /// Ten minutes of retries of 20 events from noon of the first day on, with this share of the
    /// events in that time.
    #[must_use]
    pub fn retry_storm(share: f64) -> Self {
        Self::RetryStorm {
            id: default_storm_id(),
            day: default_day(),
            at: default_time(),
            minutes: default_storm_minutes(),
            insert_ids: default_insert_ids(),
            share,
        }
    }

    /// So many ids with so many events each on each day.
    #[must_use]
    pub fn just_under_t(ids: u32, events: u64) -> Self {
        Self::JustUnderT { prefix: default_prefix(), ids, events }
    }

    /// Its id, or what its ids begin with.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::StaticIdentify { id, .. }
            | Self::Zero { id, .. }
            | Self::PodName { id, .. }
            | Self::NightlyImport { id, .. }
            | Self::RetryStorm { id, .. } => id,
            Self::JustUnderT { prefix, .. } => prefix,
        }
    }

    /// Its share of a stream's events while it lasts, 0 to 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of events lie far below 2^53")]
    pub fn share_of(&self, spec: &WorkloadSpec) -> f64 {
        match self {
            Self::StaticIdentify { share, .. }
            | Self::Zero { share, .. }
            | Self::PodName { share, .. }
            | Self::NightlyImport { share, .. }
            | Self::RetryStorm { share, .. } => *share,
            Self::JustUnderT { .. } => {
                self.daily_quota() as f64 * f64::from(spec.days) / spec.events as f64
            }
        }
    }

    /// Events a day that have a fixed number instead of a share.
    pub(crate) fn daily_quota(&self) -> u64 {
        match self {
            Self::JustUnderT { ids, events, .. } => u64::from(*ids).saturating_mul(*events),
            _ => 0,
        }
    }

    /// What it is called in messages.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::StaticIdentify { id, .. } => format!("the mistake identify('{id}')"),
            Self::Zero { id, .. } => format!("the mistake of sending nobody's events as `{id}`"),
            Self::PodName { id, .. } => format!("the mistake of sending a server's name `{id}`"),
            Self::NightlyImport { id, .. } => format!("the nightly import under `{id}`"),
            Self::RetryStorm { id, .. } => format!("the retry storm of `{id}`"),
            Self::JustUnderT { prefix, .. } => format!("the ids `{prefix}…` just under T"),
        }
    }
}

fn default_static_id() -> String {
    "user_id".to_owned()
}

fn default_zero_id() -> String {
    "0".to_owned()
}

fn default_pod() -> String {
    "api-7c9d5b8f6-x2kqp".to_owned()
}

fn default_import_id() -> String {
    "warehouse-sync".to_owned()
}

fn default_storm_id() -> String {
    "kiosk-17".to_owned()
}

fn default_prefix() -> String {
    "account-".to_owned()
}

const fn default_day() -> u32 {
    1
}

const fn default_time() -> TimeOfDay {
    TimeOfDay::NOON
}

const fn default_night() -> TimeOfDay {
    TimeOfDay::TWO_AT_NIGHT
}

const fn default_import_minutes() -> u32 {
    60
}

const fn default_storm_minutes() -> u32 {
    10
}

const fn default_insert_ids() -> u32 {
    20
}

const fn default_ids() -> u32 {
    3
}

/// 95 % of the default threshold.
const fn default_events() -> u64 {
    190_000
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
        assert_eq!(read(r#"{"kind": "pod-name", "share": 0.2}"#), Mistake::pod_name(0.2));
        let import = read(r#"{"kind": "nightly-import", "share": 0.8}"#);
        assert_eq!(import, Mistake::nightly_import(0.8));
        assert_eq!(read(r#"{"kind": "retry-storm", "share": 0.5}"#), Mistake::retry_storm(0.5));
        let under = read(r#"{"kind": "just-under-t"}"#);
        assert_eq!(under, Mistake::just_under_t(3, 190_000));
    }

    #[test]
    fn the_default_number_is_under_the_default_threshold() {
        assert_eq!(default_events(), hotshard_event::Threshold::DEFAULT.get() * 95 / 100);
    }
}
