//! How long queries take.

use hotshard::{LatencyOutcome, LatencyReport, Servers, SimulationReport};
use hotshard_page::{Axis, Chart, Figure, Line, Lines, Reference, Section, Spread, Unit};

use super::{MOST_GROUPS, MOST_LINES, anchor, caption, with_rest};
use crate::figures::{share, things};

type Percentile = fn(&LatencyReport) -> f64;

/// The percentiles that are drawn.
const PERCENTILES: [(&str, Percentile); 4] = [
    ("p50", |report| report.modelled_p50.ns),
    ("p90", |report| report.modelled_p90.ns),
    ("p99", |report| report.modelled_p99.ns),
    ("p99.9", |report| report.modelled_p999.ns),
];

/// Latency against skew, and against load.
pub(super) fn section(report: &SimulationReport) -> Section {
    let mut section = Section::new("Latency of queries");
    if let Some(figure) = against_skew(report) {
        section = section.figure(figure);
    }
    let groups = groups(report);
    for (number, group) in groups.iter().take(MOST_GROUPS).enumerate() {
        let number = (number + 1).to_string();
        let figures =
            [against_utilisation(report, group, &number), against_load(report, group, &number)];
        section = figures.into_iter().flatten().fold(section, Section::figure);
    }
    with_rest(section, groups.len())
}

/// Runs of one workload, number of shards and servers.
fn groups(report: &SimulationReport) -> Vec<Vec<&LatencyOutcome>> {
    let mut groups: Vec<Vec<&LatencyOutcome>> = Vec::new();
    let key = |latency: &LatencyOutcome| {
        let cell = report.cells.get(latency.cell);
        (cell.map(|cell| (&cell.workload, cell.shards, cell.level)), latency.servers.to_string())
    };
    for latency in &report.latencies {
        let known = groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| key(first) == key(latency)));
        match known {
            Some(group) => group.push(latency),
            None => groups.push(vec![latency]),
        }
    }
    groups
}

/// Percentiles of all cells against their max/mean, at the load under which most keep up.
fn against_skew(report: &SimulationReport) -> Option<Figure> {
    let first = report.latencies.first()?;
    let steady = |load: f64| {
        let at = |latency: &&LatencyOutcome| is_at(latency, first.servers, load);
        report.latencies.iter().filter(at).filter(|latency| latency.report.is_some()).count()
    };
    let loads = report.spec.latency.iter().flat_map(|grid| grid.loads.iter().copied());
    let load = loads.max_by(|a, b| steady(*a).cmp(&steady(*b)).then(a.total_cmp(b)))?;
    let mut lines = Lines::new(
        Axis::new("max/mean of rows", Unit::Ratio).log(),
        Axis::new("modelled latency", Unit::Time).log(),
    );
    for (name, percentile) in PERCENTILES {
        let at = report.latencies.iter().filter(|latency| is_at(latency, first.servers, load));
        let point = |latency: &LatencyOutcome| {
            let cell = report.cells.get(latency.cell)?;
            let max_over_mean = hotshard::Skew::of(&cell.rows).max_over_mean;
            Some((max_over_mean, percentile(latency.report.as_ref()?)))
        };
        let mut points: Vec<(f64, f64)> = at.filter_map(point).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        if points.len() < 2 {
            return None;
        }
        lines = lines.line(Line::new(name, points));
    }
    let figure = Figure::new(
        "latency-skew",
        format!("Latency against skew, at {} of what even shards could answer", share(load)),
        Chart::Lines(lines),
    );
    Some(figure.caption(format!(
        "Every combination that keeps up, {}. The rest would be further up.",
        who(first.servers)
    )))
}

fn is_at(latency: &LatencyOutcome, servers: Servers, load: f64) -> bool {
    latency.servers == servers && latency.load.is_some_and(|own| own.total_cmp(&load).is_eq())
}

/// Percentiles of the group's first policy against the share of its time that the busiest server
/// works.
fn against_utilisation(
    report: &SimulationReport,
    group: &[&LatencyOutcome],
    number: &str,
) -> Option<Figure> {
    let first = group.first()?;
    let cell = report.cells.get(first.cell)?;
    let mut lines = Lines::new(
        Axis::new("utilisation of the busiest server", Unit::Share),
        Axis::new("modelled latency", Unit::Time).log(),
    );
    for (name, percentile) in PERCENTILES {
        let own = group.iter().filter(|latency| latency.cell == first.cell);
        let points = own.filter_map(|latency| {
            let utilisation = latency.queries_per_second / latency.saturation_per_second;
            Some((utilisation, percentile(latency.report.as_ref()?)))
        });
        lines = lines.line(Line::new(name, points));
    }
    if lines.lines.iter().all(|line| line.points.len() < 2) {
        return None;
    }
    let shards = things(cell.shards.get().into(), "shard", "shards");
    let (workload, policy, who) = (&cell.workload, cell.policy_and_sources(), who(first.servers));
    let figure = Figure::new(
        anchor(&["latency-utilisation", number]),
        format!("Latency against utilisation: {workload} under {policy}, {shards}, {who}"),
        Chart::Lines(lines),
    );
    Some(figure.caption("Up to saturation, from where queues grow for ever."))
}

