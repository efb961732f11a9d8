//! The rows of a batch on their way into files.

use std::collections::BTreeMap;
use std::sync::Arc;

use hotshard_event::EventBlock;

use crate::buffered::{RowNames, SegmentPool, ShardRows};
use crate::encoding::{FileEncoding, MAX_ROW_GROUP_ROWS};
use crate::io::{Descriptor, GrowingFile};
use crate::job::{Finished, Job, Outcome, Place};
use crate::names::Names;
use crate::row_group::EncodedRowGroup;
use crate::shard_file::ShardFile;
use crate::{CommitNumber, DataFile, Error, Router, RowCounts, ShardCount, ShardId, Store, layout};

/// Text that a segment of rows has room for, at most and at least.
const SEGMENT_BYTES: std::ops::RangeInclusive<usize> = 512..=(64 << 10);
/// Files that stay open at once: a quarter of what a process may have on most systems.
const MAX_OPEN_FILES: u32 = 256;
/// What all shards together hold in segments that they have begun, half of it used: more only with
/// so many shards that a segment has room for an event or two.
const BEGUN_SEGMENTS_BYTES: usize = 8 << 20;

/// Everything between [`Writer::append`](crate::Writer::append) and a commit.
#[derive(Debug)]
pub(crate) struct Batch {
    encoding: Arc<FileEncoding>,
    /// Per shard, what waits to be encoded and where it goes.
    shards: Vec<Shard>,
    pool: SegmentPool,
    names: Names,
    buffered_bytes: usize,
    /// Files that are whole.
    finished: Vec<DataFile>,
    /// What was encoded so far. One for all files: with many dates each is large.
    counts: RowCounts,
    /// Row groups that were given away, and how many of them are counted: in the order in which they
    /// were given, on which depends which names are told apart.
    given: u64,
    counted: u64,
    /// Counts of row groups that came back before an earlier one.
    early: BTreeMap<u64, RowCounts>,
    /// Jobs that were given away and not handed back.
    away: usize,
}

#[derive(Debug, Default)]
struct Shard {
    rows: ShardRows,
    file: Option<ShardFile>,
    /// Row groups that were given away to be encoded.
    given: u64,
    /// Row groups that are in the file.
    appended: u64,
    /// Row groups that came back before an earlier one.
    early: BTreeMap<u64, EncodedRowGroup>,
}

impl Batch {
    /// An empty batch for so many shards.
    pub(crate) fn new(shards: ShardCount, encoding: FileEncoding) -> Self {
        let shards = shards.get() as usize;
        let segment_bytes =
            (BEGUN_SEGMENTS_BYTES / shards).clamp(*SEGMENT_BYTES.start(), *SEGMENT_BYTES.end());
        Self {
            encoding: Arc::new(encoding),
            shards: (0..shards).map(|_| Shard::default()).collect(),
            pool: SegmentPool::new(segment_bytes),
            names: Names::default(),
            buffered_bytes: 0,
            finished: Vec::new(),
            counts: RowCounts::default(),
            given: 0,
            counted: 0,
            early: BTreeMap::new(),
            away: 0,
        }
    }

    /// Copies each row to its shard's rows.
    pub(crate) fn append(&mut self, block: &EventBlock, router: Router) {
        for row in block.rows() {
            if let Some(shard) = self.shards.get_mut(router.shard_of(block, row).index()) {
                let mut number = |span| self.names.number(block.bytes(span));
                let names =
                    RowNames { name: number(row.name), original: row.original_name.map(number) };
                self.buffered_bytes += shard.rows.push(block, row, names, &mut self.pool);
            }
        }
    }

    /// Memory that rows hold which were not given away, in bytes.
    pub(crate) const fn buffered_bytes(&self) -> usize {
        self.buffered_bytes
    }

    /// Row groups that were given away so far.
    pub(crate) const fn row_groups(&self) -> u64 {
        self.given
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.away == 0
            && self.finished.is_empty()
            && self.shards.iter().all(|shard| shard.rows.len() == 0 && shard.file.is_none())
    }

    /// Gives away the rows of the fullest shard.
    pub(crate) fn give_fullest(&mut self) -> Option<Job> {
        let fullest =
            (0..self.shards.len()).max_by_key(|&at| self.shards.get(at).map(Shard::buffered))?;
        self.give(fullest)
    }

