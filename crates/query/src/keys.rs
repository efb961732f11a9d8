//! The combinations of several fields' values in a row group, counted as small numbers.

use std::rc::Rc;

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
    codes: Rc<Codes>,
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
        Self { codes: Codes::same(0, rows).into(), end: 1, joins: Vec::new() }
    }

    /// The combinations of these fields, which have the same rows.
    pub(crate) fn of(fields: &[Values], rows: u32) -> Self {
        let Some((first, others)) = fields.split_first() else { return Self::none(rows) };
        let start = Self {
            codes: Rc::clone(first.codes()),
            end: first.missing().saturating_add(1),
            joins: Vec::new(),
        };
        others.iter().fold(start, Keys::join)
    }

    fn join(mut self, field: &Values) -> Self {
        match self.table_with(field) {
            Some((end, field_end)) => {
                let pair = |before: u32, code: u32| before * field_end + code;
                self.codes = zip(&self.codes, field.codes(), pair).into();
                self.end = end;
                self.joins.push(Join::Product(field_end));
            }
            None => {
                let mut pairs = Vec::new();
                let mut numbers: HashMap<(u32, u32), u32, FixedState> = HashMap::default();
                let codes = zip(&self.codes, field.codes(), |before, code| {
                    *numbers.entry((before, code)).or_insert_with(|| {
                        pairs.push((before, code));
                        u32::try_from(pairs.len() - 1).unwrap_or(u32::MAX)
                    })
                });
                self.codes = codes.into();
                self.end = u32::try_from(pairs.len()).unwrap_or(u32::MAX);
                self.joins.push(Join::Listed(pairs));
            }
        }
        self
    }

    /// The size of a table of all combinations with a further field, and that of the field; nothing
    /// if so large a table is not worth while.
    fn table_with(&self, field: &Values) -> Option<(u32, u32)> {
        let field_end = field.missing().saturating_add(1);
        let possible = u64::from(self.end) * u64::from(field_end);
        let most = SMALL_TABLE.max(4 * u64::from(self.codes.rows()));
        let end = u32::try_from(possible).ok().filter(|_| possible <= most)?;
        Some((end, field_end))
    }

    /// The number of each row's combination.
    pub(crate) fn codes(&self) -> &Codes {
        &self.codes
    }

    /// All numbers are smaller.
    pub(crate) const fn end(&self) -> u32 {
        self.end
    }

    /// Counts the rows of each combination and hands those that occur to `visit`: the code of each
    /// field, and the number of rows. `counts` is room for the work.
    pub(crate) fn count(
        fields: &[Values],
        rows: u32,
        counts: &mut Vec<u32>,
        mut visit: impl FnMut(&[u32], u32),
    ) {
        counts.clear();
        let mut key = Vec::new();
        // The last field is counted as it is joined, so that no row's combination is written down.
        if let Some((last, others @ [_, ..])) = fields.split_last() {
            let keys = Self::of(others, rows);
            if let Some((end, field_end)) = keys.table_with(last) {
                counts.resize(end as usize, 0);
                count_pairs(&keys.codes, last.codes(), field_end, counts);
                for (number, counts) in (0..).zip(counts.chunks(field_end as usize)) {
                    key.clear();
                    for (code, &rows) in (0..).zip(counts).filter(|(_, rows)| **rows > 0) {
                        if key.is_empty() {
                            keys.split(number, &mut key);
                        }
                        key.truncate(others.len());
                        key.push(code);
                        visit(&key, rows);
                    }
                }
                return;
            }
        }
        let keys = Self::of(fields, rows);
        counts.resize(keys.end as usize, 0);
        count_codes(&keys.codes, counts);
        for (number, &rows) in (0..).zip(counts.iter()).filter(|(_, rows)| **rows > 0) {
            keys.split(number, &mut key);
            visit(&key, rows);
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

/// Counts rows by their code.
fn count_codes(codes: &Codes, counts: &mut [u32]) {
    for stretch in codes.stretches() {
        count_stretch(stretch, counts);
    }
}

fn count_stretch(stretch: Stretch<'_>, counts: &mut [u32]) {
    let mut add = |code: u32, rows: u32| {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += rows;
        }
    };
    match stretch {
        Stretch::Same(code, rows) => add(code, rows),
        Stretch::Each(codes) => codes.iter().for_each(|code| add(*code, 1)),
    }
}

/// Counts rows by both of their codes: the right one in a part of the table for the left one.
fn count_pairs(left: &Codes, right: &Codes, right_end: u32, counts: &mut [u32]) {
    let end = right_end as usize;
    zip_stretches(left, right, |left, right| match left {
        Stretch::Same(left, _) => {
            let start = left as usize * end;
            count_stretch(right, counts.get_mut(start..start + end).unwrap_or_default());
        }
        Stretch::Each(lefts) => {
            for (row, &left) in lefts.iter().enumerate() {
                let right = match right {
                    Stretch::Same(code, _) => code,
                    Stretch::Each(codes) => codes.get(row).copied().unwrap_or_default(),
                };
                if let Some(count) = counts.get_mut(left as usize * end + right as usize) {
                    *count += 1;
                }
            }
        }
    });
}

/// The codes of two lists of the same rows, put together row by row, or run by run.
fn zip(left: &Codes, right: &Codes, mut pair: impl FnMut(u32, u32) -> u32) -> Codes {
    let mut zipped = Codes::default();
    zip_stretches(left, right, |left, right| match (left, right) {
        (Stretch::Same(left, rows), Stretch::Same(right, _)) => {
            zipped.push_run(pair(left, right), rows);
        }
        (Stretch::Same(left, rows), Stretch::Each(rights)) => {
            let slots = zipped.push_each(rows);
            slots.iter_mut().zip(rights).for_each(|(slot, &code)| *slot = pair(left, code));
        }
        (Stretch::Each(lefts), Stretch::Same(right, rows)) => {
            let slots = zipped.push_each(rows);
            slots.iter_mut().zip(lefts).for_each(|(slot, &code)| *slot = pair(code, right));
        }
        (Stretch::Each(lefts), Stretch::Each(rights)) => {
            let slots = zipped.push_each(right.rows());
            let both = lefts.iter().zip(rights);
            slots.iter_mut().zip(both).for_each(|(slot, (&a, &b))| *slot = pair(a, b));
        }
    });
    zipped
}

/// Hands stretches of the same rows of two lists to `visit`.
fn zip_stretches(left: &Codes, right: &Codes, mut visit: impl FnMut(Stretch<'_>, Stretch<'_>)) {
    let mut rights = Cursor::of(right);
    for left in left.stretches() {
        let mut at = 0;
        while at < left.rows() {
            let Some(right) = rights.take(left.rows() - at) else { return };
            let end = at + right.rows();
            let part = match left {
                Stretch::Same(code, _) => Stretch::Same(code, right.rows()),
                Stretch::Each(codes) => {
                    Stretch::Each(codes.get(at as usize..end as usize).unwrap_or_default())
                }
            };
            visit(part, right);
            at = end;
        }
    }
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
            let mut counted = std::collections::BTreeMap::new();
            Keys::count(&fields, u32::try_from(rows.len()).unwrap(), &mut vec![7], |key, rows| {
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
        let mut rows = Vec::new();
        Keys::count(&[], 7, &mut Vec::new(), |_, count| rows.push(count));
        assert_eq!(rows, [7]);
    }
}
