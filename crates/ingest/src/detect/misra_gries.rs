//! Counting with bounded memory and a certificate.

use hotshard_event::Threshold;

use super::KeyHash;
use super::counter_table::{Counter, CounterTable, Place};

/// By how much all counters are lowered when there is one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purge {
    /// By the smallest of them, as in the original (Misra and Gries, "Finding Repeated Elements",
    /// 1982): the tightest certificate, and constant time per *event*. Counts that come in large
    /// pieces may cost a sweep each.
    Minimum,
    /// By their median (Anderson et al., "A High-Performance Algorithm for Identifying Frequent
    /// Items in Data Streams", 2017, there with a sampled median; here it is exact): at least half
    /// of them leave, so there is a sweep only every k/2 new keys, constant time per *update*. The
    /// certificate is at most twice the other.
    Median,
}

/// Counters for the frequent keys of a stream, one-sided: the summary of Misra and Gries (1982).
///
/// It holds at most k counters. When a key comes that has none and all are in use, a *purge* lowers
/// every counter by an amount m, and those that reach zero are dropped. The sum of all m so far is
/// the certificate d, [`MisraGries::lateness_bound`].
///
/// A key whose lower bound passes the limit it is fed with is *diverted*: it loses its counter, and
/// the caller, who counts it elsewhere from then on, does not feed it again.
///
/// ```
/// use hotshard_ingest::detect::{KeyHash, MisraGries, Purge};
///
/// let mut counters = MisraGries::new(2, Purge::Minimum);
/// let [a, b, c] = ["a", "b", "c"].map(KeyHash::of);
/// counters.feed(a, 5, u64::MAX);
/// counters.feed(b, 1, u64::MAX);
/// assert_eq!(counters.lateness_bound(), 0); // exact so far
///
/// counters.feed(c, 1, u64::MAX); // one too many: all are lowered by 1
/// assert_eq!(counters.lateness_bound(), 1);
/// assert_eq!((counters.lower_bound(a), counters.upper_bound(a)), (4, 5));
/// assert_eq!((counters.lower_bound(b), counters.upper_bound(b)), (0, 1));
/// ```
///
/// # The bounds, and why they hold
///
/// Write N′ for the events fed, F for what the counters of diverted keys held when they were
/// released, L for the sum of the live counters, and f(x) for the events of a key x that was not
/// diverted.
///
/// 1. **f(x) − d ≤ lower bound ≤ f(x).** Feeding x raises its counter by exactly its events. A
///    purge by m lowers it by m, or by all it has if that is less. Nothing else touches it. So the
///    counter is short by the sum of what purges took from it: by 0 at least, by d at most. A key
///    without a counter is one whose counter is 0.
/// 2. **upper bound = lower bound + d**, by the left half of 1.
/// 3. **No key is diverted early**: its lower bound passed the limit, so f(x) did, by the right
///    half of 1. **None is late by more than d**: with f(x) > limit + d its lower bound is past the
///    limit, by the left half. So it is diverted by its event limit + d + 1.
/// 4. **(k+1)·d = N′ − F − L with [`Purge::Minimum`].** A purge happens with k+1 counters, the new
///    one among them, and lowers each by m, none of which holds less. So it takes exactly (k+1)·m.
///    What was fed was taken by purges, was released with a diverted key, or is still there.
/// 5. **(k+1)·d ≤ 2·(N′ − F − L) with [`Purge::Median`].** Here m is the ⌈(k+1)/2⌉-th smallest of
///    the k+1 counters. At least (k+1)/2 of them hold m or more and lose exactly m, so the purge
///    takes at least m·(k+1)/2.
/// 6. **d = 0 as long as at most k keys are live at once**: then nothing is ever purged.
///
/// Since N′ − F − L ≤ N, k = ⌈N/(εT)⌉ − 1 counters keep d at most εT with the one purge, 2εT with
/// the other.
///
/// # Merging
///
/// [`MisraGries::merge`] adds another summary of the same kind. The bounds 1 and 2 hold for the
/// merged one, with its d: the two certificates and what the merge purges
/// (Agarwal et al., "Mergeable Summaries", PODS 2012). Lateness is another matter: see the module's
/// page ([`crate::detect`]).
#[derive(Debug, Clone)]
pub struct MisraGries {
    /// A counter's *value* is its lower bound plus d. A purge raises d and leaves values alone, so
    /// what was stored of a counter stays true until its key is fed again; a counter whose value
    /// is not above d has reached zero. Values are also the upper bounds.
    table: CounterTable,
    capacity: usize,
    purge: Purge,
    lateness_bound: u64,
    /// Whether a counter may have changed since the state was last taken.
    has_changes: bool,
    /// Whether state has to be written even if none did, because d rose.
    is_due: bool,
}

