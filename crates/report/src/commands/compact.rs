//! `hotshard compact`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use hotshard::{Compaction, CompactionSummary, Effect, MemoryBudget, ShardCompaction, TargetSize};
use serde::Serialize;

use crate::args::{GlobalArgs, StoreArgs};
use crate::exit::Outcome;
use crate::figures::{bytes, count, per_second, things, time};
use crate::json::compact::CompactJson;
use crate::output::{self, Answer, Sheet};
use crate::printable::printable;
use crate::progress::Progress;
use crate::table::{Table, number, text};

/// Shards that are shown; JSON has all of them.
const MOST_ROWS: usize = 20;

/// Merge a shard's files into large ones, sorted throughout, whose days do not overlap.
///
/// Merged are files that share days, that are not sorted throughout, or that are small and lie
/// next to each other; other files are left alone. No row changes, nor the answer of any query.
/// Files that were replaced leave the data root and stay readable for whoever reads the store at
/// that moment, so they take space until `hotshard vacuum`. There is one commit a shard: what an
/// interrupted compaction did stays, and the same command does the rest.
#[derive(Debug, Args)]
pub(crate) struct CompactArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Size that files grow to, in MiB [default: 256].
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    target_size: Option<u64>,
    /// Memory budget of the whole process, in MiB [default: 512].
    #[arg(long, value_name = "MIB")]
    memory: Option<u64>,
    /// Say what would happen, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

/// What a compaction did, and to which store.
struct Compacted {
    summary: CompactionSummary,
    store: PathBuf,
    effect: Effect,
}

pub(crate) fn run(args: CompactArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let effect = if args.dry_run { Effect::DryRun } else { Effect::Write };
    let progress = Progress::of_steps(0);
    let mut compaction = Compaction::of_store(&args.store.store)
        .effect(effect)
        .on_progress(progress.compaction_listener());
    if let Some(mib) = args.target_size {
        compaction = compaction.target_size(TargetSize::from_mib(mib));
    }
    if let Some(mib) = args.memory {
        compaction = compaction.memory(MemoryBudget::from_mib(mib));
    }
    if let Some(threads) = global.threads {
        compaction = compaction.threads(threads.get());
    }
    let summary = compaction.run()?;
    drop(progress);
    let outcome = match effect {
        Effect::Write => super::tell_damaged_shards(&summary.damaged),
        Effect::DryRun => super::tell_damage(&summary.damaged),
    };
    output::print(global.format, &Compacted { summary, store: args.store.store, effect })?;
    Ok(outcome)
}

impl Answer for Compacted {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let CompactionSummary { shards, left_alone, rows, elapsed, .. } = &self.summary;
        let store = printable(&self.store.display().to_string());
        let alone = things(*left_alone, "shard", "shards");
        if shards.is_empty() {
            return writeln!(out, "Nothing to compact in {store}: {alone} left alone.");
        }
        if self.effect == Effect::DryRun {
            writeln!(out, "Dry run: nothing was written. This is what would be merged.")?;
        }
        self.write_shards(out)?;
        let files = shards.iter().map(|shard| shard.merged_files).sum();
        let size = shards.iter().map(|shard| shard.merged_bytes).sum();
        let merged = format!("{}, {}", things(files, "file", "files"), bytes(size));
        if self.effect == Effect::DryRun {
            let shards = things(shards.len() as u64, "shard", "shards");
            return writeln!(
                out,
                "\nTo merge: {merged}, in {shards} of {store}; {alone} left alone."
            );
        }
        writeln!(out, "\nMerged {merged}, of {store}; {alone} left alone.")?;
        writeln!(
            out,
            "The files they were stay readable for open snapshots: hotshard vacuum removes them."
        )?;
        let rate = per_second(*rows, seconds(elapsed.ns()));
        let budget = bytes(self.summary.memory_budget.bytes());
        let peak = self.summary.peak_memory_bytes;
        let memory = peak.map(|peak| format!("; peak memory {} of {budget}", bytes(peak)));
        let took = time(elapsed.ns());
        writeln!(out, "Took {took}, {rate} rows/s{}.", memory.unwrap_or_default())
    }

    fn json(&self) -> impl Serialize {
        CompactJson::new(&self.summary, &self.store, self.effect)
    }

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new([
            "shard",
            "files_before",
            "files_after",
            "bytes_before",
            "bytes_after",
            "merged_files",
            "merged_bytes",
            "rows",
        ]);
        let or_empty = |number: Option<u64>| number.map(|number| number.to_string());
        for shard in &self.summary.shards {
            sheet.row([
                shard.shard.get().to_string(),
                shard.files_before.to_string(),
                or_empty(shard.files_after).unwrap_or_default(),
                shard.bytes_before.to_string(),
                or_empty(shard.bytes_after).unwrap_or_default(),
                shard.merged_files.to_string(),
                shard.merged_bytes.to_string(),
                shard.rows.to_string(),
            ]);
        }
        sheet
    }
}

impl Compacted {
    fn write_shards(&self, out: &mut dyn Write) -> io::Result<()> {
        let columns = [
            text("shard"),
            number("rows"),
            number("merged files"),
            number("files"),
            number("size"),
        ];
        let mut table = Table::new(columns);
        let change = |before: String, after: Option<String>| match after {
            Some(after) => format!("{before} → {after}"),
            None => before,
        };
        for shard in self.summary.shards.iter().take(MOST_ROWS) {
            let ShardCompaction { files_before, files_after, bytes_before, bytes_after, .. } =
                shard;
            table.row([
                shard.shard.to_string(),
                count(shard.rows),
                count(shard.merged_files),
                change(count(*files_before), files_after.map(count)),
                change(bytes(*bytes_before), bytes_after.map(bytes)),
            ]);
        }
        write!(out, "{table}")?;
        match self.summary.shards.len().saturating_sub(MOST_ROWS) {
            0 => Ok(()),
            more => writeln!(out, " and {} more; --format json lists them all", count(more as u64)),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}
