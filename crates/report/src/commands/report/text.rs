//! The report for people.

use std::io::{self, Write};

use hotshard::{OverlookedKey, PlacedNotice, Remedy, display_name};

use super::Board;
use crate::commands::check::hot_table;
use crate::figures::{certainty, count, ratio, things};
use crate::notices;
use crate::overrides;
use crate::printable::{cell, printable};
use crate::table::{Table, number, text};

/// Rows of each table; JSON has all of them.
const MOST_ROWS: usize = 20;

pub(super) fn write(board: &Board, out: &mut dyn Write) -> io::Result<()> {
    write_head(board, out)?;
    write_band(board, out)?;
    if !board.hot.keys.is_empty() {
        section("Hot keys by volume", out)?;
        let (shown, _) = board.hot.keys.split_at(board.hot.keys.len().min(MOST_ROWS));
        write!(out, "{}", hot_table(shown, board.identity.overrides()))?;
        write_more(board.hot.keys.len(), out)?;
        write_by_event(board, out)?;
    }
    write_by_day(board, out)?;
    write_notices(board, out)?;
    write_overrides(board, out)?;
    write_balance(board, out)?;
    write_rejects(board, out)
}

fn write_head(board: &Board, out: &mut dyn Write) -> io::Result<()> {
    let store = printable(&board.store().display().to_string());
    let days = match (&board.from, &board.to) {
        (None, None) => "all days".to_owned(),
        (Some(from), None) => format!("days from {from}"),
        (None, Some(to)) => format!("days to {to}"),
        (Some(from), Some(to)) => format!("days from {from} to {to}"),
    };
    let threshold = count(board.identity.threshold().get());
    writeln!(out, "{store}, {days}; T = {threshold}, remedy {}.", board.identity.remedy())?;
    let keys = things(board.hot.keys.len() as u64, "hot key", "hot keys");
    writeln!(out, "{keys} ({}).", certainty(board.lateness_bound))
}

/// What is undecided, or what counting it gave.
fn write_band(board: &Board, out: &mut dyn Write) -> io::Result<()> {
    if board.bands.is_empty() {
        return match board.resolution {
            Some(_) => writeln!(out, "There is nothing to resolve: every id is decided."),
            None => Ok(()),
        };
    }
    if let Some(resolution) = &board.resolution {
        return write_resolution(&resolution.overlooked, out);
    }
    let days = things(board.bands.dates().count() as u64, "day", "days");
    let undecided: usize = board.bands.dates().map(|band| band.undecided).sum();
    let ids = things(undecided as u64, "id", "ids");
    if board.bands.dates().any(|band| band.covers_uncounted) {
        write!(out, "Any id may have passed T unfound, since it was so late on some of {days}")?;
    } else if undecided > 0 {
        write!(out, "{ids} on {days} may have passed T unfound")?;
    } else {
        write!(out, "No id passed T unfound; the events of hot ones may be short by as many")?;
    }
    writeln!(out, "; --resolve counts them from the stored events.")
}

fn write_resolution(overlooked: &[OverlookedKey], out: &mut dyn Write) -> io::Result<()> {
    if overlooked.is_empty() {
        return writeln!(out, "Counted from the stored events: no id passed T unfound.");
    }
    section("Passed T unfound, counted from the stored events", out)?;
    let mut table = Table::new([text("distinct id"), text("date"), number("events"), number("T")]);
    for key in overlooked.iter().take(MOST_ROWS) {
        table.row([
            cell(&key.distinct_id),
            key.event_date.to_string(),
            count(key.events),
            count(key.threshold.get()),
        ]);
    }
    write!(out, "{table}")?;
    write_more(overlooked.len(), out)
}

fn section(title: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{title}")
}

fn write_by_event(board: &Board, out: &mut dyn Write) -> io::Result<()> {
    section("Events of hot keys by original event", out)?;
    let renames = board.identity.remedy() == Remedy::Rename;
    let columns = [text("event"), number("hot keys"), number("events")];
    let mut table = Table::new(columns.into_iter().chain(renames.then(|| number("renamed"))));
    for figures in board.by_event.iter().take(MOST_ROWS) {
        let cells = [
            cell(display_name(&figures.original_event)),
            count(figures.hot_keys),
            count(figures.events),
        ];
        table.row(cells.into_iter().chain(renames.then(|| count(figures.renamed))));
    }
    write!(out, "{table}")?;
    write_more(board.by_event.len(), out)
}

fn write_by_day(board: &Board, out: &mut dyn Write) -> io::Result<()> {
    if board.by_day.is_empty() {
        return writeln!(out, "There are no events on these days.");
    }
    section("By day", out)?;
    let mut table = Table::new([
        text("date"),
        number("events"),
        number("hot keys"),
        number("their events"),
        number("remedied"),
    ]);
    for figures in board.by_day.iter().rev().take(MOST_ROWS) {
        table.row([
            figures.event_date.to_string(),
            count(figures.events),
            count(figures.hot_keys),
            count(figures.hot_events),
            count(figures.remedied),
        ]);
    }
    write!(out, "{table}")?;
    write_more(board.by_day.len(), out)
}

fn write_notices(board: &Board, out: &mut dyn Write) -> io::Result<()> {
    if board.hot.notices.is_empty() {
        return Ok(());
    }
    section("Notices, newest first", out)?;
    let newest = board.hot.notices.iter().rev().take(MOST_ROWS);
    let shown: Vec<&PlacedNotice> = newest.map(|stored| &stored.placed).collect();
    write!(out, "{}", notices::table(&shown))?;
    write_more(board.hot.notices.len(), out)
}

fn write_overrides(board: &Board, out: &mut dyn Write) -> io::Result<()> {
    let all = board.identity.overrides();
    if all.is_empty() {
        return Ok(());
    }
    section("Overrides, for events that are ingested from now on", out)?;
    write!(out, "{}", overrides::table(all, MOST_ROWS))?;
    write_more(all.len(), out)
}

fn write_balance(board: &Board, out: &mut dyn Write) -> io::Result<()> {
    let skew = &board.skew;
    section("Shards of the whole store", out)?;
    let mut table = Table::new([
        number("shards"),
        number("rows"),
        number("fullest"),
        number("max/mean"),
        number("CV"),
        number("p99/median"),
        number("Gini"),
        number("K_eff"),
    ]);
    table.row([
        count(skew.count as u64),
        count(skew.total),
        count(skew.max),
        ratio(skew.max_over_mean),
        ratio(skew.cv),
        skew.p99_over_median.map_or_else(|| "–".to_owned(), ratio),
        ratio(skew.gini),
        ratio(skew.k_eff),
    ]);
    write!(out, "{table}")
}

fn write_rejects(board: &Board, out: &mut dyn Write) -> io::Result<()> {
    let rejected: u64 = board.rejects.values().sum();
    if rejected == 0 {
        return writeln!(out, "\nNo record was rejected.");
    }
    let records = things(rejected, "rejected record", "rejected records");
    section(&format!("{records} in the whole store"), out)?;
    let mut table = Table::new([text("reason"), number("records")]);
    for (reason, number) in &board.rejects {
        table.row([reason.clone(), count(*number)]);
    }
    write!(out, "{table}")
}

fn write_more(rows: usize, out: &mut dyn Write) -> io::Result<()> {
    match rows.saturating_sub(MOST_ROWS) {
        0 => Ok(()),
        more => writeln!(out, " and {} more; --format json lists them all", count(more as u64)),
    }
}
