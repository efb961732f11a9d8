//! `hotshard experiment`.

mod measured;
mod modelled;

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use hotshard::{Remedy, RngSeed, ShardCount, Threshold};

pub(super) use measured::try_all;
pub(super) use modelled::{ModelledArgs, run_spec};

use crate::args::GlobalArgs;
use crate::exit::Outcome;

/// Compare shard counts, thresholds and remedies on the same events, or run an experiment by models.
///
/// With --input, every combination is ingested into a store of its own and timed with a fixed set of
/// counts, one shard at a time. With a SPEC, a TOML file, streams of any size are routed by models of
/// policies, and queries over their shards are simulated; docs/experiments.md has its grammar, and
/// data/experiments/ has examples. With both, the spec is run on the inputs instead of its own
/// workloads.
#[derive(Debug, Args)]
pub(crate) struct ExperimentArgs {
    /// TOML file of an experiment by models.
    #[arg(value_name = "SPEC", required_unless_present = "input")]
    spec: Option<PathBuf>,
    /// Files, folders or globs. They are read once for every combination.
    #[arg(long, value_name = "INPUT", num_args = 1..)]
    input: Vec<PathBuf>,
    #[command(flatten)]
    measured: VariedArgs,
    #[command(flatten)]
    modelled: SpecArgs,
    /// Write a page with plots to this file: self-contained HTML.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Memory budget of the whole process, in MiB [default: 512].
    #[arg(long, value_name = "MIB")]
    memory: Option<u64>,
}

/// What is varied on inputs.
#[derive(Debug, Args)]
#[command(next_help_heading = "With --input")]
struct VariedArgs {
    /// Numbers of shards, separated by commas.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "64",
        conflicts_with = "spec"
    )]
    shards: Vec<ShardCount>,
    /// Thresholds, separated by commas.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "200000",
        conflicts_with = "spec"
    )]
    threshold: Vec<Threshold>,
    /// Remedies, separated by commas.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "off,rename,split",
        conflicts_with = "spec"
    )]
    remedy: Vec<Remedy>,
    /// Keep the stores in this folder, one sub-folder each.
    #[arg(long, value_name = "DIR", conflicts_with = "spec")]
    keep: Option<PathBuf>,
    /// Timed runs of each count, after a first one that is not among them; the median counts. 1 is
    /// that first run alone [default: at least 5, until they took 300 ms together, at most 100].
    #[arg(long, value_name = "N", conflicts_with = "spec")]
    repeats: Option<NonZeroU32>,
}

/// How a spec is run.
#[derive(Debug, Args)]
#[command(next_help_heading = "With a SPEC")]
struct SpecArgs {
    /// Write every frame to this folder, as CSV, JSON and Parquet. An interrupted run with the same
    /// folder goes on where it was.
    #[arg(long, value_name = "DIR", requires = "spec")]
    out: Option<PathBuf>,
    /// Under so many rng seeds each, whatever the spec says.
    #[arg(long, value_name = "N", requires = "spec")]
    seeds: Option<NonZeroU32>,
    /// What random choices come from, whatever the spec says.
    #[arg(long, value_name = "SEED", requires = "spec")]
    rng_seed: Option<RngSeed>,
    /// Say what would be run, and whether the spec is sound; run nothing.
    #[arg(long, requires = "spec")]
    check: bool,
}

pub(crate) fn run(args: ExperimentArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let ExperimentArgs { spec, input, measured, modelled, html, memory } = args;
    match spec {
        Some(spec) => modelled::run(
            &spec,
            input,
            &ModelledArgs {
                out: modelled.out,
                seeds: modelled.seeds,
                rng_seed: modelled.rng_seed,
                only_check: modelled.check,
                html,
                memory,
            },
            global,
        ),
        None => measured::run(
            measured::MeasuredArgs { inputs: input, varied: measured, html, memory },
            global,
        ),
    }
}
