//! What goes to standard output: as a table for people, as JSON or CSV for programs.

use std::io::{self, BufWriter, Write};

use clap::ValueEnum;
use serde::Serialize;

/// The form of the data on standard output.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables and sentences, with display names.
    #[default]
    Table,
    /// One JSON object, with raw names; docs/json.md has its schema.
    Json,
    /// Comma-separated values (RFC 4180) with a header, with raw names.
    Csv,
}

/// What a command answers, in each form.
pub(crate) trait Answer {
    /// For people.
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()>;

    /// The wire form.
    fn json(&self) -> impl Serialize;

    /// The main table.
    fn sheet(&self) -> Sheet;
}

/// Rows for CSV, with raw names and plain numbers.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Sheet {
    pub(crate) fn new<const N: usize>(header: [&str; N]) -> Self {
        Self { header: header.map(str::to_owned).to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }
}

/// Prints an answer.
pub(crate) fn print(format: Format, answer: &impl Answer) -> anyhow::Result<()> {
    to_stdout(|out| match format {
        Format::Table => answer.write_text(out),
        Format::Json => {
            serde_json::to_writer(&mut *out, &answer.json())?;
            out.write_all(b"\n")
        }
        Format::Csv => write_csv(&answer.sheet(), out),
    })
}

/// Runs something that writes to standard output. A reader that has gone away ends it quietly.
pub(crate) fn to_stdout(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(anyhow::Error::new(error).context("cannot write to standard output"))
        }
        // What is left in the buffer of a closed pipe is dropped with it.
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes rows as CSV.
pub(crate) fn write_csv(sheet: &Sheet, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    for record in std::iter::once(&sheet.header).chain(&sheet.rows) {
        writer.write_record(record).map_err(io_error)?;
    }
    writer.flush()
}

/// The csv crate wraps what the output answered.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_quotes_what_needs_it() {
        let mut sheet = Sheet::new(["id", "events"]);
        sheet.row(["a,\"b\"\n".to_owned(), "1".to_owned()]);
        let mut out = Vec::new();
        write_csv(&sheet, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "id,events\r\n\"a,\"\"b\"\"\n\",1\r\n");
    }
}
