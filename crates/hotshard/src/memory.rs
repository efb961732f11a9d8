//! The memory budget of a process, and what it really used.

use std::fs;

use hotshard_ingest::detect::MisraGries;
use hotshard_store::ShardCount;

use crate::Error;

/// Bytes in a MiB.
pub(crate) const MIB: u64 = 1 << 20;
/// What the program takes before it holds any event: code, stacks, the allocator's slack.
const BASE_BYTES: u64 = 28 * MIB;
/// What a thread takes while it encodes a row group.
const ENCODER_BYTES: u64 = 16 * MIB;
/// Smallest block: large enough that cutting costs nothing.
const MIN_BLOCK_BYTES: u64 = 512 * 1024;
/// Largest block: larger ones gain nothing.
const MAX_BLOCK_BYTES: u64 = 1024 * 1024;
/// A block is this part of the budget.
const BLOCKS_A_BUDGET: u64 = 128;
/// Blocks under way for each thread: being read, decoded, waiting for their turn, or taken.
const BLOCKS_A_THREAD: usize = 4;
/// What they take, in blocks: each has rows and counts besides, and its text again where properties do
/// not stand together.
const BLOCK_BYTES_A_THREAD: u64 = 10;
/// One shard may have this part of all rows before it is encoded, so that the others are not
/// encoded too early for its sake.
const ROW_GROUPS_OF_ROWS: u64 = 8;
/// Shards that the least budget is enough for, and what each further one takes: rows that wait in a
/// segment, a file in the making, its entry in the commit.
const FREE_SHARDS: u32 = 1_024;
const SHARD_BYTES: u64 = 4 << 10;
/// What is kept of a row group until its file is finished: its metadata, twice.
const ROW_GROUP_METADATA_BYTES: u64 = 8 << 10;
/// Parquet numbers the row groups of a file with 16 bits, and all may be of one file.
const MAX_ROW_GROUPS: u64 = 16_384;
/// Content that is taken in with one commit, in budgets: some gigabytes, a few seconds of work.
const BUDGETS_A_COMMIT: u64 = 8;

/// The largest block that glibc learns from, less its own head.
const LARGEST_LEARNED_BYTES: u64 = (32 << 20) - (64 << 10);

/// How much memory the whole process may take, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemoryBudget(u64);

impl MemoryBudget {
    /// 512 MiB.
    pub const DEFAULT: Self = Self(512 * MIB);

    /// The least an ingest can keep to: 92 MiB, enough for one thread.
    pub const MINIMUM: Self = Self(92 * MIB);

    /// A budget of this many MiB.
    #[must_use]
    pub const fn from_mib(mib: u64) -> Self {
        Self(mib.saturating_mul(MIB))
    }

    /// The budget in bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// How an ingest divides the budget into a store with so many shards. None of its parts depends
    /// on the number of threads, so that they change no answer.
    ///
    /// # Errors
    /// When it is under [`MemoryBudget::MINIMUM`], or what that is with very many shards.
    pub(crate) fn plan(self, shards: ShardCount) -> Result<MemoryPlan, Error> {
        let for_shards = u64::from(shards.get().saturating_sub(FREE_SHARDS)) * SHARD_BYTES;
        let minimum_bytes = Self::MINIMUM.0 + for_shards;
        if self.0 < minimum_bytes {
            return Err(Error::BudgetTooSmall { given_bytes: self.0, minimum_bytes });
        }
        Ok(Self(self.0 - for_shards).divide())
    }

    fn divide(self) -> MemoryPlan {
        let a_thread = ENCODER_BYTES + BLOCK_BYTES_A_THREAD * self.block_bytes();
        let most_threads = (self.free_bytes() - self.work_bytes()) / a_thread;
        let work = self.work_bytes();
        // Half of it are rows, a fifth of which are being encoded while the others wait. A quarter
        // is counters; what is left is for these as they are written.
        let rows = work * 2 / 5;
        let counters = work / 4;
        // A table that grows is there one and a half times.
        let table = counters * 2 / 3;
        MemoryPlan {
            most_threads: usize_of(most_threads),
            block_bytes: usize_of(self.block_bytes()),
            blocks_a_thread: BLOCKS_A_THREAD,
            rows_bytes: usize_of(rows),
            row_group_bytes: usize_of(rows / ROW_GROUPS_OF_ROWS),
            away_bytes: usize_of(rows / 4),
            rejects_bytes: usize_of(work / 20),
            row_groups: (work / 16 / ROW_GROUP_METADATA_BYTES).min(MAX_ROW_GROUPS),
            commit_bytes: usize_of(self.0.saturating_mul(BUDGETS_A_COMMIT)),
            counter_bytes: usize_of(counters),
            table_bytes: usize_of(table),
            counters_a_date: MisraGries::capacity_for(usize_of(table)),
        }
    }

