//! How many rows there are, by event name and date.

use std::collections::BTreeMap;

use hotshard_event::EventDate;
use serde::{Deserialize, Serialize};

/// Most event names that are told apart. A name with an id in it makes a new name of every event,
/// and what every commit keeps of names must not grow with the events.
pub(crate) const MAX_EVENT_NAMES: usize = 1_000;

/// Rows per event name and date.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    named: BTreeMap<String, BTreeMap<EventDate, u64>>,
    /// Rows of names beyond the first 1 000.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    unnamed: BTreeMap<EventDate, u64>,
}

impl RowCounts {
    /// Adds rows of one name and date.
    pub(crate) fn add(&mut self, name: &str, date: EventDate, rows: u64) {
        let has_room = self.named.len() < MAX_EVENT_NAMES;
        let dates = if has_room && !self.named.contains_key(name) {
            self.named.entry(name.to_owned()).or_default()
        } else {
            self.named.get_mut(name).unwrap_or(&mut self.unnamed)
        };
        *dates.entry(date).or_default() += rows;
    }

    /// Adds other rows.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (name, dates) in &other.named {
            for (&date, &rows) in dates {
                self.add(name, date, rows);
            }
        }
        for (&date, &rows) in &other.unnamed {
            *self.unnamed.entry(date).or_default() += rows;
        }
    }

    /// Rows per date of each name; of the first 1 000 names.
    #[must_use]
    pub const fn named(&self) -> &BTreeMap<String, BTreeMap<EventDate, u64>> {
        &self.named
    }

    /// Rows per date, whatever their names.
    #[must_use]
    pub fn by_date(&self) -> BTreeMap<EventDate, u64> {
        let mut all = self.unnamed.clone();
        for (&date, &rows) in self.named.values().flatten() {
            *all.entry(date).or_default() += rows;
        }
        all
    }

    /// About how much memory it takes, in bytes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let of_name = |(name, dates): (&String, &BTreeMap<EventDate, u64>)| {
            (name.len() + 96 + dates.len() * 24) as u64
        };
        self.named.iter().map(of_name).sum::<u64>() + self.unnamed.len() as u64 * 24
    }

    /// Rows of each name, unless there are too many names to tell.
    pub(crate) fn by_name(&self) -> Option<BTreeMap<String, u64>> {
        let sum = |dates: &BTreeMap<EventDate, u64>| dates.values().sum();
        let named = self.named.iter().map(|(name, dates)| (name.clone(), sum(dates)));
        self.unnamed.is_empty().then(|| named.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_first_thousand_are_not_told_apart() {
        let day = EventDate::from_epoch_days;
        let mut counts = RowCounts::default();
        for number in 0..MAX_EVENT_NAMES {
            counts.add(&format!("Viewed {number:04}"), day(1), 1);
        }
        assert_eq!(counts.by_name().unwrap()["Viewed 0007"], 1);
        let mut other = RowCounts::default();
        other.add("Viewed 0007", day(1), 2);
        other.add("Viewed 1000", day(2), 5);
        counts.merge(&other);
        assert_eq!(counts.named()["Viewed 0007"][&day(1)], 3);
        assert_eq!(counts.by_name(), None);
        assert_eq!(counts.by_date(), BTreeMap::from([(day(1), 1_002), (day(2), 5)]));
    }
}
