//! What shards cost on this machine: a model of service times, fitted on the real query engine.

mod calibration;
mod error;
mod fit;
mod machine;
mod measured;
mod run;
mod stores;

pub use calibration::{Calibration, CountFit, MergeModel, Residual};
pub use error::CalibrationError;
pub use machine::Machine;
pub use measured::service_time;
pub use run::{Calibrate, CalibrationProgress};
