//! Numbers of categories.

use crate::{Axis, Reference};

/// A number for each category, in one or more series.
///
/// Few bars stand side by side. Many get a panel a series, one below the other on one scale; and when
/// there are more categories than a panel has room for, neighbours share a bar, which is as high as
/// the highest of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// What the categories are called; the label and unit of the axis below.
    pub category: Axis,
    /// The categories.
    pub categories: Categories,
    /// The axis of the numbers. Bars stand on 0, which a logarithmic scale does not have: with it,
    /// numbered categories get markers instead, or ranges from the lowest to the highest of those that
    /// share one. Named ones always get bars.
    pub value: Axis,
    /// The series, in the order of their colours.
    pub series: Vec<Series>,
    /// Values to hold the bars against: the mean, a threshold.
    pub references: Vec<Reference>,
}

/// The categories of a bar chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Categories {
    /// 0, 1, 2 and so on, as many as the longest series has numbers.
    Numbered,
    /// By name. Numbers past the last name are not drawn.
    Named(Vec<String>),
}

/// Numbers of one kind, one a category.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What they are.
    pub name: String,
    /// The numbers. What is not finite or below 0 is not drawn, and said not to be.
    pub values: Vec<f64>,
}

impl Bars {
    /// Bars of categories that are numbered from 0.
    #[must_use]
    pub fn numbered(category: Axis, value: Axis) -> Self {
        Self {
            category,
            categories: Categories::Numbered,
            value,
            series: Vec::new(),
            references: Vec::new(),
        }
    }

    /// Bars of named categories.
    #[must_use]
    pub fn named<S: Into<String>>(
        category: Axis,
        names: impl IntoIterator<Item = S>,
        value: Axis,
    ) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        Self { categories: Categories::Named(names), ..Self::numbered(category, value) }
    }

    /// With one more series.
    #[must_use]
    pub fn series(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// With a line at this value of the axis of numbers.
    #[must_use]
    pub fn reference(mut self, label: impl Into<String>, at: f64) -> Self {
        self.references.push(Reference::y(label, at));
        self
    }
}

impl Series {
    /// Numbers and what they are.
    #[must_use]
    pub fn new(name: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        Self { name: name.into(), values: values.into_iter().collect() }
    }
}
