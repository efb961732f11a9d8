//! Lines of values to hold a chart against.

use maud::{Markup, html};

use crate::draw::domain::{Domain, Spacing};
use crate::draw::layout::{Area, Layout, px};
use crate::draw::room::Room;
use crate::{Axis, Reference, ReferenceAxis};

/// Most characters of a reference's name: it stands inside the plot.
const NAME: usize = 32;

/// How far past the largest number a reference may stretch a linear axis, and a logarithmic one.
const STRETCH: f64 = 2.5;
const STRETCH_LOG: f64 = 30.0;

/// Whether a reference is near enough to the numbers to be drawn with them.
pub(crate) fn is_near(reference: &Reference, axis: &Axis, numbers: &[f64]) -> bool {
    let spacing = Spacing::of(axis.scale);
    let fitting = || numbers.iter().copied().filter(|&number| spacing.fits(number));
    let (Some(low), Some(high)) = (fitting().reduce(f64::min), fitting().reduce(f64::max)) else {
        return false;
    };
    spacing.fits(reference.at)
        && match spacing {
            Spacing::Linear => {
                let span = high.max(0.0) - low.min(0.0);
                (low.min(0.0) - span..=low.min(0.0) + STRETCH * span).contains(&reference.at)
            }
            Spacing::Log => (low / STRETCH_LOG..=high * STRETCH_LOG).contains(&reference.at),
        }
}

/// The references that are drawn on one of the axes.
pub(crate) fn near<'a>(
    references: &'a [Reference],
    which: ReferenceAxis,
    axis: &Axis,
    numbers: &[f64],
) -> Vec<&'a Reference> {
    let on_axis = references.iter().filter(|reference| reference.axis == which);
    on_axis.filter(|reference| is_near(reference, axis, numbers)).collect()
}

/// Level lines without names.
pub(crate) fn level_lines(references: &[&Reference], domain: &Domain, area: Area) -> Markup {
    let heights = references.iter().filter_map(|reference| domain.share(reference.at));
    html! {
        @for y in heights.map(|share| px(area.y(share))) {
            line.reference x1=(px(area.left)) x2=(px(area.right)) y1=(y) y2=(y) {}
        }
    }
}

/// Level lines, and their names where there is room.
pub(crate) fn level(
    references: &[&Reference],
    domain: &Domain,
    area: Area,
    layout: Layout,
    room: &mut Room,
) -> Markup {
    let lines = references.iter().filter_map(|reference| {
        Some((area.y(domain.share(reference.at)?), reference.label.as_str()))
    });
    html! {
        (level_lines(references, domain, area))
        @for (y, label) in lines {
            @let name = layout.fit(label, area.width(), NAME);
            @let width = layout.bold_width(&name);
            @let (above, below) = (y - 4.0, y + layout.font() + 2.0);
            @let (left, right) = (area.left + 4.0, area.right - width - 2.0);
            @let places = [(right, above), (left, above), (right, below), (left, below)];
            (named(&name, &places, area, layout, room))
        }
    }
}

/// Upright lines, and their names beside them, near the top.
pub(crate) fn upright(
    references: &[&Reference],
    domain: &Domain,
    area: Area,
    layout: Layout,
    room: &mut Room,
) -> Markup {
    let lines: Vec<(f64, &str)> = references
        .iter()
        .filter_map(|reference| {
            Some((area.x(domain.share(reference.at)?), reference.label.as_str()))
        })
        .collect();
    html! {
        @for (x, _) in &lines {
            line.reference x1=(px(*x)) x2=(px(*x)) y1=(px(area.top)) y2=(px(area.bottom)) {}
        }
        @for (x, label) in &lines {
            @let beside = (area.right - x).max(x - area.left) - 8.0;
            @let name = layout.fit(label, beside, NAME);
            @let (left, right) = (x - layout.bold_width(&name) - 6.0, x + 6.0);
            @let baselines = (0_u32..4).map(|row| area.top + layout.font() + f64::from(row) * layout.line());
            @let places: Vec<_> = baselines.flat_map(|y| [(right, y), (left, y)]).collect();
            (named(&name, &places, area, layout, room))
        }
    }
}

/// A name at the best of these places, each its left end and baseline; nothing if there is none.
fn named(name: &str, places: &[(f64, f64)], area: Area, layout: Layout, room: &mut Room) -> Markup {
    let boxes = places.iter().map(|&(left, baseline)| Area {
        left,
        top: baseline - layout.font(),
        right: left + layout.bold_width(name),
        bottom: baseline + 3.0,
    });
    let place = room.take(boxes, area);
    html! {
        @if let Some(place) = place {
            text.reference x=(px(place.left)) y=(px(place.bottom - 3.0)) { (name) }
        }
    }
}
