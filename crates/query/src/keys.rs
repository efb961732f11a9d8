//! The combinations of several fields' values in a row group, counted as small numbers.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hotshard_store::{Codes, Cursor, Stretch};

use crate::values::Values;

/// Combinations of codes that are counted in a table of all that are possible, not only of those
/// that occur, even if there are few rows.
const SMALL_TABLE: u64 = 4_096;

/// One number a row for the combination of its values in some fields.
#[derive(Debug)]
pub(crate) struct Keys {
    codes: Codes,
    /// Codes are smaller than this.
    end: u32,
    /// How each further field was joined, the first one left out.
    joins: Vec<Join>,
}

#[derive(Debug)]
enum Join {
    /// The number is that of the fields before times this, plus the code of the field.
    Product(u32),
    /// The number is a place in this list of both.
    Listed(Vec<(u32, u32)>),
}

impl Keys {
    /// Rows that are all alike.
    pub(crate) fn none(rows: u32) -> Self {
        Self { codes: Codes::same(0, rows), end: 1, joins: Vec::new() }
    }

    /// The combinations of these fields, which have the same rows.
    pub(crate) fn of(fields: &[Values], rows: u32) -> Self {
        let Some((first, others)) = fields.split_first() else { return Self::none(rows) };
        let start = Self {
            codes: first.codes().clone(),
            end: first.missing().saturating_add(1),
            joins: Vec::new(),
        };
        others.iter().fold(start, Keys::join)
    }

    fn join(mut self, field: &Values) -> Self {
        let field_end = field.missing().saturating_add(1);
        let possible = u64::from(self.end) * u64::from(field_end);
        let table = SMALL_TABLE.max(4 * u64::from(self.codes.rows()));
        match u32::try_from(possible).ok().filter(|_| possible <= table) {
            Some(end) => {
                let pair = |before: u32, code: u32| before * field_end + code;
                self.codes = zip(&self.codes, field.codes(), pair);
                self.end = end;
                self.joins.push(Join::Product(field_end));
            }
            None => {
                let mut pairs = Vec::new();
                let mut numbers: HashMap<(u32, u32), u32, FixedState> = HashMap::default();
                self.codes = zip(&self.codes, field.codes(), |before, code| {
                    *numbers.entry((before, code)).or_insert_with(|| {
                        pairs.push((before, code));
                        u32::try_from(pairs.len() - 1).unwrap_or(u32::MAX)
                    })
                });
                self.end = u32::try_from(pairs.len()).unwrap_or(u32::MAX);
                self.joins.push(Join::Listed(pairs));
            }
        }
        self
    }

    /// The number of each row's combination.
    pub(crate) const fn codes(&self) -> &Codes {
        &self.codes
    }

    /// All numbers are smaller.
    pub(crate) const fn end(&self) -> u32 {
        self.end
    }

    /// Hands each combination that rows have to `visit`: the code of each field, and the number
    /// of rows. `counts` is room for the work.
    pub(crate) fn for_each(&self, counts: &mut Vec<u32>, mut visit: impl FnMut(&[u32], u32)) {
        self.count(counts);
        let mut key = Vec::new();
        // With the last field in the lowest digit, the others change once in so many numbers.
        if let Some(Join::Product(field_end)) = self.joins.last() {
            for (before, counts) in counts.chunks(*field_end as usize).enumerate() {
                let mut is_split = false;
                for (code, &rows) in (0..).zip(counts).filter(|(_, rows)| **rows > 0) {
                    if !std::mem::replace(&mut is_split, true) {
                        let first = u32::try_from(before).unwrap_or(u32::MAX) * field_end;
                        self.split(first, &mut key);
                    }
                    if let Some(last) = key.last_mut() {
                        *last = code;
                    }
                    visit(&key, rows);
                }
            }
            return;
        }
        for (number, &rows) in (0..).zip(counts.iter()).filter(|(_, rows)| **rows > 0) {
            self.split(number, &mut key);
            visit(&key, rows);
        }
    }

    /// How many rows have each combination, by its number.
    fn count(&self, counts: &mut Vec<u32>) {
        counts.clear();
        counts.resize(self.end as usize, 0);
        for stretch in self.codes.stretches() {
            match stretch {
                Stretch::Same(code, rows) => {
                    if let Some(count) = counts.get_mut(code as usize) {
                        *count += rows;
                    }
                }
                Stretch::Each(codes) => {
                    for &code in codes {
                        if let Some(count) = counts.get_mut(code as usize) {
                            *count += 1;
                        }
                    }
                }
            }
        }
    }

