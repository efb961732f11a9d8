//! The rows that are not counted, because a copy of them is.

use std::collections::BTreeMap;
use std::ops::Range;

use hotshard_store::{DataFile, Selection};

use super::candidates::{Copy, RowPlace, Settled, losers_of};

/// Rows that lost against a copy, by file and row group.
#[derive(Debug, Default)]
pub(crate) struct Losers {
    rows: BTreeMap<String, BTreeMap<usize, Rows>>,
}

/// Rows of one row group, a bit each: few take little memory, and many no more than a bit each.
#[derive(Debug, Default)]
struct Rows {
    words: Vec<u64>,
}

impl Rows {
    fn insert(&mut self, row: u32) {
        let word = row as usize / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= 1 << (row % 64);
        }
    }

    /// The first of the rows in a range.
    fn first_in(&self, range: &Range<u32>) -> Option<u32> {
        let first = range.start / 64;
        let words = (first..).zip(self.words.get(first as usize..)?);
        let mut kept = u64::MAX << (range.start % 64);
        for (number, word) in words {
            let left = word & std::mem::replace(&mut kept, u64::MAX);
            if left != 0 {
                return Some(number * 64 + left.trailing_zeros()).filter(|row| *row < range.end);
            }
        }
        None
    }
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
    }

    fn insert(&mut self, files: &[String], places: impl Iterator<Item = RowPlace>) {
        for place in places {
            let Some(file) = files.get(place.file) else { continue };
            let groups = match self.rows.get_mut(file) {
                Some(groups) => groups,
                None => self.rows.entry(file.clone()).or_default(),
            };
            groups.entry(place.row_group).or_default().insert(place.row);
        }
    }

    /// The selected rows of a row group without those that lost.
    pub(crate) fn remove(&self, file: &DataFile, row_group: usize, rows: Selection) -> Selection {
        let losers = self.rows.get(file.path()).and_then(|groups| groups.get(&row_group));
        let Some(losers) = losers else { return rows };
        let mut left = Selection::default();
        for range in rows.ranges() {
            let mut rest = range.clone();
            while let Some(loser) = losers.first_in(&rest) {
                left.push(rest.start..loser);
                rest.start = loser + 1;
            }
            left.push(rest);
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_in_order_across_words() {
        let mut rows = Rows::default();
        [200, 0, 63, 64].into_iter().for_each(|row| rows.insert(row));
        assert_eq!(rows.first_in(&(0..1_000)), Some(0));
        assert_eq!(rows.first_in(&(1..1_000)), Some(63));
        assert_eq!(rows.first_in(&(64..65)), Some(64));
        assert_eq!(rows.first_in(&(65..200)), None);
        assert_eq!(rows.first_in(&(65..201)), Some(200));
        assert_eq!(rows.first_in(&(500..600)), None);
    }
}
