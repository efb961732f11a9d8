//! The summary of an ingest, for people.

use std::io::{self, Write};

use hotshard::{Effect, IngestSummary, PlacedNotice, Remedy, TouchedKey};

use super::Ingested;
use crate::figures::{bytes, certainty, count, per_second, ratio, things, time};
use crate::notices;
use crate::overrides;
use crate::printable::{printable, value_cell};
use crate::table::{Table, number, text};

/// Hot keys and notices that are shown; JSON has all of them.
const MOST_ROWS: usize = 20;

pub(super) fn write(ingested: &Ingested, out: &mut dyn Write) -> io::Result<()> {
    let summary = &ingested.summary;
    if ingested.effect == Effect::DryRun {
        writeln!(out, "Dry run: nothing was written. This is what would happen.")?;
    }
    if ingested.inputs == 0 {
        let store = printable(&ingested.store.display().to_string());
        writeln!(out, "No input was given, so nothing was ingested into {store}.")?;
        if summary.overrides.is_empty() {
            return writeln!(out, "\nOverrides: none.");
        }
        return write_overrides(summary, out);
    }
    write_stored(ingested, out)?;
    write_rejects(summary, out)?;
    write_overrides(summary, out)?;
    write_hot(summary, out)?;
    write_notices(summary, out)?;
    write_cost(summary, out)
}

fn write_stored(ingested: &Ingested, out: &mut dyn Write) -> io::Result<()> {
    let summary = &ingested.summary;
    let store = printable(&ingested.store.display().to_string());
    if summary.stored == 0 {
        writeln!(out, "Nothing was stored in {store}: {}.", why_nothing(summary))?;
    } else {
        let shards = things(summary.skew.count as u64, "shard", "shards");
        let stored = things(summary.stored, "event", "events");
        writeln!(out, "Stored {stored} in {store}, which has {shards}.")?;
    }
    for source in &summary.duplicate_sources {
        let source = printable(source);
        writeln!(out, "{source} is in the store already and added nothing (see --again).")?;
    }
    for source in &summary.resumed_sources {
        writeln!(out, "{} went on where an earlier ingest broke off.", printable(source))?;
    }
    let remarks = [
        (summary.missing_distinct_id, "came without a distinct id"),
        (summary.unattributed, "lost an id that is declared unattributed"),
        (
            summary.collisions,
            "carried an mp_original_… property already when they were renamed or lost their id",
        ),
    ];
    for (number, remark) in remarks.into_iter().filter(|(number, _)| *number > 0) {
        writeln!(out, "{} of the events {remark}.", count(number))?;
    }
    if summary.ignored_keys > 0 {
        let keys = things(summary.ignored_keys, "key", "keys");
        writeln!(out, "{keys} beside `event` and `properties` were dropped.")?;
    }
    Ok(())
}

fn why_nothing(summary: &IngestSummary) -> String {
    if summary.rejected > 0 {
        return match summary.rejected {
            1 => "the only record was rejected".to_owned(),
            rejected => format!("all {} records were rejected", count(rejected)),
        };
    }
    if summary.duplicate_sources.is_empty() {
        "the input holds no events".to_owned()
    } else {
        "it has these events already".to_owned()
    }
}

fn write_rejects(summary: &IngestSummary, out: &mut dyn Write) -> io::Result<()> {
    if summary.rejected == 0 {
        return Ok(());
    }
    let reasons: Vec<String> = summary
        .rejects
        .iter()
        .map(|(reason, number)| format!("{} {reason}", count(*number)))
        .collect();
    let rejected = things(summary.rejected, "record", "records");
    writeln!(out, "\nRejected {rejected}: {}.", reasons.join(", "))?;
    for sample in &summary.reject_samples {
        let source = printable(&sample.source);
        let (line, offset) = (count(sample.line), count(sample.offset));
        writeln!(out, "  {source}, line {line}, byte {offset}: {}", printable(&sample.message))?;
    }
    let more = summary.rejected.saturating_sub(summary.reject_samples.len() as u64);
    if more > 0 {
        writeln!(out, "  and {} more", count(more))?;
    }
    Ok(())
}

