//! What is done already, so that an interrupted experiment goes on where it was.
//!
//! A text file: a line that says what it is, a line with the spec as JSON, and then one line a cell
//! and repeat. A line that was cut off is as good as none.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::figures::SeedFigures;
use super::outcome::OutputError;
use super::spec::ExperimentSpec;

const FIRST_LINE: &str = concat!("hotshard experiment 1, by version ", env!("CARGO_PKG_VERSION"));

/// The file, open for more.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: BufWriter<File>,
}

/// Repeats that are done: by the label of their cell and their number.
pub(super) type Done = BTreeMap<(String, u32), SeedFigures>;

impl Journal {
    /// Opens a journal, or begins one.
    ///
    /// # Errors
    /// When it is one of another spec or of other events, another run has it, or it cannot be read or
    /// written.
    pub(super) fn open(
        path: &Path,
        spec: &ExperimentSpec,
        events: u64,
    ) -> Result<(Self, Done), OutputError> {
        let cannot = |source| OutputError::Write { path: path.to_owned(), source };
        let unreadable = |source| OutputError::Journal { path: path.to_owned(), source };
        let spec = serde_json::to_string(spec).map_err(|error| unreadable(error.into()))?;
        let header = format!("{FIRST_LINE}\n{spec} {events:016x}\n");
        let mut bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(unreadable(source)),
        };
        let begun = bytes.starts_with(header.as_bytes());
        if !begun && !header.as_bytes().starts_with(&bytes) {
            return Err(OutputError::OtherSpec { path: path.to_owned() });
        }
        // What was cut off goes, so that the next line begins at a line's beginning.
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
        let text = String::from_utf8_lossy(&bytes);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(cannot)?;
        file.try_lock().map_err(|_| OutputError::InUse { path: path.to_owned() })?;
        if begun {
            file.set_len(bytes.len() as u64).map_err(cannot)?;
            std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).map_err(cannot)?;
        } else {
            file.set_len(0).and_then(|()| file.write_all(header.as_bytes())).map_err(cannot)?;
        }
        let done = text.lines().skip(2).filter_map(entry).collect();
        Ok((Self { path: path.to_owned(), file: BufWriter::new(file) }, done))
    }

    /// Adds repeats, which are safe from a crash of the program afterwards.
    pub(super) fn add<'a>(
        &mut self,
        repeats: impl Iterator<Item = (&'a str, u32, SeedFigures)>,
    ) -> Result<(), OutputError> {
        let write = || {
            for (label, repeat, figures) in repeats {
                writeln!(self.file, "{repeat}\t{label}\t{}", figures.to_words())?;
            }
            self.file.flush()
        };
        write().map_err(|source| OutputError::Write { path: self.path.clone(), source })
    }
}

fn entry(line: &str) -> Option<((String, u32), SeedFigures)> {
    let (repeat, rest) = line.split_once('\t')?;
    let (label, figures) = rest.split_once('\t')?;
    Some(((label.to_owned(), repeat.parse().ok()?), SeedFigures::from_words(figures)?))
}

#[cfg(test)]
mod tests {
    use hotshard_workload::WorkloadSpec;

    use super::*;
    use crate::simulation::spec::Grid;

    fn spec() -> ExperimentSpec {
        ExperimentSpec::new("journal").workload("é\tb", WorkloadSpec::new(10)).grid(Grid::default())
    }

    fn figures(number: f64) -> SeedFigures {
        SeedFigures {
            events: 7,
            max_over_mean: number,
            cv: 0.1,
            p99_over_median: None,
            gini: 0.2,
            k_eff: 3.0,
            threshold: Some(5),
            hot_keys: 1,
            remedied: 2,
            bound: None,
            bound_confidence: None,
        }
    }

    #[test]
    fn what_is_cut_off_is_as_good_as_none_wherever_the_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, done) = Journal::open(&path, &spec(), 7).unwrap();
        assert!(done.is_empty());
        journal
            .add([("one", 0, figures(1.5)), ("one", 1, figures(0.1 + 0.2))].into_iter())
            .unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let (mut journal, done) = Journal::open(&path, &spec(), 7).unwrap();
            let lines = whole[..cut].iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(done.len(), lines.saturating_sub(2), "{cut}");
            journal.add([("two", 0, figures(9.0))].into_iter()).unwrap();
            drop(journal);
            let (_, more) = Journal::open(&path, &spec(), 7).unwrap();
            assert_eq!(more.len(), done.len() + 1, "{cut}");
            assert_eq!(more[&("two".to_owned(), 0)], figures(9.0));
        }
    }

    #[test]
    fn two_runs_do_not_share_a_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (first, _) = Journal::open(&path, &spec(), 7).unwrap();
        let message = Journal::open(&path, &spec(), 7).unwrap_err().to_string();
        assert!(message.contains("another run is using"), "{message}");
        drop(first);
        assert!(Journal::open(&path, &spec(), 7).is_ok());
    }

    #[test]
    fn a_journal_of_another_spec_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        drop(Journal::open(&path, &spec(), 7).unwrap());
        let other = spec().rng_seed(hotshard_workload::RngSeed::new(7));
        let message = Journal::open(&path, &other, 7).unwrap_err().to_string();
        assert!(message.contains("another spec"), "{message}");
        // The same spec of a file that has changed, and a file that is no journal.
        assert!(Journal::open(&path, &spec(), 8).is_err());
        std::fs::write(&path, "dear diary").unwrap();
        assert!(Journal::open(&path, &spec(), 7).is_err());
    }
}
