//! Finding duplicates by logical identity.
//!
//! Two rows are copies of one event when their original event name, time, original distinct id
//! and insert id are equal; rows without an insert id are nobody's copies. An unrenamed copy beats
//! renamed ones, then the latest sequence wins; the others lose and are not counted.
//!
//! The rows of an id lie in its home shard, unless some of them were spread: then the id has
//! renamed rows, or stands in the split directory, or is empty. Copies of such ids are exchanged
//! between shards, all others are compared inside their shard. An identity is compared by its
//! XXH3-128: of (XXH3-128 of the name, XXH3-128 of the id, time, insert id), where only the last
//! has no fixed length, so that no two identities give the same bytes to hash.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use foldhash::fast::FixedState;
use hashbrown::HashSet;
use hotshard_event::{DateRange, HOTSHARD_EVENTS};
use hotshard_store::{Column, DataFile, Error as StoreError, ScanStats, Snapshot};
use xxhash_rust::xxh3::xxh3_128;

use crate::field::{ColumnList, Field};
use crate::rows::DateFilter;
use crate::users::SplitIds;
use crate::values::Reader;

/// Sequences of the rows that are not counted, because a copy of them is.
pub(crate) type Losers = HashSet<u64, FixedState>;

/// One of possibly several rows with the same identity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Copy {
    identity: u128,
    is_renamed: bool,
    sequence: u64,
}

/// The rows of one shard that may have copies.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    /// Rows whose copies are in this shard too.
    home: Vec<Copy>,
    /// Rows whose copies may be anywhere.
    pub(crate) exchanged: Vec<Copy>,
}

impl Copies {
    /// The rows of this shard that lose against another of this shard; gives back their memory.
    pub(crate) fn settle_home(&mut self) -> Vec<u64> {
        losers_of(std::mem::take(&mut self.home))
    }
}

/// The sequences that lose.
pub(crate) fn losers_of(mut copies: Vec<Copy>) -> Vec<u64> {
    copies.sort_unstable_by_key(|copy| (copy.identity, copy.is_renamed, Reverse(copy.sequence)));
    let copy_of_the_one_before = |pair: &[Copy]| match pair {
        [before, copy] if before.identity == copy.identity => Some(copy.sequence),
        _ => None,
    };
    copies.windows(2).filter_map(copy_of_the_one_before).collect()
}

/// Adds the original ids of a file's remedied rows to `ids`.
pub(crate) fn collect_original_ids(
    snapshot: &Snapshot,
    file: &DataFile,
    dates: &DateRange,
    ids: &mut BTreeSet<String>,
) -> Result<ScanStats, StoreError> {
    snapshot.scan(file, &[Column::OriginalDistinctId], dates, |batch| {
        // Ids of other days come along; an id too many in the exchange changes nothing.
        let texts = batch.column(0).as_dictionary::<Int32Type>().values().as_string::<i32>();
        for id in texts.iter().flatten() {
            if !ids.contains(id) {
                ids.insert(id.to_owned());
            }
        }
    })
}

/// The ids whose rows lie in more than one shard.
#[derive(Debug)]
pub(crate) struct SpreadIds<'a> {
    pub(crate) split: &'a SplitIds,
    pub(crate) original: BTreeSet<String>,
}

impl SpreadIds<'_> {
    fn contains(&self, id: &str) -> bool {
        id.is_empty() || self.original.contains(id) || self.split.contains(id)
    }
}

/// Adds the rows of a file that may have copies.
pub(crate) fn collect_copies(
    snapshot: &Snapshot,
    file: &DataFile,
    dates: &DateRange,
    spread: &SpreadIds<'_>,
    copies: &mut Copies,
) -> Result<ScanStats, StoreError> {
    let mut columns = ColumnList::default();
    let reader = IdentityReader::new(snapshot, file, dates, &mut columns);
    snapshot.scan(file, columns.to_read(), dates, |batch| reader.read(batch, spread, copies))
}

/// Where a file's batches have what makes an identity.
struct IdentityReader {
    dates: DateFilter,
    name: Reader,
    id: Reader,
    time: usize,
    insert_id: usize,
    stored_name: Reader,
    stored_id: Reader,
    sequence: usize,
}

impl IdentityReader {
    fn new(
        snapshot: &Snapshot,
        file: &DataFile,
        dates: &DateRange,
        columns: &mut ColumnList,
    ) -> Self {
        let identity = snapshot.identity();
        Self {
            dates: DateFilter::new(file, dates, columns),
            name: Field::OriginalEvent.reader(identity, file, columns),
            id: Field::OriginalDistinctId.reader(identity, file, columns),
            time: columns.place(Column::Time),
            insert_id: columns.place(Column::InsertId),
            stored_name: Field::Event.reader(identity, file, columns),
            stored_id: Field::DistinctId.reader(identity, file, columns),
            sequence: columns.place(Column::Sequence),
        }
    }

    fn read(&self, batch: &RecordBatch, spread: &SpreadIds<'_>, copies: &mut Copies) {
        let insert_ids = batch.column(self.insert_id).as_string::<i32>();
        let mut rows = self.dates.rows(batch);
        rows.retain(|&row| insert_ids.is_valid(row as usize));
        let hash = |text: Option<&str>| xxh3_128(text.unwrap_or_default().as_bytes());
        let names = self.name.read(batch, &rows).per_row(hash);
        let ids = self
            .id
            .read(batch, &rows)
            .per_row(|id| (hash(id), spread.contains(id.unwrap_or_default())));
        let times = batch.column(self.time).as_primitive::<TimestampMillisecondType>();
        let sequences = batch.column(self.sequence).as_primitive::<Int64Type>();
        // A row remedied elsewhere may lack its original name, so the name it has now tells.
        let has_renamed_name =
            self.stored_name.read(batch, &rows).per_row(|name| name == Some(HOTSHARD_EVENTS));
        let has_no_id = self.stored_id.read(batch, &rows).per_row(|id| id == Some(""));
        let renamed = has_renamed_name.into_iter().zip(has_no_id).map(|(name, id)| name && id);
        let renamed: Vec<bool> = renamed.collect();
        let mut bytes = Vec::with_capacity(96);
        for (((row, name), (id, is_spread)), is_renamed) in
            rows.into_iter().zip(names).zip(ids).zip(renamed)
        {
            let row = row as usize;
            bytes.clear();
            bytes.extend_from_slice(&name.to_le_bytes());
            bytes.extend_from_slice(&id.to_le_bytes());
            bytes.extend_from_slice(&times.value(row).to_le_bytes());
            bytes.extend_from_slice(insert_ids.value(row).as_bytes());
            let copy = Copy {
                identity: xxh3_128(&bytes),
                is_renamed,
                sequence: sequences.value(row).cast_unsigned(),
            };
            if is_spread { copies.exchanged.push(copy) } else { copies.home.push(copy) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(identity: u128, is_renamed: bool, sequence: u64) -> Copy {
        Copy { identity, is_renamed, sequence }
    }

    #[test]
    fn an_unrenamed_copy_wins_then_the_latest() {
        let copies = vec![
            copy(1, false, 3),
            copy(1, true, 9),
            copy(1, false, 5),
            copy(2, true, 1),
            copy(2, true, 2),
            copy(3, false, 4),
        ];
        let mut losers = losers_of(copies);
        losers.sort_unstable();
        assert_eq!(losers, [1, 3, 9]);
    }
}
