//! `hotshard simulate`.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use hotshard::{
    Calibration, ExperimentSpec, Grid, LatencyGrid, ModelLevel, Policy, RngSeed, Servers,
    ServiceLaw, ServiceModel, WorkloadKeys,
};

use super::experiment::{ModelledArgs, run_spec};
use crate::args::GlobalArgs;
use crate::exit::{Outcome, UsageError};
use crate::stream::StreamArgs;

/// Say how even policies make shards, and how long queries then wait, at any size.
///
/// Everything is modelled, nothing is stored. The stream is a synthetic one, or that of files or of a
/// store. For several streams at once, and to keep what is asked, see hotshard experiment SPEC.
#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Files, folders or globs of events to take the ids from.
    #[arg(long, value_name = "INPUT", num_args = 1.., conflicts_with = "store")]
    input: Vec<PathBuf>,
    /// Folder of a store to take the ids from.
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Numbers of shards, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "64")]
    shards: Vec<NonZeroU32>,
    /// Policies, separated by commas: hash, jump, bounded-loads:E, pkg, d-choices, w-choices,
    /// salting:N, virtual-shards:N, shuffle, rename@T, split@T; T may be a number or as in 0.2N/n.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "hash,split@200000,split@0.2N/n"
    )]
    policy: Vec<Policy>,
    /// By the counts of ids, at any size, or event by event.
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t)]
    level: LevelArg,
    /// Numbers of senders that share the stream and know nothing of each other, separated by commas;
    /// for policies that look at loads, event by event.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1")]
    sources: Vec<NonZeroU32>,
    /// Under how many rng seeds.
    #[arg(long, value_name = "N", default_value_t = Grid::SEEDS)]
    seeds: NonZeroU32,
    /// What every random choice comes from.
    #[arg(long, value_name = "SEED", default_value_t)]
    rng_seed: RngSeed,
    #[command(flatten, next_help_heading = "A synthetic stream")]
    stream: StreamArgs,
    #[command(flatten)]
    queries: QueryArgs,
    /// Write a page with plots to this file: self-contained HTML.
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    html: Option<PathBuf>,
    /// Write every frame to this folder, as CSV, JSON and Parquet. An interrupted run with the same
    /// folder goes on where it was.
    #[arg(long, value_name = "DIR", help_heading = "Results")]
    out: Option<PathBuf>,
    /// Memory budget for what is read or drawn event by event, in MiB [default: 512].
    #[arg(long, value_name = "MIB", help_heading = "Results")]
    memory: Option<u64>,
}

/// Queries over the shards; none unless a service time is given.
#[derive(Debug, Args)]
#[command(next_help_heading = "Latency of queries")]
struct QueryArgs {
    /// Time that a shard takes for a query: a fixed one, and one for each row, in nanoseconds.
    #[arg(long, value_name = "BASE_NS:ROW_NS", value_parser = service, group = "service_time")]
    service: Option<ServiceModel>,
    /// The same from a file of hotshard calibrate.
    #[arg(long, value_name = "FILE", group = "service_time")]
    calibration: Option<PathBuf>,
    /// Which of the calibration's counts [default: all, one after another].
    #[arg(long, value_name = "NAME", requires = "calibration")]
    count: Option<String>,
    /// Who works on shards, separated by commas: per-shard, or a number of workers.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "per-shard",
        requires = "service_time"
    )]
    workers: Vec<Servers>,
    /// How many queries come, as shares of what equally full shards could answer, separated by
    /// commas [default: 0.1,0.3,0.5,0.7,0.9].
    #[arg(long, value_name = "LIST", value_delimiter = ',', requires = "service_time")]
    load: Option<Vec<f64>>,
    /// How the time of a shard varies: fixed, exponential, residuals:F:F.., hiccup:SHARE:FACTOR
    /// [default: fixed, or the residuals of the calibration's count].
    #[arg(long, value_name = "LAW", requires = "service_time")]
    law: Option<ServiceLaw>,
    /// Queries a run.
    #[arg(long, value_name = "N", default_value_t = LatencyGrid::QUERIES, requires = "service_time")]
    queries: u64,
}

/// The words for levels.
#[derive(Debug, Default, Clone, Copy, ValueEnum)]
enum LevelArg {
    /// By the counts of ids.
    #[default]
    Fluid,
    /// Event by event.
    Events,
}

pub(crate) fn run(args: SimulateArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let keys = keys(&args)?;
    let name = match &keys {
        WorkloadKeys::Inputs(_) => "input",
        WorkloadKeys::Store(_) => "store",
        _ => "stream",
    };
    let grid = Grid {
        sources: args.sources,
        ..Grid::default().shards(args.shards).policies(args.policy).seeds(args.seeds)
    };
    let level = match args.level {
        LevelArg::Fluid => ModelLevel::Fluid,
        LevelArg::Events => ModelLevel::Events,
    };
    let mut spec = ExperimentSpec::new("simulation")
        .keys(name, keys)
        .grid(grid.level(level))
        .rng_seed(args.rng_seed);
    if let Some(latency) = latency(args.queries)? {
        spec = spec.latency(latency);
    }
    let modelled = ModelledArgs {
        out: args.out,
        html: args.html,
        memory: args.memory,
        ..ModelledArgs::default()
    };
    run_spec(spec, &modelled, global)
}

/// The queries, if a service time is given.
fn latency(args: QueryArgs) -> Result<Option<LatencyGrid>, hotshard::Error> {
    let usual = match (args.service, &args.calibration) {
        (Some(service), _) => LatencyGrid::new(service),
        (None, Some(path)) => {
            LatencyGrid::calibrated(&Calibration::read(path)?, args.count.as_deref())?
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(LatencyGrid {
        servers: args.workers,
        loads: args.load.unwrap_or_else(|| usual.loads.clone()),
        law: args.law.unwrap_or_else(|| usual.law.clone()),
        queries: args.queries,
        ..usual
    }))
}

/// Where the ids come from.
fn keys(args: &SimulateArgs) -> anyhow::Result<WorkloadKeys> {
    let keys = match (&args.store, args.input.is_empty()) {
        (Some(store), _) => WorkloadKeys::Store(store.clone()),
        (None, false) => WorkloadKeys::Inputs(args.input.clone()),
        (None, true) => return Ok(WorkloadKeys::Synthetic(args.stream.spec())),
    };
    if args.stream.is_given() {
        let message = "a stream is either synthetic or that of --input or --store; leave one out";
        return Err(UsageError(message.to_owned()).into());
    }
    Ok(keys)
}

/// Reads `BASE_NS:ROW_NS`.
fn service(text: &str) -> Result<ServiceModel, String> {
    let numbers = text
        .split_once(':')
        .and_then(|(base, row)| Some((base.parse::<f64>().ok()?, row.parse::<f64>().ok()?)));
    let (base_ns, row_ns) = numbers.ok_or_else(|| {
        format!("`{text}` is no service time; write BASE_NS:ROW_NS, as in 50000:2.5")
    })?;
    Ok(ServiceModel { base_ns, row_ns, byte_ns: 0.0 })
}
