//! Counts as events again, where their order is not known.

use std::collections::BTreeMap;

use hotshard_event::EventDate;
use hotshard_sim::KeyEvents;
use hotshard_store::Router;
use hotshard_workload::{RngSeed, RngStream};

use super::{KeyCounting, KeyCounts};
use crate::Error;

/// The stream of random words that the order of events comes from; no model uses its number.
const ORDER_STREAM: u64 = 0x006f_7264_6572;

impl KeyCounts {
    /// Events with these counts, as numbers of keys: day after day, and in a random order within
    /// each day. Nothing if not every key is known, or if they do not fit in the memory.
    ///
    /// For policies to which the order matters little: what a store holds has lost it.
    ///
    /// # Errors
    /// When the memory budget is too small to count at all.
    pub fn shuffled(
        &self,
        counting: &KeyCounting,
        rng_seed: RngSeed,
    ) -> Result<Option<KeyEvents>, Error> {
        if !counting.fits_events_of(self)? {
            return Ok(None);
        }
        let mut hashes: Vec<u64> =
            self.keys.iter().map(|counted| counted.key.id.placement).collect();
        let mut of_dates: BTreeMap<EventDate, Vec<u32>> = BTreeMap::new();
        for (number, counted) in (0_u32..).zip(&self.keys) {
            of_dates.entry(counted.key.date).or_default().push(number);
        }
        let nobody = (self.nobody > 0).then_some(u32::try_from(hashes.len()).unwrap_or(u32::MAX));
        hashes.extend(nobody.map(|_| Router::hash("")));
        let mut random = RngStream::new(rng_seed, ORDER_STREAM);
        let mut events = Vec::new();
        for (date, total) in &self.dates {
            let start = events.len();
            for number in of_dates.get(date).into_iter().flatten() {
                let count = self.keys.get(*number as usize).map_or(0, |counted| counted.events);
                events.extend((0..count).map(|_| *number));
            }
            let of_ids = (events.len() - start) as u64;
            let nobodys =
                nobody.iter().flat_map(|key| (0..total.saturating_sub(of_ids)).map(|_| *key));
            events.extend(nobodys);
            shuffle(events.get_mut(start..).unwrap_or_default(), &mut random);
        }
        Ok(Some(KeyEvents::new(events, hashes, nobody, self.days())))
    }
}

/// Fisher and Yates, as Durstenfeld wrote it down (CACM 7, 1964).
fn shuffle(events: &mut [u32], random: &mut RngStream) {
    for last in (1..events.len()).rev() {
        let other = random.below(last as u64 + 1);
        events.swap(last, usize::try_from(other).unwrap_or(last));
    }
}
