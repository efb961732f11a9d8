//! The query: what to count, of which rows, and how.

use std::collections::BTreeSet;
use std::str::FromStr;

use hotshard_event::DateRange;
use hotshard_store::Snapshot;

use crate::{Answer, Error, GroupColumn, Predicate, RecordedAnswer, Timing};
use crate::{commit_records, execution};

/// What is counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Measure {
    /// Events.
    #[default]
    Events,
    /// Distinct non-empty distinct ids, as they are stored.
    Users,
    /// Events per user: how many of the distinct non-empty distinct ids have how many events.
    PerUser,
}

impl FromStr for Measure {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "events" => Ok(Self::Events),
            "users" => Ok(Self::Users),
            "per-user" => Ok(Self::PerUser),
            _ => Err(Error::UnknownMeasure { given: text.to_owned() }),
        }
    }
}

/// Whether copies of one event count once.
///
/// Copies have the same original event, time, original distinct id and insert id; rows without an
/// insert id are nobody's copies. Of copies an unrenamed one stays, then the one with the latest
/// sequence. Duplicates are taken away before any condition but the date range is looked at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Dedup {
    /// Every stored row counts.
    #[default]
    Off,
    /// Of copies, one counts.
    On,
}

/// What to do about files that are damaged or cannot be read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum OnDamage {
    /// Answer from all the others, and name what is damaged.
    #[default]
    AnswerPartially,
    /// Give an error, and no answer.
    Refuse,
}

/// A count over a store.
///
/// ```
/// # use hotshard_store::{Settings, Store};
/// use hotshard_query::{CountQuery, GroupColumn, Measure};
///
/// # let folder = tempfile::tempdir()?;
/// # let store = Store::create_or_open(folder.path().join("store"), &Settings::default())?;
/// let query = CountQuery::new(Measure::Users)
///     .event("Purchase")
///     .filter("property:plan = pro".parse()?)
///     .by(GroupColumn::Date)
///     .top(10);
/// let answer = query.run(&store.snapshot()?)?;
/// # assert!(answer.rows.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountQuery {
    pub(crate) measure: Measure,
    pub(crate) events: BTreeSet<String>,
    pub(crate) dates: DateRange,
    pub(crate) ids: BTreeSet<String>,
    pub(crate) predicates: Vec<Predicate>,
    pub(crate) by: Vec<GroupColumn>,
    pub(crate) top: Option<usize>,
    pub(crate) dedup: Dedup,
    pub(crate) on_damage: OnDamage,
    pub(crate) timing: Timing,
    pub(crate) memory_bytes: u64,
}

impl Default for CountQuery {
    fn default() -> Self {
        Self::new(Measure::default())
    }
}

impl CountQuery {
    /// What [`CountQuery::memory_bytes`] is unless it is said: 512 MiB.
    pub const DEFAULT_MEMORY_BYTES: u64 = 512 << 20;

    /// Counts everything, in one group.
    #[must_use]
    pub fn new(measure: Measure) -> Self {
        Self {
            measure,
            events: BTreeSet::new(),
            dates: DateRange::default(),
            ids: BTreeSet::new(),
            predicates: Vec::new(),
            by: Vec::new(),
            top: None,
            dedup: Dedup::default(),
            on_damage: OnDamage::default(),
            timing: Timing::default(),
            memory_bytes: Self::DEFAULT_MEMORY_BYTES,
        }
    }

    /// Only events of this name, as stored; called again, of any of the names.
    #[must_use]
    pub fn event(mut self, name: impl Into<String>) -> Self {
        self.events.insert(name.into());
        self
    }

    /// Only events of these days.
    #[must_use]
    pub const fn dates(mut self, dates: DateRange) -> Self {
        self.dates = dates;
        self
    }

    /// Only events of this distinct id, as stored; called again, of any of the ids.
    #[must_use]
    pub fn id(mut self, distinct_id: impl Into<String>) -> Self {
        self.ids.insert(distinct_id.into());
        self
    }

    /// Only events that meet this condition; called again, all of the conditions.
    #[must_use]
    pub fn filter(mut self, predicate: Predicate) -> Self {
        self.predicates.push(predicate);
        self
    }

    /// One count for each value of the column; called again, of each combination.
    #[must_use]
    pub fn by(mut self, column: GroupColumn) -> Self {
        self.by.push(column);
        self
    }

    /// Only the first so many groups of the answer's order.
    #[must_use]
    pub const fn top(mut self, groups: usize) -> Self {
        self.top = Some(groups);
        self
    }

    /// Whether copies count.
    #[must_use]
    pub const fn dedup(mut self, dedup: Dedup) -> Self {
        self.dedup = dedup;
        self
    }

    /// What to do about damage.
    #[must_use]
    pub const fn on_damage(mut self, on_damage: OnDamage) -> Self {
        self.on_damage = on_damage;
        self
    }

    /// How to run and time it.
    #[must_use]
    pub const fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// How much memory the process may take. What does not fit is counted in several passes over
    /// the store, each for a part of the ids, of the groups or, to find copies, of their keys.
    #[must_use]
    pub const fn memory_bytes(mut self, bytes: u64) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// The columns that are grouped by: what the keys of the answer's rows hold.
    #[must_use]
    pub fn group_columns(&self) -> &[GroupColumn] {
        &self.by
    }

    /// Scans the store and answers.
    ///
    /// Every shard reads just the columns that are needed, of files and row groups that may hold
    /// what is asked for, and verifies what it reads. A damaged file counts with nothing of it.
    ///
    /// # Errors
    /// When something is damaged and [`OnDamage::Refuse`] was asked for, when the store fails
    /// otherwise, when the memory is too small for the answer, or when repeats of a query differ.
    pub fn run(&self, snapshot: &Snapshot) -> Result<Answer, Error> {
        execution::run(self, snapshot)
    }

    /// Answers from commit records alone, without a scan and so without times.
    ///
    /// They tell how many events of each name each day has, and how many each shard has. So the
    /// measure is events, grouped by nothing, event, date or both, of some names and days if you
    /// like; or grouped by shard, of all names and days.
    ///
    /// # Errors
    /// When more is asked, when there are too many event names to tell them apart, and for damage
    /// as in [`CountQuery::run`].
    pub fn from_commit_records(&self, snapshot: &Snapshot) -> Result<RecordedAnswer, Error> {
        commit_records::count(self, snapshot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_measure_lists_the_choices() {
        assert_eq!("users".parse::<Measure>().unwrap(), Measure::Users);
        let error = "people".parse::<Measure>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`people` is not a measure; choose events, users or per-user"
        );
    }
}
