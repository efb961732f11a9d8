//! `hotshard query`.

use std::io::{self, Write};
use std::num::NonZeroU32;

use clap::Args;
use hotshard::{
    CountQuery, Damage, Dedup, GroupColumn, GroupRow, HOTSHARD_EVENTS, Latency, Measure,
    MeasuredTime, MemoryBudget, OnDamage, Predicate, RecordedAnswer, RepeatedTime, Repeats,
    ShardFigures, Timing, display_name,
};
use serde::Serialize;

use crate::args::{DateArgs, GlobalArgs, StoreArgs};
use crate::exit::{Outcome, UsageError};
use crate::figures::{bytes, count, things, time};
use crate::json::query::{Asked, PERCENTILES, QueryJson};
use crate::output::{self, Answer, Sheet};
use crate::printable::{cell, value_cell};
use crate::table::{Table, number, text};
use crate::warn;

/// Rows that the table shows; JSON and CSV have all of them.
const MOST_ROWS: usize = 1_000;

/// Count events, users, or events per user of a store, and time each shard.
#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// What is counted: events, users (distinct non-empty distinct ids), or per-user (how many
    /// events users have: the average, and how they are distributed).
    #[arg(long, value_name = "MEASURE", default_value = "events", value_parser = NamedMeasure::parse)]
    measure: NamedMeasure,
    /// Columns to group by, separated by commas: event, date, shard, distinct_id, original_event,
    /// original_distinct_id, property:NAME.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    by: Vec<GroupColumn>,
    /// Only events of this name, as stored; give it again for further names.
    #[arg(long, value_name = "NAME")]
    event: Vec<String>,
    /// Only events of this distinct id, as stored; give it again for further ids.
    #[arg(long, value_name = "ID")]
    id: Vec<String>,
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
    /// shard at a time; the honest service time of each).
    #[arg(long, value_name = "TIMING", default_value = "concurrent")]
    timing: Timing,
    /// Timed runs, after a first one that is not among them; the median counts. 1 is that first run
    /// alone [default: 1 when concurrent; isolated at least 5, until they took 300 ms together, at
    /// most 100].
    #[arg(long, value_name = "N")]
    repeats: Option<NonZeroU32>,
    /// Answer from commit records alone: nothing is scanned, and nothing timed. They tell events by
    /// event and date, of any names and days, or all events by shard.
    #[arg(long, conflicts_with_all = ["timing", "repeats"])]
    metadata: bool,
    /// Memory budget of the whole process, in MiB; what does not fit is counted in several passes
    /// [default: 512].
    #[arg(long, value_name = "MIB")]
    memory: Option<u64>,
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
property:NAME. A value with spaces stands in double quotes.

A missing value meets only `is not set`. Properties compare as numbers where both sides are.";

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
    answer: Source,
    args: &'a QueryArgs,
}

/// Where the counts come from.
enum Source {
    Scan(hotshard::Answer, Timing),
    CommitRecords(RecordedAnswer),
}

impl Source {
    fn rows(&self) -> &[GroupRow] {
        match self {
            Self::Scan(answer, _) => &answer.rows,
            Self::CommitRecords(answer) => &answer.rows,
        }
    }

    const fn total(&self) -> u64 {
        match self {
            Self::Scan(answer, _) => answer.total,
            Self::CommitRecords(answer) => answer.total,
        }
    }

    fn damaged(&self) -> &[Damage] {
        match self {
            Self::Scan(answer, _) => &answer.damaged,
            Self::CommitRecords(answer) => &answer.damaged,
        }
    }
}

pub(crate) fn run(args: &QueryArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let (query, timing) = plan(args)?;
    hotshard::keep_freed_memory(memory_budget(args));
    let snapshot = super::open(&args.store.store)?;
    let answer = if args.metadata {
        Source::CommitRecords(query.from_commit_records(&snapshot)?)
    } else {
        Source::Scan(query.run(&snapshot)?, timing)
    };
    let outcome = super::tell_damage(answer.damaged());
    if answer.total() == 0 {
        tell_display_names(&args.event);
    }
    output::print(global.format, &Counted { answer, args })?;
    Ok(outcome)
}

