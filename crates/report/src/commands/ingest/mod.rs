//! `hotshard ingest`.

mod now;
mod overrides;
mod text;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use hotshard::{
    Effect, EventTime, Identification, Ingest, IngestSummary, MemoryBudget, PromotedColumn, Remedy,
    Settings, ShardCount, Threshold, TimeZone, Validation, ZstdLevel, find_inputs, wall_clock_ms,
};
use serde::Serialize;

use crate::args::{GlobalArgs, StoreArgs};
use crate::exit::Outcome;
use crate::json::ingest::IngestJson;
use crate::output::{self, Answer, Sheet};
use crate::progress::Progress;
use overrides::{OVERRIDE_ARGS, OverrideArgs};

/// Take events into a store: find hot keys, remedy their excess, say what happened.
///
/// Events are JSON lines or JSON arrays in Mixpanel's shape, plain, gzip or zstd. Settings of the
/// store that are left out come from the store, or are the defaults of a new one. An input that is
/// in the store already adds nothing; an interrupted ingest goes on where it broke off when it is
/// run again. Records that cannot be stored are kept as rejects and counted.
///
/// Overrides treat single ids differently. They are kept with the store before the first event is
/// read, and hold for events ingested from then on; keys that are hot already stay hot. With an
/// override no INPUT is needed: then only the overrides change. An id that begins with a dash
/// follows an equals sign: --hot=-x.
#[derive(Debug, Args)]
pub(crate) struct IngestArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Number of shards of a new store [default: 64].
    #[arg(long, value_name = "N")]
    shards: Option<ShardCount>,
    /// Events of one id on one day that stay untouched [default: 200000].
    #[arg(long, value_name = "T")]
    threshold: Option<Threshold>,
    /// What happens to events past the threshold: rename, split or off [default: rename].
    #[arg(long, value_name = "REMEDY")]
    remedy: Option<Remedy>,
    /// Time zone whose midnights cut days [default: UTC].
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<TimeZone>,
    /// Properties that get a column of their own, as NAME:TYPE with string, long, double or
    /// boolean; separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    promote: Option<Vec<PromotedColumn>>,
    /// Reject what Mixpanel's import would: placeholder ids, malformed insert ids, more than 255
    /// properties, times more than an hour ahead.
    #[arg(long)]
    strict: bool,
    /// The time that counts as now under --strict, as RFC 3339 or milliseconds since 1970; the
    /// clock when left out.
    #[arg(long, value_name = "TIME", requires = "strict", value_parser = now::parse)]
    now: Option<EventTime>,
    /// Longest record in bytes; longer ones are rejected [default: 1048576].
    #[arg(long, value_name = "BYTES")]
    max_line: Option<usize>,
    /// Ingest inputs again that are in the store already.
    #[arg(long)]
    again: bool,
    /// Say what would happen, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Memory budget of the whole process, in MiB, at least 92, and more with thousands of shards
    /// [default: 512].
    #[arg(long, value_name = "MIB")]
    memory: Option<u64>,
    /// Commit at least after so much content, in MiB: what an ingest that is killed may have to do
    /// again [default: 8 times the memory budget]. More commits make more and smaller files.
    #[arg(long, value_name = "MIB")]
    commit_every: Option<NonZeroUsize>,
    /// How hard files are compressed: a level of zstd, 1 (fastest) to 22 (smallest) [default: 1].
    #[arg(long, value_name = "LEVEL")]
    compression: Option<ZstdLevel>,
    /// Count at most so many ids of a day at once; as many as the memory budget allows when left
    /// out. With fewer, hot ids are found later, by at most the d that the summary states.
    #[arg(long, value_name = "N")]
    counters: Option<NonZeroUsize>,
    /// Files, folders, globs, or - for standard input.
    #[arg(required_unless_present_any = OVERRIDE_ARGS, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    overrides: OverrideArgs,
}

/// What an ingest did, and to which store.
pub(super) struct Ingested {
    summary: IngestSummary,
    store: PathBuf,
    effect: Effect,
    /// How many inputs were named; none when only overrides change.
    inputs: usize,
}

pub(crate) fn run(args: IngestArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let overrides = args.overrides.changes()?;
    let inputs = find_inputs(&args.inputs).map_err(hotshard::Error::from)?;
    let effect = if args.dry_run { Effect::DryRun } else { Effect::Write };
    let progress = Progress::of_inputs(&inputs);
    let ingest = plan(&args, global).overrides(overrides).effect(effect);
    let ingest = ingest.on_progress(progress.ingest_listener());
    let summary = ingest.run(&inputs)?;
    drop(progress);
    let (store, inputs) = (args.store.store, args.inputs.len());
    output::print(global.format, &Ingested { summary, store, effect, inputs })?;
    Ok(Outcome::Done)
}

fn plan(args: &IngestArgs, global: &GlobalArgs) -> Ingest {
    let settings = Settings {
        shards: args.shards,
        threshold: args.threshold,
        remedy: args.remedy,
        time_zone: args.time_zone,
        promoted: args.promote.clone(),
    };
    let mut ingest = Ingest::into_store(&args.store.store).settings(settings);
    if args.strict {
        let now = args.now.unwrap_or_else(|| EventTime::from_millis(wall_clock_ms()));
        ingest = ingest.validation(Validation::Strict { now });
    }
    if args.again {
        ingest = ingest.identification(Identification::Again);
    }
    if let Some(bytes) = args.max_line {
        ingest = ingest.max_record_bytes(bytes);
    }
    if let Some(mib) = args.memory {
        ingest = ingest.memory(MemoryBudget::from_mib(mib));
    }
    if let Some(mib) = args.commit_every {
        ingest = ingest.commit_bytes(mib.get().saturating_mul(1 << 20));
    }
    if let Some(level) = args.compression {
        ingest = ingest.compression(level);
    }
    if let Some(counters) = args.counters {
        ingest = ingest.counters_a_date(counters);
    }
    match global.threads {
        Some(threads) => ingest.threads(threads.get()),
        None => ingest,
    }
}

impl Answer for Ingested {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        text::write(self, out)
    }

    fn json(&self) -> impl Serialize {
        IngestJson::new(&self.summary, &self.store, self.effect)
    }

    fn sheet(&self) -> Sheet {
        let summary = &self.summary;
        let mut sheet = Sheet::new([
            "events",
            "stored",
            "rejected",
            "missing_distinct_id",
            "collisions",
            "remedied",
            "threshold",
            "lateness_bound",
            "hot_keys",
            "shards",
            "max_over_mean",
            "elapsed_ns",
            "peak_memory_bytes",
            "unattributed",
        ]);
        sheet.row([
            summary.events.to_string(),
            summary.stored.to_string(),
            summary.rejected.to_string(),
            summary.missing_distinct_id.to_string(),
            summary.collisions.to_string(),
            summary.remedied.to_string(),
            summary.threshold.to_string(),
            summary.lateness_bound.to_string(),
            summary.hot.len().to_string(),
            summary.skew.count.to_string(),
            summary.skew.max_over_mean.to_string(),
            summary.elapsed.ns().to_string(),
            summary.peak_memory_bytes.map(|bytes| bytes.to_string()).unwrap_or_default(),
            summary.unattributed.to_string(),
        ]);
        sheet
    }
}
