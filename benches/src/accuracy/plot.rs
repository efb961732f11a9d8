//! The plot: `docs/accuracy.svg`.

use std::fmt::{self, Write};

use super::figures::{bytes, count};
use super::method::Method;
use super::{Accuracy, MEMORIES, Run, StreamResult, stream};

const WIDTH: f64 = 920.0;
const HEIGHT: f64 = 440.0;
const PANEL_WIDTH: f64 = 360.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 330.0;
/// Zero has a step of its own below 1.
const DECADES: u32 = 6;

/// One of the two diagrams.
struct Panel {
    left: f64,
    title: &'static str,
    value: fn(&Run) -> u64,
}

const PANELS: [Panel; 2] = [
    Panel { left: 88.0, title: "Events late, worst hot id", value: |run| run.outcome.worst_late },
    Panel { left: 536.0, title: "Innocents declared hot", value: |run| run.outcome.innocents },
];

/// The plotted stream's errors over memory: text that stands in light and in dark pages.
#[must_use]
pub fn svg(accuracy: &Accuracy) -> String {
    let mut svg = String::new();
    if let Some(stream) = accuracy.streams.iter().find(|stream| stream.name == stream::PLOTTED) {
        // Writing to a string never fails.
        let _ = write_svg(&mut svg, stream);
    }
    svg
}

fn write_svg(svg: &mut String, stream: &StreamResult) -> fmt::Result {
    writeln!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title">
<title id="title">Lateness and innocents over memory on {name}, one line a method</title>
<style>
  text {{ font: 13px system-ui, sans-serif; fill: #1f2328; }}
  .name {{ font-weight: 600; }}
  .grid {{ stroke: #8c959f; stroke-opacity: 0.35; }}
  .line {{ fill: none; stroke-width: 2.5; stroke-linejoin: round; }}
  @media (prefers-color-scheme: dark) {{ text {{ fill: #e6edf3; }} }}
</style>"##,
        name = stream.name
    )?;
    for panel in &PANELS {
        axes(svg, panel)?;
        for method in Method::ALL {
            line(svg, panel, stream, method)?;
        }
    }
    for (place, method) in Method::ALL.into_iter().enumerate() {
        legend(svg, method, place)?;
    }
    writeln!(svg, "</svg>")
}

fn axes(svg: &mut String, panel: &Panel) -> fmt::Result {
    let (left, right) = (panel.left, panel.left + PANEL_WIDTH);
    writeln!(svg, r#"<text class="name" x="{left}" y="28">{}</text>"#, panel.title)?;
    for step in 0..=DECADES + 1 {
        let value = step.checked_sub(1).map_or(0, |decade| 10_u64.pow(decade));
        let y = y(value);
        writeln!(
            svg,
            r#"<line class="grid" x1="{left}" y1="{y:.1}" x2="{right}" y2="{y:.1}"/><text x="{:.1}" y="{:.1}" text-anchor="end">{}</text>"#,
            left - 8.0,
            y + 4.0,
            count(value)
        )?;
    }
    for (place, memory) in MEMORIES.into_iter().enumerate() {
        writeln!(
            svg,
            r#"<text x="{:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
            x(panel, place),
            BOTTOM + 26.0,
            bytes(memory)
        )?;
    }
    Ok(())
}

fn line(svg: &mut String, panel: &Panel, stream: &StreamResult, method: Method) -> fmt::Result {
    let (color, dashes, place) = look(method);
    let runs = stream.runs.iter().filter(|run| run.method == method);
    let points: Vec<(f64, f64)> = runs
        .enumerate()
        .map(|(size, run)| {
            let value = (panel.value)(run);
            // Lines at zero would cover each other.
            let aside = if value == 0 { (f64::from(place) - 2.0) * 3.5 } else { 0.0 };
            (x(panel, size), y(value) + aside)
        })
        .collect();
    let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    writeln!(
        svg,
        r#"<polyline class="line" stroke="{color}" stroke-dasharray="{dashes}" points="{}"/>"#,
        path.join(" ")
    )?;
    for (x, y) in points {
        writeln!(svg, r#"<circle cx="{x:.1}" cy="{y:.1}" r="3.5" fill="{color}"/>"#)?;
    }
    Ok(())
}

fn legend(svg: &mut String, method: Method, place: usize) -> fmt::Result {
    let (color, dashes, _) = look(method);
    let (column, row) = (place % 3, place / 3);
    let x = 88.0 + 280.0 * step(column);
    let y = 394.0 + 26.0 * step(row);
    writeln!(
        svg,
        r#"<line class="line" stroke="{color}" stroke-dasharray="{dashes}" x1="{x}" y1="{y}" x2="{}" y2="{y}"/><text x="{}" y="{}">{method}</text>"#,
        x + 34.0,
        x + 42.0,
        y + 4.5
    )
}

/// Color, dashes and number of a method's line. The colors are of Okabe and Ito's palette, which
/// most people can tell apart.
fn look(method: Method) -> (&'static str, &'static str, u8) {
    match method {
        Method::MisraGriesMinimum => ("#0072b2", "none", 0),
        Method::MisraGriesMedian => ("#56b4e9", "8 4", 1),
        Method::SpaceSavingLowerBound => ("#009e73", "2 4", 2),
        Method::SpaceSavingEstimate => ("#e69f00", "8 4", 3),
        Method::CountMin => ("#d55e00", "none", 4),
    }
}

fn x(panel: &Panel, size: usize) -> f64 {
    let between = (PANEL_WIDTH - 48.0) / step(MEMORIES.len() - 1);
    panel.left + 24.0 + between * step(size)
}

#[expect(clippy::cast_precision_loss, reason = "a coordinate needs no more than 53 bits")]
fn y(value: u64) -> f64 {
    let steps = if value == 0 { 0.0 } else { 1.0 + (value as f64).log10() };
    BOTTOM - (BOTTOM - TOP) * steps / f64::from(DECADES + 1)
}

#[expect(clippy::cast_precision_loss, reason = "a handful of columns")]
fn step(place: usize) -> f64 {
    place as f64
}
