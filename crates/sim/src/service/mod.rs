//! How long a shard takes for a query.

mod fit;
mod least_squares;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use fit::{FitError, ServiceFit, ServiceSample};

/// The time a shard needs for a query: a + b·rows + c·bytes. Modelled, never measured, time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceModel {
    /// a: what a shard takes that holds nothing, in nanoseconds.
    pub base_ns: f64,
    /// b: nanoseconds a row.
    pub row_ns: f64,
    /// c: nanoseconds a byte read.
    pub byte_ns: f64,
}

impl ServiceModel {
    /// The service time of a shard with these rows, of which so many bytes are read, in nanoseconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a model is not exact to 53 bits")]
    pub fn service_ns(&self, rows: u64, bytes: u64) -> f64 {
        self.base_ns + self.row_ns * rows as f64 + self.byte_ns * bytes as f64
    }
}
