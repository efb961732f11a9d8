//! How the program ends.

use std::fmt;
use std::process::ExitCode;

use hotshard::{CalibrationError, Error, OutputError, QueryError, StoreError, WorkloadError};

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All of it was done.
    Done,
    /// It was answered, but something damaged is missing from the answer.
    Partial,
    /// `check` found a hot key.
    Hot,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::Partial => FAILED,
            Outcome::Hot => 3,
        })
    }
}

const FAILED: u8 = 1;
const USAGE: u8 = 2;

/// Options that are fine each, but not together.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// The exit code of a failure: usage when no input or store could make the options work.
pub(crate) fn code_of(error: &anyhow::Error) -> u8 {
    if error.chain().any(is_usage) { USAGE } else { FAILED }
}

fn is_usage(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<Error>() {
        return matches!(
            error,
            Error::BudgetTooSmall { .. }
                | Error::EmptyExperiment { .. }
                | Error::ReadOnce { .. }
                | Error::Calibration(CalibrationError::Rows { .. } | CalibrationError::NoEvents)
                | Error::TooManyKeys { .. }
                | Error::Spec(_)
                | Error::Model(_)
                | Error::Output(OutputError::OtherSpec { .. })
                | Error::Store(StoreError::Promotion { .. })
        );
    }
    if let Some(error) = error.downcast_ref::<WorkloadError>() {
        return !matches!(error, WorkloadError::Write { .. });
    }
    if let Some(error) = error.downcast_ref::<QueryError>() {
        return matches!(
            error,
            QueryError::NotInCommitRecords { .. } | QueryError::BudgetTooSmall { .. }
        );
    }
    error.is::<UsageError>() || error.is::<hotshard::ParseError>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_input_could_make_work_is_usage() {
        assert_eq!(code_of(&UsageError("no".to_owned()).into()), 2);
        assert_eq!(code_of(&Error::EmptyExperiment { missing: "input" }.into()), 2);
        assert_eq!(code_of(&WorkloadError::NoDays.into()), 2);
        let disk = std::io::Error::other("disk");
        assert_eq!(code_of(&WorkloadError::Write { events: 1, source: disk }.into()), 1);
        assert_eq!(code_of(&anyhow::anyhow!("no such file")), 1);
    }
}
