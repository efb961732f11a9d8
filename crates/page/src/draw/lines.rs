//! Charts of lines.

use maud::{Markup, html};

use crate::draw::domain::{Domain, End, Spacing};
use crate::draw::labels::{LONGEST, Label, MOST_LABELS, apart};
use crate::draw::layout::{Area, Layout, px};
use crate::draw::path::Spot;
use crate::draw::references::near;
use crate::draw::room::Room;
use crate::draw::{Drawing, Names, axes, marks, path, references};
use crate::text::{NAME, cut};
use crate::{Line, Lines, Point, Reference, ReferenceAxis, Spread};

/// A line with at most so many points shows a marker at each.
const MARKED_POINTS: usize = 40;
/// A longer one shows so many over the width of the plot.
const MARKS: f64 = 8.0;

/// Where everything is.
struct Frame<'a> {
    x: Domain,
    y: Domain,
    upright: Vec<&'a Reference>,
    level: Vec<&'a Reference>,
    area: Area,
    layout: Layout,
}

/// Draws the lines; nothing if no point can be drawn.
pub(crate) fn draw(chart: &Lines, layout: Layout) -> Option<Drawing> {
    let mut frame = Frame::of(chart, layout)?;
    let runs: Vec<Vec<Vec<Spot>>> = chart.lines.iter().map(|line| frame.runs(line)).collect();
    let labels = end_labels(chart, &runs, &frame);
    if let Some(labels) = &labels {
        let widest = labels.iter().map(|label| layout.bold_width(&label.name)).fold(0.0, f64::max);
        frame.area.right = layout.width() - widest - 14.0;
    }
    // Names take room from the plot, which moves the points.
    let runs: Vec<Vec<Vec<Spot>>> = chart.lines.iter().map(|line| frame.runs(line)).collect();
    let Frame { x, y, area, .. } = &frame;
    let mut room = room(&runs);
    let body = html! {
        (axes::left_name(&chart.y.label, layout))
        (axes::left(y, *area, layout))
        (axes::below(x, &chart.x.label, *area, layout))
        @for (series, (line, runs)) in chart.lines.iter().zip(&runs).enumerate() {
            (spreads(series, line, runs))
        }
        (references::upright(&frame.upright, x, *area, layout, &mut room))
        @for (series, runs) in runs.iter().enumerate() { (curve(series, runs)) }
        @for (series, line) in chart.lines.iter().enumerate() { (marked(chart, series, line, &frame)) }
        (references::level(&frame.level, y, *area, layout, &mut room))
        @for label in labels.iter().flatten() {
            text.end.(marks::colour(label.series)) x=(px(area.right + 10.0))
                y=(px(label.y + layout.font() * 0.35)) { (label.name) }
        }
    };
    let names = if labels.is_some() { Names::Inside } else { Names::Legend };
    Some(Drawing { height: area.bottom + axes::bottom_margin(layout), body, names })
}

/// Whether the chart can show a point.
pub(crate) fn shows(chart: &Lines, point: &Point) -> bool {
    Spacing::of(chart.x.scale).fits(point.x) && Spacing::of(chart.y.scale).fits(point.y)
}

impl<'a> Frame<'a> {
    fn of(chart: &'a Lines, layout: Layout) -> Option<Self> {
        let points = || chart.lines.iter().flat_map(|line| &line.points);
        let shown = || points().filter(|point| shows(chart, point));
        let mut xs: Vec<f64> = shown().map(|point| point.x).collect();
        let ends = shown().flat_map(|point| point.between.into_iter().flat_map(<[f64; 2]>::from));
        let mut ys: Vec<f64> = shown().map(|point| point.y).chain(ends).collect();
        if xs.is_empty() {
            return None;
        }
        let upright = near(&chart.references, ReferenceAxis::X, &chart.x, &xs);
        let level = near(&chart.references, ReferenceAxis::Y, &chart.y, &ys);
        xs.extend(upright.iter().map(|reference| reference.at));
        ys.extend(level.iter().map(|reference| reference.at));
        let x = Domain::of(&chart.x, xs, End::Data, layout.ticks_below());
        let y = Domain::of(&chart.y, ys, End::Tick, 5);
        let top = layout.line() + 10.0;
        let area = Area {
            left: axes::left_margin(&y, layout),
            top,
            right: layout.width() - 8.0,
            bottom: top + layout.plot_height(),
        };
        Some(Self { x, y, upright, level, area, layout })
    }

    fn spot(&self, point: &Point) -> Option<Spot> {
        let (x, y) = (self.x.share(point.x)?, self.y.share(point.y)?);
        let end = |end: f64| {
            let share = if end.is_nan() { y } else { self.y.nearest_share(end) };
            self.area.y(share)
        };
        let (low, high) = point.between.unwrap_or((point.y, point.y));
        Some(Spot { x: self.area.x(x), y: self.area.y(y), low: end(low), high: end(high) })
    }

    /// The points of a line as pieces without gaps.
    fn runs(&self, line: &Line) -> Vec<Vec<Spot>> {
        let spots: Vec<Option<Spot>> = line.points.iter().map(|point| self.spot(point)).collect();
        let pieces = spots.split(Option::is_none);
        pieces
            .map(|piece| piece.iter().copied().flatten().collect::<Vec<_>>())
            .filter(|run| !run.is_empty())
            .collect()
    }
}

