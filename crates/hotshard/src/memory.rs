//! The memory budget of a process, and what it really used.

use std::fs;

use crate::Error;

/// Bytes in a MiB.
const MIB: u64 = 1 << 20;
/// What the program takes before it holds any event: code, stacks, the allocator's slack.
const BASE_BYTES: u64 = 24 * MIB;
/// What a thread takes while it encodes a file.
const ENCODER_BYTES: u64 = 16 * MIB;
/// Smallest block: large enough that cutting costs nothing.
const MIN_BLOCK_BYTES: u64 = MIB;
/// Largest block: larger ones gain nothing.
const MAX_BLOCK_BYTES: u64 = 4 * MIB;
/// Blocks in memory for each thread: one waiting, one being decoded and one being appended, each
/// of the last two with as much again for its decoded form.
const BLOCKS_A_THREAD: u64 = 6;
/// Largest batch: a shard's rows are addressed with 32 bits, and all may go to one shard.
const MAX_BATCH_BYTES: u64 = 2048 * MIB;
/// Least that is left for a batch and for counters together.
const MIN_WORK_BYTES: u64 = 32 * MIB;

/// How much memory the whole process may take, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemoryBudget(u64);

impl MemoryBudget {
    /// 512 MiB.
    pub const DEFAULT: Self = Self(512 * MIB);

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

    /// The least an ingest with that many threads can keep to.
    #[must_use]
    pub const fn minimum(threads: usize) -> Self {
        let threads = threads as u64;
        let blocks = threads * BLOCKS_A_THREAD * MIN_BLOCK_BYTES;
        Self(BASE_BYTES + threads * ENCODER_BYTES + blocks + MIN_WORK_BYTES)
    }

    /// How an ingest with that many threads divides the budget.
    ///
    /// # Errors
    /// When it is under [`MemoryBudget::minimum`].
    pub(crate) fn plan(self, threads: usize) -> Result<MemoryPlan, Error> {
        let minimum = Self::minimum(threads);
        if self < minimum {
            let (given_bytes, minimum_bytes) = (self.0, minimum.0);
            return Err(Error::BudgetTooSmall { given_bytes, minimum_bytes, threads });
        }
        let count = threads as u64;
        let free = self.0 - BASE_BYTES - count * ENCODER_BYTES;
        let block = (free / 4 / (count * BLOCKS_A_THREAD)).clamp(MIN_BLOCK_BYTES, MAX_BLOCK_BYTES);
        let work = free - count * BLOCKS_A_THREAD * block;
        // A batch is encoded from memory, so part of it is there twice for a moment.
        let batch = (work * 2 / 5).min(MAX_BATCH_BYTES);
        // A checkpoint of the counters gathers and sorts them: they too are there twice.
        let counters = work / 4;
        let usize_of = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        Ok(MemoryPlan {
            block_bytes: usize_of(block),
            batch_bytes: usize_of(batch),
            counter_bytes: usize_of(counters),
        })
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
    /// Content of one block.
    pub(crate) block_bytes: usize,
    /// Rows gathered for a commit.
    pub(crate) batch_bytes: usize,
    /// Counters of the detector.
    pub(crate) counter_bytes: usize,
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
        for threads in [1, 2, 8, 64] {
            let minimum = MemoryBudget::minimum(threads);
            for budget in [minimum, MemoryBudget(minimum.0 * 3), MemoryBudget(minimum.0 * 100)] {
                let plan = budget.plan(threads).unwrap();
                let blocks = plan.block_bytes as u64 * BLOCKS_A_THREAD * threads as u64;
                let encoders = ENCODER_BYTES * threads as u64;
                let work = (plan.batch_bytes + plan.counter_bytes) as u64;
                assert!(BASE_BYTES + encoders + blocks + work <= budget.0, "{threads} {budget:?}");
            }
            let error = MemoryBudget(minimum.0 - 1).plan(threads).unwrap_err();
            assert!(error.to_string().contains("give at least"), "{error}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_knows_its_peak() {
        assert!(peak_memory_bytes().unwrap() > MIB);
    }
}
