//! Numbers against numbers.

use crate::Axis;

/// One or more lines through points.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines {
    /// The axis below.
    pub x: Axis,
    /// The axis on the left.
    pub y: Axis,
    /// The lines, in the order of their colours.
    pub lines: Vec<Line>,
    /// Values to hold the lines against.
    pub references: Vec<Reference>,
}

/// A line through points.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// Its points, in the order in which they are joined. One whose x or y is not finite is a gap.
    pub points: Vec<Point>,
    /// How the points' uncertainty is drawn.
    pub spread: Spread,
}

/// A point, with how far its y is certain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Where it stands on the axis below.
    pub x: f64,
    /// How high it stands.
    pub y: f64,
    /// The lowest and highest y that it may well have.
    pub between: Option<(f64, f64)>,
}

/// How uncertainty is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spread {
    /// As a band around the line.
    #[default]
    Band,
    /// As a bar through each point.
    ErrorBars,
}

/// A value to hold a chart against: a straight line with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// What the value is: `n/W`.
    pub label: String,
    /// Which axis it is on.
    pub axis: ReferenceAxis,
    /// The value. One that is not finite is left out.
    pub at: f64,
}

/// The axis on which a reference stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceAxis {
    /// On the axis below: an upright line.
    X,
    /// On the axis at the left: a level line.
    Y,
}

impl Lines {
    /// A chart without lines.
    #[must_use]
    pub fn new(x: Axis, y: Axis) -> Self {
        Self { x, y, lines: Vec::new(), references: Vec::new() }
    }

    /// A chart of numbers by their rank, the largest at rank 1: how a load is spread, whatever it is
    /// spread over.
    #[must_use]
    pub fn sorted<S: Into<String>>(
        rank: Axis,
        y: Axis,
        loads: impl IntoIterator<Item = (S, Vec<f64>)>,
    ) -> Self {
        loads.into_iter().fold(Self::new(rank, y), |chart, (name, mut load)| {
            load.sort_by(|a, b| b.total_cmp(a));
            chart.line(Line::new(name, (1_u32..).map(f64::from).zip(load)))
        })
    }

    /// With one more line.
    #[must_use]
    pub fn line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    /// With one more value to hold the lines against.
    #[must_use]
    pub fn reference(mut self, reference: Reference) -> Self {
        self.references.push(reference);
        self
    }
}

impl Line {
    /// A line through points that are certain.
    #[must_use]
    pub fn new(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let points = points.into_iter().map(|(x, y)| Point { x, y, between: None }).collect();
        Self { name: name.into(), points, spread: Spread::default() }
    }

    /// A line through points (x, y, low, high), whose y lies between low and high.
    #[must_use]
    pub fn between(
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64, f64, f64)>,
        spread: Spread,
    ) -> Self {
        let points = points
            .into_iter()
            .map(|(x, y, low, high)| Point { x, y, between: Some((low, high)) })
            .collect();
        Self { name: name.into(), points, spread }
    }
}

impl Reference {
    /// An upright line at this x.
    #[must_use]
    pub fn x(label: impl Into<String>, at: f64) -> Self {
        Self { label: label.into(), axis: ReferenceAxis::X, at }
    }

    /// A level line at this y.
    #[must_use]
    pub fn y(label: impl Into<String>, at: f64) -> Self {
        Self { label: label.into(), axis: ReferenceAxis::Y, at }
    }
}
