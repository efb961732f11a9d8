//! Overrides for single ids.

use std::collections::BTreeMap;

use hotshard::{Override, Overrides};
use serde::Serialize;

/// The ids that are treated differently, by how.
#[derive(Debug, Default, Serialize)]
pub(crate) struct OverridesJson<'a> {
    thresholds: BTreeMap<&'a str, u64>,
    unattributed: Vec<&'a str>,
    hot: Vec<&'a str>,
}

impl<'a> From<&'a Overrides> for OverridesJson<'a> {
    fn from(overrides: &'a Overrides) -> Self {
        let mut json = Self::default();
        for (id, of) in overrides.iter() {
            match of {
                Override::Threshold(threshold) => {
                    json.thresholds.insert(id, threshold.get());
                }
                Override::Unattributed => json.unattributed.push(id),
                Override::Hot => json.hot.push(id),
            }
        }
        json
    }
}
