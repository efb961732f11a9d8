//! The one writer: gathers rows, and makes each batch visible as a whole.

mod replace;

use std::collections::BTreeSet;
use std::sync::Arc;

use hotshard_event::{EventBlock, Overrides, Placement, Row, Sequence, SourceMark};
use rayon::prelude::*;

use crate::batch::Batch;
use crate::checksum::{Piece, Xxh3};
use crate::commit::{CommitRecord, RejectsFile, StateFile};
use crate::encoding::FileEncoding;
use crate::io::Lock;
use crate::layout;
use crate::manifest::{Loaded, Manifest};
use crate::rejects::{RejectedRecord, RejectsBuffer};
use crate::sealed::{self, Kind};
use crate::split::SplitDirectory;
use crate::state::{NewSection, StateSection};
use crate::{CommitNumber, Error, Finished, Identity, Job, Snapshot, Store, ZstdLevel, recover};

/// Every so many commits a checkpoint is written.
const CHECKPOINT_EVERY: u64 = 32;

/// What a commit holds beside rows and rejects.
#[derive(Debug, Default)]
pub struct CommitDetails {
    /// Wall clock, milliseconds since 1970.
    pub committed_at_ms: i64,
    /// How far the sources are taken in with this commit.
    pub sources: Vec<SourceMark>,
    /// State of the detector, and notices.
    pub state: Vec<NewSection>,
    /// The detector's certificate d.
    pub lateness_bound: u64,
}

/// The one writer of a store. Rows become visible at [`Writer::commit`], all or none.
///
/// Rows are copied to their shards, and wait there. A batch may be larger than memory: now and then
/// somebody takes a [`Job`] from the writer ([`Writer::give_fullest`]), which encodes the rows of
/// one shard as a row group, and hands the result back ([`Writer::accept`]), which appends it to the
/// shard's unfinished file. Who does not care calls [`Writer::commit`], which does all that is left.
#[derive(Debug)]
pub struct Writer {
    store: Store,
    /// Shared with the snapshots this writer gave out, which keep the one they got.
    manifest: Arc<Manifest>,
    split: SplitDirectory,
    /// Ids that this batch splits for the first time on a date.
    newly_split: SplitDirectory,
    batch: Batch,
    rejects: RejectsBuffer,
    next_sequence: Sequence,
    health: Health,
    _lock: Lock,
}

/// Whether an earlier failure left files in an unknown state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Sound,
    Poisoned,
}

impl Writer {
    pub(crate) fn open(store: &Store) -> Result<Self, Error> {
        let lock = store.io().lock(&store.at(layout::LOCK_FILE))?;
        let Some(lock) = lock else {
            return Err(Error::Locked { path: store.root().to_path_buf() });
        };
        // Another writer may have changed the overrides before this one got the lock.
        let store = store.reopened()?;
        let Loaded { manifest, damage } = Manifest::load(store.io(), store.root())?;
        if let Some(damage) = damage.into_iter().next() {
            return Err(damage.into());
        }
        // A copy that was made by file may lack folders that were empty.
        for folder in layout::DIRECTORIES {
            store.io().create_dir(&store.at(folder))?;
        }
        recover::remove_uncommitted(&store, &manifest)?;
        let split = SplitDirectory::load(&store, &manifest)?;
        let encoding = FileEncoding::new(store.identity().promoted(), ZstdLevel::DEFAULT)?;
        Ok(Self {
            split,
            newly_split: SplitDirectory::default(),
            batch: Batch::new(store.identity().shards(), encoding),
            rejects: RejectsBuffer::default(),
            next_sequence: manifest.next_sequence,
            health: Health::Sound,
            manifest: Arc::new(manifest),
            store,
            _lock: lock,
        })
    }

