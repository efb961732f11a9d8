//! Other ways to find hot keys in bounded memory, to compare the detector with. Ingest never uses
//! them.
//!
//! They count keys of one event date, as the detector's own counters do, and are fed the same way:
//! `feed(hash, events, limit)` answers the bound it had *before* these events, and the key is
//! declared hot when bound and events together pass the limit. A declared key is *diverted*: the
//! caller remembers it and does not feed it again. That memory is the same for every method, at
//! most N/(T+1) keys of N events, and is not counted here.
//!
//! What a declaration proves:
//!
//! | method | error of its bound | a key past T | a key at or below T |
//! |---|---|---|---|
//! | [`CountMin`] | never below the truth | is never declared late, often early | may be declared |
//! | [`SpaceSaving`] by [`Evidence::Estimate`] | never below the truth | is never declared late, often early | may be declared |
//! | [`SpaceSaving`] by [`Evidence::LowerBound`] | never above the truth | is never declared early, at most [`SpaceSaving::minimum`] events late | is never declared |
//!
//! ```
//! use hotshard_ingest::detect::KeyHash;
//! use hotshard_ingest::rivals::{CountMin, Evidence, SpaceSaving};
//!
//! let mut over = CountMin::new(4_096, 4);
//! let mut under = SpaceSaving::new(100, Evidence::LowerBound);
//! let limit = 200_000;
//! for day in 0..50 {
//!     for id in ["user_id", "0", "hotshard@mixpanel.com"] {
//!         let hash = KeyHash::of(id);
//!         let (at_most, at_least) = (over.feed(hash, 100, limit), under.feed(hash, 100, limit));
//!         assert!(at_least <= day * 100 && day * 100 <= at_most);
//!     }
//! }
//! ```

mod count_min;
mod heap;
mod index;
mod space_saving;
#[cfg(test)]
mod tests;

pub use count_min::CountMin;
pub use space_saving::{Evidence, SpaceSaving};
