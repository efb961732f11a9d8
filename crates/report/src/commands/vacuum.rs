//! `hotshard vacuum`.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use hotshard::{MeasuredTime, Stopwatch, Store, Vacuum, VacuumedFile};
use serde::Serialize;

use crate::args::{GlobalArgs, StoreArgs};
use crate::exit::Outcome;
use crate::figures::{bytes, things};
use crate::output::{self, Answer, Sheet};
use crate::printable::printable;

/// Remove files that the store as it is now does not need.
///
/// These are data files that a compaction replaced, and files of detector state that later ones
/// replaced. Whoever opened the store before them, and is still reading, is told that it was
/// vacuumed. Nothing may be written to the store meanwhile.
#[derive(Debug, Args)]
pub(crate) struct VacuumArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Serialize)]
struct VacuumJson {
    files: u64,
    bytes: u64,
    replaced_files: u64,
    replaced_bytes: u64,
    state_files: u64,
    state_bytes: u64,
    elapsed_ns: u64,
    dry_run: bool,
    store: String,
}

/// What was removed from a store, or would be.
struct Vacuumed<'a> {
    vacuum: Vacuum,
    elapsed: MeasuredTime,
    root: &'a Path,
    dry_run: bool,
}

pub(crate) fn run(args: &VacuumArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let stopwatch = Stopwatch::start();
    let store = Store::open(&args.store.store)?;
    let vacuum =
        if args.dry_run { store.snapshot()?.plan_vacuum()? } else { store.writer()?.vacuum()? };
    let (elapsed, root, dry_run) = (stopwatch.elapsed(), args.store.store.as_path(), args.dry_run);
    output::print(global.format, &Vacuumed { vacuum, elapsed, root, dry_run })?;
    Ok(Outcome::Done)
}

impl Answer for Vacuumed<'_> {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let store = printable(&self.root.display().to_string());
        let files = self.vacuum.files().count() as u64;
        if files == 0 {
            return writeln!(out, "{store} has no files that it does not need.");
        }
        let removed = if self.dry_run { "A vacuum would remove" } else { "Removed" };
        let all = things(files, "file", "files");
        let replaced = things(self.vacuum.replaced.len() as u64, "data file", "data files");
        let state = things(self.vacuum.state.len() as u64, "state file", "state files");
        let size = bytes(self.vacuum.bytes());
        writeln!(out, "{removed} {all} with {size} from {store}: {replaced} and {state}.")
    }

    fn json(&self) -> impl Serialize {
        let sizes = |files: &[VacuumedFile]| files.iter().map(|file| file.bytes).sum();
        VacuumJson {
            files: self.vacuum.files().count() as u64,
            bytes: self.vacuum.bytes(),
            replaced_files: self.vacuum.replaced.len() as u64,
            replaced_bytes: sizes(&self.vacuum.replaced),
            state_files: self.vacuum.state.len() as u64,
            state_bytes: sizes(&self.vacuum.state),
            elapsed_ns: self.elapsed.ns(),
            dry_run: self.dry_run,
            store: self.root.display().to_string(),
        }
    }

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(["path", "bytes"]);
        for file in self.vacuum.files() {
            sheet.row([file.path.clone(), file.bytes.to_string()]);
        }
        sheet
    }
}
