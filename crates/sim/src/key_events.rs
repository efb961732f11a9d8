//! Events as numbers.

use std::borrow::Cow;

use hashbrown::HashMap;
use hotshard_workload::DrawnKeys;

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

    /// Days that the stream covers.
    #[must_use]
    pub fn days(&self) -> u32 {
        self.days
    }

    /// Events a day, rounded up: the N of an adaptive threshold.
    #[must_use]
    pub fn per_day(&self) -> u64 {
        (self.keys.len() as u64).div_ceil(u64::from(self.days))
    }

    /// How many events have no id.
    pub(crate) fn nobodys(&self) -> u64 {
        self.nobody
            .map_or(0, |nobody| self.keys.iter().filter(|&&key| key == nobody).count() as u64)
    }

    /// The ids: keys with the same hash are one.
    pub(crate) fn ids(&self) -> Ids<'_> {
        if self.days == 1 {
            return Ids { of_key: None, hashes: Cow::Borrowed(&self.hashes) };
        }
        let mut numbers: HashMap<u64, u32, foldhash::fast::FixedState> = HashMap::default();
        let mut hashes = Vec::new();
        let mut number = |&hash: &u64| {
            *numbers.entry(hash).or_insert_with(|| {
                hashes.push(hash);
                narrow(hashes.len() - 1)
            })
        };
        let of_key = self.hashes.iter().map(&mut number).collect();
        Ids { of_key: Some(of_key), hashes: Cow::Owned(hashes) }
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

impl From<DrawnKeys> for KeyEvents {
    /// A synthetic stream.
    fn from(drawn: DrawnKeys) -> Self {
        Self::new(drawn.keys, drawn.hashes, drawn.nobody, drawn.days)
    }
}

/// The ids of a stream, numbered from 0.
#[derive(Debug)]
pub(crate) struct Ids<'a> {
    /// The id of each key, unless they are the same because there is only one day.
    of_key: Option<Vec<u32>>,
    /// The hash of each id.
    pub(crate) hashes: Cow<'a, [u64]>,
}

impl Ids<'_> {
    /// The id of a key.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every key has an id")]
    pub(crate) fn of(&self, key: usize) -> usize {
        match &self.of_key {
            None => key,
            Some(ids) => ids[key] as usize,
        }
    }

    /// What the keys of each id have together.
    pub(crate) fn sums(&self, of_keys: impl Iterator<Item = u64>) -> Vec<u64> {
        let mut sums = vec![0; self.hashes.len()];
        for (key, value) in of_keys.enumerate() {
            if let Some(sum) = sums.get_mut(self.of(key)) {
                *sum += value;
            }
        }
        sums
    }
}

#[expect(clippy::cast_possible_truncation, reason = "keys are numbered by 32 bits, so ids are")]
fn narrow(id: usize) -> u32 {
    id as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_one_id_belong_together() {
        let events = KeyEvents::new(vec![0, 1, 2, 3, 2], vec![7, 9, 7, 1], Some(3), 2);
        let ids = events.ids();
        assert_eq!(*ids.hashes, [7, 9, 1]);
        assert_eq!((0..4).map(|key| ids.of(key)).collect::<Vec<_>>(), [0, 1, 0, 2]);
        assert_eq!(events.counts(), [1, 1, 2, 0]);
        assert_eq!(ids.sums(events.counts().into_iter().map(u64::from)), [3, 1, 0]);
        assert_eq!((events.nobodys(), events.per_day()), (1, 3));
    }
}
