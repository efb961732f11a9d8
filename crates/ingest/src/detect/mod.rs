//! Finding hot keys: which events are excess.
//!
//! A *key* is a distinct id on an event date. Of its events, in ingest order, the first T are
//! untouched and all later ones are *excess*. Nothing is deduplicated first; an empty id is never
//! counted; a late event counts on its own day.
//!
//! [`BlockCounts::of`] counts the keys of one block and needs nothing else, so blocks are counted
//! in parallel. [`Detector::observe`] adds the counts of block after block, in sequence order on
//! one thread, and places each crossing at its exact event inside the block; what it answers does
//! not depend on threads or on where blocks were cut. A key that crossed is *diverted*: its counter
//! is released, and it is counted among the hot keys from then on, with its id's text.
//!
//! State is kept per event date. [`Detector::take_changes`] gives what to store with a commit,
//! [`Detector::release`] drops what was fed least recently, [`Detector::load`] brings it back.
//!
//! Every answer has a certificate d ([`Detector::lateness_bound`]): no key at or below T is ever
//! found, and a key past T is found by its event T + d + 1. Here each live key has a counter of its
//! own, so d is 0: exact.
//!
//! ```
//! use hotshard_event::{EventBlock, EventTime, NewEvent, Remedy, Sequence, Threshold, TimeZone};
//! use hotshard_ingest::detect::{BlockCounts, Detector};
//!
//! let time = EventTime::from_millis(1_618_716_477_000);
//! let mut block = EventBlock::default();
//! for _ in 0..5 {
//!     block.push(&NewEvent {
//!         name: "Signed up",
//!         distinct_id: "user_id",
//!         time,
//!         date: TimeZone::UTC.date_of(time),
//!         insert_id: None,
//!         properties: "{}",
//!     });
//! }
//! block.number(Sequence::default());
//!
//! let mut detector = Detector::new(Threshold::new(3), Remedy::Rename, TimeZone::UTC);
//! let observation = detector.observe(&block, &BlockCounts::of(&block));
//! assert_eq!(observation.excess.iter().collect::<Vec<_>>(), [3, 4]);
//! assert_eq!(detector.touched_hot_keys()[0].key.events, 5);
//! assert_eq!(detector.lateness_bound(), 0);
//! ```

mod block_counts;
mod counter_table;
mod date_counters;
mod dates;
mod detector;
mod excess;
mod hot_key;
mod key_hash;
mod mark;
mod misra_gries;
mod notice;
mod partial;
mod state;
#[cfg(test)]
mod tests;
mod thresholds;

pub use block_counts::BlockCounts;
pub use detector::{Detector, Observation};
pub use excess::Excess;
pub use hot_key::{HotKey, TouchedKey};
pub use key_hash::KeyHash;
pub use misra_gries::{MisraGries, Purge};
pub use notice::{Notice, NoticeKind};
pub use state::{DateState, StateKind, StoredState, decode_hot};
