//! The store as one reader sees it.

use std::sync::Arc;

use hotshard_event::{DateRange, EventDate, Sequence, SourceMark};

use crate::manifest::Manifest;
use crate::rejects::{self, RejectedRecord};
use crate::scan::{self, ScanStats};
use crate::section::{self, LoadedSection};
use crate::split::SplitDirectory;
use crate::state::StateKind;
use crate::{
    Column, CommitNumber, Damage, DataFile, Error, FileReader, Identity, RowCounts, ShardId, Store,
};

/// The store as of one commit.
#[derive(Debug, Clone)]
pub struct Snapshot {
    store: Store,
    manifest: Arc<Manifest>,
    damage: Vec<Damage>,
}

impl Snapshot {
    pub(crate) fn new(store: Store, manifest: Arc<Manifest>, damage: Vec<Damage>) -> Self {
        Self { store, manifest, damage }
    }

    /// What the store was created with, and its overrides at the time of the snapshot.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        self.store.identity()
    }

    /// Commit records that could not be read: what they added is missing from the snapshot.
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// The newest commit.
    #[must_use]
    pub fn last_commit(&self) -> CommitNumber {
        self.manifest.last
    }

    /// Events in the store so far, which is also the next sequence.
    #[must_use]
    pub fn next_sequence(&self) -> Sequence {
        self.manifest.next_sequence
    }

    /// The detector's certificate d as of the newest commit: no hot id was declared more than
    /// that many events late. 0 is exact.
    #[must_use]
    pub fn lateness_bound(&self) -> u64 {
        self.manifest.lateness_bound
    }

    /// Every data file, by path, which is by shard and commit.
    pub fn files(&self) -> impl Iterator<Item = &DataFile> {
        self.manifest.files.values()
    }

    /// The data files of one shard, oldest first.
    pub fn files_of(&self, shard: ShardId) -> impl Iterator<Item = &DataFile> {
        self.files().filter(move |file| file.shard() == shard)
    }

    /// Rows per shard, from commit records.
    #[must_use]
    pub fn rows_per_shard(&self) -> Vec<u64> {
        let mut rows = vec![0_u64; self.identity().shards().get() as usize];
        for file in self.files() {
            if let Some(shard_rows) = rows.get_mut(file.shard().index()) {
                *shard_rows += file.rows();
            }
        }
        rows
    }

    /// Rows of the whole store per event name and date, from commit records.
    #[must_use]
    pub fn row_counts(&self) -> &RowCounts {
        &self.manifest.counts
    }

    /// The sources that were taken in.
    #[must_use]
    pub fn sources(&self) -> &[SourceMark] {
        &self.manifest.sources
    }

    /// Where the file lies; once a later commit has replaced it, where it lay. [`Snapshot::scan`]
    /// finds it then, too, until a vacuum.
    #[must_use]
    pub fn absolute_path(&self, file: &DataFile) -> std::path::PathBuf {
        self.store.at(&file.path)
    }

    /// Hands the rows of a file to `visit`, batch by batch and column by column as asked.
    ///
    /// Only the chunks of those columns are read, in row groups that hold a day of `dates`; rows
    /// of other days in such a row group do come along. Everything read is verified first.
    ///
    /// # Errors
    /// When the file is damaged: batches of its earlier row groups were visited already.
    pub fn scan(
        &self,
        file: &DataFile,
        columns: &[Column],
        dates: &DateRange,
        visit: impl FnMut(&arrow_array::RecordBatch),
    ) -> Result<ScanStats, Error> {
        scan::scan(&self.store, file, columns, dates, visit)
    }

    /// Opens a file, to read columns of it as they are encoded; also when a later commit replaced
    /// it, until a vacuum.
    ///
    /// # Errors
    /// When the file is missing or cannot be opened.
    pub fn open<'s>(&'s self, file: &'s DataFile) -> Result<FileReader<'s>, Error> {
        FileReader::open(&self.store, file)
    }

    /// The dates that have state of a kind.
    pub fn state_dates(&self, kind: StateKind) -> impl Iterator<Item = EventDate> {
        self.manifest
            .state
            .keys()
            .filter(move |(section_kind, _)| *section_kind == kind)
            .filter_map(|(_, date)| *date)
    }

    /// The sections of a kind and date, in commit order, verified.
    ///
    /// # Errors
    /// When a state file is damaged.
    pub fn state(
        &self,
        kind: StateKind,
        date: Option<EventDate>,
    ) -> Result<Vec<LoadedSection>, Error> {
        section::load(&self.store, self.manifest.state.get(&(kind, date)))
    }

    /// The ids with spread rows, by date.
    ///
    /// # Errors
    /// When a state file is damaged.
    pub fn split_directory(&self) -> Result<SplitDirectory, Error> {
        SplitDirectory::load(&self.store, &self.manifest)
    }

    /// How many records were rejected in all.
    #[must_use]
    pub fn rejected_records(&self) -> u64 {
        self.manifest.rejects.iter().map(|file| file.rows).sum()
    }

    /// The rejected records, oldest first, each file verified when it is reached.
    pub fn rejects(&self) -> impl Iterator<Item = Result<RejectedRecord, Error>> {
        self.manifest.rejects.iter().flat_map(|file| rejects::read(&self.store, file))
    }

    /// About how much memory it takes to hold what the store is made of, in bytes.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.manifest.memory_bytes()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}
