//! A chart with its words.

use crate::{Bars, Lines};

/// A chart with its title, its caption and its data.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The anchor of the figure. What no anchor may hold becomes `-`; a second figure of the same id
    /// gets a number.
    pub id: String,
    /// What is shown.
    pub title: String,
    /// What to see in it, under the title.
    pub caption: Option<String>,
    /// The chart.
    pub chart: Chart,
}

/// What can be drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// A number for each of some categories, in one or more series.
    Bars(Bars),
    /// Numbers against numbers, in one or more series.
    Lines(Lines),
}

impl Figure {
    /// A chart under a title.
    #[must_use]
    pub fn new(id: impl Into<String>, title: impl Into<String>, chart: Chart) -> Self {
        Self { id: id.into(), title: title.into(), caption: None, chart }
    }

    /// With what to see in it.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = Some(caption.into());
        self
    }
}
