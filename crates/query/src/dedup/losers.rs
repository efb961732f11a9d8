//! The rows that are not counted, because a copy of them is.

use std::collections::BTreeMap;
use std::ops::Range;

use hotshard_store::{DataFile, Selection};

use super::candidates::{Copy, RowPlace, Settled, losers_of};

/// Rows that lost against a copy, by file and row group, in order.
#[derive(Debug, Default)]
pub(crate) struct Losers {
    rows: BTreeMap<String, BTreeMap<usize, Vec<u32>>>,
}

impl Losers {
    /// Adds the losers of all shards.
    pub(super) fn add(&mut self, shards: Vec<Settled>) {
        let mut shared: Vec<Copy> = Vec::new();
        let mut files: Vec<String> = Vec::new();
        for shard in shards {
            let first_file = files.len();
            files.extend(shard.files);
            let of_all = |place: RowPlace| RowPlace { file: place.file + first_file, ..place };
            self.insert(&files, shard.losers.into_iter().map(of_all));
            let copies = shard.shared.into_iter();
            shared.extend(copies.map(|copy| Copy { place: of_all(copy.place), ..copy }));
        }
        self.insert(&files, losers_of(shared).into_iter());
        for rows in self.rows.values_mut().flat_map(BTreeMap::values_mut) {
            rows.sort_unstable();
        }
    }

    fn insert(&mut self, files: &[String], places: impl Iterator<Item = RowPlace>) {
        for place in places {
            let Some(file) = files.get(place.file) else { continue };
            let groups = match self.rows.get_mut(file) {
                Some(groups) => groups,
                None => self.rows.entry(file.clone()).or_default(),
            };
            groups.entry(place.row_group).or_default().push(place.row);
        }
    }

    /// The selected rows of a row group without those that lost.
    pub(crate) fn remove(&self, file: &DataFile, row_group: usize, rows: Selection) -> Selection {
        let losers = self.rows.get(file.path()).and_then(|groups| groups.get(&row_group));
        let Some(losers) = losers else { return rows };
        let mut left = Selection::default();
        for range in rows.ranges() {
            let first = losers.partition_point(|loser| *loser < range.start);
            let losers = losers.get(first..).unwrap_or_default();
            let mut start = range.start;
            for &loser in losers.iter().take_while(|loser| **loser < range.end) {
                left.push(start..loser);
                start = loser + 1;
            }
            let rest: Range<u32> = start..range.end;
            left.push(rest);
        }
        left
    }
}
