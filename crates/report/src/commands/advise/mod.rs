//! `hotshard advise`.

mod findings;
mod text;

use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use hotshard::{
    Advice, Advisor, KeyCounting, KeyCounts, MemoryBudget, Order, Policy, Present, Remedy, RngSeed,
    ShardCount, Target, Threshold, TimeZone, find_inputs,
};
use serde::Serialize;

use crate::args::GlobalArgs;
use crate::exit::Outcome;
use crate::json::advise::{AdviceJson, level};
use crate::output::{self, Answer, Sheet};
use crate::progress::Progress;

/// Say what would make shards even, from the real counts of a store or of input files.
///
/// Ids are placed by the store's own hash, so where they belong is known; what is left to chance is
/// where spread rows go. A target counts as reached if 95 of 100 runs reach it. Nothing is written.
#[derive(Debug, Args)]
pub(crate) struct AdviseArgs {
    #[command(flatten)]
    from: FromArgs,
    /// What to reach: the fullest shard over the mean one, as in max/mean=1.2, or the coefficient
    /// of variation of rows per shard, as in cv=0.1.
    #[arg(long, default_value_t, value_name = "FIGURE=VALUE")]
    target: Target,
    /// Numbers of shards to try, separated by commas; the first one is the present one with --input
    /// [default: usual ones up to 3200; 64 is the present one].
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    shards: Option<Vec<ShardCount>>,
    /// The present threshold [default: the store's; 200000 with --input].
    #[arg(long, value_name = "T")]
    threshold: Option<Threshold>,
    /// Policies to try, separated by commas: hash, jump, bounded-loads:E, pkg, d-choices, w-choices,
    /// salting:N, virtual-shards:N, shuffle, rename@T, split@T; T may be a number or as in 0.2N/n
    /// [default: one of each].
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    policy: Option<Vec<Policy>>,
    /// Under how many rng seeds a policy is tried that has a choice.
    #[arg(long, default_value = "20", value_name = "N")]
    seeds: NonZeroU32,
    /// What random choices come from.
    #[arg(long, default_value_t, value_name = "SEED")]
    rng_seed: RngSeed,
    /// Time zone whose midnights cut days, with --input; a store has its own.
    #[arg(long, value_name = "ZONE", conflicts_with = "store")]
    time_zone: Option<TimeZone>,
    /// Memory budget of the whole process, in MiB [default: 512].
    #[arg(long, value_name = "MIB")]
    memory: Option<u64>,
}

/// Whose events.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct FromArgs {
    /// Folder of the store.
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Files, folders or globs of events that would be stored; `-` is standard input.
    #[arg(long, value_name = "INPUT", num_args = 1..)]
    input: Vec<PathBuf>,
}

/// Advice, and the counts it is drawn from.
struct Advised {
    advice: Advice,
    counts: KeyCounts,
    rng_seed: RngSeed,
    seeds: NonZeroU32,
}

pub(crate) fn run(args: &AdviseArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let mut counting = KeyCounting::default();
    if let Some(mib) = args.memory {
        counting = counting.memory(MemoryBudget::from_mib(mib));
    }
    if let Some(threads) = global.threads {
        counting = counting.threads(threads.get());
    }
    let (advised, outcome) = match &args.from.store {
        Some(store) => of_store(args, &counting, store)?,
        None => (of_inputs(args, counting)?, Outcome::Done),
    };
    output::print(global.format, &advised)?;
    Ok(outcome)
}

fn of_store(
    args: &AdviseArgs,
    counting: &KeyCounting,
    store: &std::path::Path,
) -> anyhow::Result<(Advised, Outcome)> {
    let snapshot = super::open(store)?;
    let counts = counting.of_store(&snapshot).map_err(anyhow::Error::from)?;
    let outcome = super::tell_damage(counts.damaged());
    let events = counts.shuffled(counting, args.rng_seed)?;
    let mut advisor = args.advisor(Advisor::of_store(&counts, &snapshot));
    if let Some(events) = &events {
        advisor = advisor.events(events, Order::Random);
    }
    Ok((args.advised(advisor.run()?, counts), outcome))
}

