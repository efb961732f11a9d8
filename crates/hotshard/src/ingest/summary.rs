//! What an ingest did.

use std::collections::BTreeMap;

use hotshard_event::{Overrides, Remedy, Skew, Threshold};
use hotshard_ingest::decode::{DecodedBlock, Reject, RejectReason};
use hotshard_ingest::detect::{Notice, TouchedKey};
use hotshard_query::MeasuredTime;
use serde::{Deserialize, Serialize};

use crate::MemoryBudget;

/// Rejected records that the summary shows in full.
const REJECT_SAMPLES: usize = 5;

/// What an ingest did, or would do.
#[derive(Debug, Clone)]
pub struct IngestSummary {
    /// Lines or array elements that hold something; stored and rejected ones together.
    pub events: u64,
    /// Events that are in the store now.
    pub stored: u64,
    /// Records that could not be stored.
    pub rejected: u64,
    /// The same by reason.
    pub rejects: BTreeMap<RejectReason, u64>,
    /// The first few of them.
    pub reject_samples: Vec<RejectSample>,
    /// Events that came without a distinct id.
    pub missing_distinct_id: u64,
    /// Events whose id is declared unattributed, stored without it.
    pub unattributed: u64,
    /// Keys beside `event` and `properties`, which were dropped.
    pub ignored_keys: u64,
    /// Renamed and unattributed events that carried an `mp_original_…` property already.
    pub collisions: u64,
    /// Inputs that were in the store already and added nothing.
    pub duplicate_sources: Vec<String>,
    /// Inputs that went on where an earlier ingest broke off.
    pub resumed_sources: Vec<String>,
    /// Events that were renamed or spread.
    pub remedied: u64,
    /// The store's threshold T.
    pub threshold: Threshold,
    /// The store's remedy.
    pub remedy: Remedy,
    /// The ids that were treated differently.
    pub overrides: Overrides,
    /// The detector's certificate d: a hot key was found at most that many events late.
    pub lateness_bound: u64,
    /// Keys past T that this ingest touched, by events descending, then id, then date.
    pub hot: Vec<TouchedKey>,
    /// Keys that approached or crossed T.
    pub notices: Vec<PlacedNotice>,
    /// Balance of the whole store afterwards.
    pub skew: Skew,
    /// Commits made.
    pub commits: u64,
    /// How long it took.
    pub elapsed: MeasuredTime,
    /// The budget it was given.
    pub memory_budget: MemoryBudget,
    /// The most memory the process held, in bytes, where the system tells.
    pub peak_memory_bytes: Option<u64>,
}

/// A rejected record, to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectSample {
    /// Name of the source.
    pub source: String,
    /// 1-based line.
    pub line: u64,
    /// Byte offset in the decompressed content.
    pub offset: u64,
    /// What is wrong with it.
    pub message: String,
}

/// A notice and the place of the event that gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedNotice {
    /// The notice.
    #[serde(flatten)]
    pub notice: Notice,
    /// Name of the source.
    pub source: String,
    /// 1-based line.
    pub line: u64,
    /// Byte offset in the decompressed content.
    pub offset: u64,
}

/// Numbers of a running ingest.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) events: u64,
    pub(super) stored: u64,
    pub(super) rejected: u64,
    pub(super) rejects: BTreeMap<RejectReason, u64>,
    pub(super) reject_samples: Vec<RejectSample>,
    pub(super) missing_distinct_id: u64,
    pub(super) unattributed: u64,
    pub(super) ignored_keys: u64,
    pub(super) collisions: u64,
    pub(super) remedied: u64,
    pub(super) duplicate_sources: Vec<String>,
    pub(super) resumed_sources: Vec<String>,
    pub(super) notices: Vec<PlacedNotice>,
    pub(super) commits: u64,
}

impl Tally {
    pub(super) fn add_block(&mut self, block: &DecodedBlock) {
        self.events += block.records;
        self.stored += block.events.len() as u64;
        self.missing_distinct_id += block.missing_distinct_id;
        self.unattributed += block.unattributed;
        self.collisions += block.collisions;
        self.ignored_keys += block.ignored_keys;
    }

    pub(super) fn add_reject(&mut self, source: &str, reject: &Reject) {
        if reject.part > 0 {
            return;
        }
        self.rejected += 1;
        *self.rejects.entry(reject.reason).or_default() += 1;
        if self.reject_samples.len() < REJECT_SAMPLES {
            self.reject_samples.push(RejectSample {
                source: source.to_owned(),
                line: reject.line,
                offset: reject.offset,
                message: reject.message.clone(),
            });
        }
    }
}