/// How a key stood before it was fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Its lower bound.
    pub(super) events: u64,
    /// Whether it had come near its limit before.
    pub(super) noticed: bool,
}

/// At which lower bounds something happens to a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// From here on it is near the limit.
    pub(super) approaching: u64,
    /// Past this it is diverted.
    pub(super) crossing: u64,
}

impl Limits {
    pub(super) const fn of(threshold: Threshold) -> Self {
        Self { approaching: threshold.approaching(), crossing: threshold.get() }
    }
}

impl MisraGries {
    /// No counters yet, and `capacity` (k) of them at most, at least 1. Memory grows with the keys
    /// that come, up to [`MisraGries::bytes_for`] this capacity.
    #[must_use]
    pub fn new(capacity: usize, purge: Purge) -> Self {
        Self {
            table: CounterTable::default(),
            capacity: capacity.max(1),
            purge,
            lateness_bound: 0,
            has_changes: false,
            is_due: false,
        }
    }

    /// Bytes that `capacity` counters take.
    #[must_use]
    pub const fn bytes_for(capacity: usize) -> usize {
        CounterTable::bytes_for(capacity + 1)
    }

    /// The most counters that fit into so many bytes, at least 1.
    #[must_use]
    pub const fn capacity_for(bytes: usize) -> usize {
        let mut capacity = bytes / size_of::<Counter>() / 4 * 3;
        while capacity > 1 && Self::bytes_for(capacity) > bytes {
            capacity -= 1;
        }
        if capacity == 0 { 1 } else { capacity }
    }

    /// Feeds events of a key and returns its lower bound before them. When that and the events pass
    /// `limit`, the key has crossed: it has no counter any more and must not be fed again.
    pub fn feed(&mut self, hash: KeyHash, events: u64, limit: u64) -> u64 {
        let limits = Limits { approaching: u64::MAX, crossing: limit };
        self.feed_within(hash, events, limits).events
    }

    /// [`MisraGries::feed`], which also remembers which keys have come near their limits.
    pub(super) fn feed_within(&mut self, hash: KeyHash, events: u64, limits: Limits) -> Standing {
        match self.table.find(hash) {
            Place::Occupied(slot) => {
                let counter = self.table.at_mut(slot);
                let before = counter.value() - self.lateness_bound;
                let standing = Standing { events: before, noticed: counter.is_noticed() };
                let after = before.saturating_add(events);
                if after > limits.crossing {
                    self.table.remove_at(slot);
                    return standing;
                }
                counter.add(events);
                counter.mark_changed();
                if after >= limits.approaching {
                    counter.mark_noticed();
                }
                self.has_changes = true;
                standing
            }
            Place::Vacant(slot) => {
                if events <= limits.crossing {
                    let mut counter = Counter::new(hash, self.lateness_bound + events);
                    counter.mark_changed();
                    if events >= limits.approaching {
                        counter.mark_noticed();
                    }
                    if self.table.is_full() {
                        self.table.grow(self.table.len() + 1, self.capacity + 1);
                        self.table.put(counter);
                    } else {
                        self.table.insert_at(slot, counter);
                    }
                    self.has_changes = true;
                    self.purge_to(self.capacity);
                }
                Standing { events: 0, noticed: false }
            }
        }
    }

    /// How many events a key has at least.
    #[must_use]
    pub fn lower_bound(&self, hash: KeyHash) -> u64 {
        self.upper_bound(hash) - self.lateness_bound
    }

    /// How many events a key that was not diverted has at most.
    #[must_use]
    pub fn upper_bound(&self, hash: KeyHash) -> u64 {
        self.table.get(hash).map_or(self.lateness_bound, Counter::value)
    }

    /// The certificate d: how many events a key's lower bound is short at most.
    #[must_use]
    pub const fn lateness_bound(&self) -> u64 {
        self.lateness_bound
    }

