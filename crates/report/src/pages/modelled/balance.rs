//! How even shards are.

use std::collections::BTreeSet;

use hotshard::{CellOutcome, ModelLevel, Policy, SimulationReport};
use hotshard_page::{
    Axis, Bars, Cell, Chart, Column, Figure, Line, Lines, Section, Series, Spread, Table, Unit,
};

use super::{MOST_GROUPS, MOST_LINES, anchor, caption, with_rest};
use crate::figures::things;

/// Cells of one workload, level and number of shards.
fn groups(report: &SimulationReport) -> Vec<Vec<&CellOutcome>> {
    let mut groups: Vec<Vec<&CellOutcome>> = Vec::new();
    let key = |cell: &CellOutcome| (cell.workload.clone(), cell.level, cell.shards);
    for cell in &report.cells {
        let known = groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| key(first) == key(cell)));
        match known {
            Some(group) => group.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    groups
}

/// Rows per shard before and after, and the load curve.
pub(super) fn section(report: &SimulationReport) -> Section {
    let groups = groups(report);
    let mut section = Section::new("Rows per shard");
    for (number, group) in groups.iter().take(MOST_GROUPS).enumerate() {
        let Some(first) = group.first() else { continue };
        let name = title(first);
        let number = (number + 1).to_string();
        section = section.figure(before_and_after(group, &name, &number));
        if group.len() > 1 {
            section = section.figure(load_curve(group, &name, &number));
        }
    }
    with_rest(section, groups.len())
}

fn title(cell: &CellOutcome) -> String {
    let shards = things(cell.shards.get().into(), "shard", "shards");
    let level = match cell.level {
        ModelLevel::Events => ", event by event",
        _ => "",
    };
    format!("{}, {shards}{level}", cell.workload)
}

/// The first cell without a remedy, and the first with one, or else the most even.
fn before_and_after(group: &[&CellOutcome], name: &str, number: &str) -> Figure {
    let before = group.iter().find(|cell| cell.policy == Policy::Hash).or(group.first());
    let is_remedied = |cell: &&&CellOutcome| matches!(cell.policy, Policy::Remedied { .. });
    let even = |cell: &&&CellOutcome| cell.rows.iter().max().copied().unwrap_or(0);
    let after = group.iter().find(is_remedied).or_else(|| group.iter().min_by_key(even));
    let mut bars = Bars::numbered(Axis::new("shard", Unit::Count), Axis::new("rows", Unit::Count));
    let mut shown: Vec<&&CellOutcome> = before.into_iter().collect();
    shown.extend(after.filter(|after| before.is_none_or(|before| before.policy != after.policy)));
    for cell in &shown {
        bars = bars.series(Series::new(cell.policy.to_string(), floats(&cell.rows)));
    }
    if let Some(cell) = shown.first() {
        let sum: f64 = floats(&cell.rows).iter().sum();
        bars = bars.reference("mean", sum / f64::from(cell.shards.get()));
    }
    let policies: Vec<String> = shown.iter().map(|cell| cell.policy.to_string()).collect();
    Figure::new(
        anchor(&["rows", number]),
        format!("Rows per shard under {}: {name}", policies.join(" and ")),
        Chart::Bars(bars),
    )
    .caption("Under the rng seed whose max/mean is the median one.")
}

fn load_curve(group: &[&CellOutcome], name: &str, number: &str) -> Figure {
    let loads =
        group.iter().take(MOST_LINES).map(|cell| (cell.policy_and_sources(), floats(&cell.rows)));
    let lines = Lines::sorted(
        Axis::new("shard, fullest first", Unit::Count).range(),
        Axis::new("rows", Unit::Count).log(),
        loads,
    );
    Figure::new(anchor(&["load", number]), format!("Load curve: {name}"), Chart::Lines(lines))
        .caption(caption("Shards sorted by their rows; a level line is even.", group.len()))
}

#[expect(clippy::cast_precision_loss, reason = "a chart needs no 53rd bit of a count")]
fn floats(rows: &[u64]) -> Vec<f64> {
    rows.iter().map(|&rows| rows as f64).collect()
}

/// Max/mean against the threshold.
pub(super) fn thresholds(report: &SimulationReport) -> Section {
    let mut lines = Lines::new(
        Axis::new("threshold T", Unit::Count).log(),
        Axis::new("max/mean", Unit::Ratio).log(),
    );
    for group in groups(report) {
        for remedy in [hotshard::Remedy::Rename, hotshard::Remedy::Split] {
            let mut points: Vec<(f64, f64, f64, f64)> =
                group.iter().filter_map(|cell| threshold_point(cell, remedy)).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            points.dedup_by(|a, b| a.0.total_cmp(&b.0).is_eq());
            let Some(first) = group.first().filter(|_| points.len() > 1) else { continue };
            let name = format!("{}, {remedy}", title(first));
            lines = lines.line(Line::between(name, points, Spread::Band));
        }
    }
    let all = lines.lines.len();
    lines.lines.truncate(MOST_LINES);
    let section = Section::new("Which threshold");
    if lines.lines.is_empty() {
        return section;
    }
    let words = "Mean over the seeds, and 5 to 95 % of them. A lower threshold spreads more.";
    let figure = Figure::new("thresholds", "Max/mean against the threshold", Chart::Lines(lines));
    section.figure(figure.caption(caption(words, all)))
}

