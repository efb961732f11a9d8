//! Bars that lie: a row for each named category, so that names can be read.

use maud::{Markup, html};

use crate::Bars;
use crate::draw::columns::value_domain;
use crate::draw::domain::Domain;
use crate::draw::layout::{Area, Layout, px};
use crate::draw::room::Room;
use crate::draw::{Drawing, Names, axes, can_stand, marks, references};
use crate::text::cut;

/// Most categories that are drawn; all are in the table.
pub(crate) const MOST_ROWS: usize = 40;

/// Most letters of a name.
const NAME: usize = 40;

/// Where the rows are.
struct Rows {
    domain: Domain,
    area: Area,
    layout: Layout,
    bar: f64,
    pitch: f64,
}

/// Draws the rows.
pub(crate) fn draw(chart: &Bars, names: &[String], layout: Layout) -> Drawing {
    // Beside the bars, a name may take a third of the width; above them, all of it.
    let room = if layout == Layout::Wide { layout.width() / 3.0 } else { layout.width() };
    let names: Vec<String> =
        names.iter().take(MOST_ROWS).map(|name| layout.fit(name, room, NAME)).collect();
    let (domain, level) = value_domain(chart, layout.ticks_below().min(6));
    let series = chart.series.len().max(1) as f64;
    // Wide: names at the left of the bars. Narrow: above them.
    let (bar, above) = match layout {
        Layout::Wide => ((26.0 / series).clamp(15.0, 20.0), 0.0),
        Layout::Narrow => (14.0, layout.line()),
    };
    let widest = names.iter().map(|name| layout.text_width(name)).fold(0.0, f64::max);
    let values = chart.series.iter().flat_map(|series| &series.values);
    let numbers = values
        .filter(|&&value| can_stand(chart, value))
        .map(|&value| chart.value.unit.write(value));
    let longest = numbers.map(|text| layout.text_width(&text)).fold(0.0, f64::max);
    let top = if level.is_empty() { 4.0 } else { level.len().min(4) as f64 * layout.line() + 4.0 };
    let pitch = above + bar * series + 12.0;
    let area = Area {
        left: if layout == Layout::Wide { widest + 12.0 } else { 2.0 },
        top,
        right: layout.width() - longest - 10.0,
        bottom: top + pitch * names.len() as f64,
    };
    let rows = Rows { domain, area, layout, bar, pitch };
    // Names of references stand above the rows, in lines of their own.
    let mut room = Room::default();
    room.holds(area);
    let body = html! {
        (rows.grid())
        @for (row, name) in names.iter().enumerate() { (rows.bars(chart, row, name)) }
        (references::upright(&level, &rows.domain, Area { top: 0.0, ..area }, layout, &mut room))
        @for (row, name) in names.iter().enumerate() { (rows.texts(chart, row, name)) }
        (axes::below(&rows.domain, &chart.value.label, area, layout))
    };
    let legend = if chart.series.len() > 1 { Names::Legend } else { Names::Inside };
    Drawing { height: area.bottom + axes::bottom_margin(layout), body, names: legend }
}

impl Rows {
    fn grid(&self) -> Markup {
        let shares = self.domain.ticks.iter().filter_map(|&tick| self.domain.share(tick));
        html! {
            @for share in shares {
                @let x = px(self.area.x(share));
                line.grid x1=(x) x2=(x) y1=(px(self.area.top)) y2=(px(self.area.bottom)) {}
            }
        }
    }

    /// Where the bar of a series is.
    fn bar(&self, chart: &Bars, row: usize, number: usize) -> Option<(f64, f64, f64)> {
        let value = *chart.series.get(number)?.values.get(row)?;
        let below_name = if self.layout == Layout::Wide { 0.0 } else { self.layout.line() };
        let top = self.top(row) + below_name + self.bar * number as f64;
        let width = self.domain.nearest_share(value) * self.area.width();
        can_stand(chart, value).then_some((top, width, value))
    }

    fn top(&self, row: usize) -> f64 {
        self.area.top + self.pitch * row as f64 + 6.0
    }

    fn bars(&self, chart: &Bars, row: usize, name: &str) -> Markup {
        html! {
            @for (number, series) in chart.series.iter().enumerate() {
                @if let Some((top, width, value)) = self.bar(chart, row, number) {
                    g class=(marks::colour(number)) {
                        rect.bar.(marks::fill(number)) x=(px(self.area.left)) y=(px(top + 1.0)) width=(px(width)) height=(px(self.bar - 2.0)) {
                            title { (name) ", " (cut(&series.name, NAME)) ": " (chart.value.unit.write(value)) }
                        }
                    }
                }
            }
        }
    }

    /// The name, and the numbers at the bars' ends.
    fn texts(&self, chart: &Bars, row: usize, name: &str) -> Markup {
        let Self { area, layout, bar, .. } = self;
        let bars = bar * chart.series.len() as f64;
        let top = self.top(row);
        let (x, y, anchor) = match layout {
            Layout::Wide => (area.left - 10.0, top + bars / 2.0 + layout.font() * 0.35, "end"),
            Layout::Narrow => (area.left, top + layout.font(), "start"),
        };
        html! {
            text.category x=(px(x)) y=(px(y)) text-anchor=(anchor) { (name) }
            @for number in 0..chart.series.len() {
                @if let Some((top, width, value)) = self.bar(chart, row, number) {
                    text.value x=(px(area.left + width + 6.0)) y=(px(top + bar / 2.0 + layout.font() * 0.35)) {
                        (chart.value.unit.write(value))
                    }
                }
            }
        }
    }
}
