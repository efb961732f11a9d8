//! Rows whose key repeats, and what tells whether they are copies.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use hotshard_event::HOTSHARD_EVENTS;
use hotshard_store::{Column, DataFile, ScanStats, Selection};
use xxhash_rust::xxh3::xxh3_128;

use super::keys::KeyedShard;
use super::repeated::repeated;
use crate::field::Field;
use crate::row_group::Columns;
use crate::shard_files::Stopped;
use crate::shard_scan::Scope;

/// A row whose key repeats.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    row: u32,
    key: u128,
    copies: Copies,
}

/// Where the copies of a row may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copies {
    /// In its own shard alone.
    Home,
    /// In any shard.
    Anywhere,
}

/// The candidates of all shards, by file and row group, in order.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    rows: BTreeMap<String, BTreeMap<usize, Vec<Candidate>>>,
}

impl Candidates {
    /// The candidates that each shard found among its home rows, and those of the lists that were
    /// compared across shards.
    pub(super) fn of(shards: &[KeyedShard<'_>], shared: Vec<Vec<(usize, u128, u32)>>) -> Self {
        let mut candidates = Self::default();
        for shard in shards {
            for &(key, place) in &shard.repeats {
                candidates.push(shard, key, place, Copies::Home);
            }
        }
        for (shard, key, place) in shared.into_iter().flatten() {
            if let Some(shard) = shards.get(shard) {
                candidates.push(shard, key, place, Copies::Anywhere);
            }
        }
        for rows in candidates.rows.values_mut().flat_map(BTreeMap::values_mut) {
            rows.sort_unstable_by_key(|candidate| candidate.row);
        }
        candidates
    }

    fn push(&mut self, shard: &KeyedShard<'_>, key: u128, place: u32, copies: Copies) {
        let after = shard.groups.partition_point(|group| group.first <= place);
        let Some(group) = after.checked_sub(1).and_then(|group| shard.groups.get(group)) else {
            return;
        };
        let groups = match self.rows.get_mut(group.file.path()) {
            Some(groups) => groups,
            None => self.rows.entry(group.file.path().to_owned()).or_default(),
        };
        let candidate = Candidate { row: place - group.first, key, copies };
        groups.entry(group.row_group).or_default().push(candidate);
    }

    /// About how much memory they take, and what is read of them, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        let rows: usize = self.rows.values().flat_map(BTreeMap::values).map(Vec::len).sum();
        // Copies are sorted in the place where they lie, once they are all in one list.
        rows * (size_of::<Candidate>() + 2 * size_of::<Copy>())
    }

    pub(super) fn has_rows_of(&self, file: &DataFile) -> bool {
        self.rows.contains_key(file.path())
    }

    /// Reads what tells whether the candidates of a file are copies.
    pub(super) fn read_copies(
        &self,
        scope: &Scope<'_>,
        file: &DataFile,
        copies: &mut ShardCopies,
    ) -> Result<ScanStats, Stopped> {
        let identity = scope.snapshot.identity();
        let (name, id) =
            (Field::Event.source(identity, file), Field::DistinctId.source(identity, file));
        let file_number = copies.files.len();
        copies.files.push(file.path().to_owned());
        let mut sequences = Vec::new();
        let mut reader = scope.snapshot.open(file)?;
        for (&row_group, candidates) in self.rows.get(file.path()).into_iter().flatten() {
            let mut rows = Selection::default();
            candidates.iter().for_each(|candidate| rows.push(candidate.row..candidate.row + 1));
            let mut columns = Columns::of(reader.row_group(row_group));
            let identities = identities(&mut columns, &rows, candidates)?;
            columns.longs(Column::Sequence, &mut sequences)?;
            // A row remedied elsewhere may lack its original name, so the name it has now tells.
            let renamed = columns.values(&name, &rows)?.judge(|name| name == Some(HOTSHARD_EVENTS));
            let without_id = columns.values(&id, &rows)?.judge(|id| id == Some(""));
            for ((number, candidate), identity) in (0..).zip(candidates).zip(identities) {
                let Some(identity) = identity else { continue };
                let sequence = sequences.get(candidate.row as usize).copied().unwrap_or_default();
                let is_in = |places: &Selection| places.overlaps(&(number..number + 1));
                let copy = Copy {
                    identity,
                    is_renamed: is_in(&renamed) && is_in(&without_id),
                    sequence: sequence.cast_unsigned(),
                    place: RowPlace { file: file_number, row_group, row: candidate.row },
                };
                let list = match candidate.copies {
                    Copies::Anywhere => &mut copies.shared,
                    Copies::Home => &mut copies.home,
                };
                list.push(copy);
            }
        }
        Ok(reader.stats())
    }
}

