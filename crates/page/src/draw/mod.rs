//! Charts as SVG.
//!
//! All lengths are units of the drawing, which the window scales; texts are set at sizes that stay
//! readable where each [`Layout`] is shown.

mod axes;
mod columns;
mod domain;
mod labels;
mod layout;
mod lines;
mod marks;
mod panels;
mod path;
mod references;
mod room;
mod rows;
mod ticks;

use maud::Markup;

pub(crate) use columns::{count, value_axis};
pub(crate) use domain::Spacing;
pub(crate) use layout::Layout;
pub(crate) use lines::shows;
pub(crate) use marks::{Kind, swatch};
pub(crate) use panels::joins;
pub(crate) use references::is_near;
pub(crate) use rows::MOST_ROWS;

use crate::{Bars, Categories, Chart};

/// A chart, drawn.
#[derive(Debug)]
pub(crate) struct Drawing {
    /// How high it is; its width is the layout's.
    pub(crate) height: f64,
    /// The elements.
    pub(crate) body: Markup,
    /// Who says which series is which.
    pub(crate) names: Names,
}

/// Where the names of the series stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// In the drawing.
    Inside,
    /// In a legend beside it.
    Legend,
}

/// Draws a chart; none if there is nothing to draw.
pub(crate) fn draw(chart: &Chart, layout: Layout) -> Option<Drawing> {
    match chart {
        Chart::Lines(chart) => lines::draw(chart, layout),
        Chart::Bars(chart) => bars(chart, layout),
    }
}

fn bars(chart: &Bars, layout: Layout) -> Option<Drawing> {
    if !chart.series.iter().flat_map(|series| &series.values).any(|&value| can_stand(chart, value))
    {
        return None;
    }
    Some(match &chart.categories {
        Categories::Named(names) => rows::draw(chart, names, layout),
        Categories::Numbered if columns::fit(chart, layout) => columns::draw(chart, layout),
        Categories::Numbered => panels::draw(chart, layout),
    })
}

/// How the numbers of bars are spaced. Bars stand on 0, which logarithms do not have: upright ones
/// become markers or ranges then, lying ones stay linear.
pub(crate) fn spacing(chart: &Bars) -> Spacing {
    match chart.categories {
        Categories::Numbered => Spacing::of(chart.value.scale),
        Categories::Named(_) => Spacing::Linear,
    }
}

/// Whether the chart can show the number.
pub(crate) fn can_stand(chart: &Bars, value: f64) -> bool {
    value >= 0.0 && spacing(chart).fits(value)
}
