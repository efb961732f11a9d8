//! Advice for people.

use std::io::{self, Write};

use hotshard::{Advice, Cost, Level, Origin, Outlook, Remedy, ShardOccupant};

use super::{Advised, findings};
use crate::figures::{count, ratio, things};
use crate::json::advise::{figure, reaching};
use crate::printable::value_cell;
use crate::table::{Table, number, text};

pub(super) fn write(advised: &Advised, out: &mut dyn Write) -> io::Result<()> {
    let (advice, counts) = (&advised.advice, &advised.counts);
    let shards = things(advice.present.shards.get().into(), "shard", "shards");
    writeln!(
        out,
        "{} of {} on {}, over {shards}; to reach: {}.",
        things(counts.events(), "event", "events"),
        things(advice.ids, "id", "ids"),
        things(counts.dates().len() as u64, "day", "days"),
        advice.target
    )?;
    today(advice, out)?;
    threshold(advice, out)?;
    shard_counts(advice, out)?;
    policies(advised, out)?;
    let findings = findings::told(advice);
    if !findings.is_empty() {
        writeln!(out, "\nTo know")?;
        for finding in findings {
            writeln!(out, "  {}", finding.text)?;
        }
    }
    Ok(())
}

fn today(advice: &Advice, out: &mut dyn Write) -> io::Result<()> {
    let today = &advice.today;
    let how = match today.origin {
        Origin::Stored => "as stored",
        Origin::Placed => "as a store without a remedy would have it",
        Origin::Averaged => "as a store without a remedy would have it, on average",
    };
    writeln!(out, "\nToday, {how}")?;
    let reached = if figure(advice) <= advice.target.value() { "reached" } else { "missed" };
    let (max, cv) = (ratio(today.skew.max_over_mean), today.skew.cv);
    writeln!(out, "  max/mean {max}, cv {cv:.2}: {} is {reached}", advice.target)?;
    if today.fullest.is_empty() {
        return Ok(());
    }
    let columns =
        [number("shard"), number("rows"), number("x mean"), number("ids"), text("largest")];
    let mut table = Table::new(columns);
    for full in &today.fullest {
        let largest: Vec<String> = full.ids.iter().filter_map(occupant).take(3).collect();
        table.row([
            full.shard.get().to_string(),
            count(full.rows),
            ratio(full.over_mean),
            count(full.ids_in_all),
            if largest.is_empty() { "only small ones".to_owned() } else { largest.join(", ") },
        ]);
    }
    indent(&table, out)
}

/// An id and what it has of a shard; nothing for small ones, of which the text is not known.
fn occupant(id: &ShardOccupant) -> Option<String> {
    let name = value_cell(Some(id.distinct_id.as_deref()?));
    let days = if id.days == 1 { String::new() } else { format!(" on {} days", id.days) };
    Some(format!("{name} {:.0} %{days}", id.share * 100.0))
}

fn threshold(advice: &Advice, out: &mut dyn Write) -> io::Result<()> {
    let shards = things(advice.present.shards.get().into(), "shard", "shards");
    writeln!(out, "\nThreshold, at {shards}")?;
    let present = &advice.remedied;
    let at = |threshold: u64, outlook| {
        format!("T = {}: {} {}", count(threshold), advice.target.figure(), told(outlook))
    };
    writeln!(out, "  present  {}", at(present.threshold.get(), present.outlook))?;
    let chosen = advice.threshold();
    let (word, largest) = match advice.thresholds.largest {
        Some(_) => ("largest", "that reaches it"),
        None => ("best", "and none reaches it"),
    };
    let nothing_passes = chosen.hot_keys == 0;
    let figure = at(chosen.threshold.get(), chosen.outlook);
    writeln!(out, "  {word:<7}  {figure}, {largest}")?;
    if let Some(checked) = advice.checked {
        writeln!(out, "           event by event, in the order of the input: {checked:.3}")?;
    }
    if nothing_passes && advice.thresholds.largest.is_some() {
        writeln!(out, "           no id passes it: none is needed")?;
    } else {
        let cost = cost(&advice.threshold_cost, chosen.hot_keys, advice.present.remedy);
        writeln!(out, "           {cost}")?;
    }
    if let Some(missed) = &advice.thresholds.misses_below {
        let at = at(missed.threshold.get(), missed.outlook);
        writeln!(out, "           not every lower one does: {at}")?;
    }
    Ok(())
}

