//! Experiments by models.

mod files;
mod text;

use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use anyhow::Context;
use hotshard::{
    ExperimentSpec, Frame, FrameRow, MemoryBudget, RngSeed, Simulation, SimulationReport, Value,
    WorkloadKeys,
};
use serde::Serialize;
use serde::ser::SerializeMap;

use crate::args::GlobalArgs;
use crate::exit::Outcome;
use crate::output::{self, Answer, Sheet};
use crate::progress::Progress;
use crate::{pages, warn};

/// How a spec is run, and where its results go.
#[derive(Debug, Default)]
pub(crate) struct ModelledArgs {
    pub(crate) out: Option<PathBuf>,
    pub(crate) seeds: Option<NonZeroU32>,
    pub(crate) rng_seed: Option<RngSeed>,
    pub(crate) only_check: bool,
    pub(crate) html: Option<PathBuf>,
    pub(crate) memory: Option<u64>,
}

pub(super) fn run(
    path: &Path,
    inputs: Vec<PathBuf>,
    args: &ModelledArgs,
    global: &GlobalArgs,
) -> anyhow::Result<Outcome> {
    let mut spec = ExperimentSpec::read(path).map_err(hotshard::Error::from)?;
    if !inputs.is_empty() {
        on_inputs(&mut spec, inputs);
    }
    for grid in &mut spec.grids {
        grid.seeds = args.seeds.unwrap_or(grid.seeds);
    }
    spec.rng_seed = args.rng_seed.unwrap_or(spec.rng_seed);
    run_spec(spec, args, global)
}

/// The spec's grids on other workloads. What was published holds for its own ones only.
fn on_inputs(spec: &mut ExperimentSpec, inputs: Vec<PathBuf>) {
    spec.workloads.clear();
    spec.published.clear();
    for grid in &mut spec.grids {
        grid.workloads.clear();
    }
    if let Some(latency) = &mut spec.latency {
        latency.workloads.clear();
    }
    *spec = std::mem::replace(spec, ExperimentSpec::new(""))
        .keys("input", WorkloadKeys::Inputs(inputs));
}

/// Runs a spec and tells what came of it.
pub(crate) fn run_spec(
    spec: ExperimentSpec,
    args: &ModelledArgs,
    global: &GlobalArgs,
) -> anyhow::Result<Outcome> {
    if args.only_check {
        spec.validate().map_err(hotshard::Error::from)?;
        output::print(global.format, &Plan(spec))?;
        return Ok(Outcome::Done);
    }
    let mut simulation = Simulation::of(spec);
    if let Some(mib) = args.memory {
        simulation = simulation.memory(MemoryBudget::from_mib(mib));
    }
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        simulation = simulation.journal(folder.join(files::JOURNAL));
    }
    let progress = Progress::of_steps(0);
    let report = simulation.on_progress(progress.simulation_listener()).run()?;
    drop(progress);
    crate::commands::tell_rejected(report.rejected);
    if report.resumed > 0 {
        warn::note(&format!("{} repeats were done already", report.resumed));
    }
    let ran = Ran(report);
    // What was found is told first: a file that cannot be written takes nothing away.
    output::print(global.format, &ran)?;
    if let Some(folder) = &args.out {
        files::write(&ran.0, folder)?;
    }
    if let Some(path) = &args.html {
        pages::write(&pages::modelled::page(&ran.0)?, path)?;
    }
    Ok(Outcome::Done)
}

/// What a spec would run.
struct Plan(ExperimentSpec);

/// What it came to.
struct Ran(SimulationReport);

impl Answer for Plan {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        text::write_plan(&self.0, out)
    }

    fn json(&self) -> impl Serialize {
        &self.0
    }

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(["workloads", "level", "shards", "policies", "seeds"]);
        for grid in &self.0.grids {
            let list = |words: Vec<String>| words.join(" ");
            sheet.row([
                list(grid.workloads.clone()),
                grid.level.to_string(),
                list(grid.shards.iter().map(ToString::to_string).collect()),
                list(grid.policies.iter().map(ToString::to_string).collect()),
                grid.seeds.to_string(),
            ]);
        }
        sheet
    }
}

impl Answer for Ran {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        text::write(&self.0, out)
    }

    fn json(&self) -> impl Serialize {
        #[derive(Debug, Serialize)]
        struct Json<'a> {
            name: &'a str,
            about: Option<&'a str>,
            rng_seed: u64,
            balance: FrameJson,
            latency: FrameJson,
            published: FrameJson,
            rejected: u64,
            resumed: u64,
            elapsed_ns: u64,
        }
        let Self(report) = self;
        Json {
            name: &report.spec.name,
            about: report.spec.about.as_deref(),
            rng_seed: report.spec.rng_seed.get(),
            balance: FrameJson(report.balance()),
            latency: FrameJson(report.latency()),
            published: FrameJson(report.published()),
            rejected: report.rejected,
            resumed: report.resumed,
            elapsed_ns: report.elapsed.ns(),
        }
    }

    fn sheet(&self) -> Sheet {
        let balance = self.0.balance();
        if balance.rows().len() > 0 { sheet(&balance) } else { sheet(&self.0.latency()) }
    }
}

/// A frame as a list of objects.
#[derive(Debug)]
pub(super) struct FrameJson(pub(super) Frame);

impl Serialize for FrameJson {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.rows().map(|row| RowJson(&self.0, row)))
    }
}

struct RowJson<'a>(&'a Frame, FrameRow<'a>);

impl Serialize for RowJson<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = self.0.columns();
        let mut map = serializer.serialize_map(Some(columns.len()))?;
        for (column, value) in columns.iter().zip(self.1.values()) {
            let value = Some(value).filter(|value| **value != Value::Missing);
            map.serialize_entry(column.name, &value)?;
        }
        map.end()
    }
}

/// A frame as rows for CSV.
pub(super) fn sheet(frame: &Frame) -> Sheet {
    Sheet {
        header: frame.columns().iter().map(|column| column.name.to_owned()).collect(),
        rows: frame
            .rows()
            .map(|row| row.values().iter().map(ToString::to_string).collect())
            .collect(),
    }
}