fn of_inputs(args: &AdviseArgs, counting: KeyCounting) -> anyhow::Result<Advised> {
    let inputs = find_inputs(&args.from.input).map_err(hotshard::Error::from)?;
    let present = Present {
        shards: args.shards.iter().flatten().next().copied().unwrap_or_default(),
        threshold: Threshold::DEFAULT,
        remedy: Remedy::Off,
    };
    let progress = Progress::of_inputs(&inputs);
    let counting = counting
        .time_zone(args.time_zone.unwrap_or(TimeZone::UTC))
        .shards(vec![present.shards])
        .on_progress(progress.ingest_listener());
    let counts = counting.of_inputs(&inputs)?;
    let rejected = counts.rejected();
    // Where they fit and can be read again, the events say more than their counts.
    let is_repeatable = inputs.iter().all(hotshard::Input::is_repeatable);
    let events = if is_repeatable && counting.fits_events_of(&counts)? {
        Some(counting.events_of_inputs(&inputs)?)
    } else {
        None
    };
    drop(progress);
    super::tell_rejected(rejected);
    let mut advisor = args.advisor(Advisor::of(&counts, present));
    if let Some(events) = &events {
        advisor = advisor.events(events, Order::AsTheyCame);
    }
    Ok(args.advised(advisor.run()?, counts))
}

impl AdviseArgs {
    fn advisor<'a>(&self, advisor: Advisor<'a>) -> Advisor<'a> {
        let mut advisor = advisor.target(self.target).seeds(self.seeds).rng_seed(self.rng_seed);
        if let Some(threshold) = self.threshold {
            advisor = advisor.threshold(threshold);
        }
        // The one number that says how many shards there would be leaves open what to try.
        let tried = |shards: &Vec<ShardCount>| shards.len() > 1 || self.from.store.is_some();
        if let Some(shards) = self.shards.clone().filter(tried) {
            advisor = advisor.shards(shards);
        }
        if let Some(policies) = &self.policy {
            advisor = advisor.policies(policies.clone());
        }
        advisor
    }

    const fn advised(&self, advice: Advice, counts: KeyCounts) -> Advised {
        Advised { advice, counts, rng_seed: self.rng_seed, seeds: self.seeds }
    }
}

impl Answer for Advised {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        text::write(self, out)
    }

    fn json(&self) -> impl Serialize {
        #[derive(Debug, Serialize)]
        struct Json<'a> {
            #[serde(flatten)]
            advice: AdviceJson<'a>,
            damaged: Vec<String>,
            rejected: u64,
            rng_seed: RngSeed,
            seeds: NonZeroU32,
        }
        let findings = findings::told(&self.advice);
        Json {
            advice: AdviceJson::new(&self.advice, &self.counts, findings),
            rejected: self.counts.rejected(),
            damaged: self.counts.damaged().iter().map(|damage| damage.path.clone()).collect(),
            rng_seed: self.rng_seed,
            seeds: self.seeds,
        }
    }

    /// One row a choice: what it is, what it reaches, what it costs.
    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new([
            "choice",
            "shards",
            "threshold",
            "median",
            "p95",
            "reached",
            "remedied",
            "share",
            "ids_to_merge",
            "level",
        ]);
        let advice = &self.advice;
        let present = advice.present.shards.to_string();
        let reached = |outlook: &hotshard::Outlook| outlook.reaches(advice.target).to_string();
        for tried in &advice.policies {
            sheet.row([
                tried.policy.to_string(),
                present.clone(),
                tried.threshold.map(|threshold| threshold.to_string()).unwrap_or_default(),
                tried.outlook.median.to_string(),
                tried.outlook.likely.to_string(),
                reached(&tried.outlook),
                tried.cost.remedied.to_string(),
                tried.cost.share.to_string(),
                tried.cost.ids_to_merge.to_string(),
                level(tried.level).to_owned(),
            ]);
        }
        for tried in &advice.shard_counts {
            let threshold = advice.present.threshold.to_string();
            let both =
                [("hash", String::new(), tried.untouched), ("remedy", threshold, tried.remedied)];
            for (choice, threshold, outlook) in both {
                sheet.row([
                    choice.to_owned(),
                    tried.shards.to_string(),
                    threshold,
                    outlook.median.to_string(),
                    outlook.likely.to_string(),
                    reached(&outlook),
                    String::new(),
                    String::new(),
                    String::new(),
                    level(hotshard::Level::Counts).to_owned(),
                ]);
            }
        }
        sheet
    }
}
