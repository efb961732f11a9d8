//! `hotshard verify`.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use hotshard::{DataFile, MeasuredTime, Stopwatch, Verification};
use serde::Serialize;

use crate::args::{GlobalArgs, StoreArgs};
use crate::exit::Outcome;
use crate::figures::{bytes, things, time};
use crate::json::damage::DamageJson;
use crate::output::{self, Answer, Sheet};
use crate::printable::printable;
use crate::progress::Progress;

/// Read everything a store holds, and check every length and checksum.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, Serialize)]
struct VerifyJson<'a> {
    sound: bool,
    files: u64,
    rows: u64,
    bytes: u64,
    #[serde(flatten)]
    damage: DamageJson,
    strays: &'a [String],
    elapsed_ns: u64,
    store: String,
}

/// What was found in a store.
struct Verified<'a> {
    found: Verification,
    elapsed: MeasuredTime,
    root: &'a Path,
}

pub(crate) fn run(args: &VerifyArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let stopwatch = Stopwatch::start();
    let snapshot = super::open(&args.store.store)?;
    let progress = Progress::of_bytes(snapshot.files().map(DataFile::length_bytes).sum());
    let found = snapshot.verify(|bytes| progress.add(bytes))?;
    drop(progress);
    let outcome = if found.is_sound() { Outcome::Done } else { Outcome::Partial };
    let verified = Verified { found, elapsed: stopwatch.elapsed(), root: &args.store.store };
    output::print(global.format, &verified)?;
    Ok(outcome)
}

impl Answer for Verified<'_> {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let Verification { files, rows, bytes: size, damaged, strays } = &self.found;
        let root = printable(&self.root.display().to_string());
        let checked = format!(
            "{} with {}, {} in all, checked in {}",
            things(*files, "data file", "data files"),
            things(*rows, "whole row", "whole rows"),
            bytes(*size),
            time(self.elapsed.ns()),
        );
        if damaged.is_empty() {
            writeln!(out, "{root} is sound: {checked}.")?;
        } else {
            let broken = things(damaged.len() as u64, "damaged file", "damaged files");
            writeln!(out, "{root} has {broken}; {checked}:")?;
            for damage in damaged {
                writeln!(out, "  {}", printable(&damage.to_string()))?;
            }
        }
        if !strays.is_empty() {
            let found = things(strays.len() as u64, "file belongs", "files belong");
            writeln!(
                out,
                "{found} to no commit: under way, or left by a crash. They harm \
                 nothing, and the next ingest removes what is left over:"
            )?;
            for stray in strays {
                writeln!(out, "  {}", printable(stray))?;
            }
        }
        Ok(())
    }

    fn json(&self) -> impl Serialize {
        VerifyJson {
            sound: self.found.is_sound(),
            files: self.found.files,
            rows: self.found.rows,
            bytes: self.found.bytes,
            damage: DamageJson::of(&self.found.damaged),
            strays: &self.found.strays,
            elapsed_ns: self.elapsed.ns(),
            store: self.root.display().to_string(),
        }
    }

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(["finding", "path", "problem"]);
        for damage in &self.found.damaged {
            sheet.row(["damaged".to_owned(), damage.path.clone(), damage.problem.clone()]);
        }
        for stray in &self.found.strays {
            sheet.row(["stray".to_owned(), stray.clone(), String::new()]);
        }
        sheet
    }
}
