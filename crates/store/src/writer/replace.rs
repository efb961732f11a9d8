//! Commits that change no row: files in the place of others.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{CHECKPOINT_EVERY, Health, Writer};
use crate::commit::CommitRecord;
use crate::compact::{MergeMemory, MergedShard, Merger, TargetSize};
use crate::{CommitNumber, DataFile, Error, RowCounts, layout, replaced};

impl Writer {
    /// What merges files of the store as it is now into files of this size.
    #[must_use]
    pub fn merger(&self, target: TargetSize, memory: MergeMemory) -> Merger {
        Merger::new(self.store.clone(), target, memory)
    }

    /// Puts merged files in the place of those they were made of, and returns the number of the
    /// commit. Snapshots that were opened before still read the replaced files, until a vacuum.
    ///
    /// # Errors
    /// When the disk refuses, or somebody wrote without the lock. The store then holds the old
    /// files or the new ones, and this writer does no more.
    ///
    /// # Panics
    /// When a replaced file is not of the store, or rows were appended since the last commit: a bug
    /// of the caller.
    pub fn replace(
        &mut self,
        merged: MergedShard,
        committed_at_ms: i64,
    ) -> Result<CommitNumber, Error> {
        self.check_health()?;
        assert!(self.batch.is_empty(), "a batch has the next number for its files already");
        let is_ours = |path: &String| self.manifest.files.contains_key(path);
        assert!(merged.replaced.iter().all(is_ours), "merged files are those of the store");
        self.health = Health::Poisoned;
        let number = self.manifest.last.next();
        let removed = merged.replaced.clone();
        let record = CommitRecord {
            number,
            committed_at_ms,
            next_sequence: self.manifest.next_sequence,
            lateness_bound: self.manifest.lateness_bound,
            added: self.publish_merged(number, merged)?,
            counts: RowCounts::default(),
            removed: removed.clone(),
            sources: Vec::new(),
            rejects: None,
            state: None,
        };
        self.publish_record(&record)?;
        self.note_newest(number)?;
        Arc::make_mut(&mut self.manifest).apply(record);
        replaced::set_aside(&self.store, &removed)?;
        if number.get().is_multiple_of(CHECKPOINT_EVERY) {
            self.write_checkpoint(number)?;
        }
        self.health = Health::Sound;
        Ok(number)
    }

    /// Refuses to go on after a failure.
    pub(crate) fn check_health(&self) -> Result<(), Error> {
        match self.health {
            Health::Sound => Ok(()),
            Health::Poisoned => Err(Error::Poisoned),
        }
    }

    /// Moves merged files to their places, durably; their entries.
    fn publish_merged(
        &self,
        number: CommitNumber,
        merged: MergedShard,
    ) -> Result<Vec<DataFile>, Error> {
        let (io, store) = (self.store.io(), &self.store);
        let mut added = Vec::with_capacity(merged.files.len());
        for (part, file) in (1..).zip(merged.files) {
            let path = layout::compacted_file(merged.shard, number, part);
            io.rename(&store.at(&file.path), &store.at(&path))?;
            added.push(DataFile { path, ..file });
        }
        let folders: BTreeSet<String> =
            added.iter().map(|file| layout::shard_dir(file.shard)).collect();
        folders.iter().try_for_each(|folder| io.sync_dir(&store.at(folder)))?;
        Ok(added)
    }
}