/// What a threshold costs analysis.
fn cost(cost: &Cost, hot_keys: u64, remedy: Remedy) -> String {
    let keys = things(hot_keys, "key", "keys");
    let moved = format!(
        "moves {} of {keys}: {:.0} a day, {:.2} % of all",
        things(cost.remedied, "event", "events"),
        cost.remedied_a_day,
        cost.share * 100.0
    );
    match remedy {
        Remedy::Split => {
            let ids = things(cost.ids_to_merge, "id", "ids");
            format!("{moved}; {ids} to merge over shards")
        }
        Remedy::Rename | Remedy::Off => {
            format!("{moved}, which lose event name and id under rename, and nothing under split")
        }
    }
}

fn shard_counts(advice: &Advice, out: &mut dyn Write) -> io::Result<()> {
    let threshold = count(advice.present.threshold.get());
    writeln!(out, "\nShards, at T = {threshold}")?;
    match reaching(advice) {
        (Some(smallest), Some(largest)) => writeln!(
            out,
            "  of those tried, {} is the smallest number above 1 that reaches it, {} the largest",
            count(smallest.into()),
            count(largest.into())
        )?,
        _ => writeln!(out, "  none of those tried reaches it, but for a single one")?,
    }
    let mut table = Table::new([
        number("shards"),
        number("without"),
        number("with T"),
        number("95 %"),
        text("reached"),
    ]);
    for tried in &advice.shard_counts {
        table.row([
            count(tried.shards.get().into()),
            ratio(tried.untouched.median),
            ratio(tried.remedied.median),
            ratio(tried.remedied.likely),
            yes(tried.remedied.reaches(advice.target)),
        ]);
    }
    indent(&table, out)
}

fn policies(advised: &Advised, out: &mut dyn Write) -> io::Result<()> {
    let advice = &advised.advice;
    let shards = things(advice.present.shards.get().into(), "shard", "shards");
    writeln!(out, "\nPolicies, at {shards}")?;
    let mut table = Table::new([
        text("policy"),
        number(advice.target.figure()),
        number("95 %"),
        text("reached"),
        number("moved"),
        number("ids to merge"),
        text("rows of an id"),
    ]);
    for tried in &advice.policies {
        table.row([
            tried.policy.to_string(),
            ratio(tried.outlook.median),
            ratio(tried.outlook.likely),
            yes(tried.outlook.reaches(advice.target)),
            format!("{:.2} %", tried.cost.share * 100.0),
            count(tried.cost.ids_to_merge),
            tried.cost.locality.to_string(),
        ]);
    }
    indent(&table, out)?;
    let simulated = advice.policies.iter().find(|tried| tried.level != Level::Counts);
    let Some(simulated) = simulated else { return Ok(()) };
    let how = match simulated.level {
        Level::Events => "event by event, in the order of the input",
        Level::Shuffled => "event by event, in a random order within each day",
        Level::Fluid | Level::Counts => "by the fluid model",
    };
    let seeds = things(advised.seeds.get().into(), "rng seed", "rng seeds");
    writeln!(
        out,
        "  hash and the remedies from the counts; the others {how}, under {seeds} from {}",
        advised.rng_seed
    )
}

/// A figure and how far chance may take it.
fn told(outlook: Outlook) -> String {
    if outlook.margin() < 0.000_5 {
        return format!("{:.3}", outlook.median);
    }
    format!("{:.3}, up to {:.3} in 95 of 100 runs", outlook.median, outlook.likely)
}

fn yes(reached: bool) -> String {
    if reached { "yes" } else { "no" }.to_owned()
}

fn indent(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    table.to_string().lines().try_for_each(|line| writeln!(out, "  {line}"))
}
