//! What a drawing does not show, in words under it.

use crate::draw::{MOST_ROWS, Spacing, can_stand, is_near, joins, shows, spacing, value_axis};
use crate::text::{NAME, cut};
use crate::{Axis, Bars, Categories, Chart, Lines, Reference, ReferenceAxis, Scale, Unit};

/// With more references than this, a list says which they are.
const NAMED_REFERENCES: usize = 4;
/// Most references in that list, and most letters of each.
const LISTED_REFERENCES: usize = 24;
const SHORT: usize = 32;

/// Sentences on what is joined or left out.
pub(crate) fn notes(chart: &Chart) -> Vec<String> {
    match chart {
        Chart::Bars(chart) => bars(chart),
        Chart::Lines(chart) => lines(chart),
    }
}

fn bars(chart: &Bars) -> Vec<String> {
    let mut notes = Vec::new();
    match &chart.categories {
        Categories::Numbered => {
            if let Some(each) = joins(chart) {
                let reach = match spacing(chart) {
                    Spacing::Linear => "is as high as the highest of them",
                    Spacing::Log => "reaches from the lowest to the highest of them",
                };
                notes.push(format!("Each bar stands for {each} neighbours and {reach}."));
            }
        }
        Categories::Named(names) if names.len() > MOST_ROWS => {
            let more = Unit::Count.write((names.len() - MOST_ROWS) as f64);
            notes.push(format!("The first {MOST_ROWS} are drawn; {more} more are in the data."));
        }
        Categories::Named(_) => {}
    }
    let values: Vec<f64> = chart.series.iter().flat_map(|series| &series.values).copied().collect();
    let left_out = values.iter().filter(|&&value| !can_stand(chart, value)).count();
    let fit = match spacing(chart) {
        Spacing::Linear => "finite numbers from 0",
        Spacing::Log => "finite numbers above 0",
    };
    notes.extend(left_out_of("bar", left_out, fit));
    let value = value_axis(chart);
    notes.extend(crowded(&chart.references, &value, &value));
    notes.extend(far(&chart.references, ReferenceAxis::Y, &value, &values));
    notes
}

fn lines(chart: &Lines) -> Vec<String> {
    let points: Vec<_> = chart.lines.iter().flat_map(|line| &line.points).collect();
    let left_out = points.iter().filter(|point| !shows(chart, point)).count();
    let is_log = [chart.x.scale, chart.y.scale].contains(&Scale::Log);
    let fit = if is_log { "finite numbers above 0" } else { "finite numbers" };
    let mut notes: Vec<String> = left_out_of("point", left_out, fit).into_iter().collect();
    notes.extend(crowded(&chart.references, &chart.x, &chart.y));
    let shown = || points.iter().filter(|point| shows(chart, point));
    let xs: Vec<f64> = shown().map(|point| point.x).collect();
    let ys: Vec<f64> = shown().map(|point| point.y).collect();
    notes.extend(far(&chart.references, ReferenceAxis::X, &chart.x, &xs));
    notes.extend(far(&chart.references, ReferenceAxis::Y, &chart.y, &ys));
    notes
}

fn left_out_of(what: &str, number: usize, fit: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {what} is not drawn: the axes show {fit}.")),
        many => {
            let many = Unit::Count.write(many as f64);
            Some(format!("{many} {what}s are not drawn: the axes show {fit}."))
        }
    }
}

/// All references, if there are too many to be sure that each has its name beside it.
fn crowded(references: &[Reference], x: &Axis, y: &Axis) -> Option<String> {
    if references.len() <= NAMED_REFERENCES {
        return None;
    }
    let reference = |reference: &Reference| {
        let unit = match reference.axis {
            ReferenceAxis::X => x.unit,
            ReferenceAxis::Y => y.unit,
        };
        format!("{} at {}", cut(&reference.label, SHORT), unit.write(reference.at))
    };
    let listed: Vec<String> = references.iter().take(LISTED_REFERENCES).map(reference).collect();
    let more = if references.len() > LISTED_REFERENCES { ", and more" } else { "" };
    Some(format!("Dashed lines: {}{more}.", listed.join(", ")))
}

/// References that are too far from the numbers to be drawn with them.
fn far<'a>(
    references: &'a [Reference],
    which: ReferenceAxis,
    axis: &'a Axis,
    numbers: &'a [f64],
) -> impl Iterator<Item = String> + 'a {
    references
        .iter()
        .filter(move |reference| reference.axis == which && reference.at.is_finite())
        .filter(move |reference| !numbers.is_empty() && !is_near(reference, axis, numbers))
        .map(move |reference| {
            let at = axis.unit.write(reference.at);
            format!("{} lies outside the chart, at {at}.", cut(&reference.label, NAME))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Line, Series};

    #[test]
    fn what_is_not_drawn_is_said() {
        let lines = Lines::new(Axis::new("T", Unit::Count).log(), Axis::new("y", Unit::Ratio))
            .line(Line::new("a", [(0.0, 1.0), (10.0, 2.0), (20.0, f64::INFINITY)]))
            .reference(Reference::y("n/W", 100.0));
        assert_eq!(
            notes(&Chart::Lines(lines)),
            [
                "2 points are not drawn: the axes show finite numbers above 0.",
                "n/W lies outside the chart, at 100.00.",
            ]
        );
    }

    #[test]
    fn joined_and_cut_bars_are_said() {
        let shard = || Axis::new("shard", Unit::Count);
        let many = Bars::numbered(shard(), shard()).series(Series::new("a", vec![1.0; 3_200]));
        let said = notes(&Chart::Bars(many));
        assert_eq!(
            said,
            ["Each bar stands for 25 neighbours and is as high as the highest of them."]
        );
        let names = (0..41).map(|name| name.to_string());
        let named = Bars::named(shard(), names, shard()).series(Series::new("a", [1.0, -1.0]));
        let said = notes(&Chart::Bars(named));
        assert_eq!(said[0], "The first 40 are drawn; 1 more are in the data.");
        assert_eq!(said[1], "1 bar is not drawn: the axes show finite numbers from 0.");
    }
}
