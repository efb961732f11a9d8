//! Tables that scroll by themselves.

use maud::{Markup, html};

use crate::text::{NAME, TITLE, cut};
use crate::{Cell, Column, Table, Unit};

/// Most rows of a table: a browser lays out every one.
const MOST_ROWS: usize = 5_000;

/// The table in a region that scrolls when it is wide or long.
pub(crate) fn markup(table: &Table) -> Markup {
    let caption = cut(&table.caption, TITLE);
    let more = table.rows.len().saturating_sub(MOST_ROWS);
    html! {
        div.scroll role="region" tabindex="0" aria-label=(format!("Table: {caption}")) {
            table {
                caption { (caption) }
                thead { tr {
                    @for (column, heading) in table.columns.iter().enumerate() {
                        th scope="col" class=[is_numeric(table, column).then_some("number")] { (cut(&heading.name, NAME)) }
                    }
                } }
                tbody {
                    @for row in table.rows.iter().take(MOST_ROWS) {
                        tr { @for (at, column) in table.columns.iter().enumerate() { (cell(row.get(at), column, at)) } }
                    }
                }
            }
        }
        @if more > 0 {
            p.note { "The first " (Unit::Count.write(MOST_ROWS as f64)) " rows; " (Unit::Count.write(more as f64)) " more are not shown." }
        }
    }
}

/// The first column names its row.
fn cell(cell: Option<&Cell>, column: &Column, at: usize) -> Markup {
    let (text, class) = match cell {
        Some(Cell::Text(text)) => (cut(text, NAME), None),
        Some(Cell::Number(number)) => (column.unit.write(*number), Some("number")),
        Some(Cell::Missing) | None => (String::new(), None),
    };
    html! {
        @if at == 0 { th scope="row" class=[class] { (text) } } @else { td class=[class] { (text) } }
    }
}

/// Whether a column's heading stands above numbers.
fn is_numeric(table: &Table, column: usize) -> bool {
    let mut cells = table.rows.iter().filter_map(|row| row.get(column));
    cells.find(|cell| **cell != Cell::Missing).is_some_and(|cell| matches!(cell, Cell::Number(_)))
}
