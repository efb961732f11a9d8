//! Plain tables for the terminal.

use std::fmt;

use comfy_table::{Cell, CellAlignment, ContentArrangement, TableComponent, presets};

/// A column: its heading, and where its cells stand.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    heading: String,
    alignment: CellAlignment,
}

/// A column of texts.
pub(crate) fn text(heading: impl Into<String>) -> Column {
    Column { heading: heading.into(), alignment: CellAlignment::Left }
}

/// A column of numbers.
pub(crate) fn number(heading: impl Into<String>) -> Column {
    Column { heading: heading.into(), alignment: CellAlignment::Right }
}

/// Rows under headings, without frames, as wide as they need to be: lines can be grepped and cut.
#[derive(Debug)]
pub(crate) struct Table(comfy_table::Table);

impl Table {
    pub(crate) fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        let mut table = comfy_table::Table::new();
        table
            .load_preset(presets::NOTHING)
            .set_style(TableComponent::HeaderLines, '─')
            .set_style(TableComponent::MiddleHeaderIntersections, '─')
            .set_content_arrangement(ContentArrangement::Disabled);
        let columns: Vec<Column> = columns.into_iter().collect();
        let headings =
            columns.iter().map(|column| Cell::new(&column.heading).set_alignment(column.alignment));
        table.set_header(headings.collect::<Vec<_>>());
        for (column, asked) in table.column_iter_mut().zip(&columns) {
            column.set_padding((0, 1)).set_cell_alignment(asked.alignment);
        }
        if let Some(last) = table.column_mut(columns.len().saturating_sub(1)) {
            last.set_padding((0, 0));
        }
        Self(table)
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.add_row(cells.into_iter().collect::<Vec<_>>());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.lines() {
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_right_and_lines_end_with_their_text() {
        let mut table = Table::new([text("id"), number("events")]);
        table.row(["NA".to_owned(), "206".to_owned()]);
        table.row(["N1".to_owned(), "1,206".to_owned()]);
        assert_eq!(table.to_string(), "id  events\n──────────\nNA     206\nN1   1,206\n");
    }
}
