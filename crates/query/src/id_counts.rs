//! Events of chosen ids, counted one by one.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use hotshard_event::{DateRange, EventDate};
use hotshard_store::{Damage, Snapshot};

use crate::field::{ColumnList, Field};
use crate::phases::{Pace, Phases};
use crate::rows::DateFilter;

/// How many stored events of one day have each of some distinct ids.
///
/// Rows are counted as they are stored: no duplicate is left out, and a row that was renamed has no
/// distinct id any more.
#[derive(Debug, Default)]
pub struct IdCounts {
    /// Events by id, in order of id.
    pub events: BTreeMap<String, u64>,
    /// Files that are damaged; nothing of them is counted.
    pub damaged: Vec<Damage>,
}

type Counts = HashMap<String, u64, foldhash::fast::FixedState>;

impl IdCounts {
    /// Counts the events of a day for those ids that are wanted. The empty id is never counted.
    ///
    /// Shards are read in parallel, on the current rayon pool; nothing but dates and distinct ids
    /// is read. What is not wanted takes no memory.
    #[must_use]
    pub fn of(
        snapshot: &Snapshot,
        date: EventDate,
        is_wanted: impl Fn(&str) -> bool + Sync,
    ) -> Self {
        let dates = DateRange::only(date);
        let mut phases = Phases::new(snapshot, Pace::Pool, []);
        let events = phases.run(
            |file| file.overlaps(&dates),
            |shard| {
                shard.scan(|file, counts: &mut Counts| {
                    let mut columns = ColumnList::default();
                    let filter = DateFilter::new(file, &dates, &mut columns);
                    let reader = Field::DistinctId.reader(snapshot.identity(), file, &mut columns);
                    snapshot.scan(file, columns.to_read(), &dates, |batch| {
                        let rows = filter.rows(batch);
                        let ids = reader.read(batch, &rows);
                        for (id, rows) in ids.counts() {
                            if !id.is_empty() && is_wanted(id) {
                                *counts.entry_ref(id).or_default() += rows;
                            }
                        }
                    })
                })
            },
            |shards: Vec<Counts>| {
                let mut events = BTreeMap::new();
                for (id, rows) in shards.into_iter().flatten() {
                    *events.entry(id).or_default() += rows;
                }
                events
            },
        );
        Self { events, damaged: phases.damaged().cloned().collect() }
    }
}
