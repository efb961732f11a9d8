//! The columns of one row group as a query needs them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::rc::Rc;

use hotshard_event::{DateRange, EventDate, PropertyFinder, plain_text};
use hotshard_store::{
    CodedColumn, Codes, Column, Cursor, DataFile, Dictionary, Error as StoreError, RowGroup,
    Selection, Stretch, TextPage, Texts,
};

use crate::field::Source;
use crate::interner::Interner;
use crate::values::Values;

/// A row group whose columns are read when they are first asked for, each once.
#[derive(Debug)]
pub(crate) struct Columns<'r, 's> {
    row_group: RowGroup<'r, 's>,
    coded: BTreeMap<Column, (Rc<Dictionary>, Rc<Codes>)>,
}

impl<'r, 's> Columns<'r, 's> {
    pub(crate) const fn of(row_group: RowGroup<'r, 's>) -> Self {
        Self { row_group, coded: BTreeMap::new() }
    }

    /// The rows of some days. Something is always read: answering from commit records would time
    /// nothing.
    pub(crate) fn rows_of(
        &mut self,
        file: &DataFile,
        dates: &DateRange,
        otherwise: Column,
    ) -> Result<Selection, StoreError> {
        let (first, last) = file.dates();
        if dates.covers(first, last) {
            let (_, codes) = self.coded(otherwise)?;
            return Ok(Selection::all(codes.rows()));
        }
        let (dictionary, codes) = self.coded(Column::EventDate)?;
        let days = Values::new(vec![Rc::clone(dictionary)], Rc::clone(codes));
        Ok(match &**dictionary {
            Dictionary::Days(list) => {
                let asked = |day: &i32| dates.contains(EventDate::from_epoch_days(*day));
                let asked: Vec<bool> = list.iter().map(asked).collect();
                days.codes().places(|code| asked.get(code as usize) == Some(&true))
            }
            _ => Selection::default(),
        })
    }

    /// The values of a field in the selected rows.
    pub(crate) fn values(
        &mut self,
        source: &Source,
        selection: &Selection,
    ) -> Result<Values, StoreError> {
        Ok(match source {
            Source::Column(column) => {
                let (dictionary, codes) = self.coded(*column)?;
                Values::new(vec![Rc::clone(dictionary)], selected(codes, selection))
            }
            Source::Original { original, current } => {
                self.original(*original, *current, selection)?
            }
            Source::InsertId => self.insert_ids(selection)?,
            Source::Property(finder) => self.property(finder, selection)?,
            Source::Constant(text) => {
                let mut texts = Texts::default();
                texts.push(text);
                let dictionary = Rc::new(Dictionary::Texts(texts));
                Values::new(vec![dictionary], Codes::same(0, selection.rows()))
            }
        })
    }

    /// The distinct values of a column.
    pub(crate) fn dictionary(&mut self, column: Column) -> Result<Rc<Dictionary>, StoreError> {
        self.coded(column).map(|(dictionary, _)| Rc::clone(dictionary))
    }

