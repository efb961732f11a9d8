//! Overrides, for people.

use hotshard::{Override, Overrides};

use crate::figures::count;
use crate::printable::value_cell;
use crate::table::{Table, text};

/// The first so many ids with overrides.
pub(crate) fn table(overrides: &Overrides, most_rows: usize) -> Table {
    let mut table = Table::new([text("distinct id"), text("override")]);
    for (id, of) in overrides.iter().take(most_rows) {
        let words = match of {
            Override::Threshold(threshold) => format!("T = {}", count(threshold.get())),
            Override::Unattributed => "unattributed".to_owned(),
            Override::Hot => "hot from the first event".to_owned(),
        };
        table.row([value_cell(Some(id)), words]);
    }
    table
}
