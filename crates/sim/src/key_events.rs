//! Events as numbers.

/// A stream of events of which nothing is left but the key: each event is the number of its key, in
/// the order of arrival.
///
/// A key is one (distinct id, event date). Keys of one id on several dates are several keys with
/// the same hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEvents {
    keys: Vec<u32>,
    hashes: Vec<u64>,
    nobody: Option<u32>,
    days: u32,
}

impl KeyEvents {
    /// These events. `hashes` has the hash of each key's id; `nobody` is the key of events without
    /// an id, which are spread by sequence and never counted, if there are any; `days` is how many
    /// days the stream covers, at least 1.
    ///
    /// # Panics
    /// When an event has a key without a hash: the caller numbered them.
    #[must_use]
    pub fn new(keys: Vec<u32>, hashes: Vec<u64>, nobody: Option<u32>, days: u32) -> Self {
        assert!(
            keys.iter().all(|key| (*key as usize) < hashes.len()),
            "every key of an event has a hash"
        );
        Self { keys, hashes, nobody, days: days.max(1) }
    }

    /// The key of each event.
    #[must_use]
    pub fn keys(&self) -> &[u32] {
        &self.keys
    }

    /// The hash of each key's id.
    #[must_use]
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// The key of events without an id.
    #[must_use]
    pub fn nobody(&self) -> Option<u32> {
        self.nobody
    }

    /// Events a day, rounded up: the N of an adaptive threshold.
    #[must_use]
    pub fn per_day(&self) -> u64 {
        (self.keys.len() as u64).div_ceil(u64::from(self.days))
    }

    /// How many events each key has; none for nobody, whose events are never counted.
    #[expect(clippy::indexing_slicing, reason = "every key of an event has a hash")]
    pub(crate) fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.hashes.len()];
        for &key in &self.keys {
            counts[key as usize] += 1;
        }
        if let Some(nobody) = self.nobody
            && let Some(count) = counts.get_mut(nobody as usize)
        {
            *count = 0;
        }
        counts
    }
}