    /// The texts of a column that hardly repeat, in pages that hold a selected row.
    pub(crate) fn texts(
        &mut self,
        column: Column,
        rows: &Selection,
        visit: impl FnMut(&TextPage<'_>),
    ) -> Result<(), StoreError> {
        self.row_group.texts(column, rows, visit)
    }

    /// The integers of a column, one a row of the row group.
    pub(crate) fn longs(&mut self, column: Column, into: &mut Vec<i64>) -> Result<(), StoreError> {
        self.row_group.longs(column, into)
    }

    fn coded(&mut self, column: Column) -> Result<&(Rc<Dictionary>, Rc<Codes>), StoreError> {
        Ok(match self.coded.entry(column) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let CodedColumn { dictionary, codes } = self.row_group.coded(column)?;
                new.insert((Rc::new(dictionary), Rc::new(codes)))
            }
        })
    }

    fn original(
        &mut self,
        original: Column,
        current: Column,
        selection: &Selection,
    ) -> Result<Values, StoreError> {
        let (originals, codes) = self.coded(original)?;
        let (originals, codes) = (Rc::clone(originals), selected(codes, selection));
        let missing = originals.missing();
        // Where all rows have an original, one column says all.
        if codes.places(|code| code == missing).is_empty() {
            return Ok(Values::new(vec![originals], codes));
        }
        let (currents, current_codes) = self.coded(current)?;
        let (currents, current_codes) = (Rc::clone(currents), selected(current_codes, selection));
        let codes = first_of(&codes, missing, &current_codes);
        Ok(Values::new(vec![originals, currents], codes))
    }

    fn insert_ids(&mut self, selection: &Selection) -> Result<Values, StoreError> {
        let mut numbers = Numbered::with_room_for(selection);
        self.row_group.texts(Column::InsertId, selection, |page| {
            for row in selection.within(page.rows()).flatten() {
                numbers.push(page.text(row).map(String::from_utf8_lossy).as_deref());
            }
        })?;
        Ok(numbers.into_values())
    }

    fn property(
        &mut self,
        finder: &PropertyFinder,
        selection: &Selection,
    ) -> Result<Values, StoreError> {
        let mut numbers = Numbered::with_room_for(selection);
        self.row_group.texts(Column::Properties, selection, |page| {
            let first_row = page.first_row;
            for rows in selection.within(page.rows()) {
                let (from, to) =
                    ((rows.start - first_row) as usize, (rows.end - first_row) as usize);
                let ends = page.ends.get(from..to).unwrap_or_default();
                let start = from.checked_sub(1).and_then(|before| page.ends.get(before));
                let start = start.copied().unwrap_or(0);
                let texts = page.bytes.get(start as usize..).unwrap_or_default();
                let ends: Cow<'_, [u32]> = match start {
                    0 => Cow::Borrowed(ends),
                    _ => ends.iter().map(|end| end - start).collect(),
                };
                finder.find(texts, &ends, |_, raw| numbers.push_raw(raw));
            }
        })?;
        Ok(numbers.into_values())
    }
}

/// The codes of selected rows.
fn selected(codes: &Rc<Codes>, selection: &Selection) -> Rc<Codes> {
    if selection.rows() == codes.rows() {
        Rc::clone(codes)
    } else {
        Rc::new(codes.select(selection))
    }
}

/// The first codes, and where they are `missing`, the second ones, shifted behind the first.
fn first_of(first: &Codes, missing: u32, second: &Codes) -> Codes {
    let mut merged = Codes::default();
    let mut seconds = Cursor::of(second);
    let mut at = 0;
    for stretch in first.stretches() {
        let end = at + stretch.rows();
        match stretch {
            Stretch::Same(code, rows) if code != missing => merged.push_run(code, rows),
            Stretch::Same(..) => {
                seconds.skip_to(at);
                push_shifted(&mut merged, &mut seconds, end - at, missing);
            }
            Stretch::Each(codes) => {
                for (row, &code) in (at..).zip(codes) {
                    if code == missing {
                        seconds.skip_to(row);
                        push_shifted(&mut merged, &mut seconds, 1, missing);
                    } else if let Some(slot) = merged.push_each(1).first_mut() {
                        *slot = code;
                    }
                }
            }
        }
        at = end;
    }
    merged
}

fn push_shifted(merged: &mut Codes, codes: &mut Cursor<'_>, rows: u32, shift: u32) {
    let mut left = rows;
    while left > 0 {
        let Some(stretch) = codes.take(left) else { return };
        left -= stretch.rows();
        match stretch {
            Stretch::Same(code, rows) => merged.push_run(code + shift, rows),
            Stretch::Each(codes) => {
                let slots = merged.push_each(stretch.rows());
                slots.iter_mut().zip(codes).for_each(|(slot, code)| *slot = code + shift);
            }
        }
    }
}