    /// What the store was created with, and its overrides now.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        self.store.identity()
    }

    /// Keeps these overrides with the store, in place of those it has. They say how events are
    /// treated from now on; what is stored stays as it is.
    ///
    /// # Errors
    /// When the disk refuses. The store then has the old overrides or the new ones, and this writer
    /// does no more.
    pub fn set_overrides(&mut self, overrides: Overrides) -> Result<(), Error> {
        self.check_health()?;
        if overrides == *self.identity().overrides() {
            return Ok(());
        }
        self.health = Health::Poisoned;
        self.store = self.store.with_identity(self.identity().clone().with_overrides(overrides))?;
        self.health = Health::Sound;
        Ok(())
    }

    /// The sequence that the next appended event must have.
    #[must_use]
    pub const fn next_sequence(&self) -> Sequence {
        self.next_sequence
    }

    /// The store as of its newest commit.
    #[must_use]
    pub fn committed(&self) -> Snapshot {
        Snapshot::new(self.store.clone(), Arc::clone(&self.manifest), Vec::new())
    }

    /// Adds events to the batch: copies each to its shard's rows.
    ///
    /// # Panics
    /// When the block was not numbered from [`Writer::next_sequence`]: a bug of the caller.
    pub fn append(&mut self, block: &EventBlock) {
        let Some(first) = block.rows().first() else { return };
        assert_eq!(first.sequence, self.next_sequence, "blocks are appended in ingest order");
        self.next_sequence = self.next_sequence.after(block.len() as u64);
        let excess = |row: &&Row| row.placement == Placement::Spread && !row.distinct_id.is_empty();
        for row in block.rows().iter().filter(excess) {
            let id = block.text(row.distinct_id);
            if self.split.insert(row.date, id) {
                self.newly_split.insert(row.date, id);
            }
        }
        self.batch.append(block, self.store.identity().router());
    }

    /// Adds a record that could not be stored to the batch.
    pub fn reject(&mut self, record: &RejectedRecord) {
        self.rejects.push(record);
    }

    /// How hard files are compressed from here on; [`ZstdLevel::DEFAULT`] unless told otherwise.
    ///
    /// # Errors
    /// Never, as long as the store's schema is one that Parquet knows.
    ///
    /// # Panics
    /// When rows were appended since the last commit: a bug of the caller.
    pub fn set_compression(&mut self, level: ZstdLevel) -> Result<(), Error> {
        self.check_health()?;
        assert!(self.batch.is_empty(), "a batch is compressed in one way");
        let encoding = FileEncoding::new(self.identity().promoted(), level)?;
        self.batch = Batch::new(self.identity().shards(), encoding);
        Ok(())
    }

    /// Memory that rows and rejects hold which wait to be encoded or written, in bytes. What was
    /// given away is not among it.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.batch.buffered_bytes() + self.rejects.bytes.len()
    }

    /// Row groups of the batch so far, given away or encoded. What is kept of each until the commit
    /// takes memory.
    #[must_use]
    pub const fn row_groups(&self) -> u64 {
        self.batch.row_groups()
    }

    /// Memory that rejects hold, in bytes.
    #[must_use]
    pub fn rejects_bytes(&self) -> usize {
        self.rejects.bytes.len()
    }

    /// Gives away the rows of the shard that has most of them; nothing when there are none.
    pub fn give_fullest(&mut self) -> Option<Job> {
        self.batch.give_fullest()
    }

    /// Gives away the rows of every shard that has so many bytes of them, or enough for the largest
    /// row group.
    pub fn give_full(&mut self, most_bytes: usize) -> Vec<Job> {
        self.batch.give_full(most_bytes)
    }

    /// Gives away all rows, those of the fullest shard first.
    pub fn give_all(&mut self) -> Vec<Job> {
        self.batch.give_all()
    }

    /// Takes back what was given away.
    ///
    /// # Errors
    /// When the job failed, or the disk refuses. This writer then does no more.
    pub fn accept(&mut self, finished: Finished) -> Result<(), Error> {
        self.check_health()?;
        self.health = Health::Poisoned;
        self.batch.accept(finished, &self.store, self.manifest.last.next())?;
        self.health = Health::Sound;
        Ok(())
    }

    /// Gives away the files of the batch, to be finished and forced to the disk. No row may be
    /// appended until the commit.
    ///
    /// # Panics
    /// When a job is not back yet: a bug of the caller.
    pub fn finish_files(&mut self) -> Vec<Job> {
        self.batch.finish_files(&self.store)
    }

    /// Writes what is left of the batch and makes it visible; returns the number of the commit.
    ///
    /// # Errors
    /// When the disk refuses, or somebody wrote without the lock. The store is then as it was, and
    /// this writer does no more.
    pub fn commit(&mut self, details: CommitDetails) -> Result<CommitNumber, Error> {
        self.check_health()?;
        let jobs = self.give_all();
        self.run_all(jobs)?;
        let jobs = self.finish_files();
        self.run_all(jobs)?;
        self.health = Health::Poisoned;
        let number = self.manifest.last.next();
        let (added, counts) = self.batch.take_files();
        let rejects = self.write_rejects(number)?;
        let state = self.write_state(number, details.state)?;
        let record = CommitRecord {
            number,
            committed_at_ms: details.committed_at_ms,
            next_sequence: self.next_sequence,
            lateness_bound: details.lateness_bound,
            added,
            counts,
            removed: Vec::new(),
            sources: details.sources,
            rejects,
            state,
        };
        self.publish_files(&record)?;
        self.publish_record(&record)?;
        self.note_newest(number)?;
        Arc::make_mut(&mut self.manifest).apply(record);
        self.rejects = RejectsBuffer::default();
        if number.get().is_multiple_of(CHECKPOINT_EVERY) {
            self.write_checkpoint(number)?;
        }
        self.health = Health::Sound;
        Ok(number)
    }

    /// Runs jobs in parallel and takes back what they give.
    fn run_all(&mut self, jobs: Vec<Job>) -> Result<(), Error> {
        let finished: Vec<Finished> = jobs.into_par_iter().map(Job::run).collect();
        finished.into_iter().try_for_each(|finished| self.accept(finished))
    }

    fn write_rejects(&self, number: CommitNumber) -> Result<Option<RejectsFile>, Error> {
        if self.rejects.bytes.is_empty() {
            return Ok(None);
        }
        let path = layout::rejects_file(number);
        let bytes = &self.rejects.bytes;
        self.write_temporary(&path, bytes)?;
        let (length, xxh3) = (bytes.len() as u64, Xxh3::of(bytes));
        Ok(Some(RejectsFile { path, rows: self.rejects.rows, length, xxh3 }))
    }

    fn write_state(
        &mut self,
        number: CommitNumber,
        sections: Vec<NewSection>,
    ) -> Result<Option<StateFile>, Error> {
        let split = std::mem::take(&mut self.newly_split).to_sections();
        let all_bytes = sections.iter().chain(&split).map(|section| section.bytes.len()).sum();
        let mut bytes = Vec::with_capacity(all_bytes);
        let mut placed = Vec::with_capacity(sections.len() + split.len());
        // Each section is freed once it is in its place: together they may be a large part of a
        // memory budget.
        for section in sections.into_iter().chain(split) {
            let piece = Piece {
                offset: bytes.len() as u64,
                length: section.bytes.len() as u64,
                xxh3: Xxh3::of(&section.bytes),
            };
            bytes.extend_from_slice(&section.bytes);
            let NewSection { kind, date, mode, .. } = section;
            placed.push(StateSection { kind, date, mode, piece });
        }
        if placed.is_empty() {
            return Ok(None);
        }
        let path = layout::state_file(number);
        self.write_temporary(&path, &bytes)?;
        Ok(Some(StateFile { path, length: bytes.len() as u64, sections: placed }))
    }

    fn write_temporary(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        self.store.io().write_new(&self.store.at(&layout::temporary(path)), bytes)
    }

    /// Moves the batch's files to their places and makes the moves durable.
    fn publish_files(&self, record: &CommitRecord) -> Result<(), Error> {
        let (io, store) = (self.store.io(), &self.store);
        let mut folders = BTreeSet::new();
        for file in &record.added {
            let folder = layout::shard_dir(file.shard);
            if io.list(&store.at(&folder))?.is_empty() {
                io.create_dir(&store.at(&folder))?;
                folders.insert(layout::EVENTS_DIR.to_owned());
            }
            io.rename(&store.at(&layout::temporary(&file.path)), &store.at(&file.path))?;
            folders.insert(folder);
        }
        if let Some(file) = &record.rejects {
            io.rename(&store.at(&layout::temporary(&file.path)), &store.at(&file.path))?;
            folders.insert(layout::REJECTS_DIR.to_owned());
        }
        if let Some(file) = &record.state {
            io.rename(&store.at(&layout::temporary(&file.path)), &store.at(&file.path))?;
            folders.insert(layout::STATE_DIR.to_owned());
        }
        io.sync_dirs(&folders.iter().map(|folder| store.at(folder)).collect::<Vec<_>>())
    }

    /// Puts the commit record, if nobody else put one: from here the batch is visible.
    fn publish_record(&self, record: &CommitRecord) -> Result<(), Error> {
        let (io, path) = (self.store.io(), layout::commit_record(record.number));
        let temporary = self.store.at(&layout::temporary(&path));
        io.write_new(&temporary, &sealed::seal(Kind::Commit, record))?;
        if !io.link_new(&temporary, &self.store.at(&path))? {
            return Err(Error::CommitExists { number: record.number });
        }
        io.sync_dir(&self.store.at(layout::COMMITS_DIR))?;
        io.remove(&temporary)
    }

    /// Notes the number of a commit that is durable, so that its record cannot get lost unnoticed.
    fn note_newest(&self, number: CommitNumber) -> Result<(), Error> {
        let (io, path) = (self.store.io(), layout::NEWEST_FILE);
        self.write_temporary(path, &sealed::seal(Kind::Newest, &number))?;
        io.rename(&self.store.at(&layout::temporary(path)), &self.store.at(path))
    }

    fn write_checkpoint(&self, number: CommitNumber) -> Result<(), Error> {
        let path = layout::checkpoint(number);
        self.write_temporary(&path, &self.manifest.to_checkpoint())?;
        let temporary = self.store.at(&layout::temporary(&path));
        self.store.io().rename(&temporary, &self.store.at(&path))?;
        self.store.io().sync_dir(&self.store.at(layout::COMMITS_DIR))
    }
}

/// A batch that is given up leaves nothing behind that takes the disk's space until the next writer
/// comes: it may be gigabytes.
impl Drop for Writer {
    fn drop(&mut self) {
        if self.health == Health::Sound && self.batch.is_empty() {
            return;
        }
        // Whatever fails here is found by the next writer.
        let io = self.store.io();
        for name in io.list(&self.store.at(layout::TMP_DIR)).unwrap_or_default() {
            let _ = io.remove(&self.store.at(&format!("{}/{name}", layout::TMP_DIR)));
        }
    }
}
