//! Events of chosen ids, counted one by one.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use hotshard_event::{DateRange, EventDate};
use hotshard_store::{Column, Damage, DataFile, ScanStats, Snapshot};

use crate::field::Field;
use crate::keys::Keys;
use crate::phases::{Pace, Phases};
use crate::row_group::Columns;
use crate::shard_files::Stopped;

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
                shard.scan(Counts::default, |file, counts| {
                    count_file(snapshot, file, &dates, &is_wanted, counts)
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

fn count_file(
    snapshot: &Snapshot,
    file: &DataFile,
    dates: &DateRange,
    is_wanted: &(impl Fn(&str) -> bool + Sync),
    counts: &mut Counts,
) -> Result<ScanStats, Stopped> {
    let ids = Field::DistinctId.source(snapshot.identity(), file);
    let mut room = Vec::new();
    let mut reader = snapshot.open(file)?;
    for index in 0..reader.row_groups() {
        let mut columns = Columns::of(reader.row_group(index));
        let rows = columns.rows_of(file, dates, Column::DistinctId)?;
        let ids = columns.values(&ids, &rows)?;
        Keys::count(std::slice::from_ref(&ids), rows.rows(), &mut room, |code, rows| {
            let id = code.first().and_then(|code| ids.text(*code));
            if let Some(id) = id.filter(|id| !id.is_empty() && is_wanted(id)) {
                *counts.entry_ref(id.as_ref()).or_default() += u64::from(rows);
            }
        });
    }
    Ok(reader.stats())
}
