//! Synthetic event streams and named mistakes, from one rng seed.
//!
//! A [`WorkloadSpec`] says what a stream looks like: how many events over which days, how uneven
//! its users are, which ids and which mistakes of an implementation it holds. A [`Workload`] turns
//! it into JSON lines in Mixpanel's shape, the form that ingest reads. The same spec and
//! [`RngSeed`] give the same bytes for any number of threads: events are made in chunks of
//! [`CHUNK_EVENTS`], and every chunk has its own generator, derived from the seed and its number.
//!
//! ```
//! use hotshard_workload::{IdDistribution, Mistake, RngSeed, Workload, WorkloadSpec};
//!
//! // A day on which identify('user_id') was shipped at noon, quotes included.
//! let spec = WorkloadSpec::new(10_000)
//!     .users(500, IdDistribution::Zipf { s: 0.8 })
//!     .mistake(Mistake::static_identify(0.6));
//! let workload = Workload::new(spec, RngSeed::new(7))?;
//!
//! let mut lines = Vec::new();
//! workload.write_to(&mut lines, |_events_so_far| {})?;
//! let text = String::from_utf8(lines).expect("JSON lines are UTF-8");
//! assert_eq!(text.lines().count(), 10_000);
//!
//! let mistaken = text.lines().filter(|line| line.contains(r#""distinct_id":"user_id""#)).count();
//! assert!((2_800..3_200).contains(&mistaken), "60 % of the second half, got {mistaken}");
//! # Ok::<(), hotshard_workload::WorkloadError>(())
//! ```

mod alias;
mod arrivals;
mod distribution;
mod error;
mod expected_keys;
mod heavy;
mod key_draws;
mod key_law;
mod line;
mod mistake;
mod numerals;
mod origin;
mod presets;
mod ranks;
mod sampler;
mod seed;
mod spec;
mod stream;
mod time_of_day;
mod user;
mod vocabulary;
mod window;
mod workload;

pub use distribution::IdDistribution;
pub use error::WorkloadError;
pub use expected_keys::{ExpectedKey, ExpectedKeys, ExpectedTail};
pub use heavy::HeavyId;
pub use key_draws::{DrawnKeys, KeyDraws, MAX_DRAWN_EVENTS};
pub use key_law::{HeadAndTail, KeyLaw, Tail};
pub use mistake::Mistake;
pub use ranks::Ranks;
pub use seed::{RngSeed, RngStream, mix64, synthetic_hash};
pub use spec::{Detail, MAX_ZIPF_USERS, WorkloadSpec};
pub use stream::WorkloadReader;
pub use time_of_day::TimeOfDay;
pub use workload::{CHUNK_EVENTS, MAX_LATE_DAYS, Workload};
