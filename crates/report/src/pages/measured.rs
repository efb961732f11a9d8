//! The page of an experiment that ingested and counted for real.

use std::num::NonZeroU32;

use hotshard::{MeasuredTime, Remedy, Servers, TaskOrder, Trial, idle_latency_ns};
use hotshard_page::{
    Axis, Bars, Cell, Chart, Column, Fact, Figure, Line, Lines, Page, Reference, Section, Series,
    Table, Unit,
};

use super::made_by;
use crate::figures::{count, ratio, things, time};

/// Most lines in one chart.
const MOST_LINES: usize = 8;

/// What an experiment was about, and its trials.
pub(crate) struct MeasuredPart<'a> {
    /// Its heading.
    pub(crate) title: String,
    /// What it is about, in a sentence or two.
    pub(crate) about: String,
    /// What came of it.
    pub(crate) trials: &'a [Trial],
}

/// The page of these experiments.
pub(crate) fn page(title: &str, parts: &[MeasuredPart<'_>]) -> Page {
    let mut page = Page::new(title).lead(
        "Rows of each shard, and how long queries wait for the fullest one, before and after each \
         remedy.",
    );
    for fact in parts.last().map(facts).unwrap_or_default() {
        page = page.fact(fact);
    }
    for part in parts {
        page = page.section(section(part));
    }
    page.origin(
        "Rows and service times are measured, one shard at a time; medians of repeats. Latencies \
         are modelled from them, and called so.",
    )
    .origin(made_by())
}

/// Before and after, of the trials on as many shards as the first.
fn facts(part: &MeasuredPart<'_>) -> Vec<Fact> {
    let Some(before) = part.trials.iter().find(|trial| trial.remedy == Remedy::Off) else {
        return Vec::new();
    };
    let after = part
        .trials
        .iter()
        .filter(|trial| trial.shards == before.shards && trial.remedy != Remedy::Off);
    let after = after.min_by(|a, b| a.skew.max_over_mean.total_cmp(&b.skew.max_over_mean));
    let label = |name: &str, trial: &Trial| format!("{name}, {}", setting(trial));
    let mut facts = vec![
        Fact::new(label("max/mean", before), ratio(before.skew.max_over_mean)),
        Fact::new(label("slowest shard", before), time(before.slowest_shard.ns())),
    ];
    if let Some(after) = after {
        facts.insert(1, Fact::new(label("max/mean", after), ratio(after.skew.max_over_mean)));
        facts.push(Fact::new(label("slowest shard", after), time(after.slowest_shard.ns())));
    }
    facts
}

fn setting(trial: &Trial) -> String {
    match trial.remedy {
        Remedy::Off => "no remedy".to_owned(),
        remedy => format!("{remedy} at {}", count(trial.threshold.get())),
    }
}

fn section(part: &MeasuredPart<'_>) -> Section {
    let mut section = Section::new(part.title.as_str()).text(part.about.as_str());
    let anchor = |what: &str, shards: &str| format!("{what}-{shards}-{}", part.title);
    for trials in by_shards(part.trials) {
        let Some(first) = trials.first() else { continue };
        let shards = things(first.shards.get().into(), "shard", "shards");
        let number = first.shards.to_string();
        let title = |what: &str| format!("{what}: {shards}");
        section = section
            .figure(Figure::new(anchor("rows", &number), title("Rows per shard"), rows(trials)))
            .figure(
                Figure::new(anchor("load", &number), title("Load curve"), load_curve(trials))
                    .caption("Shards sorted by their rows; a level line is even."),
            )
            .figure(
                Figure::new(
                    anchor("service", &number),
                    title("Service time of each shard, measured"),
                    service(trials),
                )
                .caption("Fullest first, for all the fixed counts together."),
            )
            .figure(
                Figure::new(
                    anchor("workers", &number),
                    title("Latency against the number of workers, modelled"),
                    workers(trials),
                )
                .caption(
                    "From the measured service times, on idle workers. Few workers hide a hot shard; \
                     with many, the query waits for it.",
                ),
            );
    }
    if let Some(figure) = thresholds(part) {
        section = section.figure(figure);
    }
    section.table(table(part.trials))
}

/// Trials on the same number of shards follow each other.
fn by_shards(trials: &[Trial]) -> impl Iterator<Item = &[Trial]> {
    trials.chunk_by(|a, b| a.shards == b.shards)
}

fn floats(numbers: impl IntoIterator<Item = u64>) -> Vec<f64> {
    numbers.into_iter().map(float).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a chart needs no 53rd bit")]
fn float(number: u64) -> f64 {
    number as f64
}

fn rows(trials: &[Trial]) -> Chart {
    let mut bars = Bars::numbered(Axis::new("shard", Unit::Count), Axis::new("rows", Unit::Count));
    for trial in trials.iter().take(4) {
        bars = bars.series(Series::new(setting(trial), floats(trial.rows.iter().copied())));
    }
    if let Some(trial) = trials.first() {
        bars = bars.reference("mean", trial.skew.mean);
    }
    Chart::Bars(bars)
}

fn load_curve(trials: &[Trial]) -> Chart {
    Chart::Lines(Lines::sorted(
        Axis::new("shard, fullest first", Unit::Count).range(),
        Axis::new("rows", Unit::Count).log(),
        trials
            .iter()
            .take(MOST_LINES)
            .map(|trial| (setting(trial), floats(trial.rows.iter().copied()))),
    ))
}

fn service(trials: &[Trial]) -> Chart {
    Chart::Lines(Lines::sorted(
        Axis::new("shard, slowest first", Unit::Count).range(),
        Axis::new("service time", Unit::Time),
        trials.iter().take(MOST_LINES).map(|trial| (setting(trial), service_ns(trial))),
    ))
}

/// Measured time of each shard for all the counts.
fn service_ns(trial: &Trial) -> Vec<f64> {
    floats(trial.service_per_shard().into_iter().map(MeasuredTime::ns))
}

/// Modelled latency of a lone query against the number of workers, up to one a shard.
fn workers(trials: &[Trial]) -> Chart {
    let mut lines = Lines::new(
        Axis::new("workers", Unit::Count).log(),
        Axis::new("modelled latency", Unit::Time).log(),
    );
    for trial in trials.iter().take(MOST_LINES) {
        let service = service_ns(trial);
        let shards = trial.shards.get();
        let numbers = (0..u32::BITS).filter_map(|power| 1_u32.checked_shl(power));
        let numbers = numbers.take_while(|workers| *workers < shards).chain([shards]);
        let point = |workers: u32| {
            let servers = NonZeroU32::new(workers).map_or(Servers::OnePerShard, Servers::Workers);
            (f64::from(workers), idle_latency_ns(&service, servers, TaskOrder::LargestFirst))
        };
        lines = lines.line(Line::new(setting(trial), numbers.map(point)));
    }
    if let Some(trial) = trials.iter().find(|trial| trial.remedy == Remedy::Off) {
        // With W workers a hot shard shows once max/mean passes n/W.
        let edge = f64::from(trial.shards.get()) / trial.skew.max_over_mean;
        lines = lines.reference(Reference::x("n over max/mean", edge));
    }
    Chart::Lines(lines)
}

/// Max/mean against the threshold, where several were tried.
fn thresholds(part: &MeasuredPart<'_>) -> Option<Figure> {
    let mut lines = Lines::new(
        Axis::new("threshold T", Unit::Count).log(),
        Axis::new("max/mean of rows", Unit::Ratio),
    );
    for trials in by_shards(part.trials) {
        for remedy in [Remedy::Rename, Remedy::Split] {
            let own = trials.iter().filter(|trial| trial.remedy == remedy);
            let mut points: Vec<(f64, f64)> =
                own.map(|trial| (float(trial.threshold.get()), trial.skew.max_over_mean)).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let Some(first) = trials.first().filter(|_| points.len() > 1) else { continue };
            lines = lines.line(Line::new(format!("{} shards, {remedy}", first.shards), points));
        }
    }
    if lines.lines.is_empty() {
        return None;
    }
    let figure = Figure::new(
        format!("thresholds-{}", part.title),
        "Max/mean against the threshold",
        Chart::Lines(lines),
    );
    Some(figure.caption("A lower threshold spreads more."))
}

fn table(trials: &[Trial]) -> Table {
    let columns = [
        Column::new("shards", Unit::Count),
        Column::new("remedy", Unit::Number),
        Column::new("max/mean", Unit::Ratio),
        Column::new("slowest shard", Unit::Time),
        Column::new("latency, modelled", Unit::Time),
        Column::new("remedied", Unit::Count),
        Column::new("missing", Unit::Count),
    ];
    let number = |number: u64| Cell::from(float(number));
    let mut table = Table::new("Every trial; missing are events that left their reports", columns);
    for trial in trials {
        table = table.row([
            number(trial.shards.get().into()),
            Cell::from(setting(trial)),
            Cell::from(trial.skew.max_over_mean),
            number(trial.slowest_shard.ns()),
            number(trial.modelled_latency.ns()),
            number(trial.ingest.remedied),
            number(trial.cost.events_missing),
        ]);
    }
    table
}
