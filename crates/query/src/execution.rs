//! Running a query: which phases, how often, and what they add up to.

use hotshard_store::{Damage, Snapshot};

use crate::clock;
use crate::costs::{Costs, RunCost};
use crate::field::Field;
use crate::memory::MemoryPlan;
use crate::passes::{self, Counted};
use crate::phases::{Pace, Phases};
use crate::predicate::Predicate;
use crate::shard_scan::Scope;
use crate::split_ids::SplitIds;
use crate::{
    Answer, CountQuery, Dedup, Error, Latency, Measure, MeasuredTime, OnDamage, Passes, Stopwatch,
    Timing,
};

/// Answers a query.
pub(crate) fn run(query: &CountQuery, snapshot: &Snapshot) -> Result<Answer, Error> {
    let pace = match query.timing {
        Timing::Concurrent { .. } => Pace::Pool,
        Timing::Isolated { .. } => Pace::ThisThread,
    };
    let mut phases = Phases::new(snapshot, pace, []);
    let (counted, costs, passes) = run_repeatedly(query, snapshot, &mut phases)?;
    answer(query, snapshot, &mut phases, counted, &costs, passes)
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

/// The first run, then the timed ones, whose answers must all be that of the first.
fn run_repeatedly(
    query: &CountQuery,
    snapshot: &Snapshot,
    phases: &mut Phases<'_>,
) -> Result<(Counted, Costs, Passes), Error> {
    let mut passes = Passes::ONE;
    let (counted, first) = run_timed(query, snapshot, phases, &mut passes)?;
    let (mut timed, mut together) = (Vec::new(), MeasuredTime::default());
    while query.timing.repeats().go_on(timed.len(), together) {
        let (again, cost) = run_timed(query, snapshot, phases, &mut passes)?;
        if again != counted {
            // Files that went with a vacuum meanwhile are no riddle.
            return Err(phases.take_vacuumed().map_or(Error::AnswerChanged, Error::from));
        }
        together = [together, cost.latency].into_iter().sum();
        timed.push(cost);
    }
    Ok((counted, Costs { first, timed }, passes))
}

/// One run, from the question to what was counted.
fn run_timed(
    query: &CountQuery,
    snapshot: &Snapshot,
    phases: &mut Phases<'_>,
    passes: &mut Passes,
) -> Result<(Counted, RunCost), Error> {
    let watch = Stopwatch::start();
    let (prepared, preparation) = clock::timed(|| prepare(query, snapshot));
    let (scope, damaged) = prepared?;
    phases.note_damage(damaged);
    let memory = MemoryPlan::of(snapshot, query, phases.pace().threads())?;
    phases.scan_at_once(memory.shards_at_once);
    let counted = passes::run(&scope, phases, &memory, passes)?;
    let latency = watch.elapsed();
    Ok((counted, RunCost { latency, preparation, phases: phases.take_costs() }))
}

fn answer(
    query: &CountQuery,
    snapshot: &Snapshot,
    phases: &mut Phases<'_>,
    counted: Counted,
    costs: &Costs,
    passes: Passes,
) -> Result<Answer, Error> {
    // Nothing is damaged then: the snapshot is too old, and a new one answers.
    if let Some(vacuumed) = phases.take_vacuumed() {
        return Err(vacuumed.into());
    }
    let damaged: Vec<Damage> = phases.damaged().cloned().collect();
    refuse_damage(query, &damaged)?;
    let shards = snapshot.identity().shards();
    let latency = match query.timing {
        Timing::Concurrent { .. } => Latency::Measured(costs.latency()),
        Timing::Isolated { .. } => {
            Latency::Modelled { latency: costs.modelled_latency(), workers: shards.get() }
        }
    };
    Ok(Answer {
        rows: counted.rows,
        total: counted.total,
        shards: costs.figures(shards.shards()),
        latency,
        cpu: costs.cpu(),
        merge: costs.merge(),
        repeats: costs.timed().len(),
        noise: costs.noise(query.timing),
        passes,
        damaged,
    })
}

/// Gives no answer when only a whole one will do.
pub(crate) fn refuse_damage(query: &CountQuery, damaged: &[Damage]) -> Result<(), Error> {
    match damaged.split_first() {
        Some((first, others)) if query.on_damage == OnDamage::Refuse => {
            Err(Error::Damaged { first: first.clone(), others: others.len() })
        }
        _ => Ok(()),
    }
}
