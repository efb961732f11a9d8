//! What a store is: settings that hold for its whole life, and overrides for single ids.

use std::path::Path;

use hotshard_event::{Overrides, Remedy, Threshold, TimeZone};
use serde::{Deserialize, Serialize};

use crate::router::HASH_SEED;
use crate::{Error, PromotedColumn, Router, ShardCount};

/// The settings a store is created with, and its overrides, which alone can change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    project: String,
    shards: ShardCount,
    hash: Hash,
    hash_seed: u64,
    time_zone: TimeZone,
    threshold: Threshold,
    remedy: Remedy,
    promoted: Vec<PromotedColumn>,
    #[serde(default, skip_serializing_if = "Overrides::is_empty")]
    overrides: Overrides,
}

/// The hash of the router. Readers that know no other refuse a store with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Hash {
    Xxh64,
}

/// Settings asked for: those left out come from the store, or are the defaults of a new one.
///
/// ```
/// use hotshard_event::{Remedy, Threshold};
/// use hotshard_store::{Settings, ShardCount};
///
/// let settings = Settings {
///     shards: Some(ShardCount::new(16)?),
///     threshold: Some(Threshold::new(100)),
///     remedy: Some(Remedy::Split),
///     ..Settings::default()
/// };
/// # Ok::<(), hotshard_store::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Number of shards; 64 by default.
    pub shards: Option<ShardCount>,
    /// Threshold T; 200 000 by default.
    pub threshold: Option<Threshold>,
    /// What happens to excess; renamed by default.
    pub remedy: Option<Remedy>,
    /// Whose midnights cut days; UTC by default.
    pub time_zone: Option<TimeZone>,
    /// Properties with a column of their own; none by default.
    pub promoted: Option<Vec<PromotedColumn>>,
}

impl Identity {
    /// The identity of a new store with these settings.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            project: "default".to_owned(),
            shards: settings.shards.unwrap_or_default(),
            hash: Hash::Xxh64,
            hash_seed: HASH_SEED,
            time_zone: settings.time_zone.unwrap_or_default(),
            threshold: settings.threshold.unwrap_or_default(),
            remedy: settings.remedy.unwrap_or_default(),
            promoted: settings.promoted.clone().unwrap_or_default(),
            overrides: Overrides::default(),
        }
    }

    /// The same identity with other overrides.
    #[must_use]
    pub fn with_overrides(self, overrides: Overrides) -> Self {
        Self { overrides, ..self }
    }

    /// Whether a store with this identity is what was asked for.
    pub(crate) fn check(&self, root: &Path, asked: &Settings) -> Result<(), Error> {
        let mismatch = |setting, asked: String, stored: String| {
            Err(Error::Mismatch { path: root.to_path_buf(), setting, asked, stored })
        };
        if let Some(shards) = asked.shards.filter(|shards| *shards != self.shards) {
            return mismatch("--shards", shards.to_string(), self.shards.to_string());
        }
        if let Some(threshold) = asked.threshold.filter(|threshold| *threshold != self.threshold) {
            return mismatch("--threshold", threshold.to_string(), self.threshold.to_string());
        }
        if let Some(remedy) = asked.remedy.filter(|remedy| *remedy != self.remedy) {
            return mismatch("--remedy", remedy.to_string(), self.remedy.to_string());
        }
        if let Some(zone) = asked.time_zone.filter(|zone| *zone != self.time_zone) {
            return mismatch("--time-zone", zone.to_string(), self.time_zone.to_string());
        }
        match &asked.promoted {
            Some(promoted) if *promoted != self.promoted => {
                mismatch("--promote", listed(promoted), listed(&self.promoted))
            }
            _ => Ok(()),
        }
    }

    /// Number of shards N.
    #[must_use]
    pub const fn shards(&self) -> ShardCount {
        self.shards
    }

    /// The router over those shards.
    #[must_use]
    pub const fn router(&self) -> Router {
        Router::new(self.shards)
    }

    /// Whose midnights cut days.
    #[must_use]
    pub const fn time_zone(&self) -> TimeZone {
        self.time_zone
    }

    /// Threshold T.
    #[must_use]
    pub const fn threshold(&self) -> Threshold {
        self.threshold
    }

    /// What happens to excess.
    #[must_use]
    pub const fn remedy(&self) -> Remedy {
        self.remedy
    }

    /// Properties with a column of their own.
    #[must_use]
    pub fn promoted(&self) -> &[PromotedColumn] {
        &self.promoted
    }

    /// Ids that are treated differently from now on.
    #[must_use]
    pub const fn overrides(&self) -> &Overrides {
        &self.overrides
    }
}

fn listed(promoted: &[PromotedColumn]) -> String {
    if promoted.is_empty() {
        return "nothing".to_owned();
    }
    promoted.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
