//! Running a query: which phases, how often, and what they add up to.

use std::num::NonZeroU32;

use hotshard_store::{Damage, DataFile, Snapshot};

use crate::budget::{Budget, Full};
use crate::dedup::{self, Losers};
use crate::field::Field;
use crate::merge::Merged;
use crate::partition::Partition;
use crate::phases::{Pace, Phases, RunCost};
use crate::predicate::Predicate;
use crate::shard_scan::{self, Scope};
use crate::split_ids::SplitIds;
use crate::{
    Answer, CountQuery, Dedup, Error, GroupRow, Latency, Measure, OnDamage, Stopwatch, Timing,
};

/// Answers a query.
pub(crate) fn run(query: &CountQuery, snapshot: &Snapshot) -> Result<Answer, Error> {
    let watch = Stopwatch::start();
    let (scope, damaged) = prepare(query, snapshot)?;
    match query.timing {
        Timing::Concurrent => {
            let mut phases = Phases::new(snapshot, Pace::Pool, damaged);
            let counted = run_once(&scope, &mut phases);
            let latency = Latency::Measured(watch.elapsed());
            let cost = phases.take_costs();
            answer(&scope, &mut phases, counted, &cost, latency)
        }
        Timing::Isolated { repeats } => {
            let mut phases = Phases::new(snapshot, Pace::ThisThread, damaged);
            let (counted, cost) = run_repeatedly(&scope, &mut phases, repeats)?;
            let workers = snapshot.identity().shards().get();
            let latency = Latency::Modelled { latency: cost.modelled_latency(), workers };
            answer(&scope, &mut phases, counted, &cost, latency)
        }
    }
}

/// What all shards have to know, and the damage that shows before any of them is scanned.
fn prepare<'a>(
    query: &'a CountQuery,
    snapshot: &'a Snapshot,
) -> Result<(Scope<'a>, Vec<Damage>), Error> {
    let mut damaged = snapshot.damage().to_vec();
    let split = if query.measure != Measure::Events || query.dedup == Dedup::On {
        let (split, damage) = SplitIds::load(snapshot, &query.dates)?;
        damaged.extend(damage);
        split
    } else {
        // Events are counted where they lie, so nobody asks.
        SplitIds::Any
    };
    let mut filters = Vec::new();
    if !query.events.is_empty() {
        filters.push(Predicate::one_of(Field::Event, query.events.clone()));
    }
    if !query.ids.is_empty() {
        filters.push(Predicate::one_of(Field::DistinctId, query.ids.clone()));
    }
    filters.extend(query.predicates.iter().cloned());
    filters.sort_by_key(Predicate::is_costly);
    Ok((Scope { query, snapshot, split, filters }, damaged))
}

/// What was counted.
#[derive(Debug, PartialEq, Eq)]
struct Counted {
    rows: Vec<GroupRow>,
    total: u64,
}

/// One warm-up, then the timed runs, whose answers must all be that of the warm-up.
fn run_repeatedly<'a>(
    scope: &'a Scope<'a>,
    phases: &mut Phases<'a>,
    repeats: NonZeroU32,
) -> Result<(Counted, RunCost), Error> {
    let counted = run_once(scope, phases);
    phases.take_costs();
    let mut runs = Vec::new();
    for _ in 0..repeats.get() {
        if run_once(scope, phases) != counted {
            // Files that went with a vacuum meanwhile are no riddle.
            return Err(phases.take_vacuumed().map_or(Error::AnswerChanged, Error::from));
        }
        runs.push(phases.take_costs());
    }
    Ok((counted, RunCost::median(&runs)))
}

/// Runs the phases of the query once.
fn run_once<'a>(scope: &'a Scope<'a>, phases: &mut Phases<'a>) -> Counted {
    let query = scope.query;
    loop {
        let losers = match query.dedup {
            Dedup::Off => Losers::default(),
            Dedup::On => dedup::find_losers(scope, phases, 1, usize::MAX).unwrap_or_default(),
        };
        let damaged_before = phases.damaged_files();
        let budget = Budget::new(usize::MAX);
        let counted = phases.run(
            |file| may_match(query, file),
            |shard| shard_scan::count(scope, shard, &losers, &Partition::ALL, &budget),
            |partials| {
                let merged = Merged::of(partials, query.by.len(), query.measure);
                Counted { rows: merged.rows(&query.by, query.top), total: merged.total() }
            },
        );
        // A row that won over its copies may stand in a file that only now turns out to be
        // damaged: then one of the copies counts.
        if query.dedup == Dedup::Off || phases.damaged_files() == damaged_before {
            return counted;
        }
        phases.take_costs();
    }
}

/// Whether a file may hold an event of the query, by its entry in the commit record.
fn may_match(query: &CountQuery, file: &DataFile) -> bool {
    file.overlaps(&query.dates)
        && (query.events.is_empty() || query.events.iter().any(|name| file.may_hold(name)))
}

fn answer(
    scope: &Scope<'_>,
    phases: &mut Phases<'_>,
    counted: Counted,
    cost: &RunCost,
    latency: Latency,
) -> Result<Answer, Error> {
    // Nothing is damaged then: the snapshot is too old, and a new one answers.
    if let Some(vacuumed) = phases.take_vacuumed() {
        return Err(vacuumed.into());
    }
    let damaged: Vec<Damage> = phases.damaged().cloned().collect();
    if scope.query.on_damage == OnDamage::Refuse
        && let Some((first, others)) = damaged.split_first()
    {
        return Err(Error::Damaged { first: first.clone(), others: others.len() });
    }
    let Counted { rows, total } = counted;
    let shards = cost.figures(scope.snapshot.identity().shards().shards());
    Ok(Answer { rows, total, shards, latency, damaged })
}
