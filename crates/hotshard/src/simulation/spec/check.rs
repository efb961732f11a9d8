//! Whether a spec can be run.

use std::collections::BTreeSet;

use hotshard_sim::{Servers, ServiceLaw};
use hotshard_store::ShardCount;

use super::super::{cells, comparisons};
use super::{ExperimentSpec, FanOut, Grid, LatencyGrid, SpecError, WorkloadKeys};

/// Longest modelled service time, which the latency model has as well: eleven days.
const MAX_SERVICE_NS: f64 = 1e15;

/// The first contradiction.
pub(super) fn all(spec: &ExperimentSpec) -> Result<(), SpecError> {
    if spec.workloads.is_empty() && spec.grids.is_empty() && spec.fan_outs.is_empty() {
        return Err(SpecError::Nothing);
    }
    match (spec.workloads.is_empty(), spec.grids.is_empty()) {
        (false, true) => return Err(SpecError::Half { has: "workloads", lacks: "grid" }),
        (true, false) => return Err(SpecError::Half { has: "grids", lacks: "workload" }),
        _ => {}
    }
    names(spec)?;
    for workload in &spec.workloads {
        if let WorkloadKeys::Synthetic(synthetic) = &workload.keys {
            let name = workload.name.clone();
            synthetic.validate().map_err(|source| SpecError::Workload { name, source })?;
        }
    }
    for (at, one) in spec.grids.iter().enumerate() {
        grid(spec, at + 1, one)?;
    }
    if let Some(queries) = &spec.latency {
        known_workloads(spec, "[latency]", &queries.workloads)?;
        latency(queries)?;
    }
    spec.fan_outs.iter().try_for_each(fan_out)?;
    spec.published.iter().try_for_each(|published| {
        if published.low > published.high {
            let what = format!("low of the published figure \"{}\"", published.what);
            return number(what, published.low, false, "at most what high is");
        }
        let numbers =
            [("value", published.value), ("low", published.low), ("high", published.high)];
        numbers.into_iter().try_for_each(|(what, given)| {
            let what = format!("{what} of the published figure \"{}\"", published.what);
            number(what, given, f64::is_finite(given), "a number")
        })
    })?;
    comparisons::check(spec, &cells::of(spec))
}

fn names(spec: &ExperimentSpec) -> Result<(), SpecError> {
    let mut seen = BTreeSet::new();
    let workloads = spec.workloads.iter().map(|workload| &workload.name).zip(1..);
    let fan_outs = spec.fan_outs.iter().map(|fan_out| &fan_out.name).zip(1..);
    let all = workloads
        .map(|(name, number)| ("workload", name, number))
        .chain(fan_outs.map(|(name, number)| ("fan-out", name, number)));
    for (what, name, number) in all {
        if name.trim().is_empty() {
            return Err(SpecError::NoName { what, number });
        }
        if !seen.insert(name) {
            return Err(SpecError::SameName { name: name.clone() });
        }
    }
    Ok(())
}

fn grid(spec: &ExperimentSpec, number: usize, grid: &Grid) -> Result<(), SpecError> {
    let missing = [
        (grid.shards.is_empty(), "shards"),
        (grid.policies.is_empty(), "policies or remedies"),
        (grid.sources.is_empty(), "sources"),
    ];
    if let Some((_, what)) = missing.into_iter().find(|(is_missing, _)| *is_missing) {
        return Err(SpecError::EmptyGrid { grid: number, what });
    }
    for shards in &grid.shards {
        let fits = shards.get() <= ShardCount::MAX;
        let what = format!("a number of shards of grid {number}");
        self::number(what, f64::from(shards.get()), fits, "at most 65536")?;
    }
    known_workloads(spec, &format!("grid {number}"), &grid.workloads)
}

fn known_workloads(spec: &ExperimentSpec, what: &str, names: &[String]) -> Result<(), SpecError> {
    let known = || spec.workloads.iter().map(|workload| workload.name.as_str());
    match names.iter().find(|name| known().all(|known| known != name.as_str())) {
        None => Ok(()),
        Some(name) => Err(SpecError::UnknownWorkload {
            what: what.to_owned(),
            name: name.clone(),
            known: known().collect::<Vec<_>>().join(", "),
        }),
    }
}

