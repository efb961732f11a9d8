//! The sharded store: Parquet files in a Hive layout, commits that are whole or absent, one writer,
//! any number of readers.
//!
//! [`Store`] is the front door. A [`Writer`] takes numbered blocks of events, routes each row with
//! the store's [`Router`], and makes a batch visible at once. A [`Snapshot`] is the store as of one
//! commit; it reads rows back and verifies every byte before it is decoded. `docs/format.md`
//! describes each file.
//!
//! ```
//! use hotshard_event::{EventBlock, EventTime, NewEvent, TimeZone};
//! use hotshard_store::{CommitDetails, Settings, ShardCount, Store};
//!
//! # let folder = tempfile::tempdir()?;
//! let settings = Settings { shards: Some(ShardCount::new(4)?), ..Settings::default() };
//! let store = Store::create_or_open(folder.path().join("store"), &settings)?;
//!
//! let time = EventTime::from_millis(1_618_716_477_000);
//! let mut block = EventBlock::default();
//! block.push(&NewEvent {
//!     name: "Signed up",
//!     distinct_id: "hotshard@mixpanel.com",
//!     time,
//!     date: TimeZone::UTC.date_of(time),
//!     insert_id: None,
//!     properties: "{}",
//! });
//!
//! let mut writer = store.writer()?;
//! block.number(writer.next_sequence());
//! writer.append(&block);
//! writer.commit(CommitDetails::default())?;
//!
//! assert_eq!(store.snapshot()?.rows_per_shard().iter().sum::<u64>(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod batch;
mod buffered;
mod checksum;
mod codec;
mod columns;
mod commit;
mod compact;
mod encoded;
mod encoding;
mod error;
mod identity;
mod io;
mod job;
mod layout;
mod level;
mod manifest;
mod names;
mod promote;
mod promoted_values;
mod recover;
mod rejects;
mod replaced;
mod router;
mod row_counts;
mod row_group;
mod row_order;
mod scan;
mod schema;
mod sealed;
mod section;
mod selection;
mod shard_file;
mod snapshot;
mod split;
mod state;
mod store;
mod vacuum;
mod verify;
mod writer;

pub use commit::{CommitNumber, DataFile};
pub use compact::{
    CompactionPlan, MergeMemory, MergeProgress, MergedShard, Merger, ShardPlan, TargetSize,
    largest_run_bytes,
};
pub use encoded::{
    CodedColumn, Codes, Cursor, Dictionary, FileReader, RowGroup, Stretch, TextPage, Texts,
};
pub use error::{Damage, Error};
pub use identity::{Identity, Settings};
pub use io::{Io, Operation};
pub use job::{Finished, Job};
pub use level::ZstdLevel;
pub use promote::{PromotedColumn, PromotedType};
pub use rejects::{RejectedContent, RejectedRecord};
pub use router::{Router, ShardCount, ShardId};
pub use row_counts::RowCounts;
pub use scan::ScanStats;
pub use schema::Column;
pub use section::LoadedSection;
pub use selection::Selection;
pub use snapshot::Snapshot;
pub use split::SplitDirectory;
pub use state::{NewSection, StateKind, StateMode};
pub use store::Store;
pub use vacuum::{Vacuum, VacuumedFile};
pub use verify::Verification;
pub use writer::{CommitDetails, Writer};