    /// Counters in use.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether no counter is in use.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most counters there may be, k.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Bytes of memory the counters take.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.table.memory_bytes()
    }

    /// Bytes they would take with so many more keys, at most.
    pub(super) fn grown_bytes(&self, more: usize) -> usize {
        let most = self.capacity + 1;
        let counters = (self.len() + more).min(most);
        self.table.grown_slots(counters, most) * size_of::<Counter>()
    }

    /// Adds another summary: lower bounds and certificates add up. Where that gives more than k
    /// counters, all are lowered by the (k+1)-th largest, as in Agarwal et al. (2012).
    ///
    /// Neither may count a key that the other diverted; drop it from both first
    /// ([`MisraGries::forget`]).
    pub fn merge(&mut self, other: &Self) {
        let (own_bound, other_bound) = (self.lateness_bound, other.lateness_bound);
        // Values hold d, so with d raised a counter that only this summary has stays as low.
        for counter in self.table.iter_mut() {
            counter.add(other_bound);
        }
        self.lateness_bound = own_bound + other_bound;
        let both = self.table.len() + other.table.len();
        self.table.grow(both, both.max(self.capacity + 1));
        for counter in other.table.iter() {
            let events = counter.value() - other_bound;
            match self.table.find(counter.hash) {
                Place::Occupied(slot) => self.table.at_mut(slot).add(events),
                Place::Vacant(slot) => {
                    let value = self.lateness_bound + events;
                    self.table.insert_at(slot, Counter::new(counter.hash, value));
                }
            }
        }
        self.table.iter_mut().for_each(Counter::mark_changed);
        self.is_due = true;
        if self.table.len() > self.capacity {
            let smaller = self.table.len() - self.capacity;
            self.lower_all_by(self.smallest(smaller));
        }
    }

    /// Drops the counter of a key that is counted elsewhere.
    pub fn forget(&mut self, hash: KeyHash) {
        if self.table.len() > 0
            && let Place::Occupied(slot) = self.table.find(hash)
        {
            self.table.remove_at(slot);
        }
    }

    /// Purges down to half the counters, and gives half the memory back.
    pub(super) fn halve(&mut self) {
        self.purge_to(self.len() / 2);
        let kept: Vec<Counter> = self.table.iter().copied().collect();
        self.table = CounterTable::default();
        self.reserve(kept.len());
        kept.into_iter().for_each(|counter| self.table.put(counter));
    }

    /// Purges until at most `counters` are left.
    fn purge_to(&mut self, counters: usize) {
        while self.table.len() > counters {
            let amount = match self.purge {
                Purge::Minimum => self.smallest(1),
                Purge::Median => self.smallest(self.table.len().div_ceil(2)),
            };
            self.lower_all_by(amount);
        }
    }

    /// A purge: d rises, and counters that do not stand above it are gone.
    fn lower_all_by(&mut self, amount: u64) {
        self.lateness_bound += amount;
        let lateness_bound = self.lateness_bound;
        self.table.retain(|counter| counter.value() > lateness_bound);
        self.is_due = true;
    }

    /// The lower bound of the counter that is the `rank`-th smallest, from 1.
    ///
    /// A histogram of the leading digits finds the bucket it is in, one of the next digits its
    /// place in there, and so on: exact, without a copy of the counters. One sweep is the rule,
    /// since most counters are small.
    fn smallest(&self, rank: usize) -> u64 {
        const DIGIT_BITS: u32 = 12;
        let bounds = || self.table.iter().map(|counter| counter.value() - self.lateness_bound);
        // Most counters are small: where the rank is among these, one sweep is all.
        let is_small = |bound: &u64| *bound < 1 << DIGIT_BITS;
        let mut shift = if bounds().filter(is_small).take(rank).count() == rank {
            0
        } else {
            let bits = u64::BITS - bounds().max().unwrap_or(0).leading_zeros();
            bits.saturating_sub(DIGIT_BITS)
        };
        let (mut floor, mut rank) = (0_u64, rank);
        loop {
            let mut histogram = [0_usize; 1 << DIGIT_BITS];
            for bound in bounds() {
                let digit = bound.checked_sub(floor).map(|above| above >> shift);
                let digit = digit.and_then(|digit| usize::try_from(digit).ok());
                if let Some(count) = digit.and_then(|digit| histogram.get_mut(digit)) {
                    *count += 1;
                }
            }
            let mut digit = 0_u64;
            for count in histogram {
                if rank <= count {
                    break;
                }
                rank -= count;
                digit += 1;
            }
            floor += digit << shift;
            if shift == 0 {
                return floor;
            }
            shift = shift.saturating_sub(DIGIT_BITS);
        }
    }
}

/// What the state of a date is made of.
impl MisraGries {
    /// Whether anything changed since [`MisraGries::take_changed`].
    pub(super) const fn has_changes(&self) -> bool {
        self.has_changes || self.is_due
    }