/// Threshold, mean, 5th and 95th percentile of max/mean under a remedy.
#[expect(clippy::cast_precision_loss, reason = "a chart needs no 53rd bit of a count")]
fn threshold_point(cell: &CellOutcome, asked: hotshard::Remedy) -> Option<(f64, f64, f64, f64)> {
    let Policy::Remedied { remedy, .. } = cell.policy else { return None };
    let threshold = cell.mean(|figures| figures.threshold.map(|threshold| threshold as f64))?;
    let repeats = cell.max_over_mean().filter(|_| remedy == asked)?;
    Some((threshold, repeats.mean(), repeats.quantile(0.05), repeats.quantile(0.95)))
}

/// Max/mean of each policy, where there are several.
pub(super) fn policies(report: &SimulationReport) -> Section {
    let mut settings: Vec<(ModelLevel, std::num::NonZeroU32)> =
        report.cells.iter().map(|cell| (cell.level, cell.shards)).collect();
    settings.sort_unstable();
    settings.dedup();
    let mut section = Section::new("Which policy");
    for &(level, shards) in settings.iter().take(MOST_GROUPS) {
        let cells: Vec<&CellOutcome> = report
            .cells
            .iter()
            .filter(|cell| (cell.level, cell.shards) == (level, shards))
            .collect();
        let mut names = BTreeSet::new();
        let policies: Vec<String> = cells
            .iter()
            .map(|cell| cell.policy_and_sources())
            .filter(|name| names.insert(name.clone()))
            .collect();
        if policies.len() < 3 {
            continue;
        }
        let how = if level == ModelLevel::Events { "event by event" } else { "fluid" };
        let figure = Figure::new(
            anchor(&["policies", &shards.to_string(), level.as_str()]),
            format!("Max/mean by policy: {} shards, {how}", shards.get()),
            Chart::Bars(by_policy(&cells, &policies)),
        );
        let mut workloads: Vec<&str> = cells.iter().map(|cell| cell.workload.as_str()).collect();
        workloads.sort_unstable();
        workloads.dedup();
        let words = caption("Mean over the seeds; 1 is even.", workloads.len());
        section = section.figure(figure.caption(words));
    }
    with_rest(section, settings.len())
}

fn by_policy(cells: &[&CellOutcome], policies: &[String]) -> Bars {
    let mut bars = Bars::named(
        Axis::new("policy", Unit::Number),
        policies.iter().cloned(),
        Axis::new("max/mean", Unit::Ratio),
    );
    let mut seen = BTreeSet::new();
    let workloads = cells.iter().map(|cell| cell.workload.as_str());
    let workloads: Vec<&str> = workloads.filter(|name| seen.insert(*name)).collect();
    for workload in workloads.into_iter().take(MOST_LINES) {
        let of = |policy: &String| {
            let own = |cell: &&&CellOutcome| {
                cell.workload == workload && cell.policy_and_sources() == *policy
            };
            let repeats = cells.iter().find(own).and_then(|cell| cell.max_over_mean());
            repeats.map_or(f64::NAN, |repeats| repeats.mean())
        };
        bars = bars.series(Series::new(workload, policies.iter().map(of)));
    }
    bars.reference("even", 1.0)
}

/// Every cell.
pub(super) fn table(report: &SimulationReport) -> Section {
    let columns = [
        Column::new("workload", Unit::Number),
        Column::new("shards", Unit::Count),
        Column::new("policy", Unit::Number),
        Column::new("T", Unit::Count),
        Column::new("max/mean", Unit::Ratio),
        Column::new("5 %", Unit::Ratio),
        Column::new("95 %", Unit::Ratio),
        Column::new("bound", Unit::Ratio),
        Column::new("remedied", Unit::Share),
    ];
    let names = [
        "shards",
        "policy",
        "threshold",
        "max_over_mean",
        "max_over_mean_p5",
        "max_over_mean_p95",
        "bound_max_over_mean",
        "remedied_share",
    ];
    let frame = report.balance();
    let mut table = Table::new("Balance of every combination", columns);
    for (row, cell) in frame.rows().zip(&report.cells) {
        let cells = names.map(|name| match (row.text(name), row.number(name)) {
            (Some(text), _) => Cell::from(text),
            (None, Some(number)) => Cell::from(number),
            (None, None) => Cell::Missing,
        });
        table = table.row(std::iter::once(Cell::from(workload(cell))).chain(cells));
    }
    Section::new("All combinations").table(table)
}

/// The workload, and what of the cell is unusual.
fn workload(cell: &CellOutcome) -> String {
    let mut words = cell.workload.clone();
    if cell.level == ModelLevel::Events {
        words.push_str(", event by event");
    }
    if cell.sources.get() > 1 {
        words.push_str(&format!(", {} sources", cell.sources));
    }
    words
}
