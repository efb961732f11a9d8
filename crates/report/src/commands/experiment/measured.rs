//! Experiments that ingest and count for real.

use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::PathBuf;

use hotshard::{Experiment, ExperimentReport, Input, MemoryBudget, Repeats, Stores, find_inputs};
use serde::Serialize;

use super::VariedArgs;
use crate::args::GlobalArgs;
use crate::exit::Outcome;
use crate::figures::{things, time};
use crate::json::experiment::TrialJson;
use crate::output::{self, Answer, Sheet};
use crate::pages::measured::MeasuredPart;
use crate::progress::Progress;
use crate::{pages, trials, warn};

#[derive(Debug, Serialize)]
struct ExperimentJson<'a> {
    trials: Vec<TrialJson>,
    inputs: Vec<&'a str>,
    repeats: Option<NonZeroU32>,
    elapsed_ns: u64,
}

/// What is varied on which inputs.
#[derive(Debug)]
pub(super) struct MeasuredArgs {
    pub(super) inputs: Vec<PathBuf>,
    pub(super) varied: VariedArgs,
    pub(super) html: Option<PathBuf>,
    pub(super) memory: Option<u64>,
}

/// A finished experiment and its inputs.
struct Finished {
    report: ExperimentReport,
    inputs: Vec<Input>,
    repeats: Option<NonZeroU32>,
}

pub(super) fn run(args: MeasuredArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let inputs = find_inputs(&args.inputs).map_err(hotshard::Error::from)?;
    let mut experiment = Experiment::on(inputs.clone())
        .shards(args.varied.shards)
        .thresholds(args.varied.threshold)
        .remedies(args.varied.remedy);
    if let Some(repeats) = args.varied.repeats {
        experiment = experiment.repeats(Repeats::Exactly(repeats));
    }
    if let Some(folder) = args.varied.keep {
        experiment = experiment.stores(Stores::Keep(folder));
    }
    if let Some(mib) = args.memory {
        experiment = experiment.memory(MemoryBudget::from_mib(mib));
    }
    let report = try_all(experiment, global)?;
    for store in report.trials.iter().filter_map(|trial| trial.kept.as_deref()) {
        warn::note(&format!("kept {}", store.display()));
    }
    let finished = Finished { report, inputs, repeats: args.varied.repeats };
    output::print(global.format, &finished)?;
    if let Some(path) = &args.html {
        pages::write(&page(&finished.inputs, &finished.report), path)?;
    }
    Ok(Outcome::Done)
}

fn page(inputs: &[Input], report: &ExperimentReport) -> hotshard_page::Page {
    let names: Vec<&str> = inputs.iter().map(Input::name).collect();
    let events = report.trials.first().map_or(0, |trial| trial.ingest.stored);
    let part = MeasuredPart {
        title: "Your events".to_owned(),
        about: format!("{} from {}.", things(events, "event", "events"), names.join(", ")),
        trials: &report.trials,
    };
    pages::measured::page("Shard counts, thresholds and remedies", &[part])
}

/// Runs an experiment with its progress.
pub(crate) fn try_all(
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
