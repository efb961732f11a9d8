//! The one writer: gathers rows, and makes each batch visible as a whole.

use std::collections::BTreeSet;
use std::sync::Arc;

use hotshard_event::{EventBlock, Overrides, Placement, Sequence, SourceMark};
use rayon::prelude::*;

use crate::checksum::{Piece, Xxh3};
use crate::commit::{CommitRecord, RejectsFile, StateFile};
use crate::encode;
use crate::io::Lock;
use crate::layout;
use crate::manifest::{Loaded, Manifest};
use crate::rejects::{RejectedRecord, RejectsBuffer};
use crate::sealed::{self, Kind};
use crate::split::SplitDirectory;
use crate::state::{NewSection, StateSection};
use crate::{
    CommitNumber, DataFile, Error, Identity, RowCounts, ShardId, Snapshot, Store, recover,
};

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
#[derive(Debug)]
pub struct Writer {
    store: Store,
    /// Shared with the snapshots this writer gave out, which keep the one they got.
    manifest: Arc<Manifest>,
    split: SplitDirectory,
    /// Per shard, its rows of this batch, in ingest order.
    shards: Vec<EventBlock>,
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
        let shards = vec![EventBlock::default(); store.identity().shards().get() as usize];
        Ok(Self {
            split,
            shards,
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
        if self.health == Health::Poisoned {
            return Err(Error::Poisoned);
        }
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
        let router = self.store.identity().router();
        for row in block.rows() {
            if let Some(shard) = self.shards.get_mut(router.shard_of(block, row).index()) {
                shard.push_copy(block, row);
            }
        }
    }

    /// Adds a record that could not be stored to the batch.
    pub fn reject(&mut self, record: &RejectedRecord) {
        self.rejects.push(record);
    }

    /// Memory that the batch holds, in bytes.
    #[must_use]
    pub fn batch_bytes(&self) -> usize {
        let rows: usize = self.shards.iter().map(EventBlock::memory_bytes).sum();
        rows + self.rejects.bytes.len()
    }

    /// Writes the batch and makes it visible; returns the number of the commit.
    ///
    /// # Errors
    /// When the disk refuses, or somebody wrote without the lock. The store is then as it was, and
    /// this writer does no more.
    pub fn commit(&mut self, details: CommitDetails) -> Result<CommitNumber, Error> {
        if self.health == Health::Poisoned {
            return Err(Error::Poisoned);
        }
        self.health = Health::Poisoned;
        let number = self.manifest.last.next();
        let (added, counts) = self.write_data_files(number)?;
        let rejects = self.write_rejects(number)?;
        let state = self.write_state(number, &details.state)?;
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
        self.shards.iter_mut().for_each(EventBlock::clear);
        self.rejects = RejectsBuffer::default();
        if number.get().is_multiple_of(CHECKPOINT_EVERY) {
            self.write_checkpoint(number)?;
        }
        self.health = Health::Sound;
        Ok(number)
    }

    /// Encodes and writes one file for each shard that has rows, shards in parallel.
    fn write_data_files(&self, number: CommitNumber) -> Result<(Vec<DataFile>, RowCounts), Error> {
        let shards: Vec<(ShardId, &EventBlock)> = self
            .identity()
            .shards()
            .shards()
            .zip(&self.shards)
            .filter(|(_, rows)| !rows.is_empty())
            .collect();
        let written = shards
            .into_par_iter()
            .map(|(shard, rows)| {
                let path = layout::data_file(shard, number);
                let promoted = self.identity().promoted();
                let file = encode::encode(path, shard, promoted, rows)?;
                self.write_temporary(&file.entry.path, &file.bytes)?;
                Ok((file.entry, file.counts))
            })
            .collect::<Result<Vec<(DataFile, RowCounts)>, Error>>()?;
        let mut all = RowCounts::default();
        let add = |(file, counts): (DataFile, RowCounts)| {
            all.merge(&counts);
            file
        };
        Ok((written.into_iter().map(add).collect(), all))
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
        sections: &[NewSection],
    ) -> Result<Option<StateFile>, Error> {
        let split = self.newly_split().to_sections();
        let mut bytes = Vec::new();
        let mut placed = Vec::new();
        for section in sections.iter().chain(&split) {
            let piece = Piece {
                offset: bytes.len() as u64,
                length: section.bytes.len() as u64,
                xxh3: Xxh3::of(&section.bytes),
            };
            bytes.extend_from_slice(&section.bytes);
            let NewSection { kind, date, mode, .. } = *section;
            placed.push(StateSection { kind, date, mode, piece });
        }
        if placed.is_empty() {
            return Ok(None);
        }
        let path = layout::state_file(number);
        self.write_temporary(&path, &bytes)?;
        Ok(Some(StateFile { path, length: bytes.len() as u64, sections: placed }))
    }

    /// The ids this batch splits for the first time on a date; they join the directory.
    fn newly_split(&mut self) -> SplitDirectory {
        let mut new = SplitDirectory::default();
        for block in &self.shards {
            for row in block.rows().iter().filter(|row| row.placement == Placement::Spread) {
                let id = block.text(row.distinct_id);
                if !id.is_empty() && self.split.insert(row.date, id) {
                    new.insert(row.date, id);
                }
            }
        }
        new
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
        folders.into_par_iter().try_for_each(|folder| io.sync_dir(&store.at(&folder)))
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
