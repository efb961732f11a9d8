//! What the stored state of a date proves, and what it leaves open.

use std::collections::BTreeSet;

use hotshard_event::{EventDate, Threshold};

use super::detector::UNBOUNDED;
use super::state::load;
use super::thresholds::Thresholds;
use super::{KeyHash, StoredState};
use crate::Error;

/// The keys of one date of which it is not known whether they passed their threshold.
///
/// A key that was found hot is *proved hot*. Any other has at most its upper bound of events, which
/// for a key without a counter is the certificate d. Where that is not past its threshold T, it is
/// *proved not hot*. What remains is *undecided*: counted keys with a lower bound up to T and an
/// upper bound past T, and, where d itself is past T, every key without a counter. With d = 0
/// nothing is.
#[derive(Debug)]
pub struct Band {
    date: EventDate,
    lateness_bound: u64,
    thresholds: Thresholds,
    hot: BTreeSet<KeyHash>,
    /// Keys with a counter.
    counted: BTreeSet<KeyHash>,
    /// Undecided keys with a counter or a threshold of their own.
    undecided: BTreeSet<KeyHash>,
}

impl Band {
    /// The band of a date whose states these are, in commit order, under the store's threshold and
    /// those of ids that have their own.
    ///
    /// # Errors
    /// When a state is damaged or was stored for another date.
    pub fn of<'a>(
        date: EventDate,
        states: &[StoredState<'_>],
        threshold: Threshold,
        own: impl IntoIterator<Item = (&'a str, Threshold)>,
    ) -> Result<Self, Error> {
        let loaded = load(date, UNBOUNDED, states)?;
        let own: Vec<(&str, Threshold)> = own.into_iter().collect();
        let mut thresholds = Thresholds::new(threshold);
        thresholds.set(own.iter().copied());
        let mut band = Self {
            date,
            lateness_bound: loaded.counters.lateness_bound(),
            hot: loaded.hot.all().iter().map(|key| KeyHash::of(&key.distinct_id)).collect(),
            counted: BTreeSet::new(),
            undecided: BTreeSet::new(),
            thresholds,
        };
        if band.lateness_bound > 0 {
            for counter in loaded.counters.iter() {
                band.counted.insert(counter.hash);
                if counter.value() > band.thresholds.of(counter.hash).get() {
                    band.undecided.insert(counter.hash);
                }
            }
            let own = own.into_iter().map(|(distinct_id, _)| KeyHash::of(distinct_id));
            let open: Vec<KeyHash> = own.filter(|hash| band.is_undecided(*hash)).collect();
            band.undecided.extend(open);
        }
        Ok(band)
    }

    /// The date.
    #[must_use]
    pub const fn date(&self) -> EventDate {
        self.date
    }

    /// The certificate d of the date.
    #[must_use]
    pub const fn lateness_bound(&self) -> u64 {
        self.lateness_bound
    }

    /// Undecided keys that have a counter or a threshold of their own.
    #[must_use]
    pub fn undecided(&self) -> usize {
        self.undecided.len()
    }

    /// Whether keys without a counter are undecided too, because d is past the store's threshold.
    #[must_use]
    pub const fn covers_uncounted(&self) -> bool {
        self.lateness_bound > self.thresholds.general().get()
    }

    /// Whether a key was found hot.
    #[must_use]
    pub fn is_hot(&self, hash: KeyHash) -> bool {
        self.hot.contains(&hash)
    }

    /// Whether a key is undecided.
    #[must_use]
    pub fn is_undecided(&self, hash: KeyHash) -> bool {
        let is_uncounted = || !self.hot.contains(&hash) && !self.counted.contains(&hash);
        self.undecided.contains(&hash)
            || (self.lateness_bound > self.thresholds.of(hash).get() && is_uncounted())
    }

    /// The threshold that holds for a key now.
    #[must_use]
    pub fn threshold_of(&self, hash: KeyHash) -> Threshold {
        self.thresholds.of(hash)
    }
}
