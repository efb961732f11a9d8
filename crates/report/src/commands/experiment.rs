//! `hotshard experiment`.

use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use hotshard::{
    Experiment, ExperimentReport, Input, MemoryBudget, Remedy, Repeats, ShardCount, Stores,
    Threshold, find_inputs,
};
use serde::Serialize;

use crate::args::GlobalArgs;
use crate::exit::Outcome;
use crate::figures::{things, time};
use crate::json::experiment::TrialJson;
use crate::output::{self, Answer, Sheet};
use crate::progress::Progress;
use crate::{trials, warn};

/// Compare shard counts, thresholds and remedies on the same events.
///
/// Every combination is ingested into a store of its own and timed with a fixed set of counts, one
/// shard at a time.
#[derive(Debug, Args)]
pub(crate) struct ExperimentArgs {
    /// Files, folders or globs. They are read once for every combination.
    #[arg(long, value_name = "INPUT", required = true, num_args = 1..)]
    input: Vec<PathBuf>,
    /// Numbers of shards, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "64")]
    shards: Vec<ShardCount>,
    /// Thresholds, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "200000")]
    threshold: Vec<Threshold>,
    /// Remedies, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "off,rename,split")]
    remedy: Vec<Remedy>,
    /// Keep the stores in this folder, one sub-folder each.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Timed runs of each count, after a first one that is not among them; the median counts. 1 is
    /// that first run alone [default: at least 5, until they took 300 ms together, at most 100].
    #[arg(long, value_name = "N")]
    repeats: Option<NonZeroU32>,
    /// Memory budget of the whole process, in MiB [default: 512].
    #[arg(long, value_name = "MIB")]
    memory: Option<u64>,
}

#[derive(Debug, Serialize)]
struct ExperimentJson<'a> {
    trials: Vec<TrialJson>,
    inputs: Vec<&'a str>,
    repeats: Option<NonZeroU32>,
    elapsed_ns: u64,
}

/// A finished experiment and its inputs.
struct Finished {
    report: ExperimentReport,
    inputs: Vec<Input>,
    repeats: Option<NonZeroU32>,
}

pub(crate) fn run(args: ExperimentArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let inputs = find_inputs(&args.input).map_err(hotshard::Error::from)?;
    let mut experiment = Experiment::on(inputs.clone())
        .shards(args.shards)
        .thresholds(args.threshold)
        .remedies(args.remedy);
    if let Some(repeats) = args.repeats {
        experiment = experiment.repeats(Repeats::Exactly(repeats));
    }
    if let Some(folder) = args.keep {
        experiment = experiment.stores(Stores::Keep(folder));
    }
    if let Some(mib) = args.memory {
        experiment = experiment.memory(MemoryBudget::from_mib(mib));
    }
    let report = try_all(experiment, global)?;
    for store in report.trials.iter().filter_map(|trial| trial.kept.as_deref()) {
        warn::note(&format!("kept {}", store.display()));
    }
    output::print(global.format, &Finished { report, inputs, repeats: args.repeats })?;
    Ok(Outcome::Done)
}

/// Runs an experiment with its progress.
pub(super) fn try_all(
    experiment: Experiment,
    global: &GlobalArgs,
) -> anyhow::Result<ExperimentReport> {
    let progress = Progress::of_steps(0);
    let experiment = experiment.on_progress(progress.experiment_listener());
    Ok(match global.threads {
        Some(threads) => experiment.threads(threads.get()).run()?,
        None => experiment.run()?,
    })
}

impl Answer for Finished {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let events = self.report.trials.first().map_or(0, |trial| trial.ingest.stored);
        let inputs = things(self.inputs.len() as u64, "input", "inputs");
        writeln!(out, "{} from {inputs}.", things(events, "event", "events"))?;
        trials::write(&self.report.trials, out)?;
        writeln!(out)?;
        trials::write_legend(out)?;
        writeln!(out, "Took {}.", time(self.report.elapsed.ns()))
    }

    fn json(&self) -> impl Serialize {
        ExperimentJson {
            trials: self.report.trials.iter().map(TrialJson::from).collect(),
            inputs: self.inputs.iter().map(Input::name).collect(),
            repeats: self.repeats,
            elapsed_ns: self.report.elapsed.ns(),
        }
    }

    fn sheet(&self) -> Sheet {
        trials::sheet(&self.report.trials)
    }
}
