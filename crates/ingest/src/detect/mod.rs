//! Finding hot keys: which events are excess.
//!
//! A *key* is a distinct id on an event date. Of its events, in ingest order, the first T are
//! untouched and all later ones are *excess*. Nothing is deduplicated first; an empty id is never
//! counted; a late event counts on its own day.
//!
//! [`BlockCounts::of`] counts the keys of one block and needs nothing else, so blocks are counted
//! in parallel. [`Detector::observe`] adds the counts of block after block, in sequence order on
//! one thread, and places each crossing at its exact event inside the block; what it answers does
//! not depend on threads. A key that crossed is *diverted*: its counter is released, and it is
//! counted among the hot keys from then on, with its id's text.
//!
//! # In bounded memory, with a certificate
//!
//! The live keys of a date are counted by a [`MisraGries`] summary of at most k counters. Its page
//! proves what a counter is worth: it is never above the key's events, and short of them by at most
//! d, the *certificate*, which can be read at any moment. From that follows, for a key x and its
//! n-th event on a date, with T its threshold:
//!
//! - **Never early.** Let b be x's lower bound before a block, and let the event be x's i-th in it.
//!   It is excess if b + i > T. Since b is at most the number of x's events before the block,
//!   b + i ≤ n: an event that is excess has n > T.
//! - **At most d late.** b is at least the number of x's events before the block less d, so b + i ≥
//!   n − d, with d as it is when the block is done. So from n = T + d + 1 on, every event is excess,
//!   and x was found by then. From then on x is counted exactly, and its count stays short by what
//!   it was short when it crossed, at most d.
//! - **Exact while d = 0**, and d = 0 as long as no date has more than k keys that are live at once:
//!   then neither the cut into blocks nor into runs changes anything. With d > 0, they change which
//!   purges happen, and so what is found how late; both sentences above hold for each cut.
//!
//! State is kept per event date. [`Detector::take_changes`] gives what to store with a commit. When
//! memory is short, [`Detector::release`] leaves counters in the store, of dates fed least recently
//! first, and [`Detector::load`] brings them back: no counter is purged for another date's sake. Of
//! a date that is in part in memory, keys that were left in the store are known to be far from T;
//! what they are fed is gathered and added to the stored counters, and before one could have come
//! near T, it is looked up. So a backfill of many dates is exact where each date by itself would be.
//!
//! # Several detectors
//!
//! [`MisraGries::merge`] keeps the bounds on counts. It does not make detection as good as that of
//! one detector. With j detectors that each see a part of a key's events, each may let T + d events
//! through before it finds the key, and so may its first T be untouched j times over: a key can be
//! up to (j − 1)·T + Σd events late, however soon they are merged afterwards. Routed by key, so that
//! all events of a key reach the same detector, they are as good as one, each with its own d. That
//! is why one thread adds the counts of all blocks here.
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

mod band;
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

pub use band::Band;
pub use block_counts::BlockCounts;
pub use detector::{Detector, Observation};
pub use excess::Excess;
pub use hot_key::{HotKey, TouchedKey};
pub use key_hash::KeyHash;
pub use misra_gries::{MisraGries, Purge};
pub use notice::{Notice, NoticeKind};
pub use state::{DateState, StateKind, StoredState, decode_hot};
