//! One run of a query: as few passes over the shards as the memory allows.

#[cfg(test)]
mod tests;

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use hotshard_store::DataFile;

use crate::budget::{Budget, Full};
use crate::dedup::{self, Losers};
use crate::memory::MemoryPlan;
use crate::merge::{self, Merged};
use crate::partition::Partition;
use crate::phases::Phases;
use crate::shard_scan::{self, Scope};
use crate::{CountQuery, Dedup, Error, GroupColumn, GroupRow, Measure};

/// More passes than any answer is worth: what does not fit then is not spread evenly.
const MOST_PASSES: u64 = 128;

/// What was counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) rows: Vec<GroupRow>,
    pub(crate) total: u64,
}

/// How often a query passes over the store: once, unless the memory is too small for what it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passes {
    /// To count.
    pub counts: u64,
    /// To find copies; nothing to do with it when those count.
    pub dedup: u64,
}

impl Passes {
    /// Each once.
    pub(crate) const ONE: Self = Self { counts: 1, dedup: 1 };
}

/// Runs the phases of the query once. When the memory is too small for so many passes, there are
/// more from then on.
pub(crate) fn run(
    scope: &Scope<'_>,
    phases: &mut Phases<'_>,
    memory: &MemoryPlan,
    passes: &mut Passes,
) -> Result<Counted, Error> {
    loop {
        let damaged_before = phases.damaged_files();
        let losers = match scope.query.dedup {
            Dedup::Off => Losers::default(),
            Dedup::On => match dedup::find_losers(scope, phases, passes.dedup, memory) {
                Ok(losers) => losers,
                Err(Full) => {
                    let budget_bytes = scope.query.memory_bytes;
                    let too_many = Error::TooManyAlike { budget_bytes };
                    passes.dedup = more(passes.dedup).ok_or(too_many)?;
                    continue;
                }
            },
        };
        // What one pass counted, and what dedup left out, is known only of files that were whole in
        // all of them: a row that won over its copies may stand in one that only now turns out to
        // be damaged.
        let is_single = scope.query.dedup == Dedup::Off && passes.counts == 1;
        match count(scope, phases, &losers, memory, passes.counts)? {
            Some(counted) if is_single || phases.damaged_files() == damaged_before => {
                return Ok(counted);
            }
            Some(_) => {}
            None => {
                passes.counts = more(passes.counts).ok_or_else(|| too_large(scope.query))?;
            }
        }
    }
}

fn more(passes: u64) -> Option<u64> {
    (passes < MOST_PASSES).then_some(passes * 2)
}

fn too_large(query: &CountQuery) -> Error {
    Error::AnswerTooLarge { budget_bytes: query.memory_bytes }
}

/// Counts in passes; `None` when their number is too small for the memory.
fn count(
    scope: &Scope<'_>,
    phases: &mut Phases<'_>,
    losers: &Losers,
    memory: &MemoryPlan,
    passes: u64,
) -> Result<Option<Counted>, Error> {
    let query = scope.query;
    let mut sum = Sum::default();
    for partition in Partition::passes(passes) {
        let budget = Budget::new(memory.counts_bytes);
        let merged = phases.run(
            |file| may_match(query, file),
            |shard| shard_scan::count(scope, shard, losers, partition, &budget),
            |partials| Merged::of(partials, query.by.len(), query.measure),
        );
        // Users of different passes may be in the same groups, so none can be left out yet.
        let is_final = query.measure == Measure::Events || passes == 1;
        let top = if is_final { query.top } else { None };
        if budget.is_full() || merged.memory_bytes(&query.by, top) > memory.answer_bytes {
            return Ok(None);
        }
        phases.merge(|| sum.add(&merged, query, top));
        if sum.memory_bytes > memory.answer_bytes {
            return Err(too_large(query));
        }
    }
    Ok(Some(phases.merge(|| sum.finish(query))))
}

/// Whether a file may hold an event of the query, by its entry in the commit record.
fn may_match(query: &CountQuery, file: &DataFile) -> bool {
    file.overlaps(&query.dates)
        && (query.events.is_empty() || query.events.iter().any(|name| file.may_hold(name)))
}

/// The counts of several passes.
#[derive(Debug, Default)]
struct Sum {
    counted: Counted,
    memory_bytes: usize,
    passes: u64,
}

impl Sum {
    fn add(&mut self, merged: &Merged, query: &CountQuery, top: Option<usize>) {
        self.counted.total += merged.total();
        self.counted.rows.extend(merged.rows(&query.by, top));
        self.passes += 1;
        if self.passes > 1 {
            if query.measure != Measure::Events {
                self.add_up_groups();
            }
            self.counted.rows.sort_by(|a, b| in_order(&query.by, a, b));
            self.counted.rows.truncate(top.unwrap_or(usize::MAX));
        }
        self.memory_bytes = self.counted.rows.iter().map(GroupRow::memory_bytes).sum();
    }

    fn finish(mut self, query: &CountQuery) -> Counted {
        self.counted.rows.truncate(query.top.unwrap_or(usize::MAX));
        self.counted
    }

    /// Makes one row of each group: users of different passes may be in the same.
    fn add_up_groups(&mut self) {
        let mut groups: BTreeMap<Vec<Option<String>>, GroupRow> = BTreeMap::new();
        for row in std::mem::take(&mut self.counted.rows) {
            match groups.get_mut(&row.key) {
                Some(group) => group.merge(&row),
                None => drop(groups.insert(row.key.clone(), row)),
            }
        }
        self.counted.rows = groups.into_values().collect();
    }
}

/// The order of an answer.
fn in_order(by: &[GroupColumn], a: &GroupRow, b: &GroupRow) -> Ordering {
    let keys = || {
        let pairs = by.iter().zip(a.key.iter().zip(&b.key));
        pairs.map(|(column, (a, b))| merge::compare(column, a.as_deref(), b.as_deref()))
    };
    Reverse(a.count)
        .cmp(&Reverse(b.count))
        .then_with(|| keys().find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}