/// The 99th percentile of each policy against load.
fn against_load(
    report: &SimulationReport,
    group: &[&LatencyOutcome],
    number: &str,
) -> Option<Figure> {
    let first = group.first()?;
    let cell = report.cells.get(first.cell)?;
    let mut lines = Lines::new(
        Axis::new("load, of what even shards could answer", Unit::Share),
        Axis::new("modelled p99", Unit::Time).log(),
    );
    let mut cells: Vec<usize> = group.iter().map(|latency| latency.cell).collect();
    cells.dedup();
    let all = cells.len();
    for at in cells.into_iter().take(MOST_LINES) {
        let points = group.iter().filter(|latency| latency.cell == at).filter_map(|latency| {
            let p99 = latency.report.as_ref()?.modelled_p99;
            let interval = p99.interval;
            let low = interval.map_or(p99.ns, |interval| interval.low_ns);
            let high = interval.and_then(|interval| interval.high_ns).unwrap_or(p99.ns);
            Some((latency.load?, p99.ns, low, high))
        });
        let name = report.cells.get(at).map(hotshard::CellOutcome::policy_and_sources);
        let name = name.unwrap_or_default();
        let line = Line::between(name, points, Spread::Band);
        if !line.points.is_empty() {
            lines = lines.line(line);
        }
    }
    if lines.lines.is_empty() {
        return None;
    }
    let shards = things(cell.shards.get().into(), "shard", "shards");
    let figure = Figure::new(
        anchor(&["latency-load", number]),
        format!(
            "99th percentile against load: {}, {shards}, {}",
            cell.workload,
            who(first.servers)
        ),
        Chart::Lines(lines),
    );
    let words = "A line ends where queries come faster than the fullest shard can answer. Bands are \
                 95 % intervals.";
    Some(figure.caption(caption(words, all)))
}

fn who(servers: Servers) -> String {
    match servers {
        Servers::OnePerShard => "one server a shard".to_owned(),
        Servers::Workers(workers) => things(workers.get().into(), "worker", "workers"),
    }
}

/// How long few workers hide a hot shard.
pub(super) fn cliffs(report: &SimulationReport) -> Result<Section, hotshard::Error> {
    let mut section = Section::new("How long an idle machine hides skew");
    let cliffs = report.cliffs()?;
    let mut shards: Vec<_> = cliffs.iter().map(|cliff| cliff.shards).collect();
    shards.dedup();
    for &shards in shards.iter().take(MOST_GROUPS) {
        let mut lines = Lines::new(
            Axis::new("max/mean of rows", Unit::Ratio).log(),
            Axis::new("times an even query", Unit::Ratio).log(),
        );
        for cliff in cliffs.iter().filter(|cliff| cliff.shards == shards).take(MOST_LINES) {
            let points = cliff.points.iter();
            let points = points.map(|point| (point.max_over_mean, point.modelled_slowdown));
            lines = lines.line(Line::new(who(cliff.servers), points));
            if let Servers::Workers(workers) = cliff.servers {
                lines = lines.reference(Reference::x(format!("n/{workers}"), cliff.edge));
            }
        }
        let figure = Figure::new(
            anchor(&["cliff", &shards.to_string()]),
            format!("A lone query against skew: {shards} shards"),
            Chart::Lines(lines),
        );
        section = section.figure(figure.caption(
            "One hot shard, all others alike. With W workers nothing shows until max/mean passes \
             about n/W; a test on an idle machine with few cores says little about many.",
        ));
    }
    Ok(section)
}

/// Queries over equal shards.
pub(super) fn fan_outs(report: &SimulationReport) -> Section {
    let mut section = Section::new("Queries over equal shards");
    let mut lines = Lines::new(
        Axis::new("utilisation", Unit::Share),
        Axis::new("modelled mean latency", Unit::Time).log(),
    );
    for spec in report.spec.fan_outs.iter().filter(|spec| spec.utilisations.len() > 1) {
        let own = report.fan_outs.iter().filter(|run| run.name == spec.name);
        let points = own.map(|run| {
            let mean = run.report.modelled_mean;
            let low = mean.interval.map_or(mean.ns, |interval| interval.low_ns);
            let high = mean.interval.and_then(|interval| interval.high_ns).unwrap_or(mean.ns);
            (run.utilisation, mean.ns, low, high)
        });
        lines = lines.line(Line::between(spec.name.as_str(), points, Spread::Band));
    }
    lines.lines.truncate(MOST_LINES);
    if !lines.lines.is_empty() {
        let figure =
            Figure::new("fan-outs", "Mean latency against utilisation", Chart::Lines(lines));
        section = section.figure(figure.caption("Bands are 95 % intervals."));
    }
    section
}
