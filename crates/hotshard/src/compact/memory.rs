//! How a compaction divides its memory budget.

use hotshard_store::{MergeMemory, Snapshot, largest_run_bytes};

use crate::memory::MIB;
use crate::{Error, MemoryBudget};

/// What the program takes before it reads any row: code, stacks, the allocator's slack.
const BASE_BYTES: u64 = 24 * MIB;
/// The store's list of files: as it is, as a checkpoint writes it, and the files of the plan.
const LISTS_OF_FILES: u64 = 3;
/// What writing a file takes beside the row group that is complete so far: pages and dictionaries
/// at work.
const WRITER_BYTES: u64 = 16 * MIB;
/// The same for each promoted column.
const PROMOTED_BYTES: u64 = 2 * MIB;
/// The least that a row group may take; larger ones are read faster.
const MIN_ROW_GROUP_BYTES: u64 = 8 * MIB;
/// The most that a row group takes: none that ingest writes is larger.
const MAX_ROW_GROUP_BYTES: u64 = 256 * MIB;
/// Runs that a merge reads at once, at least.
const MIN_RUNS: u64 = 2;
/// A thread more is worth it when it has this much: with less, runs are merged in several passes.
const WORTHWHILE_BYTES: u64 = 160 * MIB;

/// What each part of a compaction may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CompactionMemory {
    /// Shards that are merged at once.
    pub(super) threads: usize,
    /// What each merge may take.
    pub(super) of_merge: MergeMemory,
}

impl CompactionMemory {
    /// Divides a budget among so many threads, or fewer.
    ///
    /// # Errors
    /// When it is not enough for one.
    pub(super) fn divide(
        budget: MemoryBudget,
        snapshot: &Snapshot,
        threads: usize,
    ) -> Result<Self, Error> {
        let promoted = snapshot.identity().promoted().len();
        Self::of_parts(budget, snapshot.memory_bytes(), promoted, threads)
    }

    fn of_parts(
        budget: MemoryBudget,
        list_bytes: u64,
        promoted: usize,
        threads: usize,
    ) -> Result<Self, Error> {
        let base = BASE_BYTES + LISTS_OF_FILES * list_bytes;
        let writer = WRITER_BYTES + PROMOTED_BYTES * promoted as u64;
        let least_runs = MIN_RUNS * largest_run_bytes(promoted);
        let least = writer + MIN_ROW_GROUP_BYTES + least_runs;
        let given_bytes = budget.bytes();
        if given_bytes < base + least {
            return Err(Error::BudgetTooSmall { given_bytes, minimum_bytes: base + least });
        }
        let free = given_bytes - base;
        let most = usize::try_from(free / least.max(WORTHWHILE_BYTES)).unwrap_or(usize::MAX);
        let threads = threads.min(most).max(1);
        let a_thread = free / threads as u64;
        let spare = a_thread - least;
        let row_group = (MIN_ROW_GROUP_BYTES + spare / 3).min(MAX_ROW_GROUP_BYTES);
        let of_merge = MergeMemory {
            run_bytes: a_thread - writer - row_group,
            row_group_bytes: usize::try_from(row_group).unwrap_or(usize::MAX),
        };
        Ok(Self { threads, of_merge })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_inside_their_budget() {
        for (mib, promoted) in [(96, 0), (128, 1), (512, 0), (512, 10), (100_000, 3)] {
            for threads in [1, 2, 16] {
                let budget = MemoryBudget::from_mib(mib);
                let memory =
                    CompactionMemory::of_parts(budget, MIB / 8, promoted, threads).unwrap();
                let writer = WRITER_BYTES + PROMOTED_BYTES * promoted as u64;
                let of_merge =
                    memory.of_merge.run_bytes + memory.of_merge.row_group_bytes as u64 + writer;
                let taken = BASE_BYTES + of_merge * memory.threads as u64;
                assert!(taken <= budget.bytes(), "{mib} MiB, {threads} threads");
                assert!(memory.of_merge.run_bytes >= MIN_RUNS * largest_run_bytes(promoted));
            }
        }
    }

    #[test]
    fn too_small_a_budget_says_what_is_enough() {
        let refuse = |promoted| {
            let budget = MemoryBudget::from_mib(16);
            CompactionMemory::of_parts(budget, MIB, promoted, 2).unwrap_err().to_string()
        };
        assert_eq!(refuse(0), "a memory budget of 16 MiB is too small; give at least 98 MiB");
        assert_eq!(refuse(4), "a memory budget of 16 MiB is too small; give at least 141 MiB");
        let enough = MemoryBudget::from_mib(98);
        assert!(CompactionMemory::of_parts(enough, MIB, 0, 2).is_ok());
    }
}