/// The room that the lines and their spreads leave.
fn room(runs: &[Vec<Vec<Spot>>]) -> Room {
    let mut room = Room::default();
    for run in runs.iter().flatten().map(|run| path::thin(run)) {
        let ends = run.iter().zip(run.iter().skip(1).chain(run.last()));
        for (from, to) in ends {
            // A slope is held as steps, each as high as it is.
            let steps = ((to.x - from.x).abs() / 8.0).ceil().clamp(1.0, 200.0);
            for step in (0_u32..200).map(f64::from).take_while(|&step| step < steps) {
                let at = |a: f64, b: f64, step: f64| a + (b - a) * step / steps;
                let (left, right) = (at(from.x, to.x, step), at(from.x, to.x, step + 1.0));
                let (high, low) = (from.high.min(from.y), from.low.max(from.y));
                let (next_high, next_low) = (to.high.min(to.y), to.low.max(to.y));
                let top = at(high, next_high, step).min(at(high, next_high, step + 1.0));
                let bottom = at(low, next_low, step).max(at(low, next_low, step + 1.0));
                room.holds(Area {
                    left: left.min(right) - 1.0,
                    top: top - 1.0,
                    right: left.max(right) + 1.0,
                    bottom: bottom + 1.0,
                });
            }
        }
    }
    room
}

/// The names at the lines' ends, if every line ends at the right and has room for its name there.
fn end_labels(chart: &Lines, runs: &[Vec<Vec<Spot>>], frame: &Frame) -> Option<Vec<Label>> {
    if frame.layout == Layout::Narrow || chart.lines.len() > MOST_LABELS {
        return None;
    }
    let nearly_right = frame.area.x(0.98);
    let label = |(series, (line, runs)): (usize, (&Line, &Vec<Vec<Spot>>))| {
        let end = runs.last()?.last()?;
        let fits = end.x >= nearly_right && line.name.chars().count() <= LONGEST;
        fits.then(|| Label { series, name: cut(&line.name, LONGEST), y: end.y })
    };
    let labels: Option<Vec<Label>> = chart.lines.iter().zip(runs).enumerate().map(label).collect();
    apart(labels?, frame.area.bottom, frame.layout)
}

fn spreads(series: usize, line: &Line, runs: &[Vec<Spot>]) -> Markup {
    let is_spread = line.points.iter().any(|point| point.between.is_some());
    html! {
        @if is_spread {
            g class=(marks::colour(series)) {
                @match line.spread {
                    Spread::Band => @for run in runs {
                        path.band d=(path::band(&path::thin(run))) {}
                    },
                    Spread::ErrorBars => path.whisker d=(whiskers(runs)) {},
                }
            }
        }
    }
}

fn whiskers(runs: &[Vec<Spot>]) -> String {
    let whisker = |spot: &Spot| {
        let (x, low, high) = (px(spot.x), px(spot.low), px(spot.high));
        let left = px(spot.x - 4.0);
        format!("M{x},{low}V{high}M{left},{low}h8M{left},{high}h8")
    };
    runs.iter().flatten().filter(|spot| spot.low != spot.high).map(whisker).collect()
}

fn curve(series: usize, runs: &[Vec<Spot>]) -> Markup {
    html! {
        g class=(marks::colour(series)) {
            @for run in runs.iter().filter(|run| run.len() > 1) {
                path.curve d=(path::line(&path::thin(run))) stroke-dasharray=(marks::dash(series)) {}
            }
        }
    }
}

/// Markers with what they stand for as their tooltips. Those of long lines stand apart from those of
/// other lines.
fn marked(chart: &Lines, series: usize, line: &Line, frame: &Frame) -> Markup {
    let shown = line.points.iter().filter(|point| shows(chart, point));
    let spots: Vec<(&Point, Spot)> =
        shown.filter_map(|point| Some((point, frame.spot(point)?))).collect();
    let apart = if spots.len() <= MARKED_POINTS { 0.0 } else { frame.area.width() / MARKS };
    let offset = apart * (series as f64 + 0.5) / chart.lines.len().max(1) as f64;
    let mut last = frame.area.left + offset - apart;
    let marked = spots.into_iter().filter(|(_, spot)| {
        let is_far = (spot.x - last).abs() >= apart;
        last = if is_far { spot.x } else { last };
        is_far
    });
    let name = cut(&line.name, NAME);
    html! {
        g class=(marks::colour(series)) {
            @for (point, spot) in marked {
                path.mark d=(marks::marker(series, spot.x, spot.y)) {
                    title { (tooltip(chart, &name, point)) }
                }
            }
        }
    }
}

fn tooltip(chart: &Lines, name: &str, point: &Point) -> String {
    let (x, y) = (chart.x.unit.write(point.x), chart.y.unit.write(point.y));
    let label = cut(&chart.x.label, NAME);
    match point.between {
        Some((low, high)) => {
            let (low, high) = (chart.y.unit.write(low), chart.y.unit.write(high));
            format!("{name}: {y} ({low} to {high}) at {label} {x}")
        }
        None => format!("{name}: {y} at {label} {x}"),
    }
}
