//! Finding duplicates by logical identity.
//!
//! Two rows are copies of one event when their original event name, time, original distinct id
//! and insert id are equal; rows without an insert id are nobody's copies. An unrenamed copy beats
//! renamed ones, then the latest sequence wins; the others lose and are not counted.
//!
//! Few rows share name, time and id with another one, and only their insert ids have to be looked
//! at. So every row gets a *key* of those three (128 bits); rows whose key repeats are
//! *candidates*; and the insert ids and sequences of candidates alone are read.
//!
//! The rows of an id lie in its home shard, unless some of them were spread: then the id has
//! renamed rows, or stands in the split directory, or is empty. Keys of such ids are exchanged
//! between shards, all others are compared inside their shard.
//!
//! Keys take 20 bytes a row. When they do not fit in the memory, they are gathered in several
//! passes, each of them over the rows of some times: copies have the same time. So do candidates,
//! which are most rows where one id has many events in the same instant.

mod candidates;
mod keys;
mod losers;
mod repeated;

use std::collections::BTreeSet;

use hotshard_store::{Column, DataFile, ScanStats};

pub(crate) use losers::Losers;

use crate::budget::{Budget, Full};
use crate::memory::MemoryPlan;
use crate::phases::Phases;
use crate::row_group::Columns;
use crate::shard_files::{Scanned, ShardFiles, Stopped};
use crate::shard_scan::Scope;
use candidates::{Candidates, ShardCopies, shared_repeats};
use keys::{KeyedShard, LISTS, Pass, SharedIds};

/// Finds the rows that lose against a copy of theirs, in so many passes.
pub(crate) fn find_losers(
    scope: &Scope<'_>,
    phases: &mut Phases<'_>,
    passes: u64,
    memory: &MemoryPlan,
) -> Result<Losers, Full> {
    let dates = &scope.query.dates;
    let needs = |file: &DataFile| file.overlaps(dates);
    let shared = phases.run(
        needs,
        |shard| shard.scan(BTreeSet::new, |file, ids| collect_original_ids(scope, file, ids)),
        |ids| SharedIds { split: &scope.split, original: ids.into_iter().flatten().collect() },
    );
    let mut losers = Losers::default();
    for pass in Pass::all(passes) {
        // Half as much again is needed to look for the repeated ones of some keys.
        let budget = Budget::new(memory.counts_bytes / 3 * 2);
        let shards = phases.run(
            needs,
            |shard| KeyedShard::gather(scope, shard, &shared, pass, &budget),
            |shards| shards,
        );
        if budget.is_full() {
            return Err(Full);
        }
        let repeats = phases.merge_in_parallel(0..LISTS, |list| shared_repeats(&shards, list));
        let candidates = phases.merge(|| Candidates::of(&shards, repeats));
        drop(shards);
        if candidates.memory_bytes() > memory.answer_bytes {
            return Err(Full);
        }
        phases.run(
            |file| candidates.has_rows_of(file),
            |shard| read_copies(scope, shard, &candidates).map(ShardCopies::settle),
            |shards| losers.add(shards),
        );
    }
    Ok(losers)
}

/// Adds the original ids of a file's remedied rows to `ids`. Ids of other days come along; an id
/// too many in the exchange changes nothing.
fn collect_original_ids(
    scope: &Scope<'_>,
    file: &DataFile,
    ids: &mut BTreeSet<String>,
) -> Result<ScanStats, Stopped> {
    let mut reader = scope.snapshot.open(file)?;
    for index in 0..reader.row_groups() {
        let mut columns = Columns::of(reader.row_group(index));
        let dictionary = columns.dictionary(Column::OriginalDistinctId)?;
        for id in (0..dictionary.missing()).filter_map(|code| dictionary.text(code)) {
            if !ids.contains(id.as_ref()) {
                ids.insert(id.into_owned());
            }
        }
    }
    Ok(reader.stats())
}

fn read_copies(
    scope: &Scope<'_>,
    shard: &ShardFiles<'_>,
    candidates: &Candidates,
) -> Scanned<ShardCopies> {
    shard.scan(ShardCopies::default, |file, copies| candidates.read_copies(scope, file, copies))
}
