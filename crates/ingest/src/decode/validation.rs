//! Mixpanel's own validation, on top of what makes an event an event.

use hotshard_event::EventTime;

use crate::decode::fault::Fault;

/// The distinct ids that Mixpanel refuses, in lower case.
/// Source: its public import reference; case does not matter there.
const REFUSED_IDS: [&str; 17] = [
    "00000000-0000-0000-0000-000000000000",
    "anon",
    "anonymous",
    "nil",
    "none",
    "null",
    "n/a",
    "na",
    "undefined",
    "unknown",
    "<nil>",
    "0",
    "-1",
    "true",
    "false",
    "[]",
    "{}",
];
/// Longest insert id that Mixpanel takes.
const MAX_INSERT_ID_BYTES: usize = 36;
/// Most properties that Mixpanel takes on one event.
const MAX_PROPERTIES: usize = 255;
/// How far an event may lie ahead of now.
const MAX_AHEAD_MILLIS: i64 = 3_600_000;

/// How closely events are looked at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Validation {
    /// Whatever is an event is taken.
    #[default]
    Lenient,
    /// What Mixpanel's import would refuse is rejected: placeholder distinct ids, insert ids
    /// over 36 bytes or with other characters than `[A-Za-z0-9-]`, more than 255 properties, and
    /// times more than one hour ahead.
    Strict {
        /// The time that counts as now.
        now: EventTime,
    },
}

/// What the validation looks at.
pub(super) struct Checked<'a> {
    pub(super) time: EventTime,
    pub(super) distinct_id: &'a str,
    pub(super) insert_id: Option<&'a str>,
    /// Keys in `properties`, those that become columns included.
    pub(super) properties: usize,
}

impl Validation {
    /// Refuses what Mixpanel would.
    pub(super) fn check(self, event: &Checked<'_>) -> Result<(), Fault<'static>> {
        let Self::Strict { now } = self else { return Ok(()) };
        if REFUSED_IDS.iter().any(|refused| refused.eq_ignore_ascii_case(event.distinct_id)) {
            return Err(Fault::RefusedDistinctId { id: event.distinct_id.to_owned() });
        }
        if let Some(id) = event.insert_id {
            let well_formed = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if !well_formed || id.len() > MAX_INSERT_ID_BYTES {
                let (id, limit) = (id.to_owned(), MAX_INSERT_ID_BYTES);
                return Err(Fault::MalformedInsertId { id, limit });
            }
        }
        if event.properties > MAX_PROPERTIES {
            let (count, limit) = (event.properties, MAX_PROPERTIES);
            return Err(Fault::TooManyProperties { count, limit });
        }
        if event.time.millis() > now.millis().saturating_add(MAX_AHEAD_MILLIS) {
            return Err(Fault::TimeInFuture { time: event.time, now });
        }
        Ok(())
    }
}