fn latency(latency: &LatencyGrid) -> Result<(), SpecError> {
    let service = &latency.service;
    let times = [
        ("base_ns of the service time", service.base_ns),
        ("row_ns of the service time", service.row_ns),
        ("byte_ns of the service time", service.byte_ns),
        ("bytes_per_row", latency.bytes_per_row),
        ("merge_ns", latency.merge.base_ns),
        ("the merge's time a shard", latency.merge.shard_ns),
        ("the merge's time a row", latency.merge.row_ns),
    ];
    for (what, given) in times {
        number(what.to_owned(), given, given.is_finite() && given >= 0.0, "0 or more")?;
    }
    let any_time = service.base_ns + service.row_ns + service.byte_ns * latency.bytes_per_row;
    number("the service time".to_owned(), any_time, any_time > 0.0, "a time above 0")?;
    for &load in &latency.loads {
        let fits = load.is_finite() && load > 0.0;
        number("a load".to_owned(), load, fits, "a share above 0, as in 0.5")?;
    }
    latency.servers.iter().copied().try_for_each(workers)?;
    law(&latency.law)?;
    latency.arrivals.iter().try_for_each(|times| arrivals(times))?;
    queries("latency", latency.queries)
}

fn fan_out(fan_out: &FanOut) -> Result<(), SpecError> {
    let name = &fan_out.name;
    let shards = fan_out.shards.get();
    let what = format!("the number of shards of `{name}`");
    number(what, f64::from(shards), shards <= ShardCount::MAX, "at most 65536")?;
    workers(fan_out.servers)?;
    let fits = fan_out.service_ns > 0.0 && fan_out.service_ns <= MAX_SERVICE_NS;
    let wanted = "a time above 0 and up to 10^15 ns";
    number(format!("service_ns of `{name}`"), fan_out.service_ns, fits, wanted)?;
    law(&fan_out.law)?;
    if let Some(times) = fan_out.slower_than {
        let what = format!("slower_than of `{name}`");
        number(what, times, times.is_finite() && times >= 0.0, "0 or more")?;
    }
    for &utilisation in &fan_out.utilisations {
        let fits = utilisation > 0.0 && utilisation < 1.0;
        let what = format!("a utilisation of `{name}`");
        number(what, utilisation, fits, "a share above 0 and below 1")?;
    }
    queries(name, fan_out.queries)
}

/// Tasks take some time on average.
fn law(law: &ServiceLaw) -> Result<(), SpecError> {
    let mean = law.mean();
    let what = format!("the mean factor of the law `{law}`");
    number(what, mean, mean.is_finite() && mean > 0.0, "factors with a mean above 0")
}

/// Given times are there, and in order.
fn arrivals(times: &[u64]) -> Result<(), SpecError> {
    let number_of = "the number of arrival times".to_owned();
    number(number_of, 0.0, !times.is_empty(), "a file with at least one")?;
    match times.windows(2).find(|pair| pair.first() > pair.last()) {
        None => Ok(()),
        Some(pair) => Err(SpecError::ArrivalOrder {
            earlier: pair.first().copied().unwrap_or(0),
            later: pair.last().copied().unwrap_or(0),
        }),
    }
}

/// More workers than shards change nothing, and each takes memory.
fn workers(servers: Servers) -> Result<(), SpecError> {
    let Servers::Workers(workers) = servers else { return Ok(()) };
    let fits = workers.get() <= ShardCount::MAX;
    number("a number of workers".to_owned(), f64::from(workers.get()), fits, "at most 65536")
}

fn queries(of: &str, given: u64) -> Result<(), SpecError> {
    let what = format!("the number of queries of {of}");
    if given > 0 { Ok(()) } else { number(what, 0.0, false, "at least one") }
}

fn number(what: String, given: f64, fits: bool, wanted: &'static str) -> Result<(), SpecError> {
    if fits { Ok(()) } else { Err(SpecError::Number { what, given: given.to_string(), wanted }) }
}
