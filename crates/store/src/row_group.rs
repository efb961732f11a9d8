//! Rows of one shard as one encoded row group.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::make_view;
use arrow_buffer::Buffer;
use hotshard_event::EventDate;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};

use crate::buffered::{At, BufferedRow, Segment, ShardRows, TextAt};
use crate::columns::Columns;
use crate::encoding::FileEncoding;
use crate::names::NameNumber;
use crate::row_order::{RowOrder, Run};
use crate::{Error, RowCounts};

/// Rows converted at a time: few enough that their texts stay in a near cache while each column is
/// made of them.
const BATCH_ROWS: usize = 2_048;

/// A row group, encoded, and what its commit record says of it.
pub(crate) struct EncodedRowGroup {
    pub(crate) chunks: Vec<ArrowColumnChunk>,
    pub(crate) rows: u64,
    pub(crate) first_date: EventDate,
    pub(crate) last_date: EventDate,
    pub(crate) counts: RowCounts,
    /// Rows per event name; nothing when there are too many names.
    pub(crate) events: Option<BTreeMap<String, u64>>,
    /// Per promoted column, the values that are of another type.
    pub(crate) mistyped: BTreeMap<String, u64>,
}

impl std::fmt::Debug for EncodedRowGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncodedRowGroup").field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// Encodes rows, sorted by (event date, event, time, sequence); `names` are their event names, by
/// number. Gives back their memory.
pub(crate) fn encode(
    encoding: &FileEncoding,
    names: &[Arc<[u8]>],
    rows: ShardRows,
) -> Result<(EncodedRowGroup, Vec<Segment>), Error> {
    let order = RowOrder::of(&rows, names);
    let rows = SharedRows::new(rows, names);
    let mut writers = encoding.column_writers()?;
    let mut mistyped = vec![0; encoding.promoted().len()];
    let mut runs = order.runs.as_slice();
    let mut begin = 0;
    for batch in order.rows.chunks(BATCH_ROWS) {
        let end = begin + batch.len();
        let columns = Columns::new(&rows, batch).ok_or_else(outside)?;
        let arrays =
            columns.arrays(&overlapping(&mut runs, begin, end), encoding, &mut mistyped)?;
        write(encoding, &mut writers, &arrays)?;
        begin = end;
    }
    let close = |writer: ArrowColumnWriter| writer.close().map_err(Error::Encode);
    let promoted = encoding.promoted().iter().map(|column| column.name().to_owned());
    let counts = counts(&order.runs, names);
    let group = EncodedRowGroup {
        chunks: writers.into_iter().map(close).collect::<Result<_, Error>>()?,
        rows: order.rows.len() as u64,
        first_date: order.runs.first().map(|run| run.date).unwrap_or_default(),
        last_date: order.runs.last().map(|run| run.date).unwrap_or_default(),
        events: counts.by_name(),
        counts,
        mistyped: promoted.zip(mistyped).collect(),
    };
    Ok((group, rows.into_segments()))
}

/// The parts of runs that lie in a batch: each run with how many of its rows do. Runs that end
/// with the batch are dropped from the list.
fn overlapping<'r>(runs: &mut &'r [Run], begin: usize, end: usize) -> Vec<(&'r Run, usize)> {
    let mut parts = Vec::new();
    while let Some((run, rest)) = runs.split_first() {
        let rows = run.rows.end.min(end).saturating_sub(run.rows.start.max(begin));
        if rows > 0 {
            parts.push((run, rows));
        }
        if run.rows.end > end {
            break;
        }
        *runs = rest;
    }
    parts
}

/// Writes a batch of columns, each with its own writer.
fn write(
    encoding: &FileEncoding,
    writers: &mut [ArrowColumnWriter],
    columns: &[ArrayRef],
) -> Result<(), Error> {
    let fields = encoding.arrow_schema().fields();
    for ((writer, column), field) in writers.iter_mut().zip(columns).zip(fields) {
        for leaf in compute_leaves(field, column).map_err(Error::Encode)? {
            writer.write(&leaf).map_err(Error::Encode)?;
        }
    }
    Ok(())
}

/// How many rows there are by event name and date.
fn counts(runs: &[Run], names: &[Arc<[u8]>]) -> RowCounts {
    let mut counts = RowCounts::default();
    for run in runs {
        let name = names.get(run.name.index()).map_or(&[][..], |name| name);
        let name = String::from_utf8_lossy(name);
        counts.add(&name, run.date, run.rows.len() as u64);
    }
    counts
}

/// Which of the names rows have: a shard's rows may have few of a great many.
fn used(rows: &[Vec<BufferedRow>], names: usize) -> Vec<bool> {
    let mut used = vec![false; names];
    for row in rows.iter().flatten() {
        for name in [Some(row.names.name), row.names.original].into_iter().flatten() {
            if let Some(used) = used.get_mut(name.index()) {
                *used = true;
            }
        }
    }
    used
}

fn outside() -> Error {
    Error::Encode(parquet::errors::ParquetError::General("a row outside of its shard".into()))
}

/// Rows whose texts are shared with the columns made of them, so that no text is copied.
pub(crate) struct SharedRows {
    rows: Vec<Vec<BufferedRow>>,
    /// By segment; behind them the event names.
    texts: Arc<[Buffer]>,
    /// The event names as views of their text, by number.
    names: Vec<u128>,
}

impl SharedRows {
    fn new(rows: ShardRows, names: &[Arc<[u8]>]) -> Self {
        let (rows, mut texts): (Vec<_>, Vec<_>) = rows
            .segments
            .into_iter()
            .map(|segment| (segment.rows, Buffer::from_vec(segment.text)))
            .unzip();
        let number = u32::try_from(texts.len()).unwrap_or(u32::MAX);
        let mut text = Vec::new();
        let is_used = used(&rows, names.len());
        let view = |(name, is_used): (&Arc<[u8]>, bool)| {
            if !is_used {
                return 0;
            }
            let start = u32::try_from(text.len()).unwrap_or(u32::MAX);
            text.extend_from_slice(name);
            make_view(name, number, start)
        };
        let names = names.iter().zip(is_used).map(view).collect();
        texts.push(Buffer::from_vec(text));
        Self { rows, texts: texts.into(), names }
    }

    /// The memory of the rows, for others.
    fn into_segments(self) -> Vec<Segment> {
        let texts = self.texts.to_vec();
        // A buffer gives its memory back to its only holder.
        drop(self.texts);
        let segment = |(rows, text): (Vec<BufferedRow>, Buffer)| {
            text.into_vec().ok().map(|text| Segment { text, rows })
        };
        self.rows.into_iter().zip(texts).filter_map(segment).collect()
    }

    pub(crate) fn row(&self, (segment, row): At) -> Option<&BufferedRow> {
        self.rows.get(segment as usize)?.get(row as usize)
    }

    /// The texts that views point into.
    pub(crate) const fn texts(&self) -> &Arc<[Buffer]> {
        &self.texts
    }

    pub(crate) fn text(&self, segment: u32, at: TextAt) -> &[u8] {
        let buffer = self.texts.get(segment as usize).map_or(&[][..], Buffer::as_slice);
        let start = at.start as usize;
        buffer.get(start..start + at.bytes as usize).unwrap_or_default()
    }

    /// An event name as a view.
    pub(crate) fn name(&self, number: NameNumber) -> u128 {
        self.names.get(number.index()).copied().unwrap_or_default()
    }
}
