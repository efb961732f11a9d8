//! The spec as it stands in a file.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use hotshard_event::Remedy;
use hotshard_sim::{Policy, Servers, ServiceLaw, ServiceModel, ThresholdRule};
use hotshard_workload::{RngSeed, WorkloadSpec};
use serde::Deserialize;

use super::{
    ExperimentSpec, FanOut, Grid, LatencyGrid, ModelLevel, NamedWorkload, Published, SpecError,
    WorkloadKeys,
};
use crate::{Calibration, MergeModel};

/// A text as a spec.
pub(super) fn parse(text: &str, folder: &Path) -> Result<ExperimentSpec, SpecError> {
    let wire: SpecWire = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
    let spec = wire.into_spec(folder)?;
    spec.validate()?;
    Ok(spec)
}

/// Where a text is no spec, and why. Without a place it is the beginning.
fn toml_error(text: &str, error: &toml::de::Error) -> SpecError {
    let at = error.span().map_or(0, |span| span.start);
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    SpecError::Toml {
        line: before.matches('\n').count() + 1,
        column: line.chars().count() + 1,
        message: error.message().to_owned(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SpecWire {
    name: String,
    about: Option<String>,
    #[serde(default)]
    rng_seed: RngSeed,
    seeds: Option<NonZeroU32>,
    #[serde(default)]
    level: ModelLevel,
    #[serde(default)]
    workload: Vec<toml::Table>,
    #[serde(default)]
    grid: Vec<GridWire>,
    latency: Option<LatencyWire>,
    #[serde(default)]
    fan_out: Vec<FanOutWire>,
    #[serde(default)]
    published: Vec<PublishedWire>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GridWire {
    #[serde(default)]
    workloads: Vec<String>,
    shards: Vec<NonZeroU32>,
    #[serde(default)]
    policies: Vec<Policy>,
    #[serde(default)]
    remedies: Vec<Remedy>,
    #[serde(default)]
    thresholds: Vec<ThresholdWire>,
    sources: Option<Vec<NonZeroU32>>,
    level: Option<ModelLevel>,
    seeds: Option<NonZeroU32>,
}

/// `200000` or `"0.2N/n"`.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a threshold is a number of events, or a share as in \"0.2N/n\"")]
enum ThresholdWire {
    Number(u64),
    Rule(ThresholdRule),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LatencyWire {
    #[serde(default)]
    workloads: Vec<String>,
    service: Option<ServiceModel>,
    calibration: Option<PathBuf>,
    count: Option<String>,
    bytes_per_row: Option<f64>,
    merge_ns: Option<f64>,
    law: Option<ServiceLaw>,
    workers: Option<Vec<Servers>>,
    loads: Option<Vec<f64>>,
    queries: Option<u64>,
    arrivals: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FanOutWire {
    #[serde(default)]
    name: String,
    shards: NonZeroU32,
    service_ns: f64,
    #[serde(default)]
    law: ServiceLaw,
    workers: Option<Servers>,
    utilisations: Vec<f64>,
    queries: Option<u64>,
    slower_than: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublishedWire {
    source: String,
    what: String,
    #[serde(rename = "where", default)]
    cell: BTreeMap<String, toml::Value>,
    over: Option<BTreeMap<String, toml::Value>>,
    figure: String,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
    within: Option<f64>,
}

impl SpecWire {
    fn into_spec(self, folder: &Path) -> Result<ExperimentSpec, SpecError> {
        let seeds = self.seeds.unwrap_or(Grid::SEEDS);
        let workloads = self.workload.into_iter().enumerate();
        let grids = self.grid.into_iter().enumerate();
        Ok(ExperimentSpec {
            name: self.name,
            about: self.about,
            rng_seed: self.rng_seed,
            workloads: workloads
                .map(|(at, table)| named(at + 1, table, folder))
                .collect::<Result<_, _>>()?,
            grids: grids
                .map(|(at, grid)| grid.into_grid(at + 1, self.level, seeds))
                .collect::<Result<_, _>>()?,
            latency: self.latency.map(|latency| latency.into_grid(folder)).transpose()?,
            fan_outs: self.fan_out.into_iter().map(FanOutWire::into_fan_out).collect(),
            published: self.published.into_iter().map(PublishedWire::into_published).collect(),
        })
    }
}

/// A workload of its table, which has a name beside where its keys come from.
fn named(number: usize, mut table: toml::Table, folder: &Path) -> Result<NamedWorkload, SpecError> {
    let name = match table.remove("name") {
        Some(toml::Value::String(name)) => name,
        _ => return Err(SpecError::NoName { what: "workload", number }),
    };
    let fault = |error: toml::de::Error| {
        let message = error.message().to_owned();
        SpecError::WorkloadField { name: name.clone(), message }
    };
    let input = table.remove("input").map(OneOrMany::deserialize).transpose().map_err(fault)?;
    let store = table.remove("store").map(PathBuf::deserialize).transpose().map_err(fault)?;
    let keys = match (input, store) {
        (None, None) => {
            let spec = WorkloadSpec::deserialize(table).map_err(fault)?;
            return Ok(NamedWorkload { name, keys: WorkloadKeys::Synthetic(spec) });
        }
        (Some(input), None) => {
            let paths = input.into_many().into_iter().map(|path| folder.join(path)).collect();
            WorkloadKeys::Inputs(paths)
        }
        (None, Some(store)) => WorkloadKeys::Store(folder.join(store)),
        (Some(_), Some(_)) => {
            return Err(SpecError::Keys { name, given: "`input` and `store`".to_owned() });
        }
    };
    match table.keys().next() {
        None => Ok(NamedWorkload { name, keys }),
        Some(field) => {
            let given = format!("a file or store, and has `{field}`");
            Err(SpecError::Keys { name, given })
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "it is a path, or a list of paths")]
enum OneOrMany {
    One(PathBuf),
    Many(Vec<PathBuf>),
}

impl OneOrMany {
    fn into_many(self) -> Vec<PathBuf> {
        match self {
            Self::One(path) => vec![path],
            Self::Many(paths) => paths,
        }
    }
}

impl GridWire {
    fn into_grid(
        self,
        grid: usize,
        level: ModelLevel,
        seeds: NonZeroU32,
    ) -> Result<Grid, SpecError> {
        let mut policies = self.policies;
        match (self.remedies.is_empty(), self.thresholds.is_empty()) {
            (false, true) if self.remedies.iter().any(|remedy| *remedy != Remedy::Off) => {
                return Err(SpecError::HalfRemedy { grid, has: "remedies", lacks: "thresholds" });
            }
            (true, false) => {
                return Err(SpecError::HalfRemedy { grid, has: "thresholds", lacks: "remedies" });
            }
            _ => {}
        }
        for remedy in self.remedies {
            if remedy == Remedy::Off {
                policies.push(Policy::Hash);
                continue;
            }
            let rules = self.thresholds.iter().map(ThresholdWire::rule);
            policies.extend(rules.map(|threshold| Policy::Remedied { remedy, threshold }));
        }
        Ok(Grid {
            workloads: self.workloads,
            shards: self.shards,
            policies,
            sources: self.sources.unwrap_or_else(|| vec![NonZeroU32::MIN]),
            level: self.level.unwrap_or(level),
            seeds: self.seeds.unwrap_or(seeds),
        })
    }
}

impl ThresholdWire {
    fn rule(&self) -> ThresholdRule {
        match self {
            Self::Number(events) => ThresholdRule::Fixed(hotshard_event::Threshold::new(*events)),
            Self::Rule(rule) => *rule,
        }
    }
}

impl LatencyWire {
    fn into_grid(self, folder: &Path) -> Result<LatencyGrid, SpecError> {
        let usual = match (self.service, self.calibration) {
            (Some(_), None) if self.count.is_some() => return Err(SpecError::CountOfService),
            (Some(service), None) => LatencyGrid::new(service),
            (None, Some(path)) => {
                let calibration = Calibration::read(&folder.join(path))
                    .map_err(|error| SpecError::Calibration { source: Box::new(error) })?;
                LatencyGrid::calibrated(&calibration, self.count.as_deref())?
            }
            _ => return Err(SpecError::NoService),
        };
        let arrivals = self.arrivals.map(|path| arrivals(&folder.join(path))).transpose()?;
        Ok(LatencyGrid {
            workloads: self.workloads,
            bytes_per_row: self.bytes_per_row.unwrap_or(usual.bytes_per_row),
            merge: self
                .merge_ns
                .map_or(usual.merge, |base_ns| MergeModel { base_ns, ..MergeModel::default() }),
            law: self.law.unwrap_or(usual.law),
            servers: self.workers.unwrap_or(usual.servers),
            loads: self.loads.unwrap_or(usual.loads),
            queries: self.queries.unwrap_or(usual.queries),
            arrivals,
            service: usual.service,
        })
    }
}

/// Arrival times in a file.
fn arrivals(path: &Path) -> Result<Vec<u64>, SpecError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| SpecError::Unreadable { path: path.to_owned(), source })?;
    let time = |word: &str| {
        word.parse().map_err(|_| SpecError::Arrivals {
            path: path.to_owned(),
            given: word.chars().take(40).collect(),
        })
    };
    text.split_whitespace().map(time).collect()
}

impl FanOutWire {
    fn into_fan_out(self) -> FanOut {
        FanOut {
            name: self.name,
            shards: self.shards,
            service_ns: self.service_ns,
            law: self.law,
            servers: self.workers.unwrap_or(Servers::OnePerShard),
            utilisations: self.utilisations,
            queries: self.queries.unwrap_or(LatencyGrid::QUERIES),
            slower_than: self.slower_than,
        }
    }
}

impl PublishedWire {
    fn into_published(self) -> Published {
        let margin = self.within.map(|share| share * self.value.abs());
        Published {
            source: self.source,
            what: self.what,
            cell: columns(self.cell),
            over: self.over.map(columns),
            figure: self.figure,
            value: self.value,
            low: self.low.or(margin.map(|margin| self.value - margin)).unwrap_or(self.value),
            high: self.high.or(margin.map(|margin| self.value + margin)).unwrap_or(self.value),
        }
    }
}

/// Columns and the values they must have, as a frame writes them.
fn columns(asked: BTreeMap<String, toml::Value>) -> Vec<(String, String)> {
    let text = |value| match value {
        toml::Value::String(text) => text,
        toml::Value::Float(number) => number.to_string(),
        other => other.to_string(),
    };
    asked.into_iter().map(|(column, value)| (column, text(value))).collect()
}
