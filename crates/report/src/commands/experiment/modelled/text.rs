//! An experiment by models for people.

use std::io::{self, Write};

use hotshard::{
    CellOutcome, Comparison, ExperimentSpec, FanOutOutcome, Intervals, LatencyOutcome,
    LatencyReport, Policy, SimulationReport, WorkloadKeys,
};

use crate::figures::{count, ratio, share, things, time};
use crate::sparkline;
use crate::table::{Table, number, text};

/// Characters of a picture of rows per shard.
const PICTURE: usize = 16;

/// Writes what came of it: a table of balance, one of latency, one of published figures.
pub(super) fn write(report: &SimulationReport, out: &mut dyn Write) -> io::Result<()> {
    write_head(&report.spec, out)?;
    if !report.cells.is_empty() {
        write_balance(report, out)?;
    }
    if !report.latencies.is_empty() {
        write_latencies(report, out)?;
    }
    if !report.fan_outs.is_empty() {
        write_fan_outs(&report.fan_outs, out)?;
    }
    if !report.comparisons.is_empty() {
        write_published(&report.comparisons, out)?;
    }
    let seed = report.spec.rng_seed;
    writeln!(
        out,
        "\nEverything is modelled, under rng seed {seed}; it took {}.",
        time(report.elapsed.ns())
    )
}

fn write_head(spec: &ExperimentSpec, out: &mut dyn Write) -> io::Result<()> {
    match &spec.about {
        Some(about) => writeln!(out, "{}: {}", spec.name, about.trim()),
        None => writeln!(out, "{}", spec.name),
    }
}

/// Writes what a spec would run.
pub(super) fn write_plan(spec: &ExperimentSpec, out: &mut dyn Write) -> io::Result<()> {
    write_head(spec, out)?;
    if !spec.grids.is_empty() {
        write_grids(spec, out)?;
    }
    if let Some(latency) = &spec.latency {
        let servers: Vec<String> = latency.servers.iter().map(ToString::to_string).collect();
        let loads: Vec<String> = latency.loads.iter().copied().map(share).collect();
        let loads = match &latency.arrivals {
            Some(times) => format!("{} given times", count(times.len() as u64)),
            None => format!("loads of {}", loads.join(", ")),
        };
        let queries = count(latency.queries);
        writeln!(out, "\n{queries} queries each: servers {}; {loads}.", servers.join(", "))?;
    }
    for fan_out in &spec.fan_outs {
        let loads: Vec<String> = fan_out.utilisations.iter().copied().map(share).collect();
        writeln!(
            out,
            "{}: {} queries over {} equal shards, {}, {}, at {}.",
            fan_out.name,
            count(fan_out.queries),
            fan_out.shards,
            fan_out.servers,
            fan_out.law,
            loads.join(", ")
        )?;
    }
    if !spec.published.is_empty() {
        let published = things(spec.published.len() as u64, "figure", "figures");
        writeln!(out, "{published} of others to be held against.")?;
    }
    writeln!(out, "\nThe spec is sound. Nothing was run.")
}

fn write_grids(spec: &ExperimentSpec, out: &mut dyn Write) -> io::Result<()> {
    let mut workloads = Table::new([text("workload"), text("keys")]);
    for workload in &spec.workloads {
        workloads.row([workload.name.clone(), described(&workload.keys)]);
    }
    write!(out, "\n{workloads}")?;
    let mut grids = Table::new([
        text("on"),
        text("level"),
        number("shards"),
        text("policies"),
        number("seeds"),
    ]);
    for grid in &spec.grids {
        let shards: Vec<String> = grid.shards.iter().map(ToString::to_string).collect();
        let policies: Vec<String> = grid.policies.iter().map(ToString::to_string).collect();
        let on =
            if grid.workloads.is_empty() { "all".to_owned() } else { grid.workloads.join(", ") };
        grids.row([
            on,
            grid.level.to_string(),
            shards.join(", "),
            policies.join(", "),
            grid.seeds.to_string(),
        ]);
    }
    write!(out, "\n{grids}")
}

