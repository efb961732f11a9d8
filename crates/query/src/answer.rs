//! What a query answers.

use hotshard_store::{Damage, ShardId};

use crate::{CpuTime, Distribution, MeasuredTime, ModelledTime, Noise, Passes, RepeatedTime};

/// The answer to a [`crate::CountQuery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The groups by count descending, then by keys ascending (missing first, shards by number).
    /// Groups of count 0 are left out; without a column to group by there is exactly one row.
    pub rows: Vec<GroupRow>,
    /// The sum of all groups' counts, also of those that `top` cut off. A user in several groups
    /// counts in each of them.
    pub total: u64,
    /// What each shard of the store did, in order, those without a file to read included.
    pub shards: Vec<ShardFigures>,
    /// How long the answer took.
    pub latency: Latency,
    /// How long it took to merge what shards found: the median of the timed runs. A part of the
    /// latency.
    pub merge: MeasuredTime,
    /// CPU time of all threads for one run: the median of the timed runs. Nothing where the system
    /// does not tell.
    pub cpu: Option<CpuTime>,
    /// How many runs the medians are taken from. The run before them is told apart, unless there
    /// was just that one.
    pub repeats: usize,
    /// Why the times of this answer should not be trusted, if so.
    pub noise: Option<Noise>,
    /// How often the store was passed over; more than once when the memory was too small.
    pub passes: Passes,
    /// What could not be read, by path: the answer is that of everything else. Empty for a whole
    /// answer.
    pub damaged: Vec<Damage>,
}

impl Answer {
    /// Whether nothing is missing from the answer.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.damaged.is_empty()
    }
}

/// One group and its count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// One text for each column to group by, in that order; `None` is missing.
    pub key: Vec<Option<String>>,
    /// Events, or users.
    pub count: u64,
    /// How many events users have, if that is measured.
    pub per_user: Option<Distribution>,
}

impl GroupRow {
    /// Adds the users of the same group that were counted apart.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        if let (Some(ours), Some(theirs)) = (&mut self.per_user, &other.per_user) {
            ours.merge(theirs);
        }
    }

    /// About how much memory it takes, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let texts = self.key.iter().flatten().map(|text| text.len() + ALLOCATION_BYTES);
        let per_user = self.per_user.as_ref().map_or(0, Distribution::memory_bytes);
        size_of::<Self>() + size_of_val(self.key.as_slice()) + texts.sum::<usize>() + per_user
    }
}

/// What the allocator takes beside a short text.
const ALLOCATION_BYTES: usize = 16;

/// What one shard did for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShardFigures {
    /// Which shard.
    pub shard: ShardId,
    /// Files whose rows were counted.
    pub files: u64,
    /// Row groups of them that were read.
    pub row_groups: u64,
    /// Rows in those, before filters.
    pub rows: u64,
    /// Bytes read and verified, those of finding duplicates included.
    pub bytes: u64,
    /// The shard's own time, that of finding duplicates included.
    pub service: RepeatedTime,
    /// CPU time of the thread that scanned, in the same time: the median of the timed runs.
    /// Nothing where the system does not tell.
    pub cpu: Option<CpuTime>,
}

/// What somebody waits for the answer: the slowest shard, then the merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latency {
    /// Wall time of the whole query on this machine, with all shards on its threads.
    Measured(RepeatedTime),
    /// What it would be with `workers` machines like this one, from isolated service times.
    Modelled {
        /// The largest service time plus the merge.
        latency: ModelledTime,
        /// One worker a shard.
        workers: u32,
    },
}
