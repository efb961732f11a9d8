//! The table of a chart.

use crate::draw::count;
use crate::text::{NAME, cut};
use crate::{Bars, Categories, Cell, Chart, Column, Line, Lines, Table, Unit};

/// The data of a chart, a row for each category or x.
pub(crate) fn table(chart: &Chart, caption: &str) -> Table {
    match chart {
        Chart::Bars(chart) => bars(chart, caption),
        Chart::Lines(chart) if share_x(chart) => side_by_side(chart, caption),
        Chart::Lines(chart) => one_after_another(chart, caption),
    }
}

fn bars(chart: &Bars, caption: &str) -> Table {
    let unit = match chart.categories {
        Categories::Numbered => Unit::Count,
        Categories::Named(_) => chart.category.unit,
    };
    let mut table = Table::new(caption, [Column::new(chart.category.label.clone(), unit)]);
    for series in &chart.series {
        table.columns.push(Column::new(series.name.clone(), chart.value.unit));
    }
    let rows = match &chart.categories {
        Categories::Numbered => count(chart),
        Categories::Named(names) => names.len(),
    };
    for row in 0..rows {
        let category = match &chart.categories {
            Categories::Numbered => Cell::Number(row as f64),
            Categories::Named(names) => names.get(row).map(|name| cut(name, NAME)).into(),
        };
        let numbers = chart.series.iter().map(|series| series.values.get(row).copied().into());
        table.rows.push(std::iter::once(category).chain(numbers).collect());
    }
    table
}

/// Whether all lines have points at the same x.
fn share_x(chart: &Lines) -> bool {
    let mut lines = chart.lines.iter();
    let Some(first) = lines.next() else { return true };
    lines.all(|line| {
        line.points.len() == first.points.len()
            && line.points.iter().zip(&first.points).all(|(a, b)| a.x.to_bits() == b.x.to_bits())
    })
}

fn has_spread(line: &Line) -> bool {
    line.points.iter().any(|point| point.between.is_some())
}

fn side_by_side(chart: &Lines, caption: &str) -> Table {
    let mut table = Table::new(caption, [Column::new(chart.x.label.clone(), chart.x.unit)]);
    for line in &chart.lines {
        table.columns.push(Column::new(line.name.clone(), chart.y.unit));
        if has_spread(line) {
            let end = |end: &str| {
                Column::new(format!("{}, {end}", cut(&line.name, NAME - 8)), chart.y.unit)
            };
            table.columns.extend([end("low"), end("high")]);
        }
    }
    let xs = chart.lines.first().map_or(&[][..], |line| &line.points);
    for (row, point) in xs.iter().enumerate() {
        let mut cells = vec![Cell::Number(point.x)];
        for line in &chart.lines {
            let point = line.points.get(row);
            cells.push(point.map(|point| point.y).into());
            if has_spread(line) {
                let between = point.and_then(|point| point.between);
                cells.push(between.map(|(low, _)| low).into());
                cells.push(between.map(|(_, high)| high).into());
            }
        }
        table.rows.push(cells);
    }
    table
}

fn one_after_another(chart: &Lines, caption: &str) -> Table {
    let mut table = Table::new(
        caption,
        [
            Column::new("series", Unit::Number),
            Column::new(chart.x.label.clone(), chart.x.unit),
            Column::new(chart.y.label.clone(), chart.y.unit),
        ],
    );
    let spread = chart.lines.iter().any(has_spread);
    if spread {
        table.columns.extend(["low", "high"].map(|end| Column::new(end, chart.y.unit)));
    }
    for line in &chart.lines {
        for point in &line.points {
            let mut cells = vec![cut(&line.name, NAME).into(), point.x.into(), point.y.into()];
            if spread {
                cells.push(point.between.map(|(low, _)| low).into());
                cells.push(point.between.map(|(_, high)| high).into());
            }
            table.rows.push(cells);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Axis, Spread};

    fn empty() -> Lines {
        Lines::new(Axis::new("T", Unit::Count), Axis::new("max/mean", Unit::Ratio))
    }

    #[test]
    fn lines_over_the_same_x_stand_side_by_side() {
        let chart = empty().line(Line::new("hash", [(1.0, 6.0), (2.0, 7.0)])).line(Line::between(
            "pkg",
            [(1.0, 2.0, 1.0, 3.0), (2.0, 2.5, 1.5, 3.5)],
            Spread::Band,
        ));
        let table = table(&Chart::Lines(chart), "");
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["T", "hash", "pkg", "pkg, low", "pkg, high"]);
        assert_eq!(table.rows[1], [2.0, 7.0, 2.5, 1.5, 3.5].map(Cell::Number));
    }

    #[test]
    fn lines_over_different_x_stand_one_after_another() {
        let chart = empty()
            .line(Line::new("hash", [(1.0, 6.0)]))
            .line(Line::new("pkg", [(2.0, 7.0), (3.0, 8.0)]));
        let table = table(&Chart::Lines(chart), "");
        assert_eq!(table.rows.len(), 3);
        assert_eq!(table.rows[2], ["pkg".into(), 3.0.into(), Cell::Number(8.0)]);
    }
}
