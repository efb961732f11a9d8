//! `hotshard generate`.

mod mistake;
mod target;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use hotshard::{
    Detail, EventDate, HeavyId, IdDistribution, Mistake, RngSeed, Workload, WorkloadSpec,
};

use crate::exit::Outcome;
use crate::figures::{bytes, things};
use crate::progress::Progress;
use crate::warn;
use target::{Overwrite, Target};

/// Write synthetic events as JSON lines.
///
/// All shares are numbers from 0 to 1. The same options and rng seed give the same bytes, whatever
/// the number of threads.
#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Start from a stream that has a name; the other options change it.
    #[arg(long, value_enum, value_name = "NAME")]
    preset: Option<Preset>,
    /// Number of events [default: 1000000, or the preset's].
    #[arg(long, value_name = "N")]
    events: Option<u64>,
    /// Number of days, over which the events spread evenly.
    #[arg(long, value_name = "N")]
    days: Option<u32>,
    /// First day, as YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    start: Option<EventDate>,
    /// Number of users with an id of their own.
    #[arg(long, value_name = "N")]
    users: Option<u64>,
    /// How events spread over users: uniform, zipf:S, hotspot:FRACTION:SHARE, lognormal:SIGMA,
    /// power-law:S:CUTOFF, or drifting-zipf:S:STEP, whose ranks move on by STEP users a day.
    #[arg(long, value_name = "DISTRIBUTION")]
    ids: Option<IdDistribution>,
    /// An id that sends this share of all events; give it again for further ids.
    #[arg(long, value_name = "ID=SHARE")]
    heavy: Vec<HeavyId>,
    /// Share of events without a distinct id.
    #[arg(long, value_name = "SHARE")]
    empty_share: Option<f64>,
    /// A mistake of the implementation; give it again for further ones.
    ///
    /// identify[=SHARE][@HH:MM]: a static string passed to identify from that time on the first day.
    /// zero[=SHARE]: nobody's events under the id 0. pod[=SHARE]: a server's name instead of its
    /// users'. import[=SHARE][@HH:MM]: an hour every night under one id. retries[=SHARE][@HH:MM]:
    /// ten minutes of the same few events, on the first day. under-t[=IDSxEVENTS]: ids with just so
    /// many events every day. Shares of import and retries are shares of their time.
    #[arg(long, value_name = "MISTAKE", value_parser = mistake::parse)]
    mistake: Vec<Mistake>,
    /// Share of events that arrive days after they happened.
    #[arg(long, value_name = "SHARE")]
    late_share: Option<f64>,
    /// Share of lines that repeat an earlier one, insert id included.
    #[arg(long, value_name = "SHARE")]
    duplicate_share: Option<f64>,
    /// How much an event carries.
    #[arg(long, value_enum, value_name = "DETAIL")]
    detail: Option<DetailArg>,
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

/// Streams that have a name.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Preset {
    /// A day on which identify('user_id') shipped at noon.
    Noon,
    /// The stream engines are compared on: four days, two heavy ids, a million users.
    Reference,
}

/// The words for how much an event carries.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum DetailArg {
    /// Ten properties, about 280 bytes a line.
    Full,
    /// Six properties, about 210 bytes a line.
    Lean,
}

pub(crate) fn run(args: &GenerateArgs) -> anyhow::Result<Outcome> {
    let workload = Workload::new(spec(args), args.rng_seed)?;
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

/// The stream that was asked for: the preset, changed by every option that was given.
fn spec(args: &GenerateArgs) -> WorkloadSpec {
    let mut spec = match args.preset {
        None => WorkloadSpec::default(),
        Some(Preset::Noon) => WorkloadSpec::identify_at_noon(2_000_000),
        Some(Preset::Reference) => WorkloadSpec::reference(5_000_000),
    };
    set(&mut spec.events, args.events);
    set(&mut spec.days, args.days);
    set(&mut spec.start, args.start);
    set(&mut spec.users, args.users);
    set(&mut spec.ids, args.ids);
    set(&mut spec.empty_share, args.empty_share);
    set(&mut spec.late_share, args.late_share);
    set(&mut spec.duplicate_share, args.duplicate_share);
    set(&mut spec.detail, args.detail.map(Detail::from));
    spec.heavy.extend(args.heavy.iter().cloned());
    spec.mistakes.extend(args.mistake.iter().cloned());
    spec
}

fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *field = value;
    }
}

impl From<DetailArg> for Detail {
    fn from(arg: DetailArg) -> Self {
        match arg {
            DetailArg::Full => Self::Full,
            DetailArg::Lean => Self::Lean,
        }
    }
}
