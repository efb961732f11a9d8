//! How series are told apart: colour, dash and marker.

use maud::{Markup, html};

use crate::draw::layout::px;

/// How many colours there are; the style sheet has as many.
pub(crate) const COLOURS: usize = 6;

/// Dash patterns. With five of them and six colours, thirty series differ.
const DASHES: [&str; 5] = ["none", "7 4", "2 3", "11 3 2 3", "14 5"];

/// The class that gives a series its colour.
pub(crate) fn colour(series: usize) -> String {
    format!("s{}", series % COLOURS)
}

/// The dash pattern of a series.
pub(crate) fn dash(series: usize) -> &'static str {
    DASHES.get(series % DASHES.len()).copied().unwrap_or("none")
}

/// Whether a bar is filled or mostly outline: neighbours differ.
pub(crate) fn fill(series: usize) -> &'static str {
    if series.is_multiple_of(2) { "solid" } else { "open" }
}

/// The outline of the marker of a series around a point.
pub(crate) fn marker(series: usize, x: f64, y: f64) -> String {
    let at = |dx: f64, dy: f64| format!("{},{}", px(x + dx), px(y + dy));
    match series % DASHES.len() {
        0 => format!("M{}a3.5,3.5 0 1,0 7,0a3.5,3.5 0 1,0 -7,0Z", at(-3.5, 0.0)),
        1 => format!("M{}h6.4v6.4h-6.4Z", at(-3.2, -3.2)),
        2 => format!("M{}L{}L{}L{}Z", at(0.0, -4.6), at(4.6, 0.0), at(0.0, 4.6), at(-4.6, 0.0)),
        3 => format!("M{}L{}L{}Z", at(0.0, -4.4), at(4.4, 3.4), at(-4.4, 3.4)),
        _ => format!("M{}L{}L{}Z", at(0.0, 4.4), at(4.4, -3.4), at(-4.4, -3.4)),
    }
}

/// The sample of a line beside its name in a legend.
pub(crate) fn swatch(series: usize, kind: Kind) -> Markup {
    html! {
        svg.swatch.(colour(series)).(kind.name()) viewBox=(kind.view()) aria-hidden="true" focusable="false" {
            @match kind {
                Kind::Line => {
                    line.curve x1="1" x2="33" y1="7" y2="7" stroke-dasharray=(dash(series)) {}
                    path.mark d=(marker(series, 17.0, 7.0)) {}
                },
                Kind::Mark => path.mark d=(marker(series, 7.0, 7.0)) {},
                Kind::Bar => rect.bar.(fill(series)) x="0.5" y="1.5" width="13" height="11" rx="2" {},
            }
        }
    }
}

/// What a series is drawn as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Line,
    Mark,
    Bar,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Line => "of-line",
            Self::Mark | Self::Bar => "of-bar",
        }
    }

    fn view(self) -> &'static str {
        match self {
            Self::Line => "0 0 34 14",
            Self::Mark | Self::Bar => "0 0 14 14",
        }
    }
}
