//! What a compaction would do: which files of which shards are worth merging.

use crate::layout::{self, DataName};
use crate::{DataFile, ShardId, Snapshot};

/// How large a compaction makes files, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetSize(u64);

impl TargetSize {
    /// 256 MiB.
    pub const DEFAULT: Self = Self(256 << 20);

    /// So many bytes, at least one.
    #[must_use]
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(if bytes == 0 { 1 } else { bytes })
    }

    /// So many MiB, at least one.
    #[must_use]
    pub const fn from_mib(mib: u64) -> Self {
        Self(if mib == 0 { 1 << 20 } else { mib.saturating_mul(1 << 20) })
    }

    /// The size in bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// A file of this size needs no company. Every file that a compaction closes because it is
    /// large enough has it, which is why compacting twice does nothing more than once.
    pub(crate) const fn large_enough(self) -> u64 {
        self.0.div_ceil(2)
    }
}

impl Default for TargetSize {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What a compaction would do to a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompactionPlan {
    /// The shards with files to merge, ascending.
    pub shards: Vec<ShardPlan>,
    /// How many shards are left alone.
    pub left_alone: u64,
}

/// What a compaction would do to a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardPlan {
    pub(crate) shard: ShardId,
    pub(crate) files_before: u64,
    pub(crate) bytes_before: u64,
    /// Files to merge, each group with each other. The days of one group are not those of another,
    /// nor of any file that stays.
    pub(crate) groups: Vec<Vec<DataFile>>,
}

impl ShardPlan {
    /// The shard.
    #[must_use]
    pub const fn shard(&self) -> ShardId {
        self.shard
    }

    /// All data files of the shard.
    #[must_use]
    pub const fn files_before(&self) -> u64 {
        self.files_before
    }

    /// Their length in bytes.
    #[must_use]
    pub const fn bytes_before(&self) -> u64 {
        self.bytes_before
    }

    /// The files that are merged into others.
    pub fn merged(&self) -> impl Iterator<Item = &DataFile> {
        self.groups.iter().flatten()
    }

    /// Rows in the files that are merged.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.merged().map(DataFile::rows).sum()
    }
}

impl CompactionPlan {
    /// Rows in all files that are merged.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.shards.iter().map(ShardPlan::rows).sum()
    }
}

impl Snapshot {
    /// What a compaction to files of this size would do.
    ///
    /// Merged are files that share a day, whose rows are not sorted throughout, or that are small
    /// and lie next to each other. Files that one compaction cut within a day that is larger than
    /// a file share that day, and are sorted across: they stay.
    #[must_use]
    pub fn plan_compaction(&self, target: TargetSize) -> CompactionPlan {
        let mut plan = CompactionPlan::default();
        for shard in self.identity().shards().shards() {
            let files: Vec<&DataFile> = self.files_of(shard).collect();
            let groups = decide(&files, target);
            if groups.is_empty() {
                plan.left_alone += 1;
                continue;
            }
            plan.shards.push(ShardPlan {
                shard,
                files_before: files.len() as u64,
                bytes_before: files.iter().map(|file| file.length).sum(),
                groups: groups
                    .into_iter()
                    .map(|group| group.into_iter().cloned().collect())
                    .collect(),
            });
        }
        plan
    }
}

/// Files of a shard that share no day with any other file of it.
#[derive(Debug)]
struct Unit<'a> {
    files: Vec<&'a DataFile>,
    bytes: u64,
    verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Stays,
    IsMerged,
}

/// Which files of a shard are merged with which.
fn decide<'a>(files: &[&'a DataFile], target: TargetSize) -> Vec<Vec<&'a DataFile>> {
    let mut units = units(files);
    for_neighbours(&mut units, |before, after| {
        if before.bytes.saturating_add(after.bytes) <= target.large_enough() {
            (before.verdict, after.verdict) = (Verdict::IsMerged, Verdict::IsMerged);
        }
    });
    // What is small goes along with a merge beside it, whose last file may be as small.
    let follow = |unit: &mut Unit<'_>, beside: &Unit<'_>| {
        if beside.verdict == Verdict::IsMerged && unit.bytes < target.large_enough() {
            unit.verdict = Verdict::IsMerged;
        }
    };
    for_neighbours(&mut units, |before, after| follow(after, before));
    units.reverse();
    for_neighbours(&mut units, |after, before| follow(before, after));
    units.reverse();
    // Merges that lie beside each other are one.
    units
        .chunk_by(|before, after| before.verdict == after.verdict)
        .filter(|units| units.first().is_some_and(|unit| unit.verdict == Verdict::IsMerged))
        .map(|units| units.iter().flat_map(|unit| unit.files.iter().copied()).collect())
        .collect()
}

