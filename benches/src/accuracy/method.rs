//! The ways of counting.

use std::fmt;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use hotshard_ingest::detect::{KeyHash, MisraGries, Purge};
use hotshard_ingest::rivals::{CountMin, Evidence, SpaceSaving};

/// Rows of a count-min sketch.
pub(super) const DEPTH: usize = 4;

/// A way of counting in bounded memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The detector's own, with the tighter certificate.
    MisraGriesMinimum,
    /// The detector's own, with the faster purge.
    MisraGriesMedian,
    /// SpaceSaving that declares by count less error.
    SpaceSavingLowerBound,
    /// SpaceSaving that declares by count.
    SpaceSavingEstimate,
    /// Count-min with conservative update.
    CountMin,
}

impl Method {
    /// All of them, those first that are never early.
    pub const ALL: [Self; 5] = [
        Self::MisraGriesMinimum,
        Self::MisraGriesMedian,
        Self::SpaceSavingLowerBound,
        Self::SpaceSavingEstimate,
        Self::CountMin,
    ];

    pub(super) fn in_memory(self, bytes: usize) -> Counting {
        let misra_gries =
            |purge| Counting::MisraGries(MisraGries::new(MisraGries::capacity_for(bytes), purge));
        let space_saving = |evidence| {
            let counters = SpaceSaving::new(SpaceSaving::capacity_for(bytes), evidence);
            Counting::SpaceSaving(counters, evidence)
        };
        match self {
            Self::MisraGriesMinimum => misra_gries(Purge::Minimum),
            Self::MisraGriesMedian => misra_gries(Purge::Median),
            Self::SpaceSavingLowerBound => space_saving(Evidence::LowerBound),
            Self::SpaceSavingEstimate => space_saving(Evidence::Estimate),
            Self::CountMin => Counting::CountMin(CountMin::new(bytes, DEPTH)),
        }
    }

    /// Whether it is never early, rather than never late.
    #[must_use]
    pub fn is_never_early(self) -> bool {
        match self {
            Self::MisraGriesMinimum | Self::MisraGriesMedian | Self::SpaceSavingLowerBound => true,
            Self::SpaceSavingEstimate | Self::CountMin => false,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::MisraGriesMinimum => "Misra–Gries, minimum purge",
            Self::MisraGriesMedian => "Misra–Gries, median purge",
            Self::SpaceSavingLowerBound => "SpaceSaving by lower bound",
            Self::SpaceSavingEstimate => "SpaceSaving by estimate",
            Self::CountMin => "count-min, conservative update",
        })
    }
}

/// A method at work.
#[derive(Debug)]
pub(super) enum Counting {
    MisraGries(MisraGries),
    SpaceSaving(SpaceSaving, Evidence),
    CountMin(CountMin),
}

impl Counting {
    /// Feeds one event; the bound before it.
    #[inline]
    pub(super) fn feed(&mut self, hash: KeyHash, limit: u64) -> u64 {
        match self {
            Self::MisraGries(counters) => counters.feed(hash, 1, limit),
            Self::SpaceSaving(counters, _) => counters.feed(hash, 1, limit),
            Self::CountMin(sketch) => sketch.feed(hash, 1, limit),
        }
    }

    pub(super) fn counters(&self) -> usize {
        match self {
            Self::MisraGries(counters) => counters.capacity(),
            Self::SpaceSaving(counters, _) => counters.capacity(),
            Self::CountMin(sketch) => sketch.counters(),
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Self::MisraGries(counters) => counters.memory_bytes(),
            Self::SpaceSaving(counters, _) => counters.memory_bytes(),
            Self::CountMin(sketch) => sketch.memory_bytes(),
        }
    }

    /// How late it may be at most, for one that is never early.
    pub(super) fn certificate(&self) -> Option<u64> {
        match self {
            Self::MisraGries(counters) => Some(counters.lateness_bound()),
            Self::SpaceSaving(counters, Evidence::LowerBound) => Some(counters.minimum()),
            Self::SpaceSaving(_, Evidence::Estimate) | Self::CountMin(_) => None,
        }
    }
}

/// A counter for each id that was not declared: what all of them are compared with.
#[derive(Debug, Default)]
pub(super) struct Exact {
    table: HashTable<(KeyHash, u64)>,
    largest_bytes: usize,
}

impl Exact {
    pub(super) fn feed(&mut self, hash: KeyHash, limit: u64) -> u64 {
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is enough for a table")]
        let bucket = |hash: KeyHash| u128::from(hash) as u64;
        let same = |&(other, _): &(KeyHash, u64)| other == hash;
        match self.table.entry(bucket(hash), same, |&(other, _)| bucket(other)) {
            Entry::Occupied(mut entry) => {
                let before = entry.get().1;
                if before + 1 > limit {
                    entry.remove();
                } else {
                    entry.get_mut().1 += 1;
                }
                before
            }
            Entry::Vacant(entry) => {
                entry.insert((hash, 1));
                self.largest_bytes = self.largest_bytes.max(self.table.allocation_size());
                0
            }
        }
    }

    /// Bytes it took at most.
    pub(super) fn memory_bytes(&self) -> usize {
        self.largest_bytes
    }
}
