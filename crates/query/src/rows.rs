//! Which rows of a batch are asked for, before any filter on values.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Date32Type;
use hotshard_event::{DateRange, EventDate};
use hotshard_store::{Column, DataFile};

use crate::field::ColumnList;

/// Keeps the rows of some days.
#[derive(Debug)]
pub(crate) enum DateFilter {
    /// All days of the file are asked for: dates need not be read.
    Everything,
    /// The column at this place decides.
    Range { column: usize, dates: DateRange },
}

impl DateFilter {
    /// The filter for a file; a column that it takes is added to `columns`.
    pub(crate) fn new(file: &DataFile, dates: &DateRange, columns: &mut ColumnList) -> Self {
        let (first, last) = file.dates();
        if dates.covers(first, last) {
            Self::Everything
        } else {
            Self::Range { column: columns.place(Column::EventDate), dates: *dates }
        }
    }

    /// The rows of a batch that are on these days.
    pub(crate) fn rows(&self, batch: &RecordBatch) -> Vec<u32> {
        let rows = 0..u32::try_from(batch.num_rows()).unwrap_or(u32::MAX);
        match self {
            Self::Everything => rows.collect(),
            Self::Range { column, dates } => {
                let days = batch.column(*column).as_primitive::<Date32Type>().values();
                let asked = |day: i32| dates.contains(EventDate::from_epoch_days(day));
                rows.zip(days.iter()).filter(|(_, day)| asked(**day)).map(|(row, _)| row).collect()
            }
        }
    }
}
