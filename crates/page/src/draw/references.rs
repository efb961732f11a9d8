//! Lines of values to hold a chart against.

use maud::{Markup, html};

use crate::draw::domain::{Domain, Spacing};
use crate::draw::layout::{Area, Layout, px};
use crate::text::cut;
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

/// Whether the references' names are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Yes,
    No,
}

/// Level lines, named at the right end, above them if there is room.
pub(crate) fn level(
    references: &[&Reference],
    domain: &Domain,
    area: Area,
    layout: Layout,
    named: Named,
) -> Markup {
    let mut taken: Vec<f64> = Vec::new();
    html! {
        @for reference in references {
            @if let Some(share) = domain.share(reference.at) {
                @let y = area.y(share);
                line.reference x1=(px(area.left)) x2=(px(area.right)) y1=(px(y)) y2=(px(y)) {}
                @if named == Named::Yes {
                    @let name = cut(&reference.label, layout.letters_in(area.width()).min(NAME));
                    @let baseline = free_baseline(y, area, layout, &mut taken);
                    text.reference x=(px(area.right - 2.0)) y=(px(baseline)) text-anchor="end" { (name) }
                }
            }
        }
    }
}

/// The baseline of a name of a level line: above it, or else below, where no other name stands.
fn free_baseline(y: f64, area: Area, layout: Layout, taken: &mut Vec<f64>) -> f64 {
    let (above, below) = (y - 5.0, y + layout.font() + 2.0);
    let is_free = |baseline: f64| {
        baseline - layout.font() > area.top
            && baseline < area.bottom
            && taken.iter().all(|other| (other - baseline).abs() >= layout.font())
    };
    let baseline = [above, below, above - layout.line(), below + layout.line()]
        .into_iter()
        .find(|&baseline| is_free(baseline))
        .unwrap_or(above.max(area.top + layout.font()));
    taken.push(baseline);
    baseline
}

/// Upright lines, named at the top beside them, each on a line of its own.
pub(crate) fn upright(
    references: &[&Reference],
    domain: &Domain,
    area: Area,
    layout: Layout,
) -> Markup {
    let placed = references.iter().filter_map(|reference| {
        Some((area.x(domain.share(reference.at)?), cut(&reference.label, NAME)))
    });
    html! {
        @for (row, (x, name)) in placed.enumerate() {
            @let is_right = x + layout.text_width(&name) + 8.0 <= area.right;
            @let at = if is_right { x + 6.0 } else { x - 6.0 };
            @let baseline = (area.top + layout.font() + row as f64 * layout.line()).min(area.bottom);
            line.reference x1=(px(x)) x2=(px(x)) y1=(px(area.top)) y2=(px(area.bottom)) {}
            text.reference x=(px(at)) y=(px(baseline)) text-anchor=(if is_right { "start" } else { "end" }) { (name) }
        }
    }
}
