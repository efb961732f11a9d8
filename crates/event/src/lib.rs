//! The vocabulary of hotshard: what an event is, and the few words everything else is built from.
//!
//! This crate decides nothing and touches no file. It holds the types that cross crate borders:
//! [`EventBlock`] is what decoding hands to detection, remedy and the store; [`Threshold`] and
//! [`Remedy`] are what a store is created with; [`Skew`] is how balance is reported everywhere.
//!
//! ```
//! use hotshard_event::{EventBlock, EventDate, EventTime, NewEvent, TimeZone};
//!
//! let mut block = EventBlock::default();
//! let time = EventTime::from_millis(1_618_716_477_000);
//! block.push(&NewEvent {
//!     name: "Signed up",
//!     distinct_id: "hotshard@mixpanel.com",
//!     time,
//!     date: TimeZone::UTC.date_of(time),
//!     insert_id: None,
//!     properties: r#"{"plan":"pro"}"#,
//! });
//! let event = block.event(0).expect("one event was pushed");
//! assert_eq!(event.name, "Signed up");
//! assert_eq!(event.date, "2021-04-18".parse::<EventDate>()?);
//! # Ok::<(), hotshard_event::ParseError>(())
//! ```

mod block;
mod date;
mod error;
mod members;
mod names;
mod override_changes;
mod overrides;
mod properties;
mod property_finder;
mod remedy;
mod sequence;
mod skew;
mod source;
mod time;
mod wire;

pub use block::{EventBlock, EventView, NewEvent, Originals, Placement, Row, Span};
pub use date::{DateRange, EventDate};
pub use error::ParseError;
pub use names::{
    HOTSHARD_EVENTS, HOTSHARD_EVENTS_DISPLAY, ORIGINAL_DISTINCT_ID, ORIGINAL_DISTINCT_ID_DISPLAY,
    ORIGINAL_EVENT_NAME, ORIGINAL_EVENT_NAME_DISPLAY, PRIOR_PREFIX, display_name,
};
pub use override_changes::OverrideChanges;
pub use overrides::{Override, Overrides};
pub use properties::{MAX_NESTING, Properties, nesting_depth, plain_text};
pub use property_finder::PropertyFinder;
pub use remedy::{Remedy, Threshold};
pub use sequence::Sequence;
pub use skew::Skew;
pub use source::{SourceHead, SourceMark};
pub use time::{EventTime, TimeZone};
pub use wire::write_event;
