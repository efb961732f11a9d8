//! What a chart shows, in words for those who hear it.

use crate::draw::{can_stand, shows};
use crate::text::{NAME, cut};
use crate::{Axis, Bars, Categories, Chart, Line, Lines, ReferenceAxis, Scale, Series};

/// Series that are described one by one.
const MOST_SERIES: usize = 12;

/// The kind of the chart, its axes, and what each series does.
pub(crate) fn describe(chart: &Chart) -> String {
    let (mut sentences, series) = match chart {
        Chart::Bars(chart) => bars(chart),
        Chart::Lines(chart) => lines(chart),
    };
    let more = series.len().saturating_sub(MOST_SERIES);
    sentences.extend(series.into_iter().take(MOST_SERIES));
    if more > 0 {
        sentences.push(format!("{more} more series are in the data."));
    }
    sentences.join(" ")
}

fn bars(chart: &Bars) -> (Vec<String>, Vec<String>) {
    let (category, value) = (cut(&chart.category.label, NAME), cut(&chart.value.label, NAME));
    let head = vec![format!("Bars of {value} by {category}.")];
    let place = |at: usize| match &chart.categories {
        Categories::Numbered => format!("{category} {at}"),
        Categories::Named(names) => names.get(at).map_or_else(String::new, |name| cut(name, NAME)),
    };
    let series = chart.series.iter().map(|series| one_series(chart, series, place)).collect();
    (head, series)
}

fn one_series(chart: &Bars, series: &Series, place: impl Fn(usize) -> String) -> String {
    let name = cut(&series.name, NAME);
    let drawn =
        || series.values.iter().copied().enumerate().filter(|(_, value)| can_stand(chart, *value));
    let (Some(lowest), Some(highest)) = (
        drawn().min_by(|(_, a), (_, b)| a.total_cmp(b)),
        drawn().rev().max_by(|(_, a), (_, b)| a.total_cmp(b)),
    ) else {
        return format!("{name}: no bar.");
    };
    let write =
        |(at, value): (usize, f64)| format!("{} at {}", chart.value.unit.write(value), place(at));
    format!("{name}: highest {}, lowest {}.", write(highest), write(lowest))
}

fn lines(chart: &Lines) -> (Vec<String>, Vec<String>) {
    let mut head = vec![format!("Lines of {} against {}.", named(&chart.y), named(&chart.x))];
    for reference in chart.references.iter().filter(|reference| reference.at.is_finite()) {
        let unit = match reference.axis {
            ReferenceAxis::X => chart.x.unit,
            ReferenceAxis::Y => chart.y.unit,
        };
        head.push(format!("{} is at {}.", cut(&reference.label, NAME), unit.write(reference.at)));
    }
    (head, chart.lines.iter().map(|line| one_line(chart, line)).collect())
}

fn one_line(chart: &Lines, line: &Line) -> String {
    let name = cut(&line.name, NAME);
    let mut shown = line.points.iter().filter(|point| shows(chart, point));
    let Some(first) = shown.next() else { return format!("{name}: no point.") };
    let at = |point: &crate::Point| {
        format!("{} at {}", chart.y.unit.write(point.y), chart.x.unit.write(point.x))
    };
    match shown.next_back() {
        None => format!("{name}: {}.", at(first)),
        Some(last) => format!("{name}: from {} to {}.", at(first), at(last)),
    }
}

fn named(axis: &Axis) -> String {
    let log = if axis.scale == Scale::Log { " (logarithmic)" } else { "" };
    format!("{}{log}", cut(&axis.label, NAME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reference, Unit};

    #[test]
    fn charts_are_told() {
        let shard = Axis::new("shard", Unit::Count);
        let bars = Bars::numbered(shard, Axis::new("rows", Unit::Count))
            .series(Series::new("before", [5.0, 4_000.0, 4_000.0]))
            .series(Series::new("after", []));
        assert_eq!(
            describe(&Chart::Bars(bars)),
            "Bars of rows by shard. before: highest 4,000 at shard 1, lowest 5 at shard 0. after: no bar."
        );
        let lines =
            Lines::new(Axis::new("T", Unit::Count).log(), Axis::new("max/mean", Unit::Ratio))
                .line(Line::new("rename", [(1e3, 1.5), (0.0, 1.0), (1e6, 6.0)]))
                .reference(Reference::x("default T", 2e5));
        assert_eq!(
            describe(&Chart::Lines(lines)),
            "Lines of max/mean against T (logarithmic). default T is at 200,000. rename: from 1.500 at 1,000 \
             to 6.00 at 1,000,000."
        );
    }
}
