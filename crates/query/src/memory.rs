//! What a query may take of the memory, and how that is divided.

use hotshard_store::{DataFile, Snapshot};

use crate::{CountQuery, Error, GroupColumn, Predicate};

/// What the program takes before it counts anything: its code, its threads' stacks, and what the
/// allocator keeps.
const BASE_BYTES: u64 = 32 << 20;
/// The least that counts are given: enough for some thousand groups in each of 64 shards.
const LEAST_FOR_COUNTS_BYTES: u64 = 16 << 20;
/// A list of texts, with room to grow, and the table that numbers them.
const COPIES_OF_TEXTS: u64 = 2;

/// How a memory budget is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemoryPlan {
    /// Shards that are scanned at the same time.
    pub(crate) shards_at_once: usize,
    /// What the counts of all shards may take before they are merged.
    pub(crate) counts_bytes: usize,
    /// What the merged counts and the answer may take.
    pub(crate) answer_bytes: usize,
}

impl MemoryPlan {
    /// Divides a budget among the threads that scan.
    pub(crate) fn of(
        snapshot: &Snapshot,
        query: &CountQuery,
        threads: usize,
    ) -> Result<Self, Error> {
        let scan_of = |file: &DataFile| {
            let texts = if numbers_texts(query) { file.text_memory_bytes() } else { 0 };
            file.scan_memory_bytes() + COPIES_OF_TEXTS * texts
        };
        let scan = snapshot.files().map(scan_of).max().unwrap_or(0);
        let base = BASE_BYTES + snapshot.memory_bytes();
        Self::divide(query.memory_bytes, base, scan, threads)
    }

    /// `scan` is what one thread takes to read a row group.
    fn divide(budget_bytes: u64, base: u64, scan: u64, threads: usize) -> Result<Self, Error> {
        let minimum_bytes = base + scan + LEAST_FOR_COUNTS_BYTES;
        let Some(left) = budget_bytes.checked_sub(base).filter(|_| budget_bytes >= minimum_bytes)
        else {
            return Err(Error::BudgetTooSmall { given_bytes: budget_bytes, minimum_bytes });
        };
        // Half for the scans, if they need it: counts can be made in several passes.
        let most = (left - LEAST_FOR_COUNTS_BYTES).max(left / 2).min(left / 2 + scan);
        let at_once =
            most.checked_div(scan).map_or(threads as u64, |most| most.min(threads as u64));
        let at_once = at_once.max(1);
        let counts = left - at_once * scan;
        let bytes = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        Ok(Self {
            shards_at_once: bytes(at_once),
            // Merging holds what the shards counted, the sum of that, and the rows of the answer.
            counts_bytes: bytes(counts / 2),
            answer_bytes: bytes(counts / 2),
        })
    }
}

/// Whether texts that hardly repeat become numbers in each row group.
fn numbers_texts(query: &CountQuery) -> bool {
    let grouped = query.by.iter().any(|column| matches!(column, GroupColumn::Property(_)));
    grouped || query.predicates.iter().any(Predicate::is_costly)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn scans_at_once_leave_room_for_counts() {
        let plan = MemoryPlan::divide(512 * MIB, 40 * MIB, 4 * MIB, 2).unwrap();
        assert_eq!((plan.shards_at_once, plan.counts_bytes), (2, 232 << 20));
        let plan = MemoryPlan::divide(512 * MIB, 40 * MIB, 40 * MIB, 64).unwrap();
        assert_eq!((plan.shards_at_once, plan.counts_bytes), (6, 116 << 20));
        let plan = MemoryPlan::divide(96 * MIB, 40 * MIB, 40 * MIB, 64).unwrap();
        assert_eq!((plan.shards_at_once, plan.counts_bytes), (1, 8 << 20));
    }

    #[test]
    fn too_little_says_how_much_is_enough() {
        let error = MemoryPlan::divide(50 * MIB, 40 * MIB, 3 * MIB, 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a memory budget of 50 MiB is too small for this query; give at least 59 MiB"
        );
    }
}
