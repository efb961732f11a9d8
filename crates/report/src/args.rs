//! The arguments that commands share. Each command's own stand with it.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use hotshard::{DateRange, EventDate};

use crate::commands::{
    advise, calibrate, check, compact, completions, demo, experiment, files, generate, ingest, man,
    query, report, simulate, vacuum, verify,
};
use crate::output::Format;

const EXAMPLES: &str = "\
Examples:
  hotshard demo
  hotshard ingest --store flights --shards 16 --threshold 100 flights.jsonl.gz
  hotshard query --store flights --by event,date
  hotshard query --store flights --measure users --by event --timing isolated
  hotshard experiment --input events.jsonl --shards 64,200 --threshold 200000,20000
  hotshard simulate --events 1e12 --users 1e9 --heavy user_id=0.2 --shards 3200
  hotshard experiment data/experiments/published.toml
  hotshard advise --store flights --target max/mean=1.2

Exit codes: 0 done; 1 failed, or answered in part because a file is damaged;
2 usage; 3 `check` found a hot key.";

/// Find the ids that make a shard hot, remedy them, and measure what they cost.
#[derive(Debug, Parser)]
#[command(name = "hotshard", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct GlobalArgs {
    /// Form of the data on standard output.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
    /// Number of threads; as many as there are cores when left out. It changes no answer.
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(demo::DemoArgs),
    Generate(generate::GenerateArgs),
    Ingest(ingest::IngestArgs),
    Query(query::QueryArgs),
    Report(report::ReportArgs),
    Check(check::CheckArgs),
    Experiment(Box<experiment::ExperimentArgs>),
    Simulate(Box<simulate::SimulateArgs>),
    Advise(advise::AdviseArgs),
    Calibrate(calibrate::CalibrateArgs),
    Compact(compact::CompactArgs),
    Vacuum(vacuum::VacuumArgs),
    Verify(verify::VerifyArgs),
    Files(files::FilesArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Which store.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// Folder of the store.
    #[arg(long, value_name = "DIR")]
    pub(crate) store: PathBuf,
}

/// Which days.
#[derive(Debug, Args)]
pub(crate) struct DateArgs {
    /// First day, as YYYY-MM-DD; from the beginning when left out.
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<EventDate>,
    /// Last day, itself included.
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<EventDate>,
}

impl DateArgs {
    /// The days asked for.
    pub(crate) fn range(&self) -> Result<DateRange, hotshard::ParseError> {
        DateRange::new(self.from, self.to)
    }
}

impl GlobalArgs {
    /// Makes the threads that scans, checks and generators share. This thread is one of them: it
    /// need not wait for another one to wake up, and the others wake up on other processors.
    pub(crate) fn start_threads(&self) -> anyhow::Result<()> {
        // 0 is as many as there are processors.
        let threads = self.threads.map_or(0, std::num::NonZero::get);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread();
        pool.build_global().context("cannot start threads; try fewer with --threads")
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