    /// Whether state has to be written even if no counter changed.
    pub(super) const fn is_due(&self) -> bool {
        self.is_due
    }

    /// The counter of a key.
    pub(super) fn get(&self, hash: KeyHash) -> Option<&Counter> {
        self.table.get(hash)
    }

    /// The counters, in no useful order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Counter> {
        self.table.iter()
    }

    /// Visits the counters in the order of their hashes.
    pub(super) fn for_ascending(&self, visit: impl FnMut(&Counter)) {
        self.table.for_ascending(visit);
    }

    /// Declares all that there is stored.
    pub(super) fn mark_stored(&mut self) {
        self.table.iter_mut().for_each(Counter::mark_stored);
        self.has_changes = false;
        self.is_due = false;
    }

    /// Puts in a counter of a date that is in part in the store, also one that stands at 0, and
    /// adds what its key was fed since it was stored. No purge follows: what is beyond k is in the
    /// store.
    pub(super) fn know(&mut self, mut counter: Counter, added: u64) {
        if added > 0 {
            counter.add(added);
            counter.mark_changed();
            self.has_changes = true;
        }
        let counters = self.table.len() + 1;
        self.table.grow(counters, counters.max(self.capacity + 1));
        self.table.put(counter);
    }

    /// Raises d to what was stored.
    pub(super) fn restore_bound(&mut self, lateness_bound: u64) {
        if lateness_bound > self.lateness_bound {
            self.lower_all_by(lateness_bound - self.lateness_bound);
        }
    }

    /// Puts a stored counter back, in place of an older state of it. When there are more than k,
    /// since there was room for more when they were stored, a purge makes room.
    pub(super) fn restore(&mut self, counter: Counter) {
        if counter.value() > self.lateness_bound {
            self.has_changes |= counter.is_changed();
            self.table.grow(self.table.len() + 1, self.capacity + 1);
            self.table.put(counter);
            self.purge_to(self.capacity);
        }
    }

    /// Makes room for so many more keys at once.
    pub(super) fn reserve(&mut self, keys: usize) {
        let most = self.capacity + 1;
        self.table.grow((self.table.len() + keys).min(most), most);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hash(key: u64) -> KeyHash {
        KeyHash::of(key.to_string())
    }

    #[test]
    fn a_key_past_the_limit_loses_its_counter() {
        let mut counters = MisraGries::new(10, Purge::Median);
        assert_eq!(counters.feed(hash(1), 3, 5), 0);
        assert_eq!(counters.feed(hash(1), 2, 5), 3);
        assert_eq!(counters.len(), 1);
        assert_eq!(counters.feed(hash(1), 1, 5), 5);
        assert_eq!(counters.feed(hash(2), 6, 5), 0);
        assert!(counters.is_empty());
    }

    #[test]
    fn the_median_purge_drops_half() {
        let mut counters = MisraGries::new(4, Purge::Median);
        for key in 1..=5 {
            counters.feed(hash(key), key * 1_000_000, u64::MAX);
        }
        assert_eq!((counters.lateness_bound(), counters.len()), (3_000_000, 2));
        assert_eq!(counters.lower_bound(hash(5)), 2_000_000);
        assert_eq!(counters.lower_bound(hash(3)), 0);
        assert_eq!(counters.upper_bound(hash(3)), 3_000_000);
    }

    #[test]
    fn a_capacity_fits_its_bytes() {
        for bytes in [0, 24, 500, 64 << 10, (1 << 20) + 1] {
            let capacity = MisraGries::capacity_for(bytes);
            assert!(capacity == 1 || MisraGries::bytes_for(capacity) <= bytes);
            assert!(MisraGries::bytes_for(capacity + 2) > bytes);
        }
    }

    proptest! {
        #[test]
        fn the_rank_is_that_of_the_sorted_counts(
            counts in prop::collection::vec(prop_oneof![1..9_u64, 1..u64::MAX >> 4], 1..50),
            rank in any::<prop::sample::Index>(),
        ) {
            let mut counters = MisraGries::new(100, Purge::Median);
            for (key, &count) in (0..).zip(&counts) {
                counters.feed(hash(key), count, u64::MAX);
            }
            let mut sorted = counts;
            sorted.sort_unstable();
            let rank = rank.index(sorted.len());
            prop_assert_eq!(counters.smallest(rank + 1), sorted[rank]);
        }
    }
}