fn described(keys: &WorkloadKeys) -> String {
    match keys {
        WorkloadKeys::Synthetic(spec) => format!(
            "{} of {} under {}, {}",
            things(spec.events, "event", "events"),
            things(spec.users, "user", "users"),
            spec.ids,
            things(spec.days.into(), "day", "days"),
        ),
        WorkloadKeys::Inputs(paths) => {
            let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            paths.join(", ")
        }
        WorkloadKeys::Store(path) => format!("the store {}", path.display()),
        _ => String::new(),
    }
}

fn write_balance(report: &SimulationReport, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new([
        text("workload"),
        text("level"),
        number("shards"),
        text("policy"),
        number("T"),
        number("max/mean"),
        text("5-95 %"),
        number("bound"),
        number("CV"),
        number("remedied"),
        text("an id's rows in"),
        text("shards, fullest first"),
    ]);
    for cell in &report.cells {
        table.row(balance_row(cell));
    }
    write!(out, "\n{table}")?;
    writeln!(
        out,
        "Max/mean: rows of the fullest shard over the mean one, averaged over seeds; 5-95 % of the \
         seeds lie\nin the range beside it. Bound: what theory says it stays below."
    )
}

#[expect(clippy::cast_precision_loss, reason = "shares are shown in three digits")]
fn balance_row(cell: &CellOutcome) -> [String; 12] {
    let repeats = cell.max_over_mean();
    let between = repeats.as_ref().map(|repeats| {
        format!("{}-{}", ratio(repeats.quantile(0.05)), ratio(repeats.quantile(0.95)))
    });
    let threshold = cell.mean(|figures| figures.threshold.map(|threshold| threshold as f64));
    let bound = cell.distribution(|figures| figures.bound).map(|bounds| bounds.quantile(1.0));
    let remedied = cell
        .mean(|figures| Some(figures.remedied as f64 / figures.events.max(1) as f64))
        .filter(|_| matches!(cell.policy, Policy::Remedied { .. }));
    let optional = |figure: Option<String>| figure.unwrap_or_default();
    [
        cell.workload.clone(),
        cell.level.to_string(),
        cell.shards.to_string(),
        cell.policy_and_sources(),
        optional(threshold.map(whole)),
        optional(repeats.as_ref().map(|repeats| ratio(repeats.mean()))),
        optional(between),
        optional(bound.map(ratio)),
        optional(cell.mean(|figures| Some(figures.cv)).map(ratio)),
        optional(remedied.map(share)),
        cell.locality.to_string(),
        sparkline::of_sorted(&cell.rows, PICTURE),
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mean of counts, rounded"
)]
fn whole(number: f64) -> String {
    count(number.round() as u64)
}

fn write_latencies(report: &SimulationReport, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new([
        text("workload"),
        number("shards"),
        text("policy"),
        text("servers"),
        number("load"),
        number("queries\n/s"),
        number("utili-\nsation"),
        number("alone"),
        number("mean"),
        number("p50"),
        number("p90"),
        number("p99"),
        number("p99.9"),
        text("p99, 95 %"),
    ]);
    for latency in &report.latencies {
        if let Some(cell) = report.cells.get(latency.cell) {
            table.row(latency_row(cell, latency));
        }
    }
    write!(out, "\n{table}")?;
    writeln!(
        out,
        "Latencies are modelled. Load: queries as a share of what equally full shards could answer; \
         the same\nqueries come to every policy. Alone: a query on idle servers. ∞: they come faster \
         than the hot\nshard can answer, and queues grow for ever. Too narrow: the run is too short for \
         its interval."
    )
}

fn latency_row(cell: &CellOutcome, latency: &LatencyOutcome) -> [String; 14] {
    let utilisation = latency.queries_per_second / latency.saturation_per_second;
    let [mean, p50, p90, p99, p999, interval] = percentiles(latency.report.as_ref());
    [
        cell.workload.clone(),
        cell.shards.to_string(),
        cell.policy_and_sources(),
        latency.servers.to_string(),
        latency.load.map_or_else(|| "given".to_owned(), share),
        rate(latency.queries_per_second),
        share(utilisation),
        ns(latency.modelled_idle_ns),
        mean,
        p50,
        p90,
        p99,
        p999,
        interval,
    ]
}

