//! Counts over a hotshard store, per shard, with service times.
//!
//! [`CountQuery`] is the front door. It scans every shard for itself (read only what is needed,
//! filter, count by small numbers instead of texts) and merges the shards' counts by their keys.
//! An id lives in one shard, so even users add up; what a remedy spread is exchanged, and nothing
//! else. Every [`Answer`] says what each shard read and how long it took.
//!
//! ```
//! use hotshard_event::{EventBlock, EventTime, NewEvent, TimeZone};
//! use hotshard_query::{CountQuery, GroupColumn, Latency, Measure, Timing};
//! use hotshard_store::{CommitDetails, Settings, ShardCount, Store};
//!
//! # let folder = tempfile::tempdir()?;
//! let settings = Settings { shards: Some(ShardCount::new(4)?), ..Settings::default() };
//! let store = Store::create_or_open(folder.path().join("store"), &settings)?;
//! let time = EventTime::from_millis(1_618_716_477_000);
//! let mut block = EventBlock::default();
//! for (name, distinct_id) in [("Signed up", "ada"), ("Purchase", "ada"), ("Purchase", "bob")] {
//!     let date = TimeZone::UTC.date_of(time);
//!     let properties = r#"{"plan":"pro"}"#;
//!     block.push(&NewEvent { name, distinct_id, time, date, insert_id: None, properties });
//! }
//! let mut writer = store.writer()?;
//! block.number(writer.next_sequence());
//! writer.append(&block);
//! writer.commit(CommitDetails::default())?;
//!
//! let by_event = CountQuery::new(Measure::Events)
//!     .filter("property:plan = pro".parse()?)
//!     .by(GroupColumn::Event)
//!     .run(&store.snapshot()?)?;
//! assert_eq!(by_event.rows[0].key, [Some("Purchase".to_owned())]);
//! assert_eq!(by_event.rows[0].count, 2);
//!
//! let users = CountQuery::new(Measure::Users).timing(Timing::isolated()).run(&store.snapshot()?)?;
//! assert_eq!(users.total, 2);
//! assert!(matches!(users.latency, Latency::Modelled { workers: 4, .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod budget;
mod clock;
mod commit_records;
mod costs;
mod count_query;
mod counting;
mod dedup;
mod error;
mod execution;
mod field;
mod group;
mod groups;
mod id_counts;
mod interner;
mod keys;
mod memory;
mod merge;
mod noise;
mod partition;
mod passes;
mod per_user;
mod phases;
mod predicate;
mod row_group;
mod shard_files;
mod shard_scan;
mod split_ids;
mod stored_keys;
mod time;
mod timing;
mod values;

pub use answer::{Answer, GroupRow, Latency, ShardFigures};
pub use clock::{Stopwatch, wall_clock_ms};
pub use commit_records::RecordedAnswer;
pub use count_query::{CountQuery, Dedup, Measure, OnDamage};
pub use error::Error;
pub use group::GroupColumn;
pub use id_counts::IdCounts;
pub use noise::Noise;
pub use passes::Passes;
pub use per_user::{Bucket, Distribution};
pub use predicate::Predicate;
pub use stored_keys::{RenamedRows, StoredKey, StoredKeys};
pub use time::{CpuTime, MeasuredTime, ModelledTime, RepeatedTime};
pub use timing::{Repeats, Timing};
