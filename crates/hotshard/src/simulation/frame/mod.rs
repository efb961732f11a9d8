//! Results as a table of columns.

mod parquet;
mod value;

pub use value::{Value, ValueKind};

/// A table: named columns of one kind each, and rows.
///
/// ```
/// use std::num::NonZeroU32;
///
/// use hotshard::{ExperimentSpec, Grid, Simulation, WorkloadSpec};
///
/// let spec = ExperimentSpec::new("two numbers of shards")
///     .workload("usual", WorkloadSpec::new(100_000))
///     .grid(Grid::default().shards([4, 16].map(|n| NonZeroU32::new(n).expect("not 0"))));
/// let frame = Simulation::of(spec).run()?.balance();
///
/// let max_over_mean: Vec<f64> = frame.numbers("max_over_mean").flatten().collect();
/// assert!(max_over_mean[0] < max_over_mean[1], "more shards are less even");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    name: &'static str,
    columns: Vec<FrameColumn>,
    rows: Vec<Vec<Value>>,
}

/// A column of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameColumn {
    /// Its name; a unit stands at its end, as in `modelled_p99_ns`.
    pub name: &'static str,
    /// What its values are.
    pub kind: ValueKind,
}

/// A row of a frame.
#[derive(Debug, Clone, Copy)]
pub struct FrameRow<'a> {
    frame: &'a Frame,
    values: &'a [Value],
}

impl Frame {
    /// A frame without rows.
    pub(super) fn new(name: &'static str, columns: &[(&'static str, ValueKind)]) -> Self {
        let columns = columns.iter().map(|&(name, kind)| FrameColumn { name, kind }).collect();
        Self { name, columns, rows: Vec::new() }
    }

    /// Adds a row, which has a value for each column.
    pub(super) fn push<const N: usize>(&mut self, row: [Value; N]) {
        debug_assert_eq!(N, self.columns.len(), "a value for each column of {}", self.name);
        self.rows.push(row.into());
    }

    /// What it is called: `balance`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its columns.
    #[must_use]
    pub fn columns(&self) -> &[FrameColumn] {
        &self.columns
    }

    /// Its rows.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = FrameRow<'_>> {
        self.rows.iter().map(|values| FrameRow { frame: self, values })
    }

    /// The numbers of a column, counts among them; nothing where there is none, and nothing at all
    /// if there is no such column.
    pub fn numbers<'a>(&'a self, column: &'a str) -> impl Iterator<Item = Option<f64>> + 'a {
        let rows = if self.place(column).is_some() { self.rows.len() } else { 0 };
        self.rows().take(rows).map(move |row| row.number(column))
    }

    /// The rows in which these columns have these values, as they are written.
    pub fn select<'a>(
        &'a self,
        values: &'a [(&'a str, &'a str)],
    ) -> impl Iterator<Item = FrameRow<'a>> {
        self.rows().filter(move |row| {
            values.iter().all(|(column, value)| {
                row.value(column).is_some_and(|own| own.to_string() == *value)
            })
        })
    }

    /// The frame as the bytes of a Parquet file.
    ///
    /// # Errors
    /// When Parquet refuses, which it has no reason to.
    pub fn to_parquet(&self) -> Result<Vec<u8>, ::parquet::errors::ParquetError> {
        parquet::bytes(self)
    }

    fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|known| known.name == column)
    }
}

impl<'a> FrameRow<'a> {
    /// The value in a column.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&'a Value> {
        self.values.get(self.frame.place(column)?)
    }

    /// The text in a column.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&'a str> {
        match self.value(column)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number in a column, also if it is a count.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<f64> {
        self.value(column)?.as_number()
    }

    /// All its values, in the order of the columns.
    #[must_use]
    pub fn values(&self) -> &'a [Value] {
        self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        let columns =
            [("policy", ValueKind::Text), ("shards", ValueKind::Count), ("cv", ValueKind::Number)];
        let mut frame = Frame::new("example", &columns);
        frame.push(["hash".into(), 4_u64.into(), 0.5.into()]);
        frame.push(["jump".into(), 4_u64.into(), Value::Missing]);
        frame
    }

    #[test]
    fn rows_are_found_by_their_values() {
        let frame = frame();
        let policies = |values: &[(&str, &str)]| {
            let rows = frame.select(values).map(|row| row.text("policy").unwrap().to_owned());
            rows.collect::<Vec<_>>()
        };
        assert_eq!(policies(&[("shards", "4")]), ["hash", "jump"]);
        assert_eq!(policies(&[("shards", "4"), ("policy", "jump")]), ["jump"]);
        assert!(policies(&[("nothing", "4")]).is_empty());
    }

    #[test]
    fn columns_are_numbers_or_nothing() {
        let frame = frame();
        assert_eq!(frame.numbers("cv").collect::<Vec<_>>(), [Some(0.5), None]);
        assert_eq!(frame.numbers("shards").flatten().sum::<f64>(), 8.0);
        assert_eq!(frame.numbers("no such column").count(), 0);
    }
}
