//! The files of one shard, scanned so that a damaged one counts with nothing of it.

use std::collections::BTreeMap;

use hotshard_store::{Damage, DataFile, Error as StoreError, ScanStats};

use crate::budget::Full;

/// Those files of a shard that a query needs.
#[derive(Debug, Default)]
pub(crate) struct ShardFiles<'a> {
    pub(crate) files: Vec<&'a DataFile>,
}

/// Why a scan ends before its file does.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The file cannot be read.
    Unreadable(StoreError),
    /// There is no memory for more.
    Full,
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Unreadable(error)
    }
}

impl From<Full> for Stopped {
    fn from(Full: Full) -> Self {
        Self::Full
    }
}

/// What scanning the whole files of a shard gave.
#[derive(Debug)]
pub(crate) struct Scanned<T> {
    pub(crate) value: T,
    pub(crate) files: u64,
    pub(crate) stats: ScanStats,
    /// Files that are damaged; nothing of them is in the value.
    pub(crate) damaged: Vec<Damage>,
    /// That the files of the snapshot went with a vacuum.
    pub(crate) vacuumed: Option<StoreError>,
}

impl<T> Scanned<T> {
    pub(crate) fn map<U>(self, into: impl FnOnce(T) -> U) -> Scanned<U> {
        let Self { value, files, stats, damaged, vacuumed } = self;
        Scanned { value: into(value), files, stats, damaged, vacuumed }
    }
}

impl<'a> ShardFiles<'a> {
    /// Rows in all of them.
    pub(crate) fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows()).sum()
    }

    /// Scans file after file into what `start` gives. When one turns out to be damaged, maybe half
    /// way through, everything begins anew without it, so that no part of it is counted. A scan
    /// that runs out of memory ends at once; whoever gave the memory knows.
    pub(crate) fn scan<T>(
        &self,
        start: impl Fn() -> T,
        scan_file: impl Fn(&'a DataFile, &mut T) -> Result<ScanStats, Stopped>,
    ) -> Scanned<T> {
        let mut damaged: BTreeMap<&str, Damage> = BTreeMap::new();
        let mut vacuumed = None;
        'anew: loop {
            let (mut value, mut files, mut stats) = (start(), 0, ScanStats::default());
            for file in self.files.iter().filter(|file| !damaged.contains_key(file.path())) {
                match scan_file(file, &mut value) {
                    Ok(read) => stats += read,
                    Err(Stopped::Full) => break,
                    Err(Stopped::Unreadable(error)) => {
                        damaged.insert(file.path(), to_damage(file, &error));
                        if matches!(error, StoreError::Vacuumed { .. }) {
                            vacuumed = Some(error);
                        }
                        continue 'anew;
                    }
                }
                files += 1;
            }
            let damaged = damaged.into_values().collect();
            return Scanned { value, files, stats, damaged, vacuumed };
        }
    }
}

/// A file that cannot be read is as good as damaged: it is named, and the others answer.
fn to_damage(file: &DataFile, error: &StoreError) -> Damage {
    if let StoreError::Damaged(damage) = error {
        return damage.clone();
    }
    let mut problem = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        problem = format!("{problem}: {cause}");
        source = cause.source();
    }
    Damage { path: file.path().to_owned(), problem }
}