/// Tables show display names, and events are asked for by their names as stored.
fn tell_display_names(names: &[String]) {
    let shown = display_name(HOTSHARD_EVENTS);
    if names.iter().any(|name| name == shown) {
        warn::note(&format!(
            "No event is named `{shown}`: that is how `{HOTSHARD_EVENTS}` is shown; ask for --event \
             '{HOTSHARD_EVENTS}'."
        ));
    }
}

fn plan(args: &QueryArgs) -> anyhow::Result<(CountQuery, Timing)> {
    let timing = match args.repeats {
        Some(repeats) => args.timing.repeated(Repeats::Exactly(repeats)),
        None => args.timing,
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
        .timing(timing)
        .memory_bytes(memory_budget(args).bytes());
    query = args.event.iter().fold(query, CountQuery::event);
    query = args.id.iter().fold(query, CountQuery::id);
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
        let measured = match self.args.measure.measure {
            Measure::PerUser => per_user_headings(),
            _ => vec![number(word)],
        };
        let headings = by.iter().map(heading).chain(measured);
        let mut table = Table::new(headings);
        for row in self.answer.rows().iter().take(MOST_ROWS) {
            let keys = by.iter().zip(&row.key).map(|(column, key)| shown(column, key.as_deref()));
            table.row(keys.chain([count(row.count)]).chain(per_user_cells(row)));
        }
        if self.answer.rows().is_empty() {
            let nothing = if word == "per-user" { "users" } else { word };
            match self.answer.total() {
                0 => writeln!(out, "No {nothing} match.")?,
                _ => writeln!(out, "No rows were asked for.")?,
            }
        } else {
            write!(out, "{table}")?;
        }
        let more = self.answer.rows().len().saturating_sub(MOST_ROWS);
        if more > 0 {
            let more = count(more as u64);
            writeln!(out, " and {more} rows more; see --top, or --format csv for all of them")?;
        }
        writeln!(out, "\nTotal {}.", count(self.answer.total()))?;
        match &self.answer {
            Source::Scan(answer, _) => write_work(answer, out),
            Source::CommitRecords(_) => {
                writeln!(out, "From commit records; nothing was scanned.")
            }
        }
    }

    fn json(&self) -> impl Serialize {
        let asked = Asked {
            measure: &self.args.measure.word,
            columns: &self.args.by,
            dedup: self.args.dedup,
            store: self.args.store.store.display().to_string(),
            memory_budget_bytes: memory_budget(self.args).bytes(),
        };
        match &self.answer {
            Source::Scan(answer, timing) => QueryJson::of_scan(answer, *timing, asked),
            Source::CommitRecords(answer) => QueryJson::of_commit_records(answer, asked),
        }
    }

    fn sheet(&self) -> Sheet {
        let columns = self.args.by.iter().map(ToString::to_string).chain(["count".to_owned()]);
        let mut header: Vec<String> = columns.collect();
        if self.args.measure.measure == Measure::PerUser {
            header.extend(["events", "mean", "min"].map(str::to_owned));
            header.extend(PERCENTILES.map(|(name, _)| name.to_owned()));
            header.push("max".to_owned());
        }
        let rows = self.answer.rows().iter().map(|row| {
            let keys = row.key.iter().map(|key| key.clone().unwrap_or_default());
            keys.chain([row.count.to_string()]).chain(per_user_fields(row)).collect()
        });
        Sheet { header, rows: rows.collect() }
    }
}

fn per_user_headings() -> Vec<crate::table::Column> {
    let percentiles = PERCENTILES.map(|(name, _)| number(name));
    let headings = [number("users"), number("events"), number("mean"), number("min")];
    headings.into_iter().chain(percentiles).chain([number("max")]).collect()
}