/// Hands each unit but the last and the one after it to a function, in order.
fn for_neighbours(units: &mut [Unit<'_>], mut visit: impl FnMut(&mut Unit<'_>, &mut Unit<'_>)) {
    for at in 1..units.len() {
        if let Some([before, after]) = units.get_mut(at - 1..=at) {
            visit(before, after);
        }
    }
}

/// The files of a shard as units, by date.
fn units<'a>(files: &[&'a DataFile]) -> Vec<Unit<'a>> {
    let mut files = files.to_vec();
    files.sort_by_key(|file| (file.first_date, file.last_date, &file.path));
    let mut units: Vec<Unit<'_>> = Vec::new();
    let mut end = None;
    for file in files {
        match units.last_mut() {
            Some(unit) if end.is_some_and(|end| file.first_date <= end) => unit.files.push(file),
            _ => units.push(Unit { files: vec![file], bytes: 0, verdict: Verdict::Stays }),
        }
        end = end.max(Some(file.last_date));
    }
    for unit in &mut units {
        unit.bytes = unit.files.iter().map(|file| file.length).sum();
        if !is_sorted_across(&unit.files) {
            unit.verdict = Verdict::IsMerged;
        }
    }
    units
}

/// Whether the rows of these files are sorted, in each and from file to file.
fn is_sorted_across(files: &[&DataFile]) -> bool {
    let commit = |file: &&DataFile| match layout::parse_data_path(&file.path) {
        Some(DataName::Compacted(number)) => Some(number),
        _ => None,
    };
    let of_one_compaction = || {
        let first = files.first().and_then(commit);
        first.is_some() && files.iter().all(|file| commit(file) == first)
    };
    files.iter().all(|file| file.is_sorted()) && (files.len() == 1 || of_one_compaction())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hotshard_event::EventDate;

    use super::*;
    use crate::checksum::Piece;
    use crate::{CommitNumber, ShardCount};

    const TARGET: TargetSize = TargetSize::from_bytes(100);

    fn shard() -> ShardId {
        ShardCount::new(1).unwrap().shards().next().unwrap()
    }

    /// A file of these days and bytes that a batch added, with so many row groups.
    fn batch(commit: u64, days: (i32, i32), bytes: u64, row_groups: usize) -> DataFile {
        DataFile {
            path: layout::data_file(shard(), CommitNumber::new(commit)),
            shard: shard(),
            rows: bytes,
            first_date: EventDate::from_epoch_days(days.0),
            last_date: EventDate::from_epoch_days(days.1),
            length: bytes,
            footer: Piece::EMPTY,
            chunks: vec![Vec::new(); row_groups],
            codecs: Vec::new(),
            unpacked: Vec::new(),
            events: None,
            mistyped: BTreeMap::new(),
            sorted: false,
        }
    }

    /// A file that a compaction made.
    fn part(commit: u64, part: usize, days: (i32, i32), bytes: u64) -> DataFile {
        let path = layout::compacted_file(shard(), CommitNumber::new(commit), part);
        DataFile { path, sorted: true, ..batch(commit, days, bytes, 3) }
    }

    /// The groups that are merged, as numbers of the given files.
    fn decided(files: &[DataFile]) -> Vec<Vec<usize>> {
        let place = |file: &DataFile| files.iter().position(|other| other == file).unwrap();
        decide(&files.iter().collect::<Vec<_>>(), TARGET)
            .into_iter()
            .map(|group| group.into_iter().map(place).collect())
            .collect()
    }

    #[test]
    fn a_sorted_file_alone_is_left_alone() {
        assert!(decided(&[]).is_empty());
        assert!(decided(&[batch(1, (1, 9), 7, 1)]).is_empty());
        assert!(decided(&[part(1, 1, (1, 9), 7)]).is_empty());
        assert_eq!(decided(&[batch(1, (1, 9), 700, 2)]), [[0]], "its row groups overlap");
    }

    #[test]
    fn files_that_share_a_day_are_merged_with_each_other() {
        let files = [
            batch(1, (1, 3), 60, 1),
            batch(2, (5, 9), 60, 1),
            batch(3, (3, 4), 60, 1),
            batch(4, (11, 12), 60, 1),
        ];
        assert_eq!(decided(&files), [[0, 2]]);
    }

    #[test]
    fn small_neighbours_are_merged_and_large_ones_stay() {
        let days = [batch(1, (1, 1), 60, 1), batch(2, (2, 2), 20, 1), batch(3, (3, 3), 20, 1)];
        assert_eq!(decided(&days), [[1, 2]]);
        let days = [batch(1, (1, 1), 20, 1), batch(2, (2, 2), 60, 1), batch(3, (3, 3), 20, 1)];
        assert!(decided(&days).is_empty(), "none fits with its neighbour");
    }

    #[test]
    fn what_is_small_goes_along_with_a_merge_beside_it() {
        let files = [
            batch(1, (1, 1), 49, 1),
            batch(2, (2, 2), 300, 2),
            batch(3, (3, 3), 49, 1),
            batch(4, (4, 4), 50, 1),
        ];
        assert_eq!(decided(&files), [[0, 1, 2]]);
    }

    #[test]
    fn the_parts_of_one_compaction_may_share_a_day() {
        let large_day = [part(7, 1, (1, 5), 60), part(7, 2, (5, 5), 60), part(7, 3, (5, 9), 60)];
        assert!(decided(&large_day).is_empty());
        let [first, second, third] = large_day;
        let late = [first, second, third, batch(8, (2, 2), 1, 1)];
        assert_eq!(decided(&late), [[0, 3, 1, 2]], "they stay sorted across");
        let two = [part(7, 1, (1, 5), 60), part(8, 1, (5, 9), 60)];
        assert_eq!(decided(&two), [[0, 1]]);
    }
}
