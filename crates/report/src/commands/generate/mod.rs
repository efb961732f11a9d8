//! `hotshard generate`.

mod target;

use std::path::PathBuf;

use clap::Args;
use hotshard::{RngSeed, Workload};

use crate::exit::Outcome;
use crate::figures::{bytes, things};
use crate::progress::Progress;
use crate::stream::StreamArgs;
use crate::warn;
use target::{Overwrite, Target};

/// Write synthetic events as JSON lines.
///
/// All shares are numbers from 0 to 1. The same options and rng seed give the same bytes, whatever
/// the number of threads.
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    stream: StreamArgs,
    /// The number that every random choice comes from.
    #[arg(long, value_name = "N", default_value_t)]
    rng_seed: RngSeed,
    /// File to write; names that end in .gz or .zst are compressed; standard output when left out
    /// or -.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &GenerateArgs) -> anyhow::Result<Outcome> {
    let workload = Workload::new(args.stream.spec(), args.rng_seed)?;
    let overwrite = if args.force { Overwrite::Replace } else { Overwrite::Refuse };
    let target = Target::of(args.output.as_deref(), overwrite)?;
    warn::note(&format!("rng seed {}", args.rng_seed));
    let progress = Progress::of_steps(workload.spec().events);
    let written = target.write(&workload, |events| progress.set_events(events))?;
    drop(progress);
    if let (Some(path), Some(size)) = (&args.output, written) {
        let events = things(workload.spec().events, "event", "events");
        let path = path.display();
        warn::note(&format!("wrote {events}, {} of JSON lines, to {path}", bytes(size)));
    }
    Ok(Outcome::Done)
}