    const fn free_bytes(self) -> u64 {
        self.0.saturating_sub(BASE_BYTES)
    }

    /// What is left for a batch and for counters; the rest is for threads.
    const fn work_bytes(self) -> u64 {
        self.free_bytes() / 8 * 5
    }

    fn block_bytes(self) -> u64 {
        (self.0 / BLOCKS_A_BUDGET).clamp(MIN_BLOCK_BYTES, MAX_BLOCK_BYTES)
    }
}

impl Default for MemoryBudget {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What each part of an ingest may hold, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemoryPlan {
    /// Threads that what is left is enough for.
    pub(crate) most_threads: usize,
    /// Content of one block.
    pub(crate) block_bytes: usize,
    /// Blocks under way for each thread.
    pub(crate) blocks_a_thread: usize,
    /// Rows that wait to be encoded.
    pub(crate) rows_bytes: usize,
    /// Rows of one shard that are encoded together, at most.
    pub(crate) row_group_bytes: usize,
    /// Rows that are being encoded.
    pub(crate) away_bytes: usize,
    /// Rejects that wait for a commit.
    pub(crate) rejects_bytes: usize,
    /// Row groups of all files of a commit.
    pub(crate) row_groups: u64,
    /// Content that is taken in with one commit; no memory.
    pub(crate) commit_bytes: usize,
    /// Counters and hot keys of the detector.
    pub(crate) counter_bytes: usize,
    /// Counters of one date.
    pub(crate) table_bytes: usize,
    /// How many these are: k.
    pub(crate) counters_a_date: usize,
}

/// Has the allocator keep freed memory for what is allocated next, up to a sixteenth of the budget.
///
/// Encoding allocates and frees buffers of a few MiB all the time, and the system gives each of
/// their pages anew and empty: a tenth of an ingest. glibc learns from the largest block that was
/// freed, up to 32 MiB, and keeps twice as much; so one such block, which is never touched, teaches
/// it (`M_MMAP_THRESHOLD` in mallopt(3), dynamic by default). Other allocators are not affected.
/// Ingests call it themselves.
pub fn keep_freed_memory(budget: MemoryBudget) {
    let bytes = (budget.bytes() / 32).min(LARGEST_LEARNED_BYTES);
    drop(std::hint::black_box(Vec::<u8>::with_capacity(usize_of(bytes))));
}

fn usize_of(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// The most memory this process has held so far, in bytes; `None` where the system does not tell.
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_stays_inside_its_budget() {
        for budget in [92, 100, 192, 512, 4_096, 1 << 20].map(MemoryBudget::from_mib) {
            let plan = budget.plan(ShardCount::DEFAULT).unwrap();
            assert!(plan.most_threads >= 1, "{budget:?}");
            let blocks = plan.block_bytes as u64 * BLOCK_BYTES_A_THREAD;
            let threads = (ENCODER_BYTES + blocks) * plan.most_threads as u64;
            let work = (plan.rows_bytes + plan.away_bytes + plan.counter_bytes) as u64;
            assert!(BASE_BYTES + threads + work <= budget.0, "{budget:?}");
            let table = MisraGries::bytes_for(plan.counters_a_date);
            assert!(table <= plan.table_bytes && table > plan.table_bytes / 2, "{budget:?}");
        }
        let too_small = MemoryBudget(MemoryBudget::MINIMUM.0 - 1);
        let error = too_small.plan(ShardCount::DEFAULT).unwrap_err().to_string();
        assert_eq!(error, "a memory budget of 91 MiB is too small; give at least 92 MiB");
        let many = ShardCount::new(1_024 + 2_560).unwrap();
        let error = MemoryBudget::from_mib(101).plan(many).unwrap_err().to_string();
        assert_eq!(error, "a memory budget of 101 MiB is too small; give at least 102 MiB");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_knows_its_peak() {
        assert!(peak_memory_bytes().unwrap() > MIB);
    }
}
