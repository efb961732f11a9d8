//! Trials of an experiment, for people and as rows.

use std::io::{self, Write};

use hotshard::{FIXED_COUNTS, Remedy, ShardCount, Threshold, Trial};

use crate::figures::{count, ratio, things, time};
use crate::json::experiment::hot_ids;
use crate::output::Sheet;
use crate::table::{Table, number, text};

/// Writes what the trials say, then their table, best read from the left, then whose times should
/// not be trusted.
pub(crate) fn write(trials: &[Trial], out: &mut dyn Write) -> io::Result<()> {
    for group in groups(trials) {
        writeln!(out, "{}", headline(group, before(trials, group)))?;
    }
    let mut table = Table::new([
        number("shards"),
        number("T"),
        text("remedy"),
        number("rows\nmax/mean"),
        number("slowest\nservice"),
        number("mean\nservice"),
        number("latency\nmodelled"),
        number("events\nmissing"),
        number("users\nmissing"),
        number("remedied"),
        number("hot\nids"),
        number("CV"),
    ]);
    for trial in trials {
        table.row([
            trial.shards.to_string(),
            count(trial.threshold.get()),
            trial.remedy.to_string(),
            ratio(trial.skew.max_over_mean),
            time(trial.slowest_shard.ns()),
            time(trial.mean_shard.ns()),
            time(trial.modelled_latency.ns()),
            count(trial.cost.events_missing),
            count(trial.cost.users_missing),
            count(trial.ingest.remedied),
            count(hot_ids(trial) as u64),
            ratio(trial.skew.cv),
        ]);
    }
    write!(out, "\n{table}")?;
    write_passes(trials, out)?;
    write_noise(trials, out)
}

/// Writes that counts took longer than they should, for want of memory.
fn write_passes(trials: &[Trial], out: &mut dyn Write) -> io::Result<()> {
    let counts = trials.iter().flat_map(|trial| &trial.counts);
    let most = counts.map(|count| count.passes.counts.max(count.passes.dedup)).max();
    match most {
        Some(passes @ 2..) => writeln!(
            out,
            "Memory was too small to count in one pass: up to {passes} were made, and are part of \
             the times; raise --memory."
        ),
        _ => Ok(()),
    }
}

/// Writes how many trials were disturbed, and how the first of them was; JSON has all.
fn write_noise(trials: &[Trial], out: &mut dyn Write) -> io::Result<()> {
    let mut noisy = trials.iter().filter_map(|trial| Some((trial.remedy, trial.noise()?)));
    let Some((remedy, (name, noise))) = noisy.next() else { return Ok(()) };
    let (noisy, of) = (1 + noisy.count(), things(trials.len() as u64, "trial", "trials"));
    writeln!(out, "Noise in {noisy} of {of}. The first, {name} under {remedy}: {noise}.")
}

/// Writes what the columns mean.
pub(crate) fn write_legend(out: &mut dyn Write) -> io::Result<()> {
    let counts = FIXED_COUNTS.join(", ");
    writeln!(
        out,
        "Rows max/mean: rows of the fullest shard over the mean shard's; 1 is balanced.\n\
         Service: a shard's own time for the counts below, measured one shard at a time; medians.\n\
         Latency with one worker per shard is modelled: the slowest shard of each count, plus the \
         merge.\n\
         Missing: what leaves the reports of its event name; users are summed over the names.\n\
         Counts: {counts}."
    )
}

/// Trials as rows for CSV.
pub(crate) fn sheet<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> Sheet {
    let mut sheet = Sheet::new([
        "shards",
        "threshold",
        "remedy",
        "events",
        "remedied",
        "hot_ids",
        "max_over_mean",
        "cv",
        "slowest_shard_service_ns",
        "mean_shard_service_ns",
        "modelled_latency_ns",
        "events_missing",
        "users_missing",
    ]);
    for trial in trials {
        sheet.row([
            trial.shards.to_string(),
            trial.threshold.to_string(),
            trial.remedy.to_string(),
            trial.ingest.events.to_string(),
            trial.ingest.remedied.to_string(),
            hot_ids(trial).to_string(),
            trial.skew.max_over_mean.to_string(),
            trial.skew.cv.to_string(),
            trial.slowest_shard.ns().to_string(),
            trial.mean_shard.ns().to_string(),
            trial.modelled_latency.ns().to_string(),
            trial.cost.events_missing.to_string(),
            trial.cost.users_missing.to_string(),
        ]);
    }
    sheet
}

/// Trials that differ only in their remedy; they follow each other.
fn groups(trials: &[Trial]) -> impl Iterator<Item = &[Trial]> {
    let setting = |trial: &Trial| -> (ShardCount, Threshold) { (trial.shards, trial.threshold) };
    trials.chunk_by(move |a, b| setting(a) == setting(b))
}

/// The trial without a remedy on as many shards. No threshold changes what it stores, so an
/// experiment has it once.
fn before<'a>(trials: &'a [Trial], group: &[Trial]) -> Option<&'a Trial> {
    let shards = group.first()?.shards;
    trials.iter().find(|trial| trial.shards == shards && trial.remedy == Remedy::Off)
}

/// How much worse the fullest shard is, before and after.
fn headline(group: &[Trial], before: Option<&Trial>) -> String {
    let Some(first) = group.first() else { return String::new() };
    let remedied: Vec<&Trial> = group.iter().filter(|trial| trial.remedy != Remedy::Off).collect();
    // The first figure of a row of figures says what they are figures of.
    let each = |figure: &dyn Fn(&Trial) -> String, unit: &str| {
        let without = before.map(|trial| format!("{}{unit} without a remedy", figure(trial)));
        let under = remedied.iter().enumerate().map(|(place, trial)| {
            let unit = if place == 0 && before.is_none() { unit } else { "" };
            format!("{}{unit} under {}", figure(trial), trial.remedy)
        });
        without.into_iter().chain(under).collect::<Vec<_>>().join(", ")
    };
    let rows = each(&|trial| ratio(trial.skew.max_over_mean), " times the mean");
    let slowest = each(&|trial| time(trial.slowest_shard.ns()), "");
    let shards = things(first.shards.get().into(), "shard", "shards");
    let threshold = count(first.threshold.get());
    format!(
        "{shards}, T = {threshold}\n  the fullest shard holds {rows}\n  the slowest shard takes \
         {slowest}"
    )
}
