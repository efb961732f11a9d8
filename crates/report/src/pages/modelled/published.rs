//! Published figures beside ours.

use hotshard::SimulationReport;
use hotshard_page::{Cell, Column, Section, Table, Unit};

/// A table of them.
pub(super) fn section(report: &SimulationReport) -> Section {
    let section = Section::new("Published figures");
    if report.comparisons.is_empty() {
        return section;
    }
    let columns = [
        Column::new("published in", Unit::Number),
        Column::new("figure", Unit::Number),
        Column::new("theirs", Unit::Number),
        Column::new("at least", Unit::Number),
        Column::new("at most", Unit::Number),
        Column::new("ours", Unit::Number),
        Column::new("verdict", Unit::Number),
    ];
    let mut table = Table::new("Published figures and ours", columns);
    for comparison in &report.comparisons {
        let published = &comparison.published;
        table = table.row([
            Cell::from(published.source.as_str()),
            Cell::from(published.what.as_str()),
            Cell::from(published.value),
            Cell::from(published.low),
            Cell::from(published.high),
            Cell::from(comparison.ours),
            Cell::from(if comparison.agrees() { "agrees" } else { "differs" }),
        ]);
    }
    section.table(table)
}
