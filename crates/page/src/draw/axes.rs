//! Axes: grid, ticks and their names.

use maud::{Markup, html};

use crate::draw::domain::Domain;
use crate::draw::layout::{Area, Layout, px};
use crate::text::NAME;

/// Between a tick's text and the plot.
const GAP: f64 = 8.0;

/// The room that the texts of an axis at the left need.
pub(crate) fn left_margin(domain: &Domain, layout: Layout) -> f64 {
    let widest =
        domain.labels().iter().map(|(_, text)| layout.text_width(text)).fold(0.0, f64::max);
    widest + GAP
}

/// The room below the plot: ticks, and the axis' name.
pub(crate) fn bottom_margin(layout: Layout) -> f64 {
    2.0 * layout.line() + GAP
}

/// The name of the axis at the left, above it: nobody has to turn their head.
pub(crate) fn left_name(name: &str, layout: Layout) -> Markup {
    let name = layout.fit(name, layout.width(), NAME);
    html! { text.name x="0" y=(px(layout.font())) { (name) } }
}

/// Level grid lines with their texts at the left.
pub(crate) fn left(domain: &Domain, area: Area, layout: Layout) -> Markup {
    html! {
        @for (tick, text) in domain.labels() {
            @if let Some(share) = domain.share(tick) {
                @let y = area.y(share);
                line.grid x1=(px(area.left)) x2=(px(area.right)) y1=(px(y)) y2=(px(y)) {}
                text.tick x=(px(area.left - GAP)) y=(px(y + layout.font() * 0.35)) text-anchor="end" { (text) }
            }
        }
    }
}

/// The axis below: ticks, as many texts as have room, and the name.
pub(crate) fn below(domain: &Domain, name: &str, area: Area, layout: Layout) -> Markup {
    let ticks = domain
        .labels()
        .into_iter()
        .filter_map(|(tick, text)| Some((area.x(domain.share(tick)?), text)));
    below_at(ticks, name, area, layout)
}

/// The same for ticks that stand at these places, from the left.
pub(crate) fn below_at(
    ticks: impl IntoIterator<Item = (f64, String)>,
    name: &str,
    area: Area,
    layout: Layout,
) -> Markup {
    let shown = with_room(ticks, layout);
    let name = layout.fit(name, layout.width(), NAME);
    let half = layout.text_width(&name) / 2.0;
    let middle = area.x(0.5).max(half).min((layout.width() - half).max(half));
    html! {
        line.axis x1=(px(area.left)) x2=(px(area.right)) y1=(px(area.bottom)) y2=(px(area.bottom)) {}
        @for tick in shown {
            line.axis x1=(px(tick.mark)) x2=(px(tick.mark)) y1=(px(area.bottom)) y2=(px(area.bottom + 4.0)) {}
            text.tick x=(px(tick.middle)) y=(px(area.bottom + layout.line())) text-anchor="middle" { (tick.text) }
        }
        text.name x=(px(middle)) y=(px(area.bottom + 2.0 * layout.line() + 2.0)) text-anchor="middle" { (name) }
    }
}

/// Where a tick's mark is, and where the middle of its text.
#[derive(Debug, Clone, PartialEq)]
struct Tick {
    mark: f64,
    middle: f64,
    text: String,
}

/// Every tick, or every second, or third and so on, so that no text touches the next.
fn with_room(ticks: impl IntoIterator<Item = (f64, String)>, layout: Layout) -> Vec<Tick> {
    let place = |(mark, text): (f64, String)| {
        // A text at either end is moved inwards rather than cut.
        let half = layout.text_width(&text) / 2.0;
        Tick { mark, middle: mark.max(half).min(layout.width() - half), text }
    };
    let ticks: Vec<Tick> = ticks.into_iter().map(place).collect();
    let half = |tick: &Tick| layout.text_width(&tick.text) / 2.0;
    let has_room = |every: &usize| {
        let shown: Vec<&Tick> = ticks.iter().step_by(*every).collect();
        shown.windows(2).all(|pair| match pair {
            [a, b] => a.middle + half(a) + GAP <= b.middle - half(b),
            _ => true,
        })
    };
    let every = (1..=ticks.len()).find(has_room).unwrap_or(1);
    ticks.into_iter().step_by(every).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_distance_evenly() {
        let ticks = (0..17_u32).map(|at| (f64::from(at) * 20.0, format!("{},000", at * 2)));
        let shown = with_room(ticks, Layout::Narrow);
        let texts: Vec<&str> = shown.iter().map(|tick| tick.text.as_str()).collect();
        assert_eq!(texts, ["0,000", "8,000", "16,000", "24,000", "32,000"]);
        assert!(shown[0].middle > shown[0].mark, "moved inwards");
    }
}
