//! The order of rows in a row group: by event date, event name, time and sequence.

use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hotshard_event::EventDate;

use crate::buffered::{At, ShardRows};
use crate::names::NameNumber;

/// Rows in file order. Those of one event name and date are a run.
pub(crate) struct RowOrder {
    pub(crate) rows: Vec<At>,
    pub(crate) runs: Vec<Run>,
}

/// Rows of one event name and date.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) date: EventDate,
    pub(crate) name: NameNumber,
    /// Which rows of the order it is.
    pub(crate) rows: Range<usize>,
}

impl RowOrder {
    /// The order of these rows, whose names are the ones given, by number.
    ///
    /// Names and dates are few, so rows are first put into their runs by counting, and then sorted
    /// by time within each. They come in sequence order, so that their number stands for it.
    pub(crate) fn of(rows: &ShardRows, names: &[Arc<[u8]>]) -> Self {
        let Grouped { groups, group_of_row, keys, places } = Grouped::new(rows);
        let text = |name: NameNumber| names.get(name.index());
        let mut in_order: Vec<(u32, &Group)> = (0_u32..).zip(&groups).collect();
        in_order.sort_unstable_by_key(|(_, group)| (group.date, text(group.name)));
        let mut runs = Vec::with_capacity(groups.len());
        let mut next_of_group = vec![0_usize; groups.len()];
        let mut begin = 0;
        for (number, group) in in_order {
            let end = begin + group.rows;
            runs.push(Run { date: group.date, name: group.name, rows: begin..end });
            if let Some(next) = next_of_group.get_mut(number as usize) {
                *next = begin;
            }
            begin = end;
        }
        let mut sorted = vec![0_u128; keys.len()];
        for (key, group) in keys.into_iter().zip(group_of_row) {
            let Some(next) = next_of_group.get_mut(group as usize) else { continue };
            if let Some(place) = sorted.get_mut(*next) {
                *place = key;
            }
            *next += 1;
        }
        for run in &runs {
            if let Some(keys) = sorted.get_mut(run.rows.clone()) {
                keys.sort_unstable();
            }
        }
        let place = |key: u128| places.get(row_of(key)).copied();
        Self { rows: sorted.into_iter().filter_map(place).collect(), runs }
    }
}

/// An event name on a date.
struct Group {
    date: EventDate,
    name: NameNumber,
    rows: usize,
}

/// Rows with the group each belongs to.
struct Grouped {
    groups: Vec<Group>,
    group_of_row: Vec<u32>,
    keys: Vec<u128>,
    places: Vec<At>,
}

impl Grouped {
    fn new(rows: &ShardRows) -> Self {
        let mut numbers: HashMap<(EventDate, NameNumber), u32, FixedState> = HashMap::default();
        let mut groups: Vec<Group> = Vec::new();
        let mut group_of_row = Vec::with_capacity(rows.len());
        let mut keys = Vec::with_capacity(rows.len());
        let mut places = Vec::with_capacity(rows.len());
        for (at, row) in rows.rows() {
            let (date, name) = (row.date, row.names.name);
            let next = u32::try_from(groups.len()).unwrap_or(u32::MAX);
            let number = *numbers.entry((date, name)).or_insert(next);
            if number == next {
                groups.push(Group { date, name, rows: 0 });
            }
            if let Some(group) = groups.get_mut(number as usize) {
                group.rows += 1;
            }
            group_of_row.push(number);
            keys.push(key(row.time.millis(), places.len()));
            places.push(at);
        }
        Self { groups, group_of_row, keys, places }
    }
}

/// What rows of one run are sorted by: time, then number.
fn key(time_ms: i64, number: usize) -> u128 {
    // Flipping the sign bit makes the order of signed numbers that of unsigned ones.
    let time = (time_ms ^ i64::MIN).cast_unsigned();
    u128::from(time) << 64 | number as u128
}

/// The number in a key.
fn row_of(key: u128) -> usize {
    usize::try_from(key & u128::from(u64::MAX)).unwrap_or(usize::MAX)
}
