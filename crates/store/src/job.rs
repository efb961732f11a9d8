//! Pieces of a writer's work that any thread can do.

use std::sync::Arc;

use crate::buffered::{Segment, ShardRows};
use crate::encoding::FileEncoding;
use crate::io::Io;
use crate::row_group::{self, EncodedRowGroup};
use crate::shard_file::ShardFile;
use crate::{DataFile, Error, ShardId};

/// Work that a [`Writer`](crate::Writer) gives away: it takes long and needs nothing but what it
/// holds. Whoever runs it hands the result back with [`Writer::accept`](crate::Writer::accept).
#[must_use = "rows that were given away are lost unless the job is run"]
pub struct Job(Kind);

enum Kind {
    /// Rows of a shard become a row group.
    Encode { place: Place, encoding: Arc<FileEncoding>, names: Arc<[Arc<[u8]>]>, rows: ShardRows },
    /// A file gets its footer, and is forced to the disk.
    Finish { file: Box<ShardFile>, io: Io },
}

/// Which row group of a shard's file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) shard: ShardId,
    pub(crate) number: u64,
    /// Its number among all row groups of the batch.
    pub(crate) ticket: u64,
}

/// The result of a [`Job`], to be handed back.
#[must_use = "rows that were encoded are lost unless they are handed back"]
pub struct Finished(pub(crate) Outcome);

pub(crate) enum Outcome {
    RowGroup { place: Place, encoded: Result<(EncodedRowGroup, Vec<Segment>), Error> },
    File(Result<DataFile, Error>),
}

impl Job {
    pub(crate) const fn encode(
        place: Place,
        encoding: Arc<FileEncoding>,
        names: Arc<[Arc<[u8]>]>,
        rows: ShardRows,
    ) -> Self {
        Self(Kind::Encode { place, encoding, names, rows })
    }

    pub(crate) fn finish(file: ShardFile, io: Io) -> Self {
        Self(Kind::Finish { file: Box::new(file), io })
    }

    /// Memory that its rows hold, in bytes.
    #[must_use]
    pub const fn memory_bytes(&self) -> usize {
        match &self.0 {
            Kind::Encode { rows, .. } => rows.memory_bytes(),
            Kind::Finish { .. } => 0,
        }
    }

    /// Does the work.
    pub fn run(self) -> Finished {
        Finished(match self.0 {
            Kind::Encode { place, encoding, names, rows } => {
                Outcome::RowGroup { place, encoded: row_group::encode(&encoding, &names, rows) }
            }
            Kind::Finish { file, io } => Outcome::File(file.finish(&io)),
        })
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("memory_bytes", &self.memory_bytes()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Finished").finish_non_exhaustive()
    }
}
