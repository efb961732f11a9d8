//! Queries over the shards of cells, and over equal shards.

use hotshard_sim::{Arrivals, LatencyModel, Servers};
use rayon::prelude::*;

use super::outcome::{CellOutcome, FanOutOutcome, LatencyOutcome};
use super::run::query_seed;
use super::spec::{ExperimentSpec, FanOut, LatencyGrid};
use crate::Error;

/// How many runs of queries a spec asks for over cells of these workloads.
pub(super) fn runs<'a>(spec: &ExperimentSpec, cells: impl Iterator<Item = &'a str>) -> u64 {
    let of_cells = spec.latency.as_ref().map_or(0, |grid| {
        let loads = if grid.arrivals.is_some() { 1 } else { grid.loads.len() };
        cells.filter(|workload| grid.asks(workload)).count() * grid.servers.len() * loads
    });
    let of_fan_outs: usize = spec.fan_outs.iter().map(|fan_out| fan_out.utilisations.len()).sum();
    (of_cells + of_fan_outs) as u64
}

/// Queries over the shards of each cell.
pub(super) fn of_cells(
    spec: &ExperimentSpec,
    cells: &[CellOutcome],
    one_done: impl Fn() + Sync,
) -> Result<Vec<LatencyOutcome>, Error> {
    let Some(grid) = &spec.latency else { return Ok(Vec::new()) };
    let loads: Vec<Option<f64>> = match &grid.arrivals {
        Some(_) => vec![None],
        None => grid.loads.iter().copied().map(Some).collect(),
    };
    let mut runs = Vec::new();
    let asked = cells.iter().enumerate().filter(|(_, cell)| grid.asks(&cell.workload));
    for cell in asked {
        for &servers in &grid.servers {
            runs.extend(loads.iter().map(|&load| (cell, servers, load)));
        }
    }
    runs.into_par_iter()
        .map(|(cell, servers, load)| {
            let outcome = of_cell(spec, grid, cell, servers, load);
            one_done();
            outcome
        })
        .collect()
}

fn of_cell(
    spec: &ExperimentSpec,
    grid: &LatencyGrid,
    (at, cell): (usize, &CellOutcome),
    servers: Servers,
    load: Option<f64>,
) -> Result<LatencyOutcome, Error> {
    let service: Vec<f64> = cell.rows.iter().map(|&rows| grid.service_ns(rows)).collect();
    let even = even_model(grid, cell, servers)?;
    let model = LatencyModel::new(service)?
        .servers(servers)
        .law(grid.law.clone())?
        .merge_ns(grid.merge_ns(&cell.rows, cell.spread()))?;
    let arrivals = match (load, &grid.arrivals) {
        (Some(load), _) => {
            Arrivals::Poisson { per_second: even.rate_at(load), queries: grid.queries }
        }
        (None, arrivals) => Arrivals::Given(arrivals.clone().unwrap_or_default()),
    };
    let queries_per_second = arrivals.rate_per_second();
    // What comes at random past saturation has no latency; what is given has the one it had.
    let keeps_up = queries_per_second < model.saturation_rate();
    let report = if keeps_up || load.is_none() {
        Some(model.simulate(&arrivals, query_seed(spec))?)
    } else {
        None
    };
    Ok(LatencyOutcome {
        cell: at,
        servers,
        load,
        queries_per_second,
        saturation_per_second: model.saturation_rate(),
        modelled_idle_ns: model.modelled_idle_latency_ns(),
        modelled_even_ns: even.modelled_idle_latency_ns(),
        report,
    })
}

/// The same rows, equally spread.
fn even_model(
    grid: &LatencyGrid,
    cell: &CellOutcome,
    servers: Servers,
) -> Result<LatencyModel, Error> {
    let rows = &cell.rows;
    let all: f64 = rows.iter().map(|&rows| grid.service_ns(rows)).sum();
    #[expect(clippy::cast_precision_loss, reason = "there are not that many shards")]
    let mean = all / rows.len().max(1) as f64;
    let model = LatencyModel::new(vec![mean; rows.len().max(1)])?;
    let merge_ns = grid.merge_ns(rows, cell.spread());
    Ok(model.servers(servers).law(grid.law.clone())?.merge_ns(merge_ns)?)
}

/// Queries over equal shards.
pub(super) fn of_fan_outs(
    spec: &ExperimentSpec,
    one_done: impl Fn() + Sync,
) -> Result<Vec<FanOutOutcome>, Error> {
    let runs: Vec<(&FanOut, f64)> = spec
        .fan_outs
        .iter()
        .flat_map(|fan_out| fan_out.utilisations.iter().map(move |&load| (fan_out, load)))
        .collect();
    runs.into_par_iter()
        .map(|(fan_out, utilisation)| {
            let outcome = of_fan_out(spec, fan_out, utilisation);
            one_done();
            outcome
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive time that is shorter than centuries"
)]
fn of_fan_out(
    spec: &ExperimentSpec,
    fan_out: &FanOut,
    utilisation: f64,
) -> Result<FanOutOutcome, Error> {
    let shards = usize::try_from(fan_out.shards.get()).unwrap_or(usize::MAX);
    let model = LatencyModel::new(vec![fan_out.service_ns; shards])?
        .servers(fan_out.servers)
        .law(fan_out.law.clone())?;
    let per_second = model.rate_at(utilisation);
    let arrivals = Arrivals::Poisson { per_second, queries: fan_out.queries };
    let report = model.simulate(&arrivals, query_seed(spec))?;
    let slower_share = fan_out
        .slower_than
        .map(|times| report.share_above((times * fan_out.service_ns).round() as u64));
    Ok(FanOutOutcome {
        name: fan_out.name.clone(),
        shards: fan_out.shards,
        servers: fan_out.servers,
        law: fan_out.law.clone(),
        utilisation,
        report,
        slower_share,
    })
}

impl LatencyGrid {
    /// The modelled service time of a shard with so many rows, in nanoseconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a model is not exact to 53 bits")]
    pub fn service_ns(&self, rows: u64) -> f64 {
        let bytes = self.service.byte_ns * self.bytes_per_row * rows as f64;
        self.service.service_ns(rows, 0) + bytes
    }

    /// The modelled time of the merge over shards of these rows, of which a remedy spread some, in
    /// nanoseconds.
    fn merge_ns(&self, rows: &[u64], spread: u64) -> f64 {
        self.merge.merge_ns(rows.len(), rows.iter().sum(), spread)
    }
}
