//! Where an ingest puts its events: into a store, or nowhere.

use std::path::Path;

use hotshard_event::{EventBlock, OverrideChanges, Sequence};
use hotshard_store::{
    CommitDetails, Error as StoreError, Finished, Identity, Job, RejectedRecord, Settings,
    Snapshot, Store, Writer, ZstdLevel,
};

use crate::Error;

/// The end of the pipeline.
pub(super) enum Sink {
    Store(Box<Writer>),
    DryRun(Box<DryRun>),
}

/// A store that is not written: it only counts.
pub(super) struct DryRun {
    identity: Identity,
    before: Option<Snapshot>,
    next_sequence: Sequence,
    rows_per_shard: Vec<u64>,
}

impl Sink {
    /// Into the store in this folder, which is made if it is not there, with its overrides changed.
    pub(super) fn store(
        folder: &Path,
        settings: &Settings,
        changes: &OverrideChanges,
    ) -> Result<Self, Error> {
        let mut writer = Store::create_or_open(folder, settings)?.writer()?;
        let overrides = writer.identity().overrides().clone().changed(changes);
        writer.set_overrides(overrides)?;
        Ok(Self::Store(Box::new(writer)))
    }

    /// What would happen in this folder, which may hold no store yet.
    pub(super) fn dry_run(
        folder: &Path,
        settings: &Settings,
        changes: &OverrideChanges,
    ) -> Result<Self, Error> {
        let (identity, before) = match Store::open(folder) {
            Ok(_) => {
                let store = Store::create_or_open(folder, settings)?;
                (store.identity().clone(), Some(store.snapshot()?))
            }
            Err(StoreError::NotAStore { .. }) => (Identity::new(settings), None),
            Err(error) => return Err(error.into()),
        };
        let overrides = identity.overrides().clone().changed(changes);
        let identity = identity.with_overrides(overrides);
        let empty = || vec![0; identity.shards().get() as usize];
        Ok(Self::DryRun(Box::new(DryRun {
            next_sequence: before.as_ref().map_or(Sequence::default(), Snapshot::next_sequence),
            rows_per_shard: before.as_ref().map_or_else(empty, Snapshot::rows_per_shard),
            identity,
            before,
        })))
    }

    pub(super) fn identity(&self) -> &Identity {
        match self {
            Self::Store(writer) => writer.identity(),
            Self::DryRun(dry) => &dry.identity,
        }
    }

    /// The store before this batch; none when there is no store yet.
    pub(super) fn committed(&self) -> Option<Snapshot> {
        match self {
            Self::Store(writer) => Some(writer.committed()),
            Self::DryRun(dry) => dry.before.clone(),
        }
    }

    pub(super) fn next_sequence(&self) -> Sequence {
        match self {
            Self::Store(writer) => writer.next_sequence(),
            Self::DryRun(dry) => dry.next_sequence,
        }
    }

    pub(super) fn append(&mut self, block: &EventBlock) {
        match self {
            Self::Store(writer) => writer.append(block),
            Self::DryRun(dry) => dry.count(block),
        }
    }

    pub(super) fn reject(&mut self, record: &RejectedRecord) {
        if let Self::Store(writer) = self {
            writer.reject(record);
        }
    }

    pub(super) fn set_compression(&mut self, level: ZstdLevel) -> Result<(), Error> {
        if let Self::Store(writer) = self {
            writer.set_compression(level)?;
        }
        Ok(())
    }

    /// Memory of rows and rejects that were not given away.
    pub(super) fn buffered_bytes(&self) -> usize {
        match self {
            Self::Store(writer) => writer.buffered_bytes(),
            Self::DryRun(_) => 0,
        }
    }

    /// Memory of rejects.
    pub(super) fn rejects_bytes(&self) -> usize {
        match self {
            Self::Store(writer) => writer.rejects_bytes(),
            Self::DryRun(_) => 0,
        }
    }

    /// Row groups of the batch.
    pub(super) fn row_groups(&self) -> u64 {
        match self {
            Self::Store(writer) => writer.row_groups(),
            Self::DryRun(_) => 0,
        }
    }

    /// See [`Writer::give_fullest`].
    pub(super) fn give_fullest(&mut self) -> Option<Job> {
        match self {
            Self::Store(writer) => writer.give_fullest(),
            Self::DryRun(_) => None,
        }
    }

    /// See [`Writer::give_full`].
    pub(super) fn give_full(&mut self, most_bytes: usize) -> Vec<Job> {
        match self {
            Self::Store(writer) => writer.give_full(most_bytes),
            Self::DryRun(_) => Vec::new(),
        }
    }

    /// See [`Writer::give_all`].
    pub(super) fn give_all(&mut self) -> Vec<Job> {
        match self {
            Self::Store(writer) => writer.give_all(),
            Self::DryRun(_) => Vec::new(),
        }
    }

    /// See [`Writer::finish_files`].
    pub(super) fn finish_files(&mut self) -> Vec<Job> {
        match self {
            Self::Store(writer) => writer.finish_files(),
            Self::DryRun(_) => Vec::new(),
        }
    }

    /// See [`Writer::accept`].
    pub(super) fn accept(&mut self, finished: Finished) -> Result<(), Error> {
        if let Self::Store(writer) = self {
            writer.accept(finished)?;
        }
        Ok(())
    }

    pub(super) fn commit(&mut self, details: CommitDetails) -> Result<(), Error> {
        match self {
            Self::Store(writer) => drop(writer.commit(details)?),
            // Its changes are not kept: the detector's own state is all there is.
            Self::DryRun(_) => {}
        }
        Ok(())
    }

    /// Whether what is committed can be read again.
    pub(super) const fn is_written(&self) -> bool {
        matches!(self, Self::Store(_))
    }

    /// Rows per shard of the whole store, with what this ingest adds.
    pub(super) fn rows_per_shard(&self) -> Vec<u64> {
        match self {
            Self::Store(writer) => writer.committed().rows_per_shard(),
            Self::DryRun(dry) => dry.rows_per_shard.clone(),
        }
    }
}

impl DryRun {
    fn count(&mut self, block: &EventBlock) {
        let router = self.identity.router();
        for row in block.rows() {
            if let Some(rows) = self.rows_per_shard.get_mut(router.shard_of(block, row).index()) {
                *rows += 1;
            }
        }
        self.next_sequence = self.next_sequence.after(block.len() as u64);
    }
}
