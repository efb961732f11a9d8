//! What an axis says and how it is spaced.

use crate::Unit;

/// An axis of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// What runs along it: `rows`, `max/mean`.
    pub label: String,
    /// How its numbers are written.
    pub unit: Unit,
    /// How they are spaced.
    pub scale: Scale,
}

/// How numbers are spaced on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Evenly, from 0, or from below it if there are negative numbers.
    #[default]
    Linear,
    /// Evenly, over the range of the numbers: for an axis where 0 says nothing.
    Range,
    /// By their logarithms. What is not above 0 is left out, and said to be.
    Log,
}

impl Axis {
    /// A linear axis.
    #[must_use]
    pub fn new(label: impl Into<String>, unit: Unit) -> Self {
        Self { label: label.into(), unit, scale: Scale::Linear }
    }

    /// The same over the range of its numbers.
    #[must_use]
    pub fn range(self) -> Self {
        Self { scale: Scale::Range, ..self }
    }

    /// The same with a logarithmic scale.
    #[must_use]
    pub fn log(self) -> Self {
        Self { scale: Scale::Log, ..self }
    }
}
