//! The figures of a report, from a store.

use std::collections::{BTreeMap, BTreeSet};

use hotshard::{
    CountQuery, Damage, DateRange, EventDate, GroupColumn, HOTSHARD_EVENTS, HotKey, Measure,
    Snapshot, StoreError,
};

/// Events of hot keys under one original event name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EventFigures {
    pub(super) original_event: String,
    /// All events of hot keys, those up to the threshold included.
    pub(super) events: u64,
    /// How many of them a remedy renamed.
    pub(super) renamed: u64,
    /// Hot keys that have such events.
    pub(super) hot_keys: u64,
}

/// One event date.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct DayFigures {
    pub(super) event_date: EventDate,
    /// All events of the day.
    pub(super) events: u64,
    pub(super) hot_keys: u64,
    /// Events of its hot keys.
    pub(super) hot_events: u64,
    pub(super) remedied: u64,
}

/// Rejected records, by code of the reason.
pub(super) type RejectFigures = BTreeMap<String, u64>;

/// A hot key as the columns of a count have it.
type Key = (String, String);

#[derive(Debug, Default)]
struct OfName {
    events: u64,
    renamed: u64,
    keys: BTreeSet<Key>,
}

/// Hot keys' events by the name they were sent with, most first, and what could not be read.
pub(super) fn by_event(
    snapshot: &Snapshot,
    dates: &DateRange,
    hot: &[HotKey],
) -> anyhow::Result<(Vec<EventFigures>, Vec<Damage>)> {
    if hot.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let key_of = |key: &HotKey| (key.distinct_id.clone(), key.event_date.to_string());
    let keys: BTreeSet<Key> = hot.iter().map(key_of).collect();
    let ids: BTreeSet<&str> = hot.iter().map(|key| key.distinct_id.as_str()).collect();
    let listed: Vec<String> = ids.into_iter().map(quoted).collect();
    let answer = CountQuery::new(Measure::Events)
        .dates(*dates)
        .filter(format!("original_distinct_id in ({})", listed.join(", ")).parse()?)
        .by(GroupColumn::OriginalDistinctId)
        .by(GroupColumn::Date)
        .by(GroupColumn::OriginalEvent)
        .by(GroupColumn::Event)
        .by(GroupColumn::DistinctId)
        .run(snapshot)?;
    let mut names: BTreeMap<String, OfName> = BTreeMap::new();
    for row in answer.rows {
        let Ok([Some(id), Some(date), Some(original), Some(event), Some(stored_id)]) =
            <[Option<String>; 5]>::try_from(row.key)
        else {
            continue;
        };
        // Declared unattributed after its id was hot: never counted among the key's events.
        if stored_id.is_empty() && event != HOTSHARD_EVENTS {
            continue;
        }
        let key = (id, date);
        if keys.contains(&key) {
            let renamed = if event == original { 0 } else { row.count };
            let of_name = names.entry(original).or_default();
            of_name.events += row.count;
            of_name.renamed += renamed;
            of_name.keys.insert(key);
        }
    }
    let mut figures: Vec<EventFigures> = names
        .into_iter()
        .map(|(original_event, of_name)| EventFigures {
            original_event,
            events: of_name.events,
            renamed: of_name.renamed,
            hot_keys: of_name.keys.len() as u64,
        })
        .collect();
    // Names are in order already, and a stable sort keeps that among equals.
    figures.sort_by_key(|figures| std::cmp::Reverse(figures.events));
    Ok((figures, answer.damaged))
}

/// Every day of the range that has events, oldest first.
pub(super) fn by_day(snapshot: &Snapshot, dates: &DateRange, hot: &[HotKey]) -> Vec<DayFigures> {
    let mut days: BTreeMap<EventDate, DayFigures> = BTreeMap::new();
    fn day(days: &mut BTreeMap<EventDate, DayFigures>, date: EventDate) -> &mut DayFigures {
        days.entry(date).or_insert_with(|| DayFigures { event_date: date, ..Default::default() })
    }
    for (date, rows) in snapshot.row_counts().by_date() {
        if dates.contains(date) {
            day(&mut days, date).events += rows;
        }
    }
    for key in hot {
        let figures = day(&mut days, key.event_date);
        figures.hot_keys += 1;
        figures.hot_events += key.events;
        figures.remedied += key.remedied_total;
    }
    days.into_values().collect()
}

/// Rejected records by reason, and what could not be read.
pub(super) fn rejects(snapshot: &Snapshot) -> Result<(RejectFigures, Vec<Damage>), StoreError> {
    let (mut figures, mut damaged) = (RejectFigures::new(), Vec::new());
    for record in snapshot.rejects() {
        match record {
            // A record over the size limit stands in several parts.
            Ok(record) if record.part == 0 => *figures.entry(record.reason).or_default() += 1,
            Ok(_) => {}
            Err(StoreError::Damaged(damage)) => damaged.push(damage),
            Err(error) => return Err(error),
        }
    }
    Ok((figures, damaged))
}

/// A text as a value in a condition.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_id_can_stand_in_a_condition() {
        for id in ["NA", "a b", "a\"b\\", "x,y)", "\\", "\"", "日本"] {
            let condition = format!("original_distinct_id in ({})", quoted(id));
            assert!(condition.parse::<hotshard::Predicate>().is_ok(), "{condition}");
        }
        assert_eq!(quoted("a\"b\\"), r#""a\"b\\""#);
    }
}