    /// The code of each field in a combination, in the place of what `key` holds.
    pub(crate) fn split(&self, number: u32, key: &mut Vec<u32>) {
        key.clear();
        let mut number = number;
        for join in self.joins.iter().rev() {
            let (before, code) = match join {
                Join::Product(field_end) => (number / field_end, number % field_end),
                Join::Listed(pairs) => pairs.get(number as usize).copied().unwrap_or_default(),
            };
            key.push(code);
            number = before;
        }
        key.push(number);
        key.reverse();
    }
}

/// The codes of two lists of the same rows, put together row by row, or run by run.
fn zip(left: &Codes, right: &Codes, mut pair: impl FnMut(u32, u32) -> u32) -> Codes {
    let mut zipped = Codes::default();
    let (mut lefts, mut rights) = (Cursor::of(left), Cursor::of(right));
    let mut row = 0;
    while let Some(left) = lefts.take(u32::MAX) {
        let mut at = 0;
        while let Some(right) = rights.take(left.rows() - at) {
            let rows = right.rows();
            match (left, right) {
                (Stretch::Same(left, _), Stretch::Same(right, _)) => {
                    zipped.push_run(pair(left, right), rows);
                }
                (Stretch::Same(left, _), Stretch::Each(rights)) => {
                    let slots = zipped.push_each(rows);
                    slots.iter_mut().zip(rights).for_each(|(slot, &code)| *slot = pair(left, code));
                }
                (Stretch::Each(lefts), Stretch::Same(right, _)) => {
                    let lefts = lefts.get(at as usize..).unwrap_or_default();
                    let slots = zipped.push_each(rows);
                    slots.iter_mut().zip(lefts).for_each(|(slot, &code)| *slot = pair(code, right));
                }
                (Stretch::Each(lefts), Stretch::Each(rights)) => {
                    let lefts = lefts.get(at as usize..).unwrap_or_default();
                    let both = lefts.iter().zip(rights);
                    let slots = zipped.push_each(rows);
                    slots.iter_mut().zip(both).for_each(|(slot, (&a, &b))| *slot = pair(a, b));
                }
            }
            at += rows;
            if at >= left.rows() {
                break;
            }
        }
        row += left.rows();
        rights.skip_to(row);
    }
    zipped
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use hotshard_store::{Dictionary, Texts};
    use proptest::prelude::*;

    use super::*;

    /// A field whose rows have these codes, of so many values and "missing".
    fn field(codes: &[u32], values: u32) -> Values {
        let mut texts = Texts::default();
        (0..values).for_each(|value| texts.push(&value.to_string()));
        let mut runs = Codes::default();
        // Runs where neighbours are equal, single codes otherwise: both forms occur.
        for same in codes.chunk_by(|a, b| a == b) {
            let rows = u32::try_from(same.len()).unwrap();
            match same {
                [code] => runs.push_each(1).copy_from_slice(&[*code]),
                [code, ..] => runs.push_run(*code, rows),
                [] => {}
            }
        }
        Values::new(vec![Rc::new(Dictionary::Texts(texts))], runs)
    }

    proptest! {
        #[test]
        fn combinations_are_counted_as_rows_one_by_one(
            rows in prop::collection::vec((0_u32..4, 0_u32..3_000, 0_u32..3), 0..200),
        ) {
            let column = |of: fn(&(u32, u32, u32)) -> u32| rows.iter().map(of).collect::<Vec<_>>();
            let fields = [
                field(&column(|row| row.0), 3),
                field(&column(|row| row.1), 3_000),
                field(&column(|row| row.2), 2),
            ];
            let keys = Keys::of(&fields, u32::try_from(rows.len()).unwrap());
            let mut counted = std::collections::BTreeMap::new();
            keys.for_each(&mut Vec::new(), |key, rows| {
                assert_eq!(counted.insert((key[0], key[1], key[2]), rows), None);
            });
            let mut expected = std::collections::BTreeMap::new();
            for row in rows {
                *expected.entry(row).or_insert(0) += 1;
            }
            prop_assert_eq!(counted, expected);
        }
    }

    #[test]
    fn without_fields_all_rows_are_alike() {
        let keys = Keys::of(&[], 7);
        let mut rows = Vec::new();
        keys.for_each(&mut Vec::new(), |_, count| rows.push(count));
        assert_eq!(rows, [7]);
    }
}
