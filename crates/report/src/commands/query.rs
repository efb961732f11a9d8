//! `hotshard query`.

use std::io::{self, Write};
use std::num::NonZeroU32;

use clap::Args;
use hotshard::{
    CountQuery, Dedup, GroupColumn, Latency, Measure, MeasuredTime, OnDamage, Predicate, Timing,
    display_name,
};
use serde::Serialize;

use crate::args::{DateArgs, GlobalArgs, StoreArgs};
use crate::exit::{Outcome, UsageError};
use crate::figures::{bytes, count, things, time};
use crate::json::query::{Asked, QueryJson};
use crate::output::{self, Answer, Sheet};
use crate::printable::{cell, value_cell};
use crate::table::{Table, number, text};

/// Rows that the table shows; JSON and CSV have all of them.
const MOST_ROWS: usize = 1_000;

/// Count events or users of a store, and time each shard.
#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// What is counted: events or users.
    #[arg(long, value_name = "MEASURE", default_value = "events", value_parser = NamedMeasure::parse)]
    measure: NamedMeasure,
    /// Columns to group by, separated by commas: event, date, shard, distinct_id, original_event,
    /// original_distinct_id, property:NAME.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    by: Vec<GroupColumn>,
    /// Only events of this name, as stored; give it again for further names.
    #[arg(long, value_name = "NAME")]
    event: Vec<String>,
    #[command(flatten)]
    dates: DateArgs,
    /// Only events that meet this condition, such as 'property:price >= 9.90'; give it again for
    /// further conditions, which are all to hold.
    #[arg(long = "where", value_name = "EXPR", long_help = WHERE_HELP)]
    conditions: Vec<Predicate>,
    /// Only the first K rows.
    #[arg(long, value_name = "K")]
    top: Option<usize>,
    /// Count copies of an event once: those with the same original event, time, original distinct
    /// id and insert id.
    #[arg(long)]
    dedup: bool,
    /// How to run: concurrent (all shards at once; the latency on this machine) or isolated (one
    /// shard at a time, repeated; the honest service time of each).
    #[arg(long, value_name = "TIMING", default_value = "concurrent")]
    timing: Timing,
    /// Timed runs under --timing isolated; the median counts [default: 3].
    #[arg(long, value_name = "N")]
    repeats: Option<NonZeroU32>,
    /// Give no answer at all rather than one that lacks what a damaged file held.
    #[arg(long)]
    no_partial: bool,
}

const WHERE_HELP: &str = "\
Only events that meet this condition; give it again for further conditions, which are all to hold.

  COLUMN = VALUE, and the same with != < <= > >= contains
  COLUMN in (VALUE, VALUE)
  COLUMN is set, COLUMN is not set

COLUMN is event, date, distinct_id, insert_id, original_event, original_distinct_id or
property:NAME. A value with spaces stands in double quotes. A missing value meets `is not set` and
no other condition.";

/// A measure and the word for it.
#[derive(Debug, Clone)]
struct NamedMeasure {
    word: String,
    measure: Measure,
}

impl NamedMeasure {
    fn parse(word: &str) -> Result<Self, hotshard::QueryError> {
        Ok(Self { word: word.to_owned(), measure: word.parse()? })
    }
}

/// An answer and what was asked.
struct Counted<'a> {
    answer: hotshard::Answer,
    timing: Timing,
    args: &'a QueryArgs,
}

pub(crate) fn run(args: &QueryArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let (query, timing) = plan(args)?;
    let answer = query.run(&super::open(&args.store.store)?)?;
    let outcome = super::tell_damage(&answer.damaged);
    output::print(global.format, &Counted { answer, timing, args })?;
    Ok(outcome)
}

