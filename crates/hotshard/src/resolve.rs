//! What the detector left open, and what the stored events say to it.

use std::collections::BTreeMap;

use hotshard_event::{DateRange, EventDate, Remedy, Threshold};
use hotshard_ingest::detect::{Band, HotKey, KeyHash};
use hotshard_query::IdCounts;
use hotshard_store::{Damage, Snapshot, StateKind};

use crate::Error;
use crate::stored_date::StoredDate;

/// Ids that are counted at once where every id of a day must be: about 100 MiB of them.
const IDS_A_PASS: u64 = 1_000_000;

/// The days of a store whose certificate d is not 0, with the keys that are undecided on them.
///
/// A day of which d is 0 leaves nothing open and is not in it.
#[derive(Debug, Default)]
pub struct Bands {
    bands: Vec<Band>,
}

/// What is undecided on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateBand {
    /// The day.
    pub event_date: EventDate,
    /// Its certificate d.
    pub lateness_bound: u64,
    /// Ids that have a counter, or a threshold of their own, and may have passed it without being
    /// found.
    pub undecided: usize,
    /// Whether ids without a counter may have, too.
    pub covers_uncounted: bool,
}

/// What the stored events say.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// Keys that passed their threshold without being found, by events descending, then id, then
    /// date.
    pub overlooked: Vec<OverlookedKey>,
    /// Files that are damaged. With any, counts are short by what is in them.
    pub damaged: Vec<Damage>,
}

/// A key that passed its threshold without being found: by d events at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlookedKey {
    /// The id.
    pub distinct_id: String,
    /// The day.
    pub event_date: EventDate,
    /// Its events on that day, counted one by one.
    pub events: u64,
    /// The threshold that holds for it.
    pub threshold: Threshold,
}

impl Bands {
    /// The bands of the days in a range.
    ///
    /// # Errors
    /// When the store's state is damaged.
    pub fn of(snapshot: &Snapshot, dates: &DateRange) -> Result<Self, Error> {
        // The largest of all days: most stores are exact, and nothing needs to be read.
        if snapshot.lateness_bound() == 0 {
            return Ok(Self::default());
        }
        let identity = snapshot.identity();
        let mut bands = Vec::new();
        for date in snapshot.state_dates(StateKind::Counters).filter(|date| dates.contains(*date)) {
            let stored = StoredDate::read(snapshot, date)?;
            let own = identity.overrides().thresholds();
            let band = Band::of(date, &stored.states(), identity.threshold(), own)?;
            if band.lateness_bound() > 0 {
                bands.push(band);
            }
        }
        Ok(Self { bands })
    }

    /// Whether every day is exact.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bands.is_empty()
    }

    /// The days, ascending.
    pub fn dates(&self) -> impl Iterator<Item = DateBand> + '_ {
        self.bands.iter().map(|band| DateBand {
            event_date: band.date(),
            lateness_bound: band.lateness_bound(),
            undecided: band.undecided(),
            covers_uncounted: band.covers_uncounted(),
        })
    }

    /// Counts the undecided keys, and the hot ones among `hot` whose events are known only up to d,
    /// from the stored events; the latter's `events` are exact then.
    ///
    /// A key that was not found has all its events in the store under its id. Of one that was, those
    /// that were renamed have lost it, and their number is known. So this is exact whatever the
    /// remedy, as long as no duplicate was removed.
    #[must_use]
    pub fn resolve(&self, snapshot: &Snapshot, hot: &mut [HotKey]) -> Resolution {
        let mut resolution = Resolution::default();
        for band in &self.bands {
            resolve_date(snapshot, band, hot, &mut resolution);
        }
        resolution.overlooked.sort_by(|a, b| {
            let by_events = b.events.cmp(&a.events);
            by_events
                .then_with(|| a.distinct_id.cmp(&b.distinct_id))
                .then(a.event_date.cmp(&b.event_date))
        });
        resolution.damaged.sort_by(|a, b| a.path.cmp(&b.path));
        resolution.damaged.dedup();
        resolution
    }
}

fn resolve_date(snapshot: &Snapshot, band: &Band, hot: &mut [HotKey], resolution: &mut Resolution) {
    let date = band.date();
    let renames = snapshot.identity().remedy() == Remedy::Rename;
    let mut hot: BTreeMap<String, &mut HotKey> = hot
        .iter_mut()
        .filter(|key| key.event_date == date)
        .map(|key| (key.distinct_id.clone(), key))
        .collect();
    let passes = passes(snapshot, band);
    for pass in 0..passes {
        let is_wanted = |id: &str| {
            let hash = KeyHash::of(id);
            let is_open = band.is_undecided(hash) || band.is_hot(hash);
            is_open && u128::from(hash) % passes == pass
        };
        let counts = IdCounts::of(snapshot, date, is_wanted);
        resolution.damaged.extend(counts.damaged);
        for (distinct_id, events) in counts.events {
            let threshold = band.threshold_of(KeyHash::of(&distinct_id));
            if let Some(key) = hot.get_mut(&distinct_id) {
                key.events = events + if renames { key.remedied_total } else { 0 };
            } else if events > threshold.get() {
                let event_date = date;
                let key = OverlookedKey { distinct_id, event_date, events, threshold };
                resolution.overlooked.push(key);
            }
        }
    }
}

/// In how many passes a day is counted, so that memory does not grow with its ids: where every id
/// must be, each pass takes the ids of a part of the hashes.
fn passes(snapshot: &Snapshot, band: &Band) -> u128 {
    if !band.covers_uncounted() {
        return 1;
    }
    let rows = snapshot.row_counts().by_date().get(&band.date()).copied().unwrap_or(0);
    u128::from(rows / IDS_A_PASS + 1)
}
