//! Published figures beside ours.

use super::cells::Cell;
use super::frame::{Frame, FrameRow};
use super::frames::{FigureOf, figures};
use super::outcome::{Comparison, SimulationReport};
use super::spec::{ExperimentSpec, Published, SpecError};

/// Columns by which a published figure finds its cell before anything was run.
const CELL_COLUMNS: [&str; 5] = ["workload", "level", "shards", "policy", "sources"];
/// Columns that only runs of queries have.
const RUN_COLUMNS: [&str; 2] = ["servers", "load"];

/// Columns and the values that they must have.
type Asked = [(String, String)];

/// Whether each published figure has exactly one cell of ours, before anything is run.
pub(super) fn check(spec: &ExperimentSpec, cells: &[Cell]) -> Result<(), SpecError> {
    for published in &spec.published {
        for asked in std::iter::once(&published.cell).chain(&published.over) {
            check_cell(spec, cells, published, asked)?;
        }
    }
    Ok(())
}

fn check_cell(
    spec: &ExperimentSpec,
    cells: &[Cell],
    published: &Published,
    asked: &Asked,
) -> Result<(), SpecError> {
    let known = [CELL_COLUMNS.as_slice(), &RUN_COLUMNS].concat();
    if let Some((unknown, _)) = asked.iter().find(|(column, _)| !known.contains(&column.as_str())) {
        return Err(SpecError::UnknownColumn { name: unknown.clone(), known: known.join(", ") });
    }
    let of = figure_of(published, asked);
    if !figures(of).any(|known| known == published.figure) {
        let known = figures(of).collect::<Vec<_>>().join(", ");
        return Err(SpecError::UnknownColumn { name: published.figure.clone(), known });
    }
    let matches = match of {
        FigureOf::Cell => cells_that_fit(spec, cells, asked),
        FigureOf::Run => runs_that_fit(spec, cells, asked),
    };
    if matches == 1 {
        return Ok(());
    }
    let (what, source_name) = (published.what.clone(), published.source.clone());
    Err(SpecError::PublishedCell { what, source_name, matches })
}

fn fits(asked: &Asked, column: &str, value: &str) -> bool {
    asked.iter().all(|(own, asked)| own != column || asked == value)
}

fn cells_that_fit(spec: &ExperimentSpec, cells: &[Cell], asked: &Asked) -> usize {
    let fit = cells.iter().filter(|cell| {
        let name = spec.workloads.get(cell.workload).map_or("", |workload| &workload.name);
        fits(asked, "workload", name)
            && fits(asked, "level", cell.level.as_str())
            && fits(asked, "shards", &cell.shards.to_string())
            && fits(asked, "policy", &cell.policy.to_string())
            && fits(asked, "sources", &cell.sources.to_string())
    });
    fit.count()
}

/// Runs of queries, over cells and over equal shards.
fn runs_that_fit(spec: &ExperimentSpec, cells: &[Cell], asked: &Asked) -> usize {
    let over_cells = spec.latency.as_ref().map_or(0, |grid| {
        let servers = grid.servers.iter();
        let servers = servers.filter(|servers| fits(asked, "servers", &servers.to_string()));
        let loads = grid.loads.iter().filter(|load| fits(asked, "load", &load.to_string()));
        let loads = if grid.arrivals.is_some() { 1 } else { loads.count() };
        let queried = |cell: &&Cell| {
            spec.workloads.get(cell.workload).is_some_and(|own| grid.asks(&own.name))
        };
        let cells: Vec<Cell> = cells.iter().filter(queried).cloned().collect();
        cells_that_fit(spec, &cells, asked) * servers.count() * loads
    });
    let fan_outs = spec.fan_outs.iter().filter(|fan_out| {
        fits(asked, "workload", &fan_out.name)
            && fits(asked, "level", "queueing")
            && fits(asked, "shards", &fan_out.shards.to_string())
            && fits(asked, "policy", "")
            && fits(asked, "sources", "")
            && fits(asked, "servers", &fan_out.servers.to_string())
    });
    let over_fan_outs: usize = fan_outs
        .map(|fan_out| {
            let loads = fan_out.utilisations.iter();
            loads.filter(|load| fits(asked, "load", &load.to_string())).count()
        })
        .sum();
    over_cells + over_fan_outs
}

/// What the figure is one of: of a cell if cells have it, and no run of queries is asked for.
fn figure_of(published: &Published, asked: &Asked) -> FigureOf {
    let asks_run = asked.iter().any(|(column, _)| RUN_COLUMNS.contains(&column.as_str()));
    if !asks_run && figures(FigureOf::Cell).any(|known| known == published.figure) {
        FigureOf::Cell
    } else {
        FigureOf::Run
    }
}

/// Ours for each.
pub(super) fn of(report: &SimulationReport) -> Vec<Comparison> {
    if report.spec.published.is_empty() {
        return Vec::new();
    }
    let (balance, latency) = (report.balance(), report.latency());
    let compare = |published: &Published| {
        let row = |asked: &Asked| {
            let frame = match figure_of(published, asked) {
                FigureOf::Cell => &balance,
                FigureOf::Run => &latency,
            };
            row_of(frame, asked)
        };
        let number = |row: FrameRow<'_>| row.number(&published.figure);
        let own = row(&published.cell).and_then(number);
        let (ours, between) = match &published.over {
            None => (own, row(&published.cell).and_then(|row| between(&row, &published.figure))),
            Some(over) => {
                let over = row(over).and_then(number);
                (own.zip(over).map(|(own, over)| own / over), None)
            }
        };
        Comparison { published: published.clone(), ours, between }
    };
    report.spec.published.iter().map(compare).collect()
}

fn row_of<'a>(frame: &'a Frame, asked: &Asked) -> Option<FrameRow<'a>> {
    let fits = |(column, asked): &(String, String), row: &FrameRow<'_>| {
        row.value(column).is_some_and(|value| value.to_string() == *asked)
    };
    frame.rows().find(|row| asked.iter().all(|column| fits(column, row)))
}

/// Where our figure may well lie: the interval of a latency, the 5th to the 95th of our repeats.
fn between(row: &FrameRow<'_>, figure: &str) -> Option<(f64, f64)> {
    let ends = match figure.strip_suffix("_ns") {
        Some(latency) => [format!("{latency}_low_ns"), format!("{latency}_high_ns")],
        None => [format!("{figure}_p5"), format!("{figure}_p95")],
    };
    let [low, high] = ends.map(|end| row.number(&end));
    low.zip(high)
}