fn plan(args: &QueryArgs) -> anyhow::Result<(CountQuery, Timing)> {
    let timing = match (args.timing, args.repeats) {
        (Timing::Isolated { .. }, Some(repeats)) => Timing::Isolated { repeats },
        (Timing::Concurrent, Some(_)) => {
            let message = "--repeats belongs to --timing isolated; add that, or leave it out";
            return Err(UsageError(message.to_owned()).into());
        }
        (timing, None) => timing,
    };
    for (at, column) in args.by.iter().enumerate() {
        if args.by.iter().take(at).any(|earlier| earlier == column) {
            return Err(UsageError(format!("`{column}` stands twice in --by")).into());
        }
    }
    let mut query = CountQuery::new(args.measure.measure)
        .dates(args.dates.range()?)
        .dedup(if args.dedup { Dedup::On } else { Dedup::Off })
        .on_damage(if args.no_partial { OnDamage::Refuse } else { OnDamage::AnswerPartially })
        .timing(timing);
    query = args.event.iter().fold(query, CountQuery::event);
    query = args.conditions.iter().cloned().fold(query, CountQuery::filter);
    query = args.by.iter().cloned().fold(query, CountQuery::by);
    if let Some(top) = args.top {
        query = query.top(top);
    }
    Ok((query, timing))
}

impl Answer for Counted<'_> {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let by = &self.args.by;
        let word = self.args.measure.word.as_str();
        let headings = by.iter().map(heading).chain([number(word)]);
        let mut table = Table::new(headings);
        for row in self.answer.rows.iter().take(MOST_ROWS) {
            let keys = by.iter().zip(&row.key).map(|(column, key)| shown(column, key.as_deref()));
            table.row(keys.chain([count(row.count)]));
        }
        if self.answer.rows.is_empty() {
            writeln!(out, "No {word} match.")?;
        } else {
            write!(out, "{table}")?;
        }
        let more = self.answer.rows.len().saturating_sub(MOST_ROWS);
        if more > 0 {
            let more = count(more as u64);
            writeln!(out, " and {more} rows more; see --top, or --format csv for all of them")?;
        }
        writeln!(out, "\nTotal {}.", count(self.answer.total))?;
        self.write_work(out)
    }

    fn json(&self) -> impl Serialize {
        let asked = Asked {
            measure: &self.args.measure.word,
            columns: &self.args.by,
            timing: self.timing,
            dedup: self.args.dedup,
            store: self.args.store.store.display().to_string(),
        };
        QueryJson::new(&self.answer, asked)
    }

    fn sheet(&self) -> Sheet {
        let header = self.args.by.iter().map(ToString::to_string).chain(["count".to_owned()]);
        let rows = self.answer.rows.iter().map(|row| {
            let keys = row.key.iter().map(|key| key.clone().unwrap_or_default());
            keys.chain([row.count.to_string()]).collect()
        });
        Sheet { header: header.collect(), rows: rows.collect() }
    }
}

impl Counted<'_> {
    /// What was read, and how long it took.
    fn write_work(&self, out: &mut dyn Write) -> io::Result<()> {
        let shards = &self.answer.shards;
        let files = shards.iter().map(|figures| figures.files).sum();
        let rows = shards.iter().map(|figures| figures.rows).sum();
        let size = shards.iter().map(|figures| figures.bytes).sum();
        writeln!(
            out,
            "Read {} and {} from {} in {}.",
            things(rows, "row", "rows"),
            bytes(size),
            things(files, "file", "files"),
            things(shards.len() as u64, "shard", "shards"),
        )?;
        match self.answer.latency {
            Latency::Measured(latency) => writeln!(
                out,
                "Latency {}, measured with all shards at once on this machine.",
                time(latency.ns())
            ),
            Latency::Modelled { latency, workers } => {
                let service = || shards.iter().map(|figures| figures.service);
                let sum: MeasuredTime = service().sum();
                let slowest = service().max().unwrap_or_default().ns();
                let mean = sum.ns() / shards.len().max(1) as u64;
                writeln!(
                    out,
                    "Slowest shard {}, mean shard {}, measured one at a time.",
                    time(slowest),
                    time(mean)
                )?;
                let workers = things(workers.into(), "worker", "workers");
                writeln!(out, "Latency {} with {workers}, modelled.", time(latency.ns()))
            }
        }
    }
}

fn heading(column: &GroupColumn) -> crate::table::Column {
    match column {
        GroupColumn::Property(name) => text(cell(display_name(name))),
        GroupColumn::Shard => number("shard"),
        other => text(other.to_string().replace('_', " ")),
    }
}

fn shown(column: &GroupColumn, key: Option<&str>) -> String {
    match column {
        GroupColumn::Event | GroupColumn::OriginalEvent => value_cell(key.map(display_name)),
        _ => value_cell(key),
    }
}