    /// Gives away the rows of the shards that have enough for the largest row group; all rows when
    /// they have so many event names that their memory counts.
    pub(crate) fn give_full(&mut self, most_bytes: usize) -> Vec<Job> {
        if self.names.are_many() {
            let jobs = self.give_all();
            self.names = Names::default();
            return jobs;
        }
        let is_full = |rows: &ShardRows| {
            rows.len() >= MAX_ROW_GROUP_ROWS || rows.memory_bytes() >= most_bytes
        };
        let full: Vec<usize> = (0..self.shards.len())
            .filter(|&at| self.shards.get(at).is_some_and(|shard| is_full(&shard.rows)))
            .collect();
        full.into_iter().filter_map(|at| self.give(at)).collect()
    }

    /// Gives away all rows, those of the fullest shard first.
    pub(crate) fn give_all(&mut self) -> Vec<Job> {
        let mut order: Vec<usize> = (0..self.shards.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(self.shards.get(at).map(Shard::buffered)));
        let jobs = order.into_iter().filter_map(|at| self.give(at)).collect();
        self.pool.shrink();
        jobs
    }

    fn give(&mut self, at: usize) -> Option<Job> {
        let shard = self.shards.get_mut(at).filter(|shard| shard.rows.len() > 0)?;
        let rows = std::mem::take(&mut shard.rows);
        self.buffered_bytes -= rows.memory_bytes();
        let place = Place { shard: ShardId::at(at), number: shard.given, ticket: self.given };
        shard.given += 1;
        self.given += 1;
        self.away += 1;
        Some(Job::encode(place, Arc::clone(&self.encoding), self.names.share(), rows))
    }

    /// Takes back what was given away, for the commit of this number.
    pub(crate) fn accept(
        &mut self,
        finished: Finished,
        store: &Store,
        number: CommitNumber,
    ) -> Result<(), Error> {
        self.away -= 1;
        match finished.0 {
            Outcome::File(file) => self.finished.push(file?),
            Outcome::RowGroup { place, encoded } => {
                let (mut group, segments) = encoded?;
                self.pool.give_back(segments, self.buffered_bytes / 4);
                self.early.insert(place.ticket, std::mem::take(&mut group.counts));
                while let Some(counts) = self.early.remove(&self.counted) {
                    self.counts.merge(&counts);
                    self.counted += 1;
                }
                let Some(shard) = self.shards.get_mut(place.shard.index()) else { return Ok(()) };
                shard.early.insert(place.number, group);
                shard.append_ready(place.shard, &self.encoding, store, number)?;
            }
        }
        Ok(())
    }

    /// Gives away all files, to be finished. Every row group must be back.
    pub(crate) fn finish_files(&mut self, store: &Store) -> Vec<Job> {
        assert_eq!(self.away, 0, "row groups are still being encoded");
        let mut jobs = Vec::new();
        for shard in &mut self.shards {
            if let Some(file) = shard.file.take() {
                jobs.push(Job::finish(file, store.io().clone()));
            }
            (shard.given, shard.appended) = (0, 0);
        }
        self.away = jobs.len();
        jobs
    }

    /// The files of the batch, by path, and what is in all of them.
    pub(crate) fn take_files(&mut self) -> (Vec<DataFile>, RowCounts) {
        assert_eq!(self.away, 0, "files are still being written");
        let mut files = std::mem::take(&mut self.finished);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        self.names = Names::default();
        (self.given, self.counted) = (0, 0);
        (files, std::mem::take(&mut self.counts))
    }
}

impl Shard {
    fn buffered(&self) -> usize {
        self.rows.memory_bytes()
    }

    /// Appends the row groups that are next, so that a file's bytes do not depend on threads.
    fn append_ready(
        &mut self,
        shard: ShardId,
        encoding: &FileEncoding,
        store: &Store,
        number: CommitNumber,
    ) -> Result<(), Error> {
        while let Some(group) = self.early.remove(&self.appended) {
            self.appended += 1;
            let file = match &mut self.file {
                Some(file) => file,
                None => {
                    let path = layout::data_file(shard, number);
                    let temporary = store.at(&layout::temporary(&path));
                    let file = GrowingFile::new(temporary, descriptor(store));
                    self.file.insert(ShardFile::new(encoding, shard, path, file)?)
                }
            };
            file.append(store.io(), group)?;
        }
        Ok(())
    }
}

/// Every shard may have a file open, as long as they are not so many that a process may not.
fn descriptor(store: &Store) -> Descriptor {
    if store.identity().shards().get() <= MAX_OPEN_FILES {
        Descriptor::Kept
    } else {
        Descriptor::Reopened
    }
}
