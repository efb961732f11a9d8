//! A batch of rows as columns, texts by reference.

use std::iter::repeat_n;
use std::sync::Arc;

use arrow_array::builder::make_view;
use arrow_array::{
    ArrayRef, BinaryViewArray, BooleanArray, Date32Array, Int64Array, TimestampMillisecondArray,
};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::ArrowError;
use hotshard_event::{Placement, Properties};

use crate::buffered::{At, BufferedRow, RowTexts, TextAt};
use crate::encoding::FileEncoding;
use crate::promoted_values::PromotedBuilder;
use crate::row_group::SharedRows;
use crate::row_order::Run;
use crate::{Error, PromotedColumn};

/// What a processor fetches at a time.
const CACHE_LINE_BYTES: usize = 64;

/// Rows to make columns of.
pub(crate) struct Columns<'a> {
    all: &'a SharedRows,
    rows: Vec<PlacedRow<'a>>,
}

struct PlacedRow<'a> {
    segment: u32,
    row: &'a BufferedRow,
    texts: RowTexts,
}

impl<'a> Columns<'a> {
    /// These rows; nothing when one of them is not there.
    pub(crate) fn new(all: &'a SharedRows, batch: &[At]) -> Option<Self> {
        fetch_rows(all, batch);
        let place = |&at: &At| {
            let row = all.row(at)?;
            Some(PlacedRow { segment: at.0, row, texts: row.texts() })
        };
        let columns = Self { all, rows: batch.iter().map(place).collect::<Option<_>>()? };
        columns.fetch_texts();
        Some(columns)
    }

    /// Brings the texts of all rows near, as [`fetch_rows`] does the rows.
    fn fetch_texts(&self) {
        let mut seen = 0;
        for placed in &self.rows {
            let begin = placed.texts.distinct_id.start;
            let end = placed.texts.properties.start + placed.texts.properties.bytes;
            for at in (begin..end).step_by(CACHE_LINE_BYTES) {
                let text = TextAt { start: at, bytes: 1 };
                seen ^= self.all.text(placed.segment, text).first().copied().unwrap_or_default();
            }
        }
        std::hint::black_box(seen);
    }

    /// The columns, in the order of the schema. `runs` says which event names and dates the rows
    /// have, and of how many rows each; `mistyped` counts values that a promoted column lacks.
    pub(crate) fn arrays(
        &self,
        runs: &[(&Run, usize)],
        encoding: &FileEncoding,
        mistyped: &mut [u64],
    ) -> Result<Vec<ArrayRef>, Error> {
        let undecodable = |error: ArrowError| Error::Encode(error.into());
        let dates = runs.iter().flat_map(|(run, rows)| repeat_n(run.date.epoch_days(), *rows));
        let times: Vec<i64> = self.rows.iter().map(|placed| placed.row.time.millis()).collect();
        let spread = self.rows.iter().map(|placed| placed.row.placement == Placement::Spread);
        let sequences = self.rows.iter().map(|placed| placed.row.sequence.cast_signed());
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(Date32Array::from_iter_values(dates)),
            self.event_names(runs).map_err(undecodable)?,
            Arc::new(TimestampMillisecondArray::from(times).with_timezone("UTC")),
            self.texts(|texts| texts.distinct_id).map_err(undecodable)?,
            self.optional_texts(|texts| texts.insert_id).map_err(undecodable)?,
            self.original_names().map_err(undecodable)?,
            self.optional_texts(|texts| texts.original_distinct_id).map_err(undecodable)?,
            Arc::new(BooleanArray::from_iter(spread.map(Some))),
            Arc::new(Int64Array::from_iter_values(sequences)),
        ];
        for (column, mistyped) in encoding.promoted().iter().zip(mistyped) {
            arrays.push(self.promoted(column, mistyped));
        }
        arrays.push(self.texts(|texts| texts.properties).map_err(undecodable)?);
        Ok(arrays)
    }

    /// Each run has one name, of which every row gets the same view.
    fn event_names(&self, runs: &[(&Run, usize)]) -> Result<ArrayRef, ArrowError> {
        let views = runs.iter().flat_map(|(run, rows)| repeat_n(self.all.name(run.name), *rows));
        self.array(views.collect(), None)
    }

    fn original_names(&self) -> Result<ArrayRef, ArrowError> {
        let name = |placed: &PlacedRow<'_>| placed.row.names.original;
        if self.rows.iter().all(|placed| name(placed).is_none()) {
            return Ok(Arc::new(BinaryViewArray::new_null(self.rows.len())));
        }
        let nulls = self.rows.iter().map(|placed| name(placed).is_some());
        let nulls: NullBuffer = nulls.collect::<Vec<bool>>().into();
        let views =
            self.rows.iter().map(|placed| name(placed).map_or(0, |name| self.all.name(name)));
        self.array(views.collect(), Some(nulls))
    }

    fn texts(&self, of: impl Fn(&RowTexts) -> TextAt) -> Result<ArrayRef, ArrowError> {
        let view = |placed: &PlacedRow<'_>| self.view(placed.segment, of(&placed.texts));
        self.array(self.rows.iter().map(view).collect(), None)
    }

    fn optional_texts(
        &self,
        of: impl Fn(&RowTexts) -> Option<TextAt>,
    ) -> Result<ArrayRef, ArrowError> {
        let present = |placed: &PlacedRow<'_>| of(&placed.texts).is_some();
        if !self.rows.iter().any(present) {
            return Ok(Arc::new(BinaryViewArray::new_null(self.rows.len())));
        }
        let nulls: NullBuffer = self.rows.iter().map(present).collect::<Vec<bool>>().into();
        let view = |placed: &PlacedRow<'_>| {
            of(&placed.texts).map_or(0, |text| self.view(placed.segment, text))
        };
        self.array(self.rows.iter().map(view).collect(), Some(nulls))
    }

    fn view(&self, segment: u32, text: TextAt) -> u128 {
        make_view(self.all.text(segment, text), segment, text.start)
    }

    fn array(&self, views: Vec<u128>, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
        let texts = Arc::clone(self.all.texts());
        Ok(Arc::new(BinaryViewArray::try_new(ScalarBuffer::from(views), texts, nulls)?))
    }

    /// A promoted column, filled from the rows' properties.
    fn promoted(&self, column: &PromotedColumn, mistyped: &mut u64) -> ArrayRef {
        let mut builder = PromotedBuilder::new(column);
        for placed in &self.rows {
            let properties = self.all.text(placed.segment, placed.texts.properties);
            let properties = std::str::from_utf8(properties).unwrap_or_default();
            let is_kept = builder.push(Properties::new(properties).raw(column.name()));
            *mistyped += u64::from(!is_kept);
        }
        builder.finish()
    }
}

/// Brings rows near. They lie far apart, and here nothing waits for any of them, so that the
/// processor fetches many at once.
fn fetch_rows(all: &SharedRows, batch: &[At]) {
    let sequence = |&at: &At| all.row(at).map_or(0, |row| row.sequence);
    std::hint::black_box(batch.iter().map(sequence).fold(0, |seen, sequence| seen ^ sequence));
}
