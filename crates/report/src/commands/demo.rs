//! `hotshard demo`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use hotshard::{
    Experiment, ExperimentReport, Input, MeasuredTime, Repeats, RngSeed, ShardCount, Stopwatch,
    Threshold, Workload, WorkloadSpec, find_inputs,
};
use serde::Serialize;

use super::experiment::try_all;
use crate::args::GlobalArgs;
use crate::exit::Outcome;
use crate::figures::{count, things, time};
use crate::json::experiment::TrialJson;
use crate::output::{self, Answer, Sheet};
use crate::pages::measured::MeasuredPart;
use crate::progress::Progress;
use crate::{pages, trials, warn};

/// The real sample that ships, inside the program so that it runs anywhere.
const SAMPLE: &[u8] = include_bytes!("../../../../data/nycflights13_sample.jsonl.gz");
const SAMPLE_NAME: &str = "nycflights13_sample.jsonl.gz";
const SAMPLE_SHARDS: u64 = 16;
const SAMPLE_THRESHOLD: Threshold = Threshold::new(100);

/// Fewer timed runs than an experiment has for counts that take long: enough to outvote a disturbed
/// one, and the demonstration stays short.
const GENERATED_REPEATS: Repeats = Repeats::Until {
    together: Repeats::DEFAULT_TOGETHER,
    least: NonZeroU32::new(3).unwrap(),
    most: Repeats::DEFAULT_MOST,
};

/// Fast compression keeps the generated day small in the temporary folder.
const ZSTD_LEVEL: i32 = 1;

/// Show what a hot id does to shards and latency, before and after each remedy.
///
/// Two experiments: the real sample that ships, flights of a February storm, and a generated day
/// on which identify('user_id') shipped at noon, quotes included. Nothing is left behind.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Events of the generated day.
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    events: u64,
    /// Thresholds for the generated day, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "200000")]
    threshold: Vec<Threshold>,
    /// Number of shards for the generated day.
    #[arg(long, value_name = "N", default_value = "64")]
    shards: ShardCount,
    /// The number that every random choice of the generated day comes from.
    #[arg(long, value_name = "N", default_value_t)]
    rng_seed: RngSeed,
    /// Write a page with plots to this file: self-contained HTML.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct DemoJson {
    sample: PartJson,
    generated: PartJson,
    rng_seed: u64,
    elapsed_ns: u64,
}

#[derive(Debug, Serialize)]
struct PartJson {
    about: String,
    trials: Vec<TrialJson>,
}

/// One experiment and what it is about.
struct Part {
    about: String,
    report: ExperimentReport,
}

struct Shown {
    sample: Part,
    generated: Part,
    rng_seed: RngSeed,
    elapsed: MeasuredTime,
}

pub(crate) fn run(args: &DemoArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let stopwatch = Stopwatch::start();
    let spec = WorkloadSpec::identify_at_noon(args.events);
    let workload = Workload::new(spec, args.rng_seed)?;
    let sample = try_sample(global)?;
    let generated = try_generated(&workload, args, global)?;
    let elapsed = stopwatch.elapsed();
    warn::note(&format!("took {}", time(elapsed.ns())));
    let shown = Shown { sample, generated, rng_seed: args.rng_seed, elapsed };
    output::print(global.format, &shown)?;
    if let Some(path) = &args.html {
        pages::write(&shown.page(), path)?;
    }
    Ok(Outcome::Done)
}

fn try_sample(global: &GlobalArgs) -> anyhow::Result<Part> {
    let experiment = Experiment::on(vec![Input::bytes(SAMPLE_NAME, SAMPLE)])
        .shards(vec![ShardCount::new(SAMPLE_SHARDS)?])
        .thresholds(vec![SAMPLE_THRESHOLD]);
    let report = try_all(experiment, global)?;
    let events = report.trials.first().map_or(0, |trial| trial.ingest.stored);
    let about = format!(
        "Real: {} flights from New York around a storm, 7 to 10 February 2013, by aircraft. Those \
         cancelled\nbefore they had one came under the id `NA`. Too few for their times to mean \
         much.",
        count(events)
    );
    Ok(Part { about, report })
}

fn try_generated(
    workload: &Workload,
    args: &DemoArgs,
    global: &GlobalArgs,
) -> anyhow::Result<Part> {
    let folder = tempfile::Builder::new()
        .prefix("hotshard-demo-")
        .tempdir()
        .with_context(|| in_temporary_folder("make a folder"))?;
    let path = folder.path().join("identify-at-noon.jsonl.zst");
    write_day(workload, &path)?;
    let inputs = find_inputs(&[&path]).map_err(hotshard::Error::from)?;
    let experiment = Experiment::on(inputs)
        .shards(vec![args.shards])
        .thresholds(args.threshold.clone())
        .repeats(GENERATED_REPEATS);
    let about = format!(
        "Generated: a day of {} on which identify('user_id') shipped at noon, quotes included,\n\
         so that from then on 60 % of the events came under one id (rng seed {}).",
        things(args.events, "event", "events"),
        args.rng_seed
    );
    Ok(Part { about, report: try_all(experiment, global)? })
}

fn write_day(workload: &Workload, path: &Path) -> anyhow::Result<()> {
    let progress = Progress::of_steps(workload.spec().events);
    let cannot = || in_temporary_folder("write the generated day");
    let file = File::create(path).with_context(cannot)?;
    let mut lines = zstd::Encoder::new(BufWriter::new(file), ZSTD_LEVEL).with_context(cannot)?;
    workload.write_to(&mut lines, |events| progress.set_events(events)).with_context(cannot)?;
    lines.finish().and_then(|mut file| file.flush()).with_context(cannot)
}

fn in_temporary_folder(what: &str) -> String {
    let folder = std::env::temp_dir();
    format!(
        "cannot {what} in the temporary folder {}; free some space there, or set TMPDIR",
        folder.display()
    )
}

impl Shown {
    fn page(&self) -> hotshard_page::Page {
        let part = |title: &str, part: &'_ Part| (title.to_owned(), part.about.replace('\n', " "));
        let titled = [
            (part("Real flights", &self.sample), &self.sample),
            (part("A generated day", &self.generated), &self.generated),
        ];
        let parts = titled.map(|((title, about), part)| MeasuredPart {
            title,
            about,
            trials: &part.report.trials,
        });
        pages::measured::page("What a hot id does to shards", &parts)
    }
}

impl Answer for Shown {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        for part in [&self.sample, &self.generated] {
            writeln!(out, "{}\n", part.about)?;
            trials::write(&part.report.trials, out)?;
            writeln!(out)?;
        }
        trials::write_legend(out)?;
        writeln!(
            out,
            "\nA lower threshold evens out more: hotshard demo --threshold 200000,20000\nYour own \
             events next: hotshard experiment --input YOUR_EVENTS.jsonl --shards 64,200"
        )
    }

    fn json(&self) -> impl Serialize {
        let part = |part: &Part| PartJson {
            about: part.about.replace('\n', " "),
            trials: part.report.trials.iter().map(TrialJson::from).collect(),
        };
        DemoJson {
            sample: part(&self.sample),
            generated: part(&self.generated),
            rng_seed: self.rng_seed.get(),
            elapsed_ns: self.elapsed.ns(),
        }
    }

    fn sheet(&self) -> Sheet {
        trials::sheet(self.sample.report.trials.iter().chain(&self.generated.report.trials))
    }
}
