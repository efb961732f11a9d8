//! Many bars: a panel a series, one below the other, on one scale.

use maud::{Markup, html};

use crate::draw::columns::{self, MOST_COLUMNS, column, count, numbered, value_domain};
use crate::draw::layout::{Area, Layout, px};
use crate::draw::references::{self, Named};
use crate::draw::{Drawing, Names, axes, can_stand, marks};
use crate::text::cut;
use crate::{Bars, Series};

/// The highest number of some neighbouring categories.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Peak {
    /// The first of them.
    pub(crate) from: usize,
    /// The last of them.
    pub(crate) to: usize,
    /// Which has the highest number.
    pub(crate) category: usize,
    /// That number.
    pub(crate) value: f64,
}

/// How many categories share a column.
pub(crate) fn each(categories: usize) -> usize {
    categories.div_ceil(MOST_COLUMNS).max(1)
}

/// The highest number of every so many categories, and which has it; without groups of which none can
/// be drawn.
pub(crate) fn peaks(series: &Series, each: usize) -> Vec<Peak> {
    let group = |(number, values): (usize, &[f64])| {
        let from = number * each;
        let drawable = values.iter().enumerate().filter(|(_, value)| can_stand(**value));
        // Of equal numbers the first.
        let highest = drawable.rev().max_by(|(_, a), (_, b)| a.total_cmp(b));
        highest.map(|(at, &value)| Peak {
            from,
            to: from + values.len() - 1,
            category: from + at,
            value,
        })
    };
    series.values.chunks(each.max(1)).enumerate().filter_map(group).collect()
}

/// Draws the panels.
pub(crate) fn draw(chart: &Bars, layout: Layout) -> Drawing {
    let (domain, level) = value_domain(chart, 3);
    let left = axes::left_margin(&domain, layout);
    let (plot, heading) = (layout.plot_height() * 0.45, layout.line() + 10.0);
    let panel = |number: usize| {
        let top = layout.line() + number as f64 * (plot + heading + 8.0) + heading;
        Area { left, top, right: layout.width() - 8.0, bottom: top + plot }
    };
    let last = panel(chart.series.len().saturating_sub(1));
    let (categories, each) = (count(chart), each(count(chart)));
    let body = html! {
        (axes::left_name(&chart.value.label, layout))
        @for (number, series) in chart.series.iter().enumerate() {
            @let area = panel(number);
            @let named = if number == 0 { Named::Yes } else { Named::No };
            (title(chart, number, series, area, layout))
            (axes::left(&domain, area, layout))
            g class=(marks::colour(number)) {
                @for peak in peaks(series, each) {
                    @let columns = categories.div_ceil(each).max(1) as f64;
                    @let (x, width) = (area.x((peak.from / each) as f64 / columns), area.width() / columns);
                    (column(&domain, area, x + width * 0.08, width * 0.84, peak.value, "solid", &tooltip(chart, peak)))
                }
            }
            line.axis x1=(px(area.left)) x2=(px(area.right)) y1=(px(area.bottom)) y2=(px(area.bottom)) {}
            (references::level(&level, &domain, area, layout, named))
        }
        (axes::below_at(numbered(categories, each, last, layout), &chart.category.label, last, layout))
    };
    Drawing { height: last.bottom + axes::bottom_margin(layout), body, names: Names::Inside }
}

/// The name of the series above its panel, and where its highest number is.
fn title(chart: &Bars, number: usize, series: &Series, area: Area, layout: Layout) -> Markup {
    let baseline = area.top - 8.0;
    let highest = peaks(series, series.values.len().max(1)).first().map(|peak| {
        let label = cut(&chart.category.label, 16);
        format!("highest: {}, {label} {}", chart.value.unit.write(peak.value), peak.category)
    });
    let room = area.width() - highest.as_deref().map_or(0.0, |text| layout.text_width(text)) - 30.0;
    html! {
        g class=(marks::colour(number)) {
            rect.bar.solid x=(px(area.left)) y=(px(baseline - 9.5)) width="10" height="10" rx="2" {}
        }
        text.series x=(px(area.left + 16.0)) y=(px(baseline)) { (cut(&series.name, layout.letters_in(room))) }
        @if let Some(highest) = highest {
            text.tick x=(px(area.right)) y=(px(baseline)) text-anchor="end" { (highest) }
        }
    }
}

fn tooltip(chart: &Bars, peak: Peak) -> String {
    let label = cut(&chart.category.label, 40);
    let value = chart.value.unit.write(peak.value);
    if peak.from == peak.to {
        format!("{value} at {label} {}", peak.category)
    } else {
        format!("{value} at {label} {}, the highest of {} to {}", peak.category, peak.from, peak.to)
    }
}

/// Whether a drawing of the chart joins neighbours into one column.
pub(crate) fn joins(chart: &Bars) -> Option<usize> {
    let each = each(count(chart));
    (each > 1 && Layout::ALL.iter().any(|&layout| !columns::fit(chart, layout))).then_some(each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_column_as_high_as_the_highest() {
        let series = Series::new("rows", [1.0, 7.0, 7.0, f64::NAN, -1.0, 2.0, f64::INFINITY]);
        let peaks = peaks(&series, 3);
        let seen: Vec<_> = peaks.iter().map(|peak| (peak.from, peak.to, peak.category)).collect();
        assert_eq!(seen, [(0, 2, 1), (3, 5, 5)]);
        assert_eq!(peaks[0].value, 7.0);
        assert_eq!([each(0), each(128), each(129), each(3_200)], [1, 1, 2, 25]);
    }
}
