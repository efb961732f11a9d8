//! `hotshard files`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use hotshard::{DataFile, Snapshot};
use serde::Serialize;

use crate::args::{DateArgs, GlobalArgs, StoreArgs};
use crate::exit::Outcome;
use crate::figures::{bytes, count, things};
use crate::json::damage::DamageJson;
use crate::output::{self, Answer, Sheet};
use crate::table::{Table, number, text};

/// List the data files that are committed, neither more nor less.
///
/// With a date range, those that may hold events of these days.
#[derive(Debug, Args)]
pub(crate) struct FilesArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    dates: DateArgs,
}

#[derive(Debug, Serialize)]
struct FilesJson<'a> {
    store: String,
    commit: u64,
    files: Vec<FileJson<'a>>,
    #[serde(flatten)]
    damage: DamageJson,
}

#[derive(Debug, Serialize)]
struct FileJson<'a> {
    path: &'a str,
    absolute_path: String,
    shard: u32,
    rows: u64,
    bytes: u64,
    first_date: String,
    last_date: String,
}

/// The committed files of a store.
struct Listed<'a> {
    root: &'a Path,
    snapshot: &'a Snapshot,
    files: Vec<&'a DataFile>,
}

pub(crate) fn run(args: &FilesArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let dates = args.dates.range()?;
    let snapshot = super::open(&args.store.store)?;
    let files = snapshot.files().filter(|file| file.overlaps(&dates)).collect();
    let outcome = super::tell_damage(snapshot.damage());
    output::print(global.format, &Listed { root: &args.store.store, snapshot: &snapshot, files })?;
    Ok(outcome)
}

impl Listed<'_> {
    fn absolute(&self, file: &DataFile) -> PathBuf {
        let path = self.snapshot.absolute_path(file);
        std::path::absolute(&path).unwrap_or(path)
    }
}

impl Answer for Listed<'_> {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = Table::new([
            number("shard"),
            number("rows"),
            number("size"),
            text("first date"),
            text("last date"),
            text("path"),
        ]);
        for file in &self.files {
            let (first, last) = file.dates();
            table.row([
                file.shard().to_string(),
                count(file.rows()),
                bytes(file.length_bytes()),
                first.to_string(),
                last.to_string(),
                file.path().to_owned(),
            ]);
        }
        if !self.files.is_empty() {
            writeln!(out, "{table}")?;
        }
        let rows = self.files.iter().map(|file| file.rows()).sum();
        let size = self.files.iter().map(|file| file.length_bytes()).sum();
        writeln!(
            out,
            "{} with {} and {} in {}.",
            things(self.files.len() as u64, "file", "files"),
            things(rows, "row", "rows"),
            bytes(size),
            crate::printable::printable(&self.root.display().to_string()),
        )
    }

    fn json(&self) -> impl Serialize {
        FilesJson {
            store: self.root.display().to_string(),
            commit: self.snapshot.last_commit().get(),
            files: self.files.iter().map(|file| self.file_json(file)).collect(),
            damage: DamageJson::of(self.snapshot.damage()),
        }
    }

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new([
            "path",
            "absolute_path",
            "shard",
            "rows",
            "bytes",
            "first_date",
            "last_date",
        ]);
        for file in &self.files {
            let (first, last) = file.dates();
            sheet.row([
                file.path().to_owned(),
                self.absolute(file).display().to_string(),
                file.shard().get().to_string(),
                file.rows().to_string(),
                file.length_bytes().to_string(),
                first.to_string(),
                last.to_string(),
            ]);
        }
        sheet
    }
}

impl Listed<'_> {
    fn file_json<'a>(&self, file: &'a DataFile) -> FileJson<'a> {
        let (first, last) = file.dates();
        FileJson {
            path: file.path(),
            absolute_path: self.absolute(file).display().to_string(),
            shard: file.shard().get(),
            rows: file.rows(),
            bytes: file.length_bytes(),
            first_date: first.to_string(),
            last_date: last.to_string(),
        }
    }
}
