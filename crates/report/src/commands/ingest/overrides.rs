//! Overrides on the command line.

use std::str::FromStr;

use clap::Args;
use hotshard::{Override, OverrideChanges, ParseError, Threshold};

/// The names of the arguments here, any of which makes an ingest without an input useful.
pub(super) const OVERRIDE_ARGS: [&str; 4] = ["threshold_for", "unattributed", "hot", "no_override"];

/// What changes about single ids. It is kept with the store and holds for events ingested from now
/// on, by this ingest and later ones; keys that are hot already stay hot.
#[derive(Debug, Args)]
#[command(next_help_heading = "Overrides for single ids, kept with the store")]
pub(super) struct OverrideArgs {
    /// Give an id a threshold of its own, for events ingested from now on; repeat it for more ids.
    /// What follows the last = is the threshold.
    #[arg(long, value_name = "ID=N", allow_hyphen_values = true)]
    threshold_for: Vec<ThresholdFor>,
    /// Store events of this id as if they had been sent with "", from now on; they keep it in
    /// mp_original_distinct_id.
    #[arg(long, value_name = "ID", allow_negative_numbers = true)]
    unattributed: Vec<String>,
    /// Treat this id as hot from its first event on; keys that are hot already stay hot anyway.
    #[arg(long, value_name = "ID", allow_negative_numbers = true)]
    hot: Vec<String>,
    /// Treat this id as any other again, from now on.
    #[arg(long, value_name = "ID", allow_negative_numbers = true)]
    no_override: Vec<String>,
}

impl OverrideArgs {
    /// All of it together.
    pub(super) fn changes(&self) -> Result<OverrideChanges, ParseError> {
        let mut changes = OverrideChanges::default();
        for ThresholdFor { id, threshold } in &self.threshold_for {
            changes.set(id, Override::Threshold(*threshold))?;
        }
        for id in &self.unattributed {
            changes.set(id, Override::Unattributed)?;
        }
        for id in &self.hot {
            changes.set(id, Override::Hot)?;
        }
        for id in &self.no_override {
            changes.remove(id)?;
        }
        Ok(changes)
    }
}

/// An id and its own threshold.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ThresholdFor {
    id: String,
    threshold: Threshold,
}

impl FromStr for ThresholdFor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (id, threshold) = text.rsplit_once('=').ok_or_else(|| {
            format!("`{text}` names no threshold; write ID=N, for example user_id=5000")
        })?;
        let threshold = threshold.parse().map_err(|error: ParseError| error.to_string())?;
        Ok(Self { id: id.to_owned(), threshold })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_follows_the_last_equals_sign() {
        let of = |id: &str, events| {
            Ok(ThresholdFor { id: id.to_owned(), threshold: Threshold::new(events) })
        };
        assert_eq!("user_id=5000".parse(), of("user_id", 5_000));
        assert_eq!("a=b==200_000".parse(), of("a=b=", 200_000));
        assert_eq!("=1".parse(), of("", 1));
        let message = |text: &str| text.parse::<ThresholdFor>().unwrap_err();
        assert!(message("user_id").starts_with("`user_id` names no threshold; write ID=N"));
        assert!(message("a=b").starts_with("`b` is not a threshold"));
        assert!(message("a=").starts_with("`` is not a threshold"));
    }
}