/// The ids that are treated differently; nothing when there are none.
fn write_overrides(summary: &IngestSummary, out: &mut dyn Write) -> io::Result<()> {
    if summary.overrides.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nOverrides:")?;
    write!(out, "{}", overrides::table(&summary.overrides, MOST_ROWS))?;
    write_more(summary.overrides.len(), out)
}

fn write_hot(summary: &IngestSummary, out: &mut dyn Write) -> io::Result<()> {
    let threshold = count(summary.threshold.get());
    let certainty = certainty(summary.lateness_bound);
    if summary.hot.is_empty() {
        let none = "No id was found past the threshold of";
        return writeln!(out, "\n{none} {threshold} events on one day ({certainty}).");
    }
    let keys = things(summary.hot.len() as u64, "hot key", "hot keys");
    let remedied = match summary.remedy {
        Remedy::Rename => format!("{} events were renamed", count(summary.remedied)),
        Remedy::Split => format!("{} events were spread over shards", count(summary.remedied)),
        Remedy::Off => "the remedy is off".to_owned(),
    };
    let own = |touched: &TouchedKey| summary.overrides.threshold_of(&touched.key.distinct_id);
    let shows_own = summary.hot.iter().take(MOST_ROWS).any(|touched| own(touched).is_some());
    let or_own = if shows_own { ", or past a T of their own" } else { "" };
    let past = format!("past {threshold} events of one id on one day{or_own}");
    writeln!(out, "\n{keys} {past} ({certainty}); {remedied}:")?;
    let columns = [text("distinct id"), text("date"), number("events"), number("remedied")];
    let mut table = Table::new(columns.into_iter().chain(shows_own.then(|| number("own T"))));
    for touched in summary.hot.iter().take(MOST_ROWS) {
        let cells = [
            value_cell(Some(&touched.key.distinct_id)),
            touched.key.event_date.to_string(),
            count(touched.key.events),
            count(touched.remedied),
        ];
        let own = shows_own.then(|| own(touched).map(|own| count(own.get())).unwrap_or_default());
        table.row(cells.into_iter().chain(own));
    }
    write!(out, "{table}")?;
    write_more(summary.hot.len(), out)?;
    Ok(())
}

fn write_notices(summary: &IngestSummary, out: &mut dyn Write) -> io::Result<()> {
    if summary.notices.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNotices:")?;
    let shown: Vec<&PlacedNotice> = summary.notices.iter().take(MOST_ROWS).collect();
    write!(out, "{}", notices::table(&shown))?;
    write_more(summary.notices.len(), out)
}

fn write_more(rows: usize, out: &mut dyn Write) -> io::Result<()> {
    match rows.saturating_sub(MOST_ROWS) {
        0 => Ok(()),
        more => writeln!(out, " and {} more; --format json lists them all", count(more as u64)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn write_cost(summary: &IngestSummary, out: &mut dyn Write) -> io::Result<()> {
    let skew = &summary.skew;
    if skew.total > 0 {
        writeln!(
            out,
            "\nThe fullest shard of the store holds {} times the mean: {} of {} rows (CV {}).",
            ratio(skew.max_over_mean),
            count(skew.max),
            count(skew.total),
            ratio(skew.cv),
        )?;
    } else {
        writeln!(out)?;
    }
    let rate = per_second(summary.events, summary.elapsed.ns() as f64 / 1e9);
    let budget = bytes(summary.memory_budget.bytes());
    let memory = summary
        .peak_memory_bytes
        .map_or(String::new(), |peak| format!("; peak memory {} of {budget}", bytes(peak)));
    writeln!(out, "Took {}, {rate} events/s{memory}.", time(summary.elapsed.ns()))
}
