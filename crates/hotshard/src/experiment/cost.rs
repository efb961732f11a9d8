//! What a remedy costs analysis.

use std::collections::BTreeMap;

use hotshard_event::Remedy;
use hotshard_query::{CountQuery, GroupColumn, Measure};
use hotshard_store::Snapshot;

use crate::{Error, MemoryBudget};

/// What reports lose by a remedy, against the same events untouched.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct AnalysisCost {
    /// Events that are missing from the reports of their event name.
    pub events_missing: u64,
    /// Users that are missing from the reports of an event name, summed over the names: a user
    /// whose every event of that name was renamed.
    pub users_missing: u64,
}

/// Events and users per event name.
#[derive(Debug, Clone, Default)]
pub(super) struct Baseline {
    total: u64,
    events: BTreeMap<String, u64>,
    users: BTreeMap<String, u64>,
}

impl Baseline {
    pub(super) fn of(snapshot: &Snapshot, memory: MemoryBudget) -> Result<Self, Error> {
        let by_event = |query: CountQuery| -> Result<(u64, BTreeMap<String, u64>), Error> {
            let query = query.by(GroupColumn::Event).memory_bytes(memory.bytes());
            let answer = query.run(snapshot)?;
            let rows = answer.rows.into_iter();
            let counts =
                rows.filter_map(|row| Some((row.key.into_iter().next()??, row.count))).collect();
            Ok((answer.total, counts))
        };
        let (total, events) = by_event(CountQuery::new(Measure::Events))?;
        let (_, users) = by_event(CountQuery::new(Measure::Users))?;
        Ok(Self { total, events, users })
    }
}

impl AnalysisCost {
    /// What is in `before` and not in `after`.
    pub(super) fn between(
        before: &Baseline,
        after: &Baseline,
        remedy: Remedy,
    ) -> Result<Self, Error> {
        let cost = Self {
            events_missing: missing(&before.events, &after.events),
            users_missing: missing(&before.users, &after.users),
        };
        let lossless = remedy != Remedy::Rename;
        if before.total != after.total || (lossless && cost != Self::default()) {
            let what = format!("events without remedy and under {remedy}");
            return Err(Error::Inconsistent { what, left: before.total, right: after.total });
        }
        Ok(cost)
    }
}

/// The sum of what each name has less.
fn missing(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> u64 {
    let less = |(name, count): (&String, &u64)| {
        count.saturating_sub(after.get(name).copied().unwrap_or_default())
    };
    before.iter().map(less).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    fn baseline(events: &[(&str, u64)], users: &[(&str, u64)]) -> Baseline {
        let total = events.iter().map(|(_, count)| count).sum();
        Baseline { total, events: names(events), users: names(users) }
    }

    #[test]
    fn only_what_left_its_name_is_missing() {
        let before = baseline(&[("A", 10), ("B", 5)], &[("A", 3), ("B", 1)]);
        let after = baseline(&[("A", 4), ("B", 5), ("$hotshard_events", 6)], &[("A", 3)]);
        let cost = AnalysisCost::between(&before, &after, Remedy::Rename).unwrap();
        assert_eq!(cost, AnalysisCost { events_missing: 6, users_missing: 1 });
    }

    #[test]
    fn a_lossless_remedy_that_loses_is_a_bug_and_says_so() {
        let before = baseline(&[("A", 10)], &[]);
        let after = baseline(&[("A", 9), ("B", 1)], &[]);
        let error = AnalysisCost::between(&before, &after, Remedy::Split).unwrap_err();
        assert!(error.to_string().contains("under split"), "{error}");
        let error = AnalysisCost::between(&before, &baseline(&[("A", 9)], &[]), Remedy::Rename);
        assert!(error.is_err());
    }
}
