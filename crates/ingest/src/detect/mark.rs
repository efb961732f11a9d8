//! The keys of a block whose rows matter: hot ones, and those that give a notice.

use hotshard_event::Threshold;

use super::block_counts::Slot;
use super::date_counters::Before;
use super::misra_gries::Standing;
use super::{BlockCounts, Excess};

/// One such key. Its rows in the block are numbered from 0, in row order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// The key's slot, and that slot's number.
    pub(super) slot: Slot,
    pub(super) slot_number: u32,
    /// How the key stood before the block.
    pub(super) before: Before,
    /// The first of its rows that is excess.
    excess_from: Option<u32>,
    /// The one of its rows with which it comes near the threshold.
    approaches_at: Option<u32>,
    /// Where these two stand in the block; filled by [`locate`].
    pub(super) first_excess_row: Option<u32>,
    pub(super) approaching_row: Option<u32>,
}

impl Mark {
    /// Marks a key that stood at `before`, if its rows matter.
    pub(super) fn of(
        slot_number: u32,
        slot: Slot,
        before: Before,
        threshold: Threshold,
    ) -> Option<Self> {
        let (excess_from, approaches_at) = match before {
            Before::Hot => (Some(0), None),
            Before::Counted(Standing { events, noticed }) => {
                // How many rows still fit below `bound`, when there are more.
                let rows_until = |bound: u64| {
                    let rows = u32::try_from(bound.saturating_sub(events)).ok()?;
                    (rows < slot.count).then_some(rows)
                };
                let nearly = threshold.approaching().checked_sub(1);
                let nearly = nearly.filter(|&nearly| events <= nearly && !noticed);
                let nearly = nearly.and_then(rows_until);
                // A threshold that was lowered may lie below what was counted: then all is excess.
                (rows_until(threshold.get()), nearly)
            }
        };
        (excess_from.is_some() || approaches_at.is_some()).then_some(Self {
            slot,
            slot_number,
            before,
            excess_from,
            approaches_at,
            first_excess_row: None,
            approaching_row: None,
        })
    }

    /// How many events the key has with the n-th of its rows in the block, counted from 0.
    fn events_at(&self, row_of_key: Option<u32>) -> u64 {
        let before = match self.before {
            Before::Counted(Standing { events, .. }) => events,
            Before::Hot => 0,
        };
        before + u64::from(row_of_key.unwrap_or(0)) + 1
    }

    /// The key's events when it crosses, the first excess event included.
    pub(super) fn events_at_crossing(&self) -> u64 {
        self.events_at(self.excess_from)
    }

    /// The key's events when it comes near the threshold.
    pub(super) fn events_at_approach(&self) -> u64 {
        self.events_at(self.approaches_at)
    }

    /// How many of its rows are excess.
    pub(super) fn excess(&self) -> u64 {
        self.excess_from.map_or(0, |from| u64::from(self.slot.count - from))
    }

    /// Whether it becomes hot in this block.
    pub(super) fn crosses(&self) -> bool {
        self.before != Before::Hot && self.excess_from.is_some()
    }
}

/// Finds the rows of the marked keys: which are excess, and which give a notice.
pub(super) fn locate(counts: &BlockCounts, marks: &mut [Mark]) -> Excess {
    let wanted: Vec<u32> = marks.iter().map(|mark| mark.slot_number).collect();
    let mut seen = vec![0_u32; marks.len()];
    let mut excess = Vec::new();
    counts.for_rows_of(&wanted, |row, position| {
        let (Some(mark), Some(seen)) = (marks.get_mut(position), seen.get_mut(position)) else {
            return;
        };
        if mark.approaches_at == Some(*seen) {
            mark.approaching_row = Some(row);
        }
        if mark.excess_from.is_some_and(|from| from <= *seen) {
            mark.first_excess_row.get_or_insert(row);
            excess.push(row);
        }
        *seen += 1;
    });
    excess.into_iter().collect()
}
