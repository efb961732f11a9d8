//! A calibration, and the file that carries it to another machine.

use std::fs;
use std::path::Path;

use hotshard_sim::{FitError, ServiceLaw, ServiceModel};
use serde::{Deserialize, Serialize};

use super::{CalibrationError, Machine};
use crate::Error;

/// How many quantiles of measured over modelled times stand for all of them.
const QUANTILES: u32 = 20;

/// What the fixed counts ([`FIXED_COUNTS`](crate::FIXED_COUNTS)) cost a shard on one machine, as
/// fitted to measured times.
///
/// ```no_run
/// use hotshard::{Calibrate, Calibration};
///
/// Calibrate::new().run()?.write("this-machine.json".as_ref())?;
/// // Also somewhere else, and later:
/// let calibration = Calibration::read("this-machine.json".as_ref())?;
/// let model = calibration.all_counts();
/// let (rows, bytes) = (2_000_000, (2e6 * calibration.bytes_per_row()) as u64);
/// println!("{} ms, modelled", model.service_ns(rows, bytes) / 1e6);
/// # Ok::<(), hotshard::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// What was calibrated.
    pub machine: Machine,
    /// When, in milliseconds since 1970.
    pub made_at_ms: i64,
    /// Fewest rows of a shard that was measured.
    pub rows_from: u64,
    /// Most rows of a shard that was measured.
    pub rows_to: u64,
    /// One fit for each of the fixed counts.
    pub counts: Vec<CountFit>,
    /// How long it took, in nanoseconds.
    pub elapsed_ns: u64,
}

/// What one of the fixed counts costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CountFit {
    /// Its name in [`FIXED_COUNTS`](crate::FIXED_COUNTS).
    pub name: String,
    /// The time of a shard that has its processor to itself.
    #[serde(rename = "modelled_service")]
    pub service: ServiceModel,
    /// Bytes that it reads of a row, in the largest shards that were measured.
    pub bytes_per_row: f64,
    /// How far the model is from what was measured.
    pub fit_error: FitError,
    /// The time after the last shard, until there is an answer.
    #[serde(rename = "modelled_merge")]
    pub merge: MergeModel,
    /// How many times as long a shard takes while every core works on another one, which shares
    /// caches and memory with it; 1 where they do not feel each other.
    pub contention: f64,
    /// Each measured time with the modelled one.
    pub residuals: Vec<Residual>,
    /// Why the measured times should not be trusted, if so.
    pub noise: Option<String>,
}

/// The time that merging the answers of all shards takes. Modelled, never measured, time.
#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeModel {
    /// What it takes in any case, in nanoseconds.
    pub base_ns: f64,
    /// Nanoseconds a shard.
    pub shard_ns: f64,
    /// Nanoseconds a row in the whole store.
    pub row_ns: f64,
    /// Nanoseconds a row that a remedy spread: ids and copies that may be in several shards are
    /// exchanged.
    pub spread_ns: f64,
}

/// A measured time and the modelled one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Residual {
    /// Rows of the shard.
    pub rows: u64,
    /// Bytes read of it.
    pub bytes: u64,
    /// What it took, with a processor to itself: the median of the repeats. Shards of a store that
    /// are about alike stand together, as their means.
    pub measured_ns: u64,
    /// What the model says.
    pub modelled_ns: f64,
}

/// The file: the calibration, and its version in front.
#[derive(Serialize)]
struct Written<'a> {
    format: u64,
    #[serde(flatten)]
    calibration: &'a Calibration,
}

/// The one field that every version has.
#[derive(Deserialize)]
struct Head {
    format: u64,
}

impl MergeModel {
    /// The time for so many shards and rows, of which a remedy spread some, in nanoseconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a model is not exact to 53 bits")]
    pub fn merge_ns(&self, shards: usize, rows: u64, spread: u64) -> f64 {
        self.base_ns
            + self.shard_ns * shards as f64
            + self.row_ns * rows as f64
            + self.spread_ns * spread as f64
    }
}

impl CountFit {
    /// How measured times vary around modelled ones: twenty quantiles of the one over the other.
    /// Fixed without residuals.
    #[must_use]
    pub fn law(&self) -> ServiceLaw {
        let ratio = |each: &Residual| {
            #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a measured time")]
            let measured = each.measured_ns as f64;
            (each.modelled_ns > 0.0).then(|| measured / each.modelled_ns)
        };
        let mut ratios: Vec<f64> = self.residuals.iter().filter_map(ratio).collect();
        ratios.sort_by(f64::total_cmp);
        if ratios.is_empty() {
            return ServiceLaw::Fixed;
        }
        let quantile = |number: u32| {
            let place = (2 * number as usize + 1) * ratios.len() / (2 * QUANTILES as usize);
            ratios.get(place).copied().unwrap_or(1.0)
        };
        ServiceLaw::Residuals((0..QUANTILES).map(quantile).collect())
    }
}

