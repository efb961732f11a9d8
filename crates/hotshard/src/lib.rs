//! Embedded columnar event store that detects hot ids while it ingests, remedies them, and
//! measures what they cost.
//!
//! Analytics systems spread events over shards by a hash of `distinct_id`. One id that sends far
//! too many events in a day makes a *hot shard*, and every query waits for it. [`Ingest`] finds
//! such ids and remedies them, [`CountQuery`] counts and times each shard, [`Experiment`] compares
//! shard counts, thresholds and remedies on the same events, [`Simulation`] does so by models at any
//! size, and [`Advisor`] says from counts alone what would make shards even.
//!
//! ```
//! use hotshard::{CountQuery, GroupColumn, Ingest, Input, Measure, Store};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("store");
//! let lines = r#"{"event":"Signed up","properties":{"time":1618716477,"distinct_id":"a"}}
//! {"event":"Purchase","properties":{"time":1618716478,"distinct_id":"a","price":1.50}}"#;
//! let summary = Ingest::into_store(&path).run(&[Input::bytes("example", lines.as_bytes())])?;
//! assert_eq!(summary.stored, 2);
//!
//! let by_event = CountQuery::new(Measure::Events).by(GroupColumn::Event);
//! let answer = by_event.run(&Store::open(&path)?.snapshot()?)?;
//! assert_eq!(answer.rows[0].key, [Some("Purchase".to_owned())]);
//! assert_eq!(answer.rows[0].count, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod advise;
mod calibrate;
mod compact;
mod error;
mod experiment;
mod hot;
mod ingest;
mod key_counts;
mod memory;
mod resolve;
mod simulation;
mod stored_date;

pub use advise::{
    Advice, Advisor, Cost, Finding, FullShard, Level, Order, Origin, Outlook, PolicyOutcome,
    Present, ShardCountOutcome, ShardOccupant, Target, ThresholdOutcome, ThresholdSearch, Today,
};
pub use calibrate::{
    Calibrate, Calibration, CalibrationError, CalibrationProgress, CountFit, Machine, MergeModel,
    Residual, service_time,
};
pub use compact::{Compaction, CompactionProgress, CompactionSummary, ShardCompaction};
pub use error::Error;
pub use experiment::{
    AnalysisCost, Experiment, ExperimentProgress, ExperimentReport, FIXED_COUNTS, Stores, Trial,
    TrialCount, fixed_counts,
};
pub use hot::{HotKeys, StoredNotice};
pub use ingest::{Effect, Ingest, IngestSummary, PlacedNotice, Progress, RejectSample};
pub use key_counts::{KeyCount, KeyCounting, KeyCounts};
pub use memory::{MemoryBudget, keep_freed_memory, peak_memory_bytes};
pub use resolve::{Bands, DateBand, OverlookedKey, Resolution};
pub use simulation::{
    CellOutcome, Cliff, Comparison, ExperimentSpec, FanOut, FanOutOutcome, Frame, FrameColumn,
    FrameRow, Grid, LatencyGrid, LatencyOutcome, ModelLevel, NamedWorkload, OutputError, Published,
    SeedFigures, Simulation, SimulationProgress, SimulationReport, SpecError, Value, ValueKind,
    WorkloadKeys,
};

pub use hotshard_event::{
    DateRange, EventDate, EventTime, HOTSHARD_EVENTS, Override, OverrideChanges, Overrides,
    ParseError, Remedy, Sequence, Skew, Threshold, TimeZone, display_name,
};
pub use hotshard_ingest::decode::{RejectReason, Validation};
pub use hotshard_ingest::detect::{HotKey, Notice, NoticeKind, TouchedKey};
pub use hotshard_ingest::source::{Identification, Input, find_inputs};
pub use hotshard_query::{
    Answer, Bucket, CountQuery, CpuTime, Dedup, Distribution, Error as QueryError, GroupColumn,
    GroupRow, Latency, Measure, MeasuredTime, ModelledTime, Noise, OnDamage, Passes, Predicate,
    RecordedAnswer, RepeatedTime, Repeats, ShardFigures, Stopwatch, Timing, wall_clock_ms,
};
pub use hotshard_sim::{
    Balance, CliffPoint, Estimate, FitError, HeadKey, Interval, Intervals, KeyEvents,
    LatencyReport, Load, Locality, Policy, Population, Servers, ServiceLaw, ServiceModel, TailIds,
    TaskOrder, ThresholdRule, cliff_edge, idle_latency_ns,
};
pub use hotshard_store::{
    Damage, DataFile, Error as StoreError, Identity, PromotedColumn, PromotedType, RejectedContent,
    RejectedRecord, Router, Settings, ShardCount, ShardId, Snapshot, Store, TargetSize, Vacuum,
    VacuumedFile, Verification, ZstdLevel,
};
pub use hotshard_workload::{
    Detail, HeavyId, IdDistribution, Mistake, RngSeed, TimeOfDay, Workload, WorkloadError,
    WorkloadSpec,
};
