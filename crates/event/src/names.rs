//! The names that remedied events carry, and how people see them.
//!
//! Source: Mixpanel's public page on hot shards ("Distinct ID limits").

/// Event name of renamed excess.
pub const HOTSHARD_EVENTS: &str = "$hotshard_events";
/// How people see [`HOTSHARD_EVENTS`].
pub const HOTSHARD_EVENTS_DISPLAY: &str = "Hotshard Events";

/// Property that keeps the event name a renamed event had.
pub const ORIGINAL_EVENT_NAME: &str = "mp_original_event_name";
/// How people see [`ORIGINAL_EVENT_NAME`].
pub const ORIGINAL_EVENT_NAME_DISPLAY: &str = "Hotshard Original Event Name";

/// Property that keeps the distinct id a renamed event had.
pub const ORIGINAL_DISTINCT_ID: &str = "mp_original_distinct_id";
/// How people see [`ORIGINAL_DISTINCT_ID`].
pub const ORIGINAL_DISTINCT_ID_DISPLAY: &str = "Hotshard Original Distinct ID";

/// Prefix for `mp_original_…` properties that an event carried already when it was renamed.
pub const PRIOR_PREFIX: &str = "$hotshard_prior_";

/// The name to show to people for a raw event or property name.
///
/// ```
/// assert_eq!(hotshard_event::display_name("$hotshard_events"), "Hotshard Events");
/// assert_eq!(hotshard_event::display_name("Signed up"), "Signed up");
/// ```
#[must_use]
pub fn display_name(raw: &str) -> &str {
    match raw {
        HOTSHARD_EVENTS => HOTSHARD_EVENTS_DISPLAY,
        ORIGINAL_EVENT_NAME => ORIGINAL_EVENT_NAME_DISPLAY,
        ORIGINAL_DISTINCT_ID => ORIGINAL_DISTINCT_ID_DISPLAY,
        other => other,
    }
}
