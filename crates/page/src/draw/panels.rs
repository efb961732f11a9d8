//! Many bars: a panel a series, one below the other, on one scale.

use maud::{Markup, html};

use crate::draw::columns::{self, MOST_COLUMNS, column, count, numbered, value_domain};
use crate::draw::domain::Domain;
use crate::draw::layout::{Area, Layout, px};
use crate::draw::references;
use crate::draw::room::Room;
use crate::draw::{Drawing, Names, Spacing, axes, can_stand, marks, spacing};
use crate::text::{NAME, cut};
use crate::{Bars, Series, Unit};

/// The numbers of some neighbouring categories.
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
    /// The lowest of their numbers.
    pub(crate) lowest: f64,
}

/// How many categories share a column.
pub(crate) fn each(categories: usize) -> usize {
    categories.div_ceil(MOST_COLUMNS).max(1)
}

/// The highest number of every so many categories, and which has it; without groups of which none can
/// be drawn.
pub(crate) fn peaks(chart: &Bars, series: &Series, each: usize) -> Vec<Peak> {
    let group = |(number, values): (usize, &[f64])| {
        let from = number * each;
        let drawable = || values.iter().enumerate().filter(|(_, value)| can_stand(chart, **value));
        // Of equal numbers the first.
        let highest = drawable().rev().max_by(|(_, a), (_, b)| a.total_cmp(b));
        let lowest = drawable().map(|(_, &value)| value).fold(f64::INFINITY, f64::min);
        highest.map(|(at, &value)| Peak {
            from,
            to: from + values.len() - 1,
            category: from + at,
            value,
            lowest,
        })
    };
    series.values.chunks(each.max(1)).enumerate().filter_map(group).collect()
}

/// Draws the panels.
pub(crate) fn draw(chart: &Bars, layout: Layout) -> Drawing {
    let (domain, level) = value_domain(chart, 3);
    let left = axes::left_margin(&domain, layout);
    // Narrow: the highest number stands below the name, not beside it.
    let lines = if layout == Layout::Wide { 1.0 } else { 2.0 };
    let (plot, heading) = (layout.plot_height() * 0.45, lines * layout.line() + 10.0);
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
            @let mut room = room(chart, series, each, &domain, area);
            (title(chart, number, series, area, layout))
            (axes::left(&domain, area, layout))
            g class=(marks::colour(number)) {
                @for peak in peaks(chart, series, each) {
                    @let columns = categories.div_ceil(each).max(1) as f64;
                    @let (x, width) = (area.x((peak.from / each) as f64 / columns), area.width() / columns);
                    @let (x, width) = (x + width * 0.08, width * 0.84);
                    @match spacing(chart) {
                        Spacing::Linear => (column(&domain, area, x, width, peak.value, "solid", &tooltip(chart, peak))),
                        Spacing::Log => (range(&domain, area, x, width, peak, &tooltip(chart, peak))),
                    }
                }
            }
            line.axis x1=(px(area.left)) x2=(px(area.right)) y1=(px(area.bottom)) y2=(px(area.bottom)) {}
            @match number {
                0 => (references::level(&level, &domain, area, layout, &mut room)),
                _ => (references::level_lines(&level, &domain, area)),
            }
        }
        (axes::below_at(numbered(categories, each, last, layout), &chart.category.label, last, layout))
    };
    Drawing { height: last.bottom + axes::bottom_margin(layout), body, names: Names::Inside }
}

/// The room that a panel's columns leave.
fn room(chart: &Bars, series: &Series, each: usize, domain: &Domain, area: Area) -> Room {
    let mut room = Room::default();
    let columns = count(chart).div_ceil(each);
    let highest = peaks(chart, series, each).into_iter().map(|peak| (peak.from / each, peak.value));
    columns::fill_room(&mut room, domain, area, columns, highest);
    room
}

/// From the lowest to the highest of a column's numbers, and seen even if they are equal.
fn range(domain: &Domain, area: Area, x: f64, width: f64, peak: Peak, tooltip: &str) -> Markup {
    let y = |value: f64| area.y(domain.nearest_share(value));
    let (low, high) = (y(peak.lowest), y(peak.value));
    let height = (low - high).max(3.0);
    let top = ((low + high - height) / 2.0).clamp(area.top, area.bottom - height);
    html! {
        rect.bar.solid x=(px(x)) y=(px(top)) width=(px(width)) height=(px(height)) rx="1" { title { (tooltip) } }
    }
}

/// The name of the series above its panel, and where its highest number is.
fn title(chart: &Bars, number: usize, series: &Series, area: Area, layout: Layout) -> Markup {
    let line = if layout == Layout::Wide { 0.0 } else { layout.line() };
    let (baseline, below) = (area.top - 8.0 - line, area.top - 8.0);
    let highest = peaks(chart, series, series.values.len().max(1)).first().map(|peak| {
        let label = cut(&chart.category.label, 16);
        let category = Unit::Count.write(peak.category as f64);
        format!("highest: {}, {label} {category}", chart.value.unit.write(peak.value))
    });
    let beside = highest.as_deref().filter(|_| layout == Layout::Wide);
    let room = area.width() - beside.map_or(0.0, |text| layout.text_width(text)) - 30.0;
    html! {
        g class=(marks::colour(number)) {
            rect.bar.solid x=(px(area.left)) y=(px(baseline - 9.5)) width="10" height="10" rx="2" {}
        }
        text.series x=(px(area.left + 16.0)) y=(px(baseline)) { (layout.fit(&series.name, room, NAME)) }
        @if let Some(highest) = highest {
            @match layout {
                Layout::Wide => text.tick x=(px(area.right)) y=(px(below)) text-anchor="end" { (highest) },
                Layout::Narrow => text.tick x=(px(area.left)) y=(px(below)) { (highest) },
            }
        }
    }
}

fn tooltip(chart: &Bars, peak: Peak) -> String {
    let label = cut(&chart.category.label, 40);
    let value = chart.value.unit.write(peak.value);
    let [from, to, category] =
        [peak.from, peak.to, peak.category].map(|number| Unit::Count.write(number as f64));
    if peak.from == peak.to {
        format!("{value} at {label} {category}")
    } else {
        let lowest = chart.value.unit.write(peak.lowest);
        format!("{from} to {to}: at most {value} (at {label} {category}), at least {lowest}")
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
    use crate::Axis;

    #[test]
    fn neighbours_share_a_column_as_high_as_the_highest() {
        let series = Series::new("rows", [1.0, 7.0, 7.0, f64::NAN, -1.0, 2.0, f64::INFINITY]);
        let shard = || Axis::new("shard", Unit::Count);
        let peaks = peaks(&Bars::numbered(shard(), shard()), &series, 3);
        let seen: Vec<_> = peaks.iter().map(|peak| (peak.from, peak.to, peak.category)).collect();
        assert_eq!(seen, [(0, 2, 1), (3, 5, 5)]);
        assert_eq!((peaks[0].lowest, peaks[0].value), (1.0, 7.0));
        assert_eq!([each(0), each(128), each(129), each(3_200)], [1, 1, 2, 25]);
    }
}
