//! The least loaded of all shards.

/// Finds the shard with the fewest rows, by going round.
///
/// Loads never fall, so a shard that is passed because it has more than the fewest rows need not be
/// looked at again until all have more. There are as many rounds as rows in the emptiest shard, so
/// an event costs one step on average, however many shards there are.
#[derive(Debug)]
pub(super) struct LeastLoaded {
    /// No shard has fewer rows.
    fewest: u32,
    /// Where the round began.
    first: usize,
    /// How many shards of this round were passed.
    passed: usize,
}

impl LeastLoaded {
    /// Rounds from this shard on.
    pub(super) fn from(first: usize) -> Self {
        Self { fewest: 0, first, passed: 0 }
    }

    /// The first shard of the round with the fewest rows.
    #[inline]
    pub(super) fn shard(&mut self, loads: &[u32]) -> usize {
        loop {
            while self.passed < loads.len() {
                let place = self.first + self.passed;
                let shard = if place < loads.len() { place } else { place - loads.len() };
                if loads.get(shard).is_some_and(|&load| load <= self.fewest) {
                    return shard;
                }
                self.passed += 1;
            }
            self.fewest = loads.iter().copied().min().unwrap_or(0);
            self.passed = 0;
        }
    }
}
