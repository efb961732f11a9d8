//! Keys as the ids that they are of.

use crate::KeyCounts;

/// An id over all days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IdTotal {
    /// By which it is placed, and told apart here.
    pub(super) hash: u64,
    pub(super) events: u64,
    /// Events of its largest day.
    pub(super) largest_day: u64,
    /// Days on which it has events.
    pub(super) days: u32,
}

/// All ids that are known one by one, by events descending.
#[derive(Debug)]
pub(super) struct Ids {
    totals: Vec<IdTotal>,
    /// Those of which only the sum is known.
    others: u64,
}

impl Ids {
    pub(super) fn of(counts: &KeyCounts) -> Self {
        let mut keys: Vec<(u64, u64)> = counts.keys().map(|key| (key.hash, key.events)).collect();
        keys.sort_unstable();
        let total = |keys: &[(u64, u64)]| IdTotal {
            hash: keys.first().map_or(0, |(hash, _)| *hash),
            events: keys.iter().map(|(_, events)| events).sum(),
            largest_day: keys.last().map_or(0, |(_, events)| *events),
            days: u32::try_from(keys.len()).unwrap_or(u32::MAX),
        };
        let mut totals: Vec<IdTotal> =
            keys.chunk_by(|left, right| left.0 == right.0).map(total).collect();
        totals.sort_unstable_by(|left, right| {
            right.events.cmp(&left.events).then(left.hash.cmp(&right.hash))
        });
        Self { totals, others: counts.tail().ids }
    }

    /// The ids that are known one by one, by events descending.
    pub(super) fn largest_first(&self) -> impl Iterator<Item = &IdTotal> {
        self.totals.iter()
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        self.totals.len() as u64 + self.others
    }

    /// How many have more than one event, and so rows that can be apart.
    pub(super) fn with_several_events(&self) -> u64 {
        self.totals.partition_point(|id| id.events > 1) as u64 + self.others
    }
}
