//! The hot keys and notices that a store remembers.

use std::collections::BTreeMap;

use hotshard_event::DateRange;
use hotshard_ingest::detect::{HotKey, decode_hot};
use hotshard_store::{Snapshot, StateKind};
use serde::Serialize;

use crate::{Error, PlacedNotice};

/// What a store knows of ids that approached or passed its threshold.
#[derive(Debug, Clone, Default)]
pub struct HotKeys {
    /// Keys past T, by events descending, then id, then date.
    pub keys: Vec<HotKey>,
    /// Notices, oldest first.
    pub notices: Vec<StoredNotice>,
}

/// A notice and when it was committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredNotice {
    /// The notice, with the place of its event.
    #[serde(flatten)]
    pub placed: PlacedNotice,
    /// Wall clock of its commit, milliseconds since 1970.
    pub committed_at_ms: i64,
}

impl HotKeys {
    /// The hot keys and notices of the days in a range.
    ///
    /// # Errors
    /// When the store's state is damaged.
    pub fn of(snapshot: &Snapshot, dates: &DateRange) -> Result<Self, Error> {
        let mut keys: Vec<HotKey> = Vec::new();
        for date in snapshot.state_dates(StateKind::Hot).filter(|date| dates.contains(*date)) {
            // Later sections hold newer values of the same keys.
            let mut of_date = BTreeMap::new();
            for section in snapshot.state(StateKind::Hot, Some(date))? {
                let decoded = decode_hot(date, &section.bytes)?;
                of_date.extend(decoded.into_iter().map(|key| (key.distinct_id.clone(), key)));
            }
            keys.extend(of_date.into_values());
        }
        let mut hot = Self { keys, notices: notices(snapshot, dates)? };
        hot.sort();
        Ok(hot)
    }

    /// Puts the keys in order, after their events were counted anew.
    pub fn sort(&mut self) {
        self.keys.sort_by(|a, b| {
            let by_events = b.events.cmp(&a.events);
            by_events
                .then_with(|| a.distinct_id.cmp(&b.distinct_id))
                .then(a.event_date.cmp(&b.event_date))
        });
    }
}

fn notices(snapshot: &Snapshot, dates: &DateRange) -> Result<Vec<StoredNotice>, Error> {
    let mut notices = Vec::new();
    for section in snapshot.state(StateKind::Notices, None)? {
        let committed_at_ms = section.committed_at_ms;
        for placed in serde_json::Deserializer::from_slice(&section.bytes).into_iter() {
            let placed: PlacedNotice = placed.map_err(|source| Error::Notices { source })?;
            if dates.contains(placed.notice.event_date) {
                notices.push(StoredNotice { placed, committed_at_ms });
            }
        }
    }
    Ok(notices)
}
