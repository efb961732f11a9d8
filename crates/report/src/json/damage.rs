//! What is damaged.

use std::collections::BTreeMap;

use hotshard::Damage;
use serde::Serialize;

/// The damaged files, and what is wrong with each.
#[derive(Debug, Serialize)]
pub(crate) struct DamageJson {
    /// Paths relative to the store, sorted.
    damaged: Vec<String>,
    /// What is wrong, by path.
    problems: BTreeMap<String, String>,
}

impl DamageJson {
    pub(crate) fn of(damaged: &[Damage]) -> Self {
        let problems: BTreeMap<String, String> =
            damaged.iter().map(|damage| (damage.path.clone(), damage.problem.clone())).collect();
        Self { damaged: problems.keys().cloned().collect(), problems }
    }
}
