//! A calibration as JSON.

use std::path::Path;

use hotshard::Calibration;
use serde::Serialize;

/// The content of its file, and where that is.
#[derive(Debug, Serialize)]
pub(crate) struct CalibrationJson<'a> {
    format: u64,
    #[serde(flatten)]
    calibration: &'a Calibration,
    out: Option<String>,
}

impl<'a> CalibrationJson<'a> {
    pub(crate) fn new(calibration: &'a Calibration, out: Option<&Path>) -> Self {
        Self {
            format: Calibration::FORMAT,
            calibration,
            out: out.map(|path| path.display().to_string()),
        }
    }
}
