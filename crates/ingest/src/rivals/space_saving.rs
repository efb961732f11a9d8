//! SpaceSaving.

use hashbrown::HashTable;

use super::heap::Heap;
use crate::detect::KeyHash;

/// Which of a counter's two bounds declares a key hot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The count, which is never below the truth: never late, but keys that did not pass the limit
    /// may be declared.
    Estimate,
    /// The count without what the counter was taken over with, which is never above the truth:
    /// never early, but up to [`SpaceSaving::minimum`] events late.
    LowerBound,
}

/// SpaceSaving (Metwally, Agrawal and El Abbadi 2005): k counters; a key without one takes over the
/// smallest, with its count.
///
/// **Certificate**: a counter's count is at least the events fed of its key, and above them by at
/// most the count it was taken over with; a key without a counter had at most
/// [`minimum`](Self::minimum) events. With unit updates and nothing diverted, the minimum of k+1
/// counters is what Misra–Gries with k counters has subtracted (Agarwal et al., "Mergeable
/// Summaries", PODS 2012).
///
/// A declared key frees its counter. The next key takes it with the largest count that was ever
/// taken over, since it may have lost that many events before.
#[derive(Debug, Clone)]
pub struct SpaceSaving {
    evidence: Evidence,
    capacity: usize,
    heap: Heap,
    /// From a key to the number of its counter.
    table: HashTable<u32>,
    /// The largest count ever taken over.
    floor: u64,
}

impl SpaceSaving {
    /// At most `capacity` counters, at least 1 and at most 2³²−1.
    #[must_use]
    pub fn new(capacity: usize, evidence: Evidence) -> Self {
        let capacity = capacity.clamp(1, u32::MAX as usize);
        // Twice the room: a table that stays half empty cleans itself up in place, and never grows.
        let table = HashTable::with_capacity(2 * capacity);
        Self { evidence, capacity, heap: Heap::with_capacity(capacity), table, floor: 0 }
    }

    /// Adds `events` of a key and returns its bound before them, of the kind chosen as evidence.
    /// When both together pass `limit`, the key is declared hot: its counter is freed, and it must
    /// not be fed again.
    pub fn feed(&mut self, hash: KeyHash, events: u64, limit: u64) -> u64 {
        let (count, error) = self.bounds(hash);
        let before = match self.evidence {
            Evidence::Estimate => count,
            Evidence::LowerBound => count - error,
        };
        let counter = self.counter_of(hash);
        match (before.saturating_add(events) > limit, counter) {
            (true, Some(counter)) => self.free(counter),
            (true, None) => {}
            (false, Some(counter)) => self.heap.add(counter, events),
            (false, None) => self.take_over(hash, events),
        }
        before
    }

    /// At least the events fed of this key.
    #[must_use]
    pub fn estimate(&self, hash: KeyHash) -> u64 {
        self.bounds(hash).0
    }

    /// At most the events fed of this key.
    #[must_use]
    pub fn lower_bound(&self, hash: KeyHash) -> u64 {
        let (count, error) = self.bounds(hash);
        count - error
    }

    /// What a key without a counter had at most, and what any count is above the truth at most: the
    /// smallest count when all counters are taken, before that the largest that was taken over.
    #[must_use]
    pub fn minimum(&self) -> u64 {
        if self.heap.len() < self.capacity { self.floor } else { self.heap.least().unwrap_or(0) }
    }

    /// Number of counters that are taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether no counter is taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.len() == 0
    }

    /// Bytes of memory it takes: counters, the heap over them, and the table that finds them.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.heap.memory_bytes() + self.table.allocation_size()
    }

    /// Count and error of a key; without a counter both are the minimum.
    fn bounds(&self, hash: KeyHash) -> (u64, u64) {
        self.counter_of(hash)
            .map_or_else(|| (self.minimum(), self.minimum()), |counter| self.heap.bounds(counter))
    }

    fn counter_of(&self, hash: KeyHash) -> Option<u32> {
        self.table.find(bucket(hash), |&counter| self.heap.hash(counter) == hash).copied()
    }

    fn take_over(&mut self, hash: KeyHash, events: u64) {
        let counter = if self.heap.len() < self.capacity {
            self.heap.push(hash, self.floor)
        } else {
            let (counter, evicted, count) = self.heap.replace_least(hash);
            self.floor = count;
            self.forget(evicted, counter);
            counter
        };
        self.heap.add(counter, events);
        let heap = &self.heap;
        self.table.insert_unique(bucket(hash), counter, |&other| bucket(heap.hash(other)));
    }

    fn free(&mut self, counter: u32) {
        self.forget(self.heap.hash(counter), counter);
        self.heap.free(counter);
    }

    fn forget(&mut self, hash: KeyHash, counter: u32) {
        if let Ok(entry) = self.table.find_entry(bucket(hash), |&other| other == counter) {
            entry.remove();
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "half of a hash is enough for a table")]
fn bucket(hash: KeyHash) -> u64 {
    u128::from(hash) as u64
}
