//! Numbers as people read them.

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Whole things: `1,234,567`, on an axis `1.2 M`.
    Count,
    /// A ratio: `1.23`.
    Ratio,
    /// A share of 1, written in hundredths: `12.3 %`.
    Share,
    /// Nanoseconds: `1.23 ms`.
    Time,
    /// Bytes: `1.5 MiB`.
    Bytes,
    /// Things a second: `1.2 k/s`.
    PerSecond,
    /// Any other number, to four digits.
    #[default]
    Number,
}

impl Unit {
    /// The number in full, as in a table.
    #[must_use]
    pub fn write(self, number: f64) -> String {
        format!("{number}")
    }
}
