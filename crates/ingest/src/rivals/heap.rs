//! The counters of SpaceSaving, the smallest always at hand.

use crate::detect::KeyHash;

/// Counters in a binary heap that can be asked for any of its members: O(log k) an update, for any
/// number of events.
#[derive(Debug, Clone)]
pub(super) struct Heap {
    counters: Vec<Counter>,
    /// The numbers of the taken counters as a heap by count, then those of the free ones.
    order: Vec<u32>,
    taken: usize,
}

#[derive(Debug, Clone, Copy)]
struct Counter {
    hash: KeyHash,
    count: u64,
    error: u64,
    /// Where its number stands in `order`.
    place: u32,
}

#[expect(
    clippy::indexing_slicing,
    reason = "numbers of counters and places come from this heap alone, and stay below their number"
)]
impl Heap {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        let (counters, order) = (Vec::with_capacity(capacity), Vec::with_capacity(capacity));
        Self { counters, order, taken: 0 }
    }

    /// Number of taken counters.
    pub(super) fn len(&self) -> usize {
        self.taken
    }

    pub(super) const fn bytes_for(capacity: usize) -> usize {
        capacity * (size_of::<Counter>() + size_of::<u32>())
    }

    pub(super) fn hash(&self, counter: u32) -> KeyHash {
        self.counters[counter as usize].hash
    }

    /// Count and error of a counter.
    pub(super) fn bounds(&self, counter: u32) -> (u64, u64) {
        let counter = &self.counters[counter as usize];
        (counter.count, counter.error)
    }

    /// The smallest count.
    pub(super) fn least(&self) -> Option<u64> {
        (self.taken > 0).then(|| self.count_at(0))
    }

    pub(super) fn add(&mut self, counter: u32, events: u64) {
        let counter = &mut self.counters[counter as usize];
        counter.count += events;
        let place = counter.place as usize;
        self.sift_down(place);
    }

    /// Takes a free counter, or a new one, for a key; its count is all error.
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2³² counters")]
    pub(super) fn push(&mut self, hash: KeyHash, error: u64) -> u32 {
        let place = self.taken;
        let new = Counter { hash, count: error, error, place: place as u32 };
        self.taken += 1;
        let number = if let Some(&free) = self.order.get(place) {
            self.counters[free as usize] = new;
            free
        } else {
            self.order.push(place as u32);
            self.counters.push(new);
            place as u32
        };
        self.sift_up(place);
        number
    }

    /// Gives the counter with the smallest count to another key, its count now being all error.
    /// Returns its number, the key that lost it, and the count.
    ///
    /// There is at least one taken counter.
    pub(super) fn replace_least(&mut self, hash: KeyHash) -> (u32, KeyHash, u64) {
        let number = self.order[0];
        let counter = &mut self.counters[number as usize];
        let evicted = std::mem::replace(&mut counter.hash, hash);
        counter.error = counter.count;
        (number, evicted, counter.count)
    }

    /// Frees a counter.
    pub(super) fn free(&mut self, counter: u32) {
        let place = self.counters[counter as usize].place as usize;
        self.taken -= 1;
        self.swap(place, self.taken);
        if place < self.taken {
            self.sift_up(place);
            self.sift_down(place);
        }
    }

    fn count_at(&self, place: usize) -> u64 {
        self.counters[self.order[place] as usize].count
    }

    fn sift_up(&mut self, mut place: usize) {
        while place > 0 {
            let parent = (place - 1) / 2;
            if self.count_at(parent) <= self.count_at(place) {
                break;
            }
            self.swap(parent, place);
            place = parent;
        }
    }

    fn sift_down(&mut self, mut place: usize) {
        loop {
            let (left, right) = (2 * place + 1, 2 * place + 2);
            if left >= self.taken {
                break;
            }
            let right_is_less = right < self.taken && self.count_at(right) < self.count_at(left);
            let child = if right_is_less { right } else { left };
            if self.count_at(place) <= self.count_at(child) {
                break;
            }
            self.swap(place, child);
            place = child;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "there are fewer than 2³² places")]
    fn swap(&mut self, a: usize, b: usize) {
        self.order.swap(a, b);
        self.counters[self.order[a] as usize].place = a as u32;
        self.counters[self.order[b] as usize].place = b as u32;
    }
}
