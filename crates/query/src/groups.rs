//! Groups of rows as small numbers.

use crate::interner::{Interner, PairNumbers};

/// The groups seen so far, numbered from 0 in order of first occurrence.
///
/// Each column numbers its texts. A group of one column is that number; with more columns, the
/// number so far and the next column's make a pair, which is numbered again.
#[derive(Debug)]
pub(crate) struct Groups {
    columns: Vec<Interner>,
    /// One a column from the second on.
    pairs: Vec<PairNumbers>,
}

impl Groups {
    /// No groups yet, of keys with this many columns.
    pub(crate) fn of_columns(columns: usize) -> Self {
        Self {
            columns: (0..columns).map(|_| Interner::default()).collect(),
            pairs: (1..columns).map(|_| PairNumbers::default()).collect(),
        }
    }

    /// How many groups there are. Without columns it is always the one of all rows.
    pub(crate) fn len(&self) -> usize {
        match (self.pairs.last(), self.columns.first()) {
            (Some(pairs), _) => pairs.pairs().len(),
            (None, Some(column)) => column.len(),
            (None, None) => 1,
        }
    }

    /// The group of a key whose texts have these numbers.
    pub(crate) fn number(&mut self, key: impl IntoIterator<Item = u32>) -> u32 {
        let mut key = key.into_iter();
        let first = key.next().unwrap_or(0);
        key.zip(&mut self.pairs).fold(first, |group, (number, pairs)| pairs.number((group, number)))
    }

    /// The number of a text in a column, given to it now if it has none.
    pub(crate) fn text_number(&mut self, column: usize, text: Option<&str>) -> u32 {
        self.columns.get_mut(column).map_or(0, |column| column.number(text))
    }

    /// Adds the groups of another set of the same columns; says which group of ours each is.
    pub(crate) fn absorb(&mut self, other: &Self) -> Vec<u32> {
        let mut columns = self.columns.iter_mut().zip(&other.columns).map(|(ours, theirs)| {
            theirs.texts().map(|text| ours.number(text)).collect::<Vec<u32>>()
        });
        let Some(mut groups) = columns.next() else { return vec![0] };
        for (numbers, (ours, theirs)) in columns.zip(self.pairs.iter_mut().zip(&other.pairs)) {
            let translate = |list: &[u32], number: u32| list.get(number as usize).copied();
            groups = theirs
                .pairs()
                .iter()
                .filter_map(|&(group, number)| {
                    Some((translate(&groups, group)?, translate(&numbers, number)?))
                })
                .map(|pair| ours.number(pair))
                .collect();
        }
        groups
    }

    /// The columns' texts, to order them.
    pub(crate) fn columns(&self) -> &[Interner] {
        &self.columns
    }

    /// The number of a group's text in each column.
    pub(crate) fn key(&self, group: u32) -> Vec<u32> {
        let mut key = Vec::with_capacity(self.columns.len());
        let mut group = group;
        for pairs in self.pairs.iter().rev() {
            let (before, number) = pairs.pairs().get(group as usize).copied().unwrap_or_default();
            key.push(number);
            group = before;
        }
        if !self.columns.is_empty() {
            key.push(group);
        }
        key.reverse();
        key
    }

    /// About how much memory they take, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.columns.iter().map(Interner::memory_bytes).sum::<usize>()
            + self.pairs.iter().map(PairNumbers::memory_bytes).sum::<usize>()
    }
}