/// Texts that are numbered as they come.
struct Numbered {
    texts: Interner,
    codes: Vec<u32>,
    recent: RecentValues,
}

/// Stands for rows without a value until it is known how many values there are.
const NO_VALUE: u32 = u32::MAX;

impl Numbered {
    fn with_room_for(selection: &Selection) -> Self {
        let codes = Vec::with_capacity(selection.rows() as usize);
        Self { texts: Interner::default(), codes, recent: RecentValues::default() }
    }

    fn push(&mut self, text: Option<&str>) {
        self.codes.push(text.map_or(NO_VALUE, |text| self.texts.number(Some(text))));
    }

    /// Adds a row with a property's value as it was written.
    fn push_raw(&mut self, raw: Option<&[u8]>) {
        let texts = &mut self.texts;
        let number =
            |raw: &[u8]| plain_text(raw).map_or(NO_VALUE, |text| texts.number(Some(text.as_ref())));
        self.codes.push(raw.map_or(NO_VALUE, |raw| self.recent.number(raw, number)));
    }

    fn into_values(self) -> Values {
        let texts = self.texts.into_texts();
        let missing = u32::try_from(texts.len()).unwrap_or(NO_VALUE);
        let mut codes = self.codes;
        for code in codes.iter_mut().filter(|code| **code == NO_VALUE) {
            *code = missing;
        }
        Values::new(vec![Rc::new(Dictionary::Texts(texts))], Codes::each(codes))
    }
}

/// The numbers of short values seen before, found without hashing whole texts.
struct RecentValues {
    slots: Vec<Option<(ShortText, u32)>>,
}

impl Default for RecentValues {
    fn default() -> Self {
        Self { slots: vec![None; Self::SLOTS] }
    }
}

impl RecentValues {
    const SLOTS: usize = 256;

    fn number(&mut self, raw: &[u8], number: impl FnOnce(&[u8]) -> u32) -> u32 {
        let Some(short) = ShortText::of(raw) else { return number(raw) };
        match self.slots.get_mut(short.slot(Self::SLOTS)) {
            Some(Some((known, code))) if *known == short => *code,
            Some(slot) => slot.insert((short, number(raw))).1,
            None => number(raw),
        }
    }
}

/// All of a text of at most sixteen bytes: its first and its last ones, which may overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ShortText {
    first: u64,
    last: u64,
    bytes: u8,
}

impl ShortText {
    fn of(text: &[u8]) -> Option<Self> {
        let bytes = u8::try_from(text.len()).ok().filter(|bytes| *bytes <= 16)?;
        let eights = text.first_chunk::<8>().zip(text.last_chunk::<8>());
        let fours = text.first_chunk::<4>().zip(text.last_chunk::<4>());
        let (first, last) = match (eights, fours) {
            (Some((first, last)), _) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            (None, Some((first, last))) => {
                (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
            }
            (None, None) => (text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0),
        };
        Some(Self { first, last, bytes })
    }

    /// One of so many slots, at most 256.
    fn slot(self, slots: usize) -> usize {
        let hash = (self.first ^ self.last.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from(hash >> 56).unwrap_or_default() % slots
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn short_texts_differ_where_texts_do() {
        let text = b"aabaaabaaaabaaaabb\0\0\0ab";
        let mut parts = BTreeSet::new();
        for start in 0..text.len() {
            for end in start..=text.len() {
                parts.insert(&text[start..end]);
            }
        }
        let parts: Vec<&[u8]> = parts.into_iter().collect();
        for (at, part) in parts.iter().enumerate() {
            assert_eq!(ShortText::of(part).is_some(), part.len() <= 16);
            for other in parts.iter().skip(at + 1) {
                let short = ShortText::of(part).zip(ShortText::of(other));
                assert!(short.is_none_or(|(part, other)| part != other), "{part:?} {other:?}");
            }
        }
    }
}