/// The figures of events per user beside the number of users; none under another measure.
fn per_user_cells(row: &GroupRow) -> Vec<String> {
    let Some(users) = &row.per_user else { return Vec::new() };
    let figure = |figure: Option<u64>| figure.map_or_else(|| "-".to_owned(), count);
    let percentiles = PERCENTILES.map(|(_, percent)| figure(users.percentile(percent)));
    let cells = [count(users.events()), format!("{:.2}", users.mean()), figure(users.min())];
    cells.into_iter().chain(percentiles).chain([figure(users.max())]).collect()
}

/// The same for other programs.
fn per_user_fields(row: &GroupRow) -> Vec<String> {
    let Some(users) = &row.per_user else { return Vec::new() };
    let figure = |figure: Option<u64>| figure.map_or_else(String::new, |figure| figure.to_string());
    let percentiles = PERCENTILES.map(|(_, percent)| figure(users.percentile(percent)));
    let fields = [users.events().to_string(), users.mean().to_string(), figure(users.min())];
    fields.into_iter().chain(percentiles).chain([figure(users.max())]).collect()
}

fn memory_budget(args: &QueryArgs) -> MemoryBudget {
    args.memory.map_or_else(MemoryBudget::default, MemoryBudget::from_mib)
}

/// What was read, how long it took, and whether that can be believed.
fn write_work(answer: &hotshard::Answer, out: &mut dyn Write) -> io::Result<()> {
    let sum = |figure: fn(&ShardFigures) -> u64| answer.shards.iter().map(figure).sum();
    writeln!(
        out,
        "Read {} and {} from {} in {}.",
        things(sum(|shard| shard.rows), "row", "rows"),
        bytes(sum(|shard| shard.bytes)),
        things(sum(|shard| shard.files), "file", "files"),
        things(answer.shards.len() as u64, "shard", "shards"),
    )?;
    let passes = answer.passes.counts.max(answer.passes.dedup);
    if passes > 1 {
        writeln!(out, "In {passes} passes over them, since memory was too small for fewer.")?;
    }
    match answer.latency {
        Latency::Measured(latency) => write_measured(answer, latency, out)?,
        Latency::Modelled { latency, workers } => {
            write_service(answer, out)?;
            let workers = things(workers.into(), "worker", "workers");
            writeln!(out, "Latency {} with {workers}, modelled.", time(latency.ns()))?;
        }
    }
    match answer.noise {
        Some(noise) => writeln!(out, "Noise: {noise}."),
        None => Ok(()),
    }
}

fn write_measured(
    answer: &hotshard::Answer,
    latency: RepeatedTime,
    out: &mut dyn Write,
) -> io::Result<()> {
    let median = time(latency.median.ns());
    writeln!(out, "Latency {median}, measured with all shards at once on this machine.")?;
    if answer.repeats == 1 {
        return Ok(());
    }
    writeln!(
        out,
        "That is the median of {} runs, from {} to {}; the first took {}.",
        answer.repeats,
        time(latency.best.ns()),
        time(latency.worst.ns()),
        time(latency.first.ns()),
    )
}

fn write_service(answer: &hotshard::Answer, out: &mut dyn Write) -> io::Result<()> {
    let service = || answer.shards.iter().map(|figures| figures.service.median);
    let sum: MeasuredTime = service().sum();
    let mean = sum.ns() / answer.shards.len().max(1) as u64;
    let slowest = service().max().unwrap_or_default().ns();
    let (slowest, mean) = (time(slowest), time(mean));
    writeln!(out, "Slowest shard {slowest}, mean shard {mean}, measured one at a time.")?;
    if answer.repeats == 1 {
        return Ok(());
    }
    writeln!(out, "Each shard's time is the median of {} runs.", answer.repeats)
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
