//! Axes: grid, ticks and their names.

use maud::{Markup, html};

use crate::draw::domain::Domain;
use crate::draw::layout::{Area, Layout, px};
use crate::text::{NAME, cut};

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
    let name = cut(name, layout.letters_in(layout.width()).min(NAME));
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
    let mut free_from = f64::NEG_INFINITY;
    let mut shown = Vec::new();
    for (x, text) in ticks {
        let half = layout.text_width(&text) / 2.0;
        // A text at either end is moved inwards rather than cut.
        let middle = x.max(half).min(layout.width() - half);
        if middle - half >= free_from {
            free_from = middle + half + GAP;
            shown.push((x, middle, text));
        }
    }
    let name = cut(name, layout.letters_in(layout.width()).min(NAME));
    let half = layout.text_width(&name) / 2.0;
    let middle = area.x(0.5).max(half).min((layout.width() - half).max(half));
    html! {
        line.axis x1=(px(area.left)) x2=(px(area.right)) y1=(px(area.bottom)) y2=(px(area.bottom)) {}
        @for (x, middle, text) in shown {
            line.axis x1=(px(x)) x2=(px(x)) y1=(px(area.bottom)) y2=(px(area.bottom + 4.0)) {}
            text.tick x=(px(middle)) y=(px(area.bottom + layout.line())) text-anchor="middle" { (text) }
        }
        text.name x=(px(middle)) y=(px(area.bottom + 2.0 * layout.line() + 2.0)) text-anchor="middle" { (name) }
    }
}
