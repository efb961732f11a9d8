//! Counts that need no scan: what commit records tell.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use hotshard_event::{DateRange, EventDate};
use hotshard_store::{Damage, Snapshot};

use crate::execution::refuse_damage;
use crate::{CountQuery, Dedup, Error, GroupColumn, GroupRow, Measure, Timing};

/// A count from commit records alone. Nothing was scanned, so nothing was timed either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedAnswer {
    /// The groups, in the order of a scan's answer.
    pub rows: Vec<GroupRow>,
    /// The sum of all groups' counts, also of those that `top` cut off.
    pub total: u64,
    /// Commit records that could not be read: what they added is missing from the answer. Empty for
    /// a whole answer.
    pub damaged: Vec<Damage>,
}

/// The two kinds of numbers that commit records hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recorded {
    /// Rows of each event name and date.
    PerNameAndDate,
    /// Rows of each shard.
    PerShard,
}

/// Answers a query without a scan.
pub(crate) fn count(query: &CountQuery, snapshot: &Snapshot) -> Result<RecordedAnswer, Error> {
    let recorded = what_tells(query)?;
    let damaged = snapshot.damage().to_vec();
    refuse_damage(query, &damaged)?;
    let groups = match recorded {
        Recorded::PerNameAndDate => per_name_and_date(query, snapshot)?,
        Recorded::PerShard => per_shard(snapshot),
    };
    let total = groups.values().sum();
    let mut rows: Vec<(Reverse<u64>, Key)> = groups
        .into_iter()
        .filter(|(_, count)| *count > 0 || query.by.is_empty())
        .map(|(key, count)| (Reverse(count), key))
        .collect();
    rows.sort();
    rows.truncate(query.top.unwrap_or(usize::MAX));
    let row = |(Reverse(count), key): (Reverse<u64>, Key)| GroupRow {
        key: key.iter().map(|part| Some(part.to_string())).collect(),
        count,
        per_user: None,
    };
    Ok(RecordedAnswer { rows: rows.into_iter().map(row).collect(), total, damaged })
}

/// What a group is told by: one part for each column, in the order in which groups of the same
/// count are listed.
type Key<'a> = Vec<KeyPart<'a>>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum KeyPart<'a> {
    Event(&'a str),
    Date(EventDate),
    Shard(usize),
}

impl std::fmt::Display for KeyPart<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Event(name) => f.write_str(name),
            Self::Date(date) => date.fmt(f),
            Self::Shard(number) => number.fmt(f),
        }
    }
}

/// Which numbers answer the query.
fn what_tells(query: &CountQuery) -> Result<Recorded, Error> {
    let beyond = [
        (query.measure != Measure::Events, "users"),
        (!query.ids.is_empty(), "the events of an id"),
        (!query.predicates.is_empty(), "which events meet a condition"),
        (query.dedup == Dedup::On, "which events are copies"),
        (query.timing != Timing::default(), "how long a scan takes"),
    ];
    let refuse = |asked: &str| Err(Error::NotInCommitRecords { asked: asked.to_owned() });
    if let Some((_, asked)) = beyond.into_iter().find(|(is_asked, _)| *is_asked) {
        return refuse(asked);
    }
    let is_recorded = |column: &&GroupColumn| {
        matches!(column, GroupColumn::Event | GroupColumn::Date | GroupColumn::Shard)
    };
    if let Some(column) = query.by.iter().find(|column| !is_recorded(column)) {
        return refuse(&format!("events by {column}"));
    }
    if !query.by.contains(&GroupColumn::Shard) {
        return Ok(Recorded::PerNameAndDate);
    }
    if query.by.len() > 1 || !query.events.is_empty() || query.dates != DateRange::ALL {
        return refuse("which events and dates a shard has");
    }
    Ok(Recorded::PerShard)
}

fn per_shard(snapshot: &Snapshot) -> BTreeMap<Key<'static>, u64> {
    let rows = snapshot.rows_per_shard().into_iter().enumerate();
    rows.map(|(shard, rows)| (vec![KeyPart::Shard(shard)], rows)).collect()
}

fn per_name_and_date<'a>(
    query: &CountQuery,
    snapshot: &'a Snapshot,
) -> Result<BTreeMap<Key<'a>, u64>, Error> {
    let counts = snapshot.row_counts();
    let mut per_date = counts.by_date();
    let recorded: u64 = per_date.values().sum();
    // The rows of a record that is damaged now may live on in a file that a later one names.
    let stored: u64 = snapshot.rows_per_shard().iter().sum();
    if recorded != stored {
        return Err(Error::CommitRecordsDisagree { recorded, stored });
    }
    per_date.retain(|date, _| query.dates.contains(*date));
    let needs_names = !query.events.is_empty() || query.by.contains(&GroupColumn::Event);
    let mut groups = BTreeMap::new();
    if query.by.is_empty() {
        groups.insert(Vec::new(), 0);
    }
    if !needs_names {
        for (date, rows) in per_date {
            *groups.entry(key(query, "", date)).or_default() += rows;
        }
        return Ok(groups);
    }
    let mut with_a_name = 0;
    for (name, dates) in counts.named() {
        for (&date, rows) in dates.iter().filter(|(date, _)| query.dates.contains(**date)) {
            with_a_name += rows;
            if query.events.is_empty() || query.events.contains(name) {
                *groups.entry(key(query, name, date)).or_default() += rows;
            }
        }
    }
    if with_a_name < per_date.values().sum::<u64>() {
        return Err(Error::TooManyEventNames { told_apart: counts.named().len() });
    }
    Ok(groups)
}

fn key<'a>(query: &CountQuery, name: &'a str, date: EventDate) -> Key<'a> {
    let part = |column: &GroupColumn| match column {
        GroupColumn::Event => Some(KeyPart::Event(name)),
        GroupColumn::Date => Some(KeyPart::Date(date)),
        _ => None,
    };
    query.by.iter().filter_map(part).collect()
}
