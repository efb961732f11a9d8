//! Upright bars, side by side.

use maud::{Markup, html};

use crate::draw::domain::{Domain, End};
use crate::draw::layout::{Area, Layout, px};
use crate::draw::references::near;
use crate::draw::room::Room;
use crate::draw::ticks::linear_step;
use crate::draw::{Drawing, Names, Spacing, axes, can_stand, marks, references, spacing};
use crate::text::{NAME, cut};
use crate::{Axis, Bars, Reference, ReferenceAxis, Scale, Unit};

/// Most columns of a panel; past these, neighbours share one.
pub(crate) const MOST_COLUMNS: usize = 128;

/// The narrowest column that stands among others, in units of the drawing.
const NARROWEST: f64 = 4.5;

/// Whether there is room for the bars of all series side by side.
pub(crate) fn fit(chart: &Bars, layout: Layout) -> bool {
    let bars = count(chart) * chart.series.len();
    count(chart) <= MOST_COLUMNS && bars as f64 * NARROWEST <= layout.width() * 0.88
}

/// How many categories there are.
pub(crate) fn count(chart: &Bars) -> usize {
    chart.series.iter().map(|series| series.values.len()).max().unwrap_or(0)
}

/// Draws all series on one plot.
pub(crate) fn draw(chart: &Bars, layout: Layout) -> Drawing {
    let (domain, level) = value_domain(chart, 5);
    let top = layout.line() + 10.0;
    let area = Area {
        left: axes::left_margin(&domain, layout),
        top,
        right: layout.width() - 8.0,
        bottom: top + layout.plot_height(),
    };
    let (slots, series) = (count(chart), chart.series.len());
    let slot = area.width() / slots.max(1) as f64;
    let gap = if slot > 8.0 { slot * 0.18 } else { slot * 0.1 };
    let width = (slot - gap) / series.max(1) as f64;
    let mut room = Room::default();
    for series in &chart.series {
        fill_room(&mut room, &domain, area, slots, series.values.iter().copied().enumerate());
    }
    let body = html! {
        (axes::left_name(&chart.value.label, layout))
        (axes::left(&domain, area, layout))
        @for (number, series) in chart.series.iter().enumerate() {
            g class=(marks::colour(number)) {
                @for (category, &value) in series.values.iter().enumerate().filter(|(_, value)| can_stand(chart, **value)) {
                    @let x = area.left + slot * category as f64 + gap / 2.0 + width * number as f64;
                    @let tooltip = tooltip(chart, number, category, value);
                    @match spacing(chart) {
                        Spacing::Linear => (column(&domain, area, x, width, value, marks::fill(number), &tooltip)),
                        Spacing::Log => path.mark d=(marks::marker(number, x + width / 2.0, area.y(domain.nearest_share(value)))) {
                            title { (tooltip) }
                        },
                    }
                }
            }
        }
        (axes::below_at(numbered(slots, 1, area, layout), &chart.category.label, area, layout))
        (references::level(&level, &domain, area, layout, &mut room))
    };
    Drawing { height: area.bottom + axes::bottom_margin(layout), body, names: Names::Legend }
}

/// The axis of the bars' numbers, and the references that are on it.
pub(crate) fn value_domain(chart: &Bars, about: usize) -> (Domain, Vec<&Reference>) {
    let axis = value_axis(chart);
    let values = chart.series.iter().flat_map(|series| &series.values).copied();
    let mut values: Vec<f64> = values.filter(|&value| can_stand(chart, value)).collect();
    let level: Vec<&Reference> = near(&chart.references, ReferenceAxis::Y, &axis, &values)
        .into_iter()
        .filter(|reference| reference.at >= 0.0)
        .collect();
    values.extend(level.iter().map(|reference| reference.at));
    (Domain::of(&axis, values, End::Tick, about), level)
}

/// Tells which part of the plot columns take, of so many side by side.
pub(crate) fn fill_room(
    room: &mut Room,
    domain: &Domain,
    area: Area,
    slots: usize,
    values: impl IntoIterator<Item = (usize, f64)>,
) {
    let slots = slots.max(1) as f64;
    for (column, value) in values {
        if let Some(share) = domain.share(value) {
            let (left, right) =
                (area.x(column as f64 / slots), area.x((column as f64 + 1.0) / slots));
            room.holds(Area { left, top: area.y(share), right, bottom: area.bottom });
        }
    }
}

/// The axis of the bars' numbers as it is drawn.
pub(crate) fn value_axis(chart: &Bars) -> Axis {
    let scale = match spacing(chart) {
        Spacing::Linear => Scale::Linear,
        Spacing::Log => Scale::Log,
    };
    Axis { scale, ..chart.value.clone() }
}

/// One column. What is not 0 is seen, however low.
pub(crate) fn column(
    domain: &Domain,
    area: Area,
    x: f64,
    width: f64,
    value: f64,
    fill: &str,
    tooltip: &str,
) -> Markup {
    let y = area.y(domain.nearest_share(value));
    let height = if value > 0.0 { (area.bottom - y).max(1.0) } else { 0.0 };
    html! {
        rect.bar.(fill) x=(px2(x)) y=(px(area.bottom - height)) width=(px2(width)) height=(px(height)) {
            title { (tooltip) }
        }
    }
}

/// A length to a hundredth, so that columns stand evenly.
fn px2(length: f64) -> String {
    format!("{length:.2}")
}

/// Round category numbers with the middles of their columns, of which each stands for some categories.
pub(crate) fn numbered(
    categories: usize,
    each: usize,
    area: Area,
    layout: Layout,
) -> Vec<(f64, String)> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a step between category numbers: whole, and 1 or more"
    )]
    let step = linear_step(categories as f64, layout.ticks_below(), Unit::Count).max(1.0) as usize;
    let columns = categories.div_ceil(each.max(1)).max(1);
    let middle = |category: usize| {
        let column = category / each.max(1);
        area.x((column as f64 + 0.5) / columns as f64)
    };
    let numbers = (0..categories).step_by(step);
    numbers.map(|category| (middle(category), Unit::Count.write(category as f64))).collect()
}

fn tooltip(chart: &Bars, series: usize, category: usize, value: f64) -> String {
    let name = chart.series.get(series).map_or("", |series| &series.name);
    let (name, label) = (cut(name, NAME), cut(&chart.category.label, NAME));
    format!("{name}: {} at {label} {category}", chart.value.unit.write(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Series;

    fn of(series: &[&[f64]]) -> Bars {
        let empty = Bars::numbered(Axis::new("shard", Unit::Count), Axis::new("rows", Unit::Count));
        series.iter().fold(empty, |bars, values| bars.series(Series::new("", values.to_vec())))
    }

    #[test]
    fn a_low_bar_is_seen_and_none_is_not() {
        let drawing = draw(&of(&[&[1e9, 1.0, 0.0]]), Layout::Wide).body.into_string();
        assert_eq!(drawing.matches("height=\"1\"").count(), 1);
        assert_eq!(drawing.matches("height=\"0\"").count(), 1);
    }

    #[test]
    fn bars_stand_side_by_side_while_there_is_room() {
        let shards = vec![1.0; 64];
        let two = of(&[&shards, &shards]);
        assert!(fit(&two, Layout::Wide) && !fit(&two, Layout::Narrow));
        assert!(!fit(&of(&[&shards, &shards, &shards]), Layout::Wide));
    }
}