/// The identity of each candidate of a row group; `None` without an insert id.
fn identities(
    columns: &mut Columns<'_, '_>,
    rows: &Selection,
    candidates: &[Candidate],
) -> Result<Vec<Option<u128>>, Stopped> {
    let mut identities = Vec::with_capacity(candidates.len());
    let (mut bytes, mut candidates) = (Vec::with_capacity(64), candidates.iter());
    columns.texts(Column::InsertId, rows, |page| {
        for row in rows.within(page.rows()).flatten() {
            let key = candidates.next().map_or(0, |candidate| candidate.key);
            identities.push(page.text(row).map(|insert_id| {
                bytes.clear();
                bytes.extend_from_slice(&key.to_le_bytes());
                bytes.extend_from_slice(insert_id);
                xxh3_128(&bytes)
            }));
        }
    })?;
    Ok(identities)
}

/// The repeats in one list of all shards: shard, key and place.
pub(super) fn shared_repeats(shards: &[KeyedShard<'_>], list: usize) -> Vec<(usize, u128, u32)> {
    let lists = || shards.iter().map(|shard| shard.shared.get(list));
    let keys: Vec<&[u128]> =
        lists().map(|list| list.map_or(&[][..], |rows| rows.keys.as_slice())).collect();
    let mut ends = Vec::with_capacity(shards.len());
    for list in lists() {
        ends.push(ends.last().copied().unwrap_or(0) + list.map_or(0, |rows| rows.keys.len()));
    }
    let of = |at: usize| {
        let shard = ends.partition_point(|end| *end <= at);
        let first = shard.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
        let (key, place) = shards.get(shard)?.shared.get(list)?.row(at - first)?;
        Some((shard, key, place))
    };
    repeated(&keys).into_iter().filter_map(of).collect()
}

/// Where a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowPlace {
    /// The number of the file in a list.
    pub(super) file: usize,
    pub(super) row_group: usize,
    pub(super) row: u32,
}

/// One of possibly several rows with the same identity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Copy {
    pub(super) identity: u128,
    pub(super) is_renamed: bool,
    pub(super) sequence: u64,
    pub(super) place: RowPlace,
}

/// The candidates of one shard that have an insert id.
#[derive(Debug, Default)]
pub(super) struct ShardCopies {
    files: Vec<String>,
    home: Vec<Copy>,
    shared: Vec<Copy>,
}

/// The rows of a shard that lost inside it, and those that have yet to be compared.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) files: Vec<String>,
    pub(super) losers: Vec<RowPlace>,
    pub(super) shared: Vec<Copy>,
}

impl ShardCopies {
    /// Finds the losers among the rows that have no copies elsewhere.
    pub(super) fn settle(self) -> Settled {
        Settled { files: self.files, losers: losers_of(self.home), shared: self.shared }
    }
}

/// The rows that lose.
pub(super) fn losers_of(mut copies: Vec<Copy>) -> Vec<RowPlace> {
    copies.sort_unstable_by_key(|copy| (copy.identity, copy.is_renamed, Reverse(copy.sequence)));
    let copy_of_the_one_before = |pair: &[Copy]| match pair {
        [before, copy] if before.identity == copy.identity => Some(copy.place),
        _ => None,
    };
    copies.windows(2).filter_map(copy_of_the_one_before).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(identity: u128, is_renamed: bool, sequence: u64) -> Copy {
        let row = u32::try_from(sequence).unwrap();
        Copy { identity, is_renamed, sequence, place: RowPlace { file: 0, row_group: 0, row } }
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
        let mut losers: Vec<u32> = losers_of(copies).iter().map(|place| place.row).collect();
        losers.sort_unstable();
        assert_eq!(losers, [1, 3, 9]);
    }
}
