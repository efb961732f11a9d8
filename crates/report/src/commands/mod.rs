//! One module a command: its arguments, what it does, and its answer.

pub(crate) mod advise;
pub(crate) mod calibrate;
pub(crate) mod check;
pub(crate) mod compact;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod experiment;
pub(crate) mod files;
pub(crate) mod generate;
pub(crate) mod ingest;
pub(crate) mod man;
pub(crate) mod query;
pub(crate) mod report;
pub(crate) mod simulate;
pub(crate) mod vacuum;
pub(crate) mod verify;

use std::path::Path;

use hotshard::{Damage, Snapshot, Store};

use crate::args::{Cli, Command};
use crate::exit::Outcome;
use crate::figures::things;
use crate::warn;

/// Runs the command that was asked for.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Outcome> {
    let global = cli.global;
    // Before any work, since the first piece of it would make as many threads as there are cores.
    global.start_threads()?;
    match cli.command {
        Command::Demo(args) => demo::run(&args, &global),
        Command::Generate(args) => generate::run(&args),
        Command::Ingest(args) => ingest::run(args, &global),
        Command::Query(args) => query::run(&args, &global),
        Command::Report(args) => report::run(&args, &global),
        Command::Check(args) => check::run(&args, &global),
        Command::Advise(args) => advise::run(&args, &global),
        Command::Experiment(args) => experiment::run(*args, &global),
        Command::Simulate(args) => simulate::run(*args, &global),
        Command::Calibrate(args) => calibrate::run(args, &global),
        Command::Compact(args) => compact::run(args, &global),
        Command::Vacuum(args) => vacuum::run(&args, &global),
        Command::Verify(args) => verify::run(&args, &global),
        Command::Files(args) => files::run(&args, &global),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

/// The store in a folder, as of its newest commit.
fn open(folder: &Path) -> Result<Snapshot, hotshard::StoreError> {
    Store::open(folder)?.snapshot()
}

/// Says that records were left out, if some were.
fn tell_rejected(rejected: u64) {
    if rejected > 0 {
        let records =
            things(rejected, "record is no event and was", "records are no events and were");
        warn::warning(&format!(
            "{records} left out; `hotshard ingest` keeps such records with their place and reason"
        ));
    }
}

/// Names what is damaged, and says that the answer lacks it.
fn tell_damage(damaged: &[Damage]) -> Outcome {
    if damaged.is_empty() {
        return Outcome::Done;
    }
    for damage in damaged {
        warn::warning(&damage.to_string());
    }
    let files = things(damaged.len() as u64, "damaged file", "damaged files");
    warn::warning(&format!("this answer is partial: it lacks what {files} held"));
    Outcome::Partial
}

/// Names the files because of which shards stayed as they were.
fn tell_damaged_shards(damaged: &[Damage]) -> Outcome {
    if damaged.is_empty() {
        return Outcome::Done;
    }
    for damage in damaged {
        warn::warning(&damage.to_string());
    }
    let files = things(damaged.len() as u64, "damaged file", "damaged files");
    warn::warning(&format!("shards with {files} were left alone"));
    Outcome::Partial
}
