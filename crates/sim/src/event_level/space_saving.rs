//! Which ids are frequent, as seen from inside the stream.

/// SpaceSaving (Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements
/// in Data Streams", ICDT 2005) over ids that are numbers, at the price of an array look-up.
///
/// Its c counters are those of Misra–Gries with c − 1, plus the number of its decrements (Agarwal et
/// al., "Mergeable Summaries", PODS 2012, lemma 2). So an id needs one number: its estimate when it
/// was last seen. It has a counter as long as that is above `floor`, the number of decrements, which
/// is also the smallest counter of SpaceSaving. Estimates are the same as with linked buckets, and
/// no ties have to be broken.
#[derive(Debug)]
pub(super) struct SpaceSaving {
    /// How many more ids can have a counter.
    free: u32,
    floor: u32,
    /// How many ids have a counter of this value. `floor` cannot rise past the last one.
    ids_at: Vec<u32>,
}

impl SpaceSaving {
    /// So many counters for a stream of so many events. The estimate of an id is never below its
    /// frequency, and never above it by more than a `counters`-th of the events so far.
    pub(super) fn new(counters: u32, events: u64) -> Self {
        let highest_floor = events / u64::from(counters.max(1));
        let levels = usize::try_from(highest_floor).unwrap_or(usize::MAX).saturating_add(1);
        Self { free: counters.max(1) - 1, floor: 0, ids_at: vec![0; levels] }
    }

    /// Counts an event of an id. `estimate` is the id's own: 0 at first, and otherwise what this
    /// left in it.
    #[inline]
    pub(super) fn count(&mut self, estimate: &mut u32) {
        let before = *estimate;
        if before > self.floor {
            *estimate = before + 1;
            self.change(before, u32::wrapping_sub);
        } else if self.free > 0 {
            *estimate = self.floor + 1;
            self.free -= 1;
        } else {
            self.floor += 1;
            *estimate = self.floor;
            self.free += self.ids_at.get(self.floor as usize).copied().unwrap_or(0);
            return;
        }
        self.change(*estimate, u32::wrapping_add);
    }

    #[inline]
    fn change(&mut self, level: u32, by_one: impl Fn(u32, u32) -> u32) {
        if let Some(ids) = self.ids_at.get_mut(level as usize) {
            *ids = by_one(*ids, 1);
        }
    }

    /// The smallest counter: no id without one is more frequent.
    #[cfg(test)]
    fn floor(&self) -> u32 {
        self.floor
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// The paper's algorithm word for word: the estimate of each event's id after it, and the
    /// smallest counter at the end.
    fn naive(counters: usize, stream: &[usize]) -> (Vec<u32>, u32) {
        let mut table: BTreeMap<usize, u32> = BTreeMap::new();
        let mut estimates = Vec::new();
        for &id in stream {
            if !table.contains_key(&id) && table.len() == counters {
                let (&victim, &least) = table.iter().min_by_key(|(_, count)| **count).unwrap();
                table.remove(&victim);
                table.insert(id, least);
            }
            let count = table.entry(id).or_insert(0);
            *count += 1;
            estimates.push(*count);
        }
        let full = table.len() == counters;
        (estimates, if full { table.into_values().min().unwrap_or(0) } else { 0 })
    }

    proptest! {
        #[test]
        fn estimates_are_those_of_the_paper(
            counters in 1_u32..12,
            stream in proptest::collection::vec((0_usize..6, 0_usize..30), 0..600),
        ) {
            let stream: Vec<usize> = stream.into_iter().map(|(a, b)| a.min(b) * (b % 7)).collect();
            let (expected, least) = naive(counters as usize, &stream);
            let mut summary = SpaceSaving::new(counters, stream.len() as u64);
            let mut estimates = [0; 64];
            for (&id, expected) in stream.iter().zip(expected) {
                summary.count(&mut estimates[id]);
                prop_assert_eq!(estimates[id], expected);
            }
            prop_assert_eq!(summary.floor(), least);
        }
    }

    #[test]
    fn one_counter_counts_events() {
        let mut summary = SpaceSaving::new(1, 3);
        let mut estimates = [0; 2];
        for id in [0, 1, 0] {
            summary.count(&mut estimates[id]);
        }
        assert_eq!(estimates, [3, 2]);
    }
}