impl Calibration {
    /// The version of the file.
    pub const FORMAT: u64 = 1;

    /// Reads the file that [`Calibration::write`] wrote.
    ///
    /// # Errors
    /// When the file cannot be read, is no calibration, is one of another format, or has numbers
    /// that no measurement gives.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let failed = |source| CalibrationError::Read { path: path.to_owned(), source };
        let text = fs::read(path).map_err(failed)?;
        let wrong = |source| CalibrationError::NotCalibration { path: path.to_owned(), source };
        let head: Head = serde_json::from_slice(&text).map_err(wrong)?;
        if head.format != Self::FORMAT {
            let (path, found) = (path.to_owned(), head.format);
            return Err(CalibrationError::Format { path, found, known: Self::FORMAT }.into());
        }
        let calibration: Self = serde_json::from_slice(&text).map_err(wrong)?;
        calibration.check(path)?;
        Ok(calibration)
    }

    /// Writes it as JSON, to be read on this machine or another one.
    ///
    /// # Errors
    /// When the file cannot be written, and for numbers that no measurement gives.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        self.check(path)?;
        let failed = |source| CalibrationError::Write { path: path.to_owned(), source };
        let written = Written { format: Self::FORMAT, calibration: self };
        let mut text = serde_json::to_vec_pretty(&written).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        fs::write(path, text).map_err(failed)?;
        Ok(())
    }

    /// What one of the fixed counts costs, by its name.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<&CountFit> {
        self.counts.iter().find(|count| count.name == name)
    }

    /// All counts, one after another: the sum of their models, for shards whose rows have
    /// [`Calibration::bytes_per_row`].
    #[must_use]
    pub fn all_counts(&self) -> ServiceModel {
        let sum = |of: fn(&CountFit) -> f64| self.counts.iter().map(of).sum::<f64>();
        let bytes_per_row = self.bytes_per_row();
        // Each count reads bytes of its own; a byte of all of them costs what one does on average.
        let bytes_ns = sum(|count| count.service.byte_ns * count.bytes_per_row);
        ServiceModel {
            base_ns: sum(|count| count.service.base_ns),
            row_ns: sum(|count| count.service.row_ns),
            byte_ns: if bytes_per_row > 0.0 { bytes_ns / bytes_per_row } else { 0.0 },
        }
    }

    /// The merges of all counts, one after another.
    #[must_use]
    pub fn all_merges(&self) -> MergeModel {
        let sum = |of: fn(&MergeModel) -> f64| -> f64 {
            self.counts.iter().map(|count| of(&count.merge)).sum()
        };
        MergeModel {
            base_ns: sum(|merge| merge.base_ns),
            shard_ns: sum(|merge| merge.shard_ns),
            row_ns: sum(|merge| merge.row_ns),
            spread_ns: sum(|merge| merge.spread_ns),
        }
    }

    /// Bytes that all counts together read of a row.
    #[must_use]
    pub fn bytes_per_row(&self) -> f64 {
        self.counts.iter().map(|count| count.bytes_per_row).sum()
    }

    /// Nothing but numbers that measurements give.
    fn check(&self, path: &Path) -> Result<(), CalibrationError> {
        if self.counts.is_empty() {
            return Err(CalibrationError::Empty { path: path.to_owned() });
        }
        for count in &self.counts {
            for (what, value) in count.numbers() {
                if !(value.is_finite() && value >= 0.0) {
                    let what = format!("{what} of `{}`", count.name);
                    return Err(CalibrationError::Number { path: path.to_owned(), what, value });
                }
            }
        }
        Ok(())
    }
}

impl CountFit {
    /// Every number that must not be negative, by its name in the file.
    fn numbers(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let (service, merge, error) = (self.service, self.merge, self.fit_error);
        let residuals = self.residuals.iter().map(|each| ("modelled_ns", each.modelled_ns));
        [
            ("base_ns", service.base_ns),
            ("row_ns", service.row_ns),
            ("byte_ns", service.byte_ns),
            ("bytes_per_row", self.bytes_per_row),
            ("base_ns of the merge", merge.base_ns),
            ("shard_ns of the merge", merge.shard_ns),
            ("row_ns of the merge", merge.row_ns),
            ("spread_ns of the merge", merge.spread_ns),
            ("contention", self.contention),
            ("the median error", error.median),
            ("the 95th percentile of errors", error.p95),
        ]
        .into_iter()
        .chain(residuals)
    }
}
