//! Values of a field in a batch: the texts that occur, and which of them each row has.
//!
//! Everything a query does with values (judge, number, hash) it does once per text of a batch;
//! rows are worked on by the place of their text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use hashbrown::HashMap;
use hotshard_event::{EventDate, Properties};

/// The place of a row without a value.
const MISSING: u32 = u32::MAX;

/// How a field is read from the batches of one file. Numbers are places of columns in a batch.
#[derive(Debug)]
pub(crate) enum Reader {
    /// A dictionary of texts.
    Text(usize),
    /// The original where there is one, otherwise the current value; both are dictionaries.
    Original { original: usize, current: usize },
    /// Texts without a dictionary.
    PlainText(usize),
    /// Days.
    Date(usize),
    /// Promoted integers.
    Long(usize),
    /// Promoted `true` and `false`.
    Boolean(usize),
    /// A property in JSON objects.
    Json { column: usize, name: String },
    /// The same value in each row.
    Constant(String),
}

/// The values of a field in some rows of a batch.
#[derive(Debug)]
pub(crate) struct Values<'b> {
    texts: Vec<Cow<'b, str>>,
    /// For each row, the place of its text, or [`MISSING`].
    rows: Vec<u32>,
}

impl Reader {
    /// The values of these rows of a batch.
    ///
    /// # Panics
    /// When the batch has other columns than the file's plan: a bug of ours.
    pub(crate) fn read<'b>(&'b self, batch: &'b RecordBatch, rows: &[u32]) -> Values<'b> {
        match self {
            Self::Text(column) => read_dictionary(batch.column(*column).as_ref(), rows),
            Self::Original { original, current } => read_dictionary(batch.column(*original), rows)
                .or(read_dictionary(batch.column(*current), rows)),
            Self::PlainText(column) => {
                let array = batch.column(*column).as_string::<i32>();
                one_text_a_row(rows, |row| array.is_valid(row).then(|| array.value(row).into()))
            }
            Self::Date(column) => read_dates(batch.column(*column).as_ref(), rows),
            Self::Long(column) => read_longs(batch.column(*column).as_ref(), rows),
            Self::Boolean(column) => {
                let array = batch.column(*column).as_boolean();
                let place = |&row: &u32| {
                    let row = row as usize;
                    if array.is_valid(row) { u32::from(array.value(row)) } else { MISSING }
                };
                let texts = vec!["false".into(), "true".into()];
                Values { texts, rows: rows.iter().map(place).collect() }
            }
            Self::Json { column, name } => {
                let array = batch.column(*column).as_string::<i32>();
                one_text_a_row(rows, |row| Properties::new(array.value(row)).text(name))
            }
            Self::Constant(text) => {
                Values { texts: vec![text.as_str().into()], rows: vec![0; rows.len()] }
            }
        }
    }
}

impl Values<'_> {
    /// For each row, what `of` says of its text. `of` is asked once per text that occurs.
    pub(crate) fn per_row<T: Copy>(&self, mut of: impl FnMut(Option<&str>) -> T) -> Vec<T> {
        let missing = self.texts.len();
        let mut known: Vec<Option<T>> = vec![None; missing + 1];
        let answer = |&place: &u32| {
            let place = (place as usize).min(missing);
            if let Some(&Some(answer)) = known.get(place) {
                return answer;
            }
            let answer = of(self.texts.get(place).map(AsRef::as_ref));
            if let Some(slot) = known.get_mut(place) {
                *slot = Some(answer);
            }
            answer
        };
        self.rows.iter().map(answer).collect()
    }

    /// The texts that rows have, each with the number of its rows.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&str, u64)> {
        let mut rows = vec![0_u64; self.texts.len()];
        for &place in &self.rows {
            if let Some(rows) = rows.get_mut(place as usize) {
                *rows += 1;
            }
        }
        let with_rows = self.texts.iter().map(AsRef::as_ref).zip(rows);
        with_rows.filter(|(_, rows)| *rows > 0)
    }

    /// These values, and where a row has none, the other ones of the same rows.
    fn or(mut self, other: Self) -> Self {
        let shift = as_place(self.texts.len());
        for (place, other) in self.rows.iter_mut().zip(other.rows) {
            if *place == MISSING && other != MISSING {
                *place = other + shift;
            }
        }
        self.texts.extend(other.texts);
        self
    }
}

fn read_dictionary<'b>(array: &'b dyn Array, rows: &[u32]) -> Values<'b> {
    let dictionary = array.as_dictionary::<Int32Type>();
    let (keys, texts) = (dictionary.keys(), dictionary.values().as_string::<i32>());
    let place = |&row: &u32| {
        let key = keys.values().get(row as usize).copied().unwrap_or(-1);
        u32::try_from(key).unwrap_or(MISSING)
    };
    let place_or_null = |row: &u32| if keys.is_valid(*row as usize) { place(row) } else { MISSING };
    let rows = if keys.null_count() == 0 {
        rows.iter().map(place).collect()
    } else {
        rows.iter().map(place_or_null).collect()
    };
    Values { texts: texts.iter().map(|text| text.unwrap_or_default().into()).collect(), rows }
}

/// Days come in runs, because rows are sorted by them.
fn read_dates<'b>(array: &'b dyn Array, rows: &[u32]) -> Values<'b> {
    let days = array.as_primitive::<Date32Type>().values();
    let (mut texts, mut places) = (Vec::new(), BTreeMap::new());
    let mut last: Option<(i32, u32)> = None;
    let place = |&row: &u32| {
        let day = days.get(row as usize).copied().unwrap_or_default();
        if let Some((_, place)) = last.filter(|(last_day, _)| *last_day == day) {
            return place;
        }
        let place = *places.entry(day).or_insert_with(|| {
            texts.push(Cow::Owned(EventDate::from_epoch_days(day).to_string()));
            as_place(texts.len() - 1)
        });
        last = Some((day, place));
        place
    };
    let rows = rows.iter().map(place).collect();
    Values { texts, rows }
}

fn read_longs<'b>(array: &'b dyn Array, rows: &[u32]) -> Values<'b> {
    let longs = array.as_primitive::<Int64Type>();
    let mut texts = Vec::new();
    let mut places: HashMap<i64, u32, foldhash::fast::FixedState> = HashMap::default();
    let place = |&row: &u32| {
        let row = row as usize;
        if longs.is_null(row) {
            return MISSING;
        }
        let long = longs.value(row);
        *places.entry(long).or_insert_with(|| {
            texts.push(Cow::Owned(long.to_string()));
            as_place(texts.len() - 1)
        })
    };
    let rows = rows.iter().map(place).collect();
    Values { texts, rows }
}

fn one_text_a_row<'b>(rows: &[u32], text_of: impl Fn(usize) -> Option<Cow<'b, str>>) -> Values<'b> {
    let mut texts = Vec::with_capacity(rows.len());
    let place = |&row: &u32| {
        text_of(row as usize).map_or(MISSING, |text| {
            texts.push(text);
            as_place(texts.len() - 1)
        })
    };
    let rows = rows.iter().map(place).collect();
    Values { texts, rows }
}

#[expect(clippy::cast_possible_truncation, reason = "a batch has far fewer than 2^32 texts")]
const fn as_place(index: usize) -> u32 {
    index as u32
}
