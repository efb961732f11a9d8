//! Rows of a row group that are still of interest.

use std::ops::Range;

/// Some rows of a row group, as ranges in order that neither touch nor are empty.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Selection {
    ranges: Vec<Range<u32>>,
    rows: u32,
}

impl Selection {
    /// The first so many rows.
    #[must_use]
    pub fn all(rows: u32) -> Self {
        let mut selection = Self::default();
        selection.push(0..rows);
        selection
    }

    /// Adds rows behind those it has.
    pub fn push(&mut self, range: Range<u32>) {
        if range.is_empty() {
            return;
        }
        self.rows += range.end - range.start;
        match self.ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.ranges.push(range),
        }
    }

    /// The rows in ranges, in order.
    #[must_use]
    pub fn ranges(&self) -> &[Range<u32>] {
        &self.ranges
    }

    /// How many rows they are.
    #[must_use]
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Whether no row is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Whether one of these rows is in it.
    #[must_use]
    pub fn overlaps(&self, rows: &Range<u32>) -> bool {
        let first = self.ranges.partition_point(|range| range.end <= rows.start);
        self.ranges.get(first).is_some_and(|range| range.start < rows.end)
    }

    /// Those of the rows of a range that are in it, in order.
    pub fn within(&self, rows: Range<u32>) -> impl Iterator<Item = Range<u32>> {
        let first = self.ranges.partition_point(|range| range.end <= rows.start);
        let ranges = self.ranges.get(first..).unwrap_or_default();
        let inside = ranges.iter().take_while(move |range| range.start < rows.end);
        inside.map(move |range| range.start.max(rows.start)..range.end.min(rows.end))
    }

    /// Those of its rows that stand at some places among them.
    #[must_use]
    pub fn narrow(&self, places: &Self) -> Self {
        let mut narrowed = Self::default();
        let mut ranges = self.ranges.iter();
        // Places `begin..end` are rows `first..`.
        let (mut begin, mut end, mut first) = (0, 0, 0);
        for place in &places.ranges {
            let mut at = place.start;
            while at < place.end {
                while at >= end {
                    let Some(range) = ranges.next() else { return narrowed };
                    (begin, first) = (end, range.start);
                    end += range.end - range.start;
                }
                let stop = place.end.min(end);
                narrowed.push(first + (at - begin)..first + (stop - begin));
                at = stop;
            }
        }
        narrowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(ranges: &[Range<u32>]) -> Selection {
        let mut selection = Selection::default();
        ranges.iter().cloned().for_each(|range| selection.push(range));
        selection
    }

    #[test]
    fn ranges_that_touch_are_one() {
        let rows = selection(&[0..2, 2..3, 3..3, 5..6]);
        assert_eq!(rows.ranges(), [0..3, 5..6]);
        assert_eq!(rows.rows(), 4);
    }

    #[test]
    fn places_among_its_rows_become_rows() {
        let rows = selection(&[2..4, 10..13, 20..21]);
        assert_eq!(rows.narrow(&selection(&[1..3, 5..6])).ranges(), [3..4, 10..11, 20..21]);
        assert_eq!(rows.narrow(&Selection::all(6)), rows);
        assert!(rows.narrow(&Selection::default()).is_empty());
    }

    #[test]
    fn a_range_is_cut_to_what_is_selected() {
        let rows = selection(&[2..4, 10..13]);
        assert_eq!(rows.within(3..11).collect::<Vec<_>>(), [3..4, 10..11]);
        assert!(rows.overlaps(&(12..40)) && !rows.overlaps(&(4..10)) && !rows.overlaps(&(13..14)));
    }
}
