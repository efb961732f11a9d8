//! SpaceSaving.

use super::heap::Heap;
use super::index::Index;
use crate::detect::KeyHash;

/// Counters are numbered with 32 bits, one number being none.
const MAX_CAPACITY: usize = u32::MAX as usize;

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
    index: Index,
    /// The largest count ever taken over.
    floor: u64,
}

impl SpaceSaving {
    /// At most `capacity` counters (k), at least 1. All memory is taken at once.
    #[must_use]
    pub fn new(capacity: usize, evidence: Evidence) -> Self {
        let capacity = capacity.clamp(1, MAX_CAPACITY);
        let (heap, index) = (Heap::with_capacity(capacity), Index::with_capacity(capacity));
        Self { evidence, capacity, heap, index, floor: 0 }
    }

    /// Bytes that `capacity` counters take: about 49 each, for a key, its count and error, its place
    /// in a heap, and what finds it.
    #[must_use]
    pub const fn bytes_for(capacity: usize) -> usize {
        Heap::bytes_for(capacity) + Index::bytes_for(capacity)
    }

    /// The most counters that fit into so many bytes, at least 1.
    #[must_use]
    pub const fn capacity_for(bytes: usize) -> usize {
        let mut capacity = bytes / Heap::bytes_for(1);
        while capacity > 1 && Self::bytes_for(capacity) > bytes {
            capacity -= 1;
        }
        if capacity == 0 { 1 } else { capacity }
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
            (true, Some(counter)) => self.free(hash, counter),
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

    /// The most counters there may be, k.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Bytes of memory it takes.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        Self::bytes_for(self.capacity)
    }

    /// Count and error of a key; without a counter both are the minimum.
    fn bounds(&self, hash: KeyHash) -> (u64, u64) {
        self.counter_of(hash)
            .map_or_else(|| (self.minimum(), self.minimum()), |counter| self.heap.bounds(counter))
    }

    fn counter_of(&self, hash: KeyHash) -> Option<u32> {
        self.index.find(hash, |counter| self.heap.hash(counter))
    }

    fn take_over(&mut self, hash: KeyHash, events: u64) {
        let counter = if self.heap.len() < self.capacity {
            self.heap.push(hash, self.floor)
        } else {
            let (counter, evicted, count) = self.heap.replace_least(hash);
            self.floor = count;
            self.index.remove(evicted, counter, |other| self.heap.hash(other));
            counter
        };
        self.heap.add(counter, events);
        self.index.insert(hash, counter);
    }

    fn free(&mut self, hash: KeyHash, counter: u32) {
        self.index.remove(hash, counter, |other| self.heap.hash(other));
        self.heap.free(counter);
    }
}
