//! The count-min sketch.

use crate::detect::KeyHash;

/// A count-min sketch (Cormode and Muthukrishnan 2005) with conservative update (Estan and
/// Varghese 2002): rows of 32-bit counters, of which each key shares one a row with others. A key's
/// estimate is the smallest of its counters, and an update raises none of them further than the
/// new estimate demands.
///
/// **Certificate**: the estimate is never below the events fed, so no key past the limit is
/// declared late; one that shares all its counters with busier keys is declared without having
/// passed it.
///
/// Rows are chosen by double hashing from the two halves of the [`KeyHash`] (Kirsch and Mitzenmacher
/// 2006); there is no randomness in it. Counters hold at most 2³²−1, so limits from there on are
/// never seen to be passed.
#[derive(Debug, Clone)]
pub struct CountMin {
    /// Row after row.
    counters: Vec<u32>,
    width: usize,
}

impl CountMin {
    /// A sketch of `depth` rows that together take at most `memory_bytes`, at 4 bytes a counter and
    /// at least one counter a row. Four rows are usual.
    ///
    /// # Panics
    /// If `depth` is 0: a sketch without rows estimates nothing.
    #[must_use]
    pub fn new(memory_bytes: usize, depth: usize) -> Self {
        assert!(depth > 0, "a count-min sketch needs at least one row");
        let width = (memory_bytes / size_of::<u32>() / depth).max(1);
        Self { counters: vec![0; width * depth], width }
    }

    /// Adds `events` of a key and returns its estimate before them. When both together pass
    /// `limit`, the key is declared hot: nothing is added, and it must not be fed again.
    pub fn feed(&mut self, hash: KeyHash, events: u64, limit: u64) -> u64 {
        let before = self.estimate(hash);
        let after = before.saturating_add(events);
        if after > limit {
            return before;
        }
        let after = u32::try_from(after).unwrap_or(u32::MAX);
        for (row, offset) in self.counters.chunks_exact_mut(self.width).zip(offsets(hash)) {
            if let Some(counter) = row.get_mut(scale(offset, self.width)) {
                *counter = after.max(*counter);
            }
        }
        before
    }

    /// At least the events fed of this key, up to 2³²−1.
    #[must_use]
    pub fn estimate(&self, hash: KeyHash) -> u64 {
        let rows = self.counters.chunks_exact(self.width).zip(offsets(hash));
        let counters = rows.filter_map(|(row, offset)| row.get(scale(offset, self.width)));
        counters.min().map_or(0, |&least| u64::from(least))
    }

    /// Number of counters, over all rows.
    #[must_use]
    pub fn counters(&self) -> usize {
        self.counters.len()
    }

    /// Bytes of memory its counters take.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.counters.capacity() * size_of::<u32>()
    }
}

/// Where a key's counters lie, row by row, as fractions of a row in 2⁻⁶⁴ths.
#[expect(clippy::cast_possible_truncation, reason = "the two halves of a hash")]
pub(super) fn offsets(hash: KeyHash) -> impl Iterator<Item = u64> {
    let hash = u128::from(hash);
    let (first, step) = ((hash >> 64) as u64, hash as u64);
    // An odd step never comes back to where it was.
    std::iter::successors(Some(first), move |offset| Some(offset.wrapping_add(step | 1)))
}

/// A fraction of `width`, rounded down.
#[expect(clippy::cast_possible_truncation, reason = "a fraction of a usize is one")]
pub(super) fn scale(fraction: u64, width: usize) -> usize {
    ((u128::from(fraction) * width as u128) >> 64) as usize
}