/// Mean, percentiles, and between which the 99th lies.
fn percentiles(report: Option<&LatencyReport>) -> [String; 6] {
    let Some(report) = report else {
        return ["∞", "∞", "∞", "∞", "∞", ""].map(str::to_owned);
    };
    [
        ns(report.modelled_mean.ns),
        ns(report.modelled_p50.ns),
        ns(report.modelled_p90.ns),
        ns(report.modelled_p99.ns),
        ns(report.modelled_p999.ns),
        interval(report),
    ]
}

/// Between which the 99th percentile lies, as far as the run can tell.
fn interval(report: &LatencyReport) -> String {
    let Some(interval) = report.modelled_p99.interval else { return "too few queries".to_owned() };
    let high = interval.high_ns.map_or_else(|| "?".to_owned(), ns);
    let doubt = match report.intervals {
        Intervals::Sound => "",
        Intervals::TooNarrow { .. } => ", too narrow",
        Intervals::Meaningless => ", grows with the run",
    };
    format!("{} - {high}{doubt}", ns(interval.low_ns))
}

fn write_fan_outs(fan_outs: &[FanOutOutcome], out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new([
        text("queries over equal shards"),
        number("shards"),
        text("servers"),
        text("law"),
        number("utili-\nsation"),
        number("mean"),
        number("p50"),
        number("p90"),
        number("p99"),
        number("p99.9"),
        text("p99, 95 %"),
        number("slower"),
    ]);
    for fan_out in fan_outs {
        let [mean, p50, p90, p99, p999, interval] = percentiles(Some(&fan_out.report));
        table.row([
            fan_out.name.clone(),
            fan_out.shards.to_string(),
            fan_out.servers.to_string(),
            fan_out.law.to_string(),
            share(fan_out.utilisation),
            mean,
            p50,
            p90,
            p99,
            p999,
            interval,
            fan_out.slower_share.map(share).unwrap_or_default(),
        ]);
    }
    write!(out, "\n{table}")
}

fn write_published(comparisons: &[Comparison], out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new([
        text("published"),
        text("figure"),
        number("theirs"),
        text("allowed"),
        number("ours"),
        text("between"),
        text(""),
    ]);
    for comparison in comparisons {
        let published = &comparison.published;
        // A ratio of two times is none.
        let column = if published.over.is_some() { "" } else { published.figure.as_str() };
        let write = |number: f64| figure(column, number);
        let range = |(low, high): (f64, f64)| format!("{} - {}", write(low), write(high));
        table.row([
            published.source.clone(),
            published.what.clone(),
            write(published.value),
            range((published.low, published.high)),
            comparison.ours.map(write).unwrap_or_default(),
            comparison.between.map(range).unwrap_or_default(),
            if comparison.agrees() { "agrees" } else { "differs" }.to_owned(),
        ]);
    }
    write!(out, "\n{table}")?;
    let agree = comparisons.iter().filter(|comparison| comparison.agrees()).count();
    writeln!(
        out,
        "{agree} of {} agree. Between: 5 to 95 % of our seeds, or our 95 % interval.",
        things(comparisons.len() as u64, "published figure", "published figures")
    )
}

/// A figure in the unit that its column's name ends in.
fn figure(column: &str, number: f64) -> String {
    if column.ends_with("_ns") {
        ns(number)
    } else if column.ends_with("_share") {
        share(number)
    } else {
        format!("{number:.3}")
    }
}

/// A modelled time.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time of a model, for people; what is no number becomes 0"
)]
fn ns(ns: f64) -> String {
    time(ns.round() as u64)
}

/// Queries a second.
fn rate(per_second: f64) -> String {
    match per_second {
        _ if per_second < 9.995 => format!("{per_second:.2}"),
        _ if per_second < 99.95 => format!("{per_second:.1}"),
        _ => whole(per_second),
    }
}
