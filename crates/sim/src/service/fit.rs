//! The service time that measurements show.

use serde::{Deserialize, Serialize};

use super::ServiceModel;
use super::least_squares::{Coefficients, Equation, non_negative};
use crate::SimError;

/// Fewest distinct pairs of rows and bytes: one for each of a, b and c.
const LEAST_SAMPLES: usize = 3;
/// Most rounds of weighting; weights settle long before.
const MOST_ROUNDS: usize = 50;
/// Errors beyond so many standard deviations count less the larger they are (Huber, "Robust
/// Estimation of a Location Parameter", 1964: at 1.345, 95 % as good as plain least squares where
/// errors are normal).
const HUBER: f64 = 1.345;
/// The median of absolute errors times this is the standard deviation of normal ones.
const MEDIAN_TO_DEVIATION: f64 = 1.4826;

/// What a shard took, as a clock measured it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ServiceSample {
    /// Its rows.
    pub rows: u64,
    /// The bytes read of it.
    pub bytes: u64,
    /// Its measured service time, in nanoseconds.
    pub measured_ns: f64,
}

/// How far a model is from what was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitError {
    /// Median of |modelled/measured − 1|.
    pub median: f64,
    /// Its 95th percentile, by nearest rank.
    pub p95: f64,
    /// The share of the variance of the logarithms of measured times that the model explains: 1 is
    /// all of it. Of logarithms, since a few long times would decide it otherwise.
    pub r_squared: f64,
}

/// A fitted model and how well it fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServiceFit {
    /// The model.
    pub model: ServiceModel,
    /// How far it is from the measurements it was fitted to, outliers among them.
    pub error: FitError,
}

impl ServiceModel {
    /// Fits a, b and c, none of them negative, to measured service times.
    ///
    /// Errors count relative to the measured time, so that short times count as much as long ones,
    /// and large ones are weighted down round after round (Huber's weights), so that a measurement
    /// that was disturbed moves little. A coefficient that the measurements do not need is 0; where
    /// rows and bytes grow together, c is folded into b.
    ///
    /// ```
    /// use hotshard_sim::{ServiceModel, ServiceSample};
    ///
    /// let sample = |rows, bytes, measured_ns| ServiceSample { rows, bytes, measured_ns };
    /// let samples = [
    ///     sample(1_000, 4_000, 27_000.0),
    ///     sample(1_000, 9_000, 32_000.0),
    ///     sample(50_000, 200_000, 810_000.0 - 89_000.0),
    ///     sample(100_000, 100_000, 1_121_000.0 - 2_000.0),
    /// ];
    /// let fit = ServiceModel::fit(&samples)?;
    /// assert!((fit.model.service_ns(1_000, 4_000) / 27_000.0 - 1.0).abs() < 0.1);
    /// # Ok::<(), hotshard_sim::SimError>(())
    /// ```
    ///
    /// # Errors
    /// With fewer than three distinct pairs of rows and bytes, and for a time that is not above 0.
    pub fn fit(samples: &[ServiceSample]) -> Result<ServiceFit, SimError> {
        let mut pairs: Vec<(u64, u64)> =
            samples.iter().map(|each| (each.rows, each.bytes)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        if pairs.len() < LEAST_SAMPLES {
            return Err(SimError::TooFewSamples { distinct: pairs.len(), least: LEAST_SAMPLES });
        }
        for (sample, each) in samples.iter().enumerate() {
            if !(each.measured_ns.is_finite() && each.measured_ns > 0.0) {
                return Err(SimError::SampleTime { sample, time_ns: each.measured_ns });
            }
        }
        let mut equations: Vec<Equation> = samples.iter().map(equation).collect();
        let mut found = non_negative(&equations).unwrap_or_default();
        for _ in 0..MOST_ROUNDS {
            reweigh(&mut equations, &found);
            let next = non_negative(&equations).unwrap_or(found);
            let settled =
                found.iter().zip(&next).all(|(old, new)| (old - new).abs() <= 1e-12 * old);
            found = next;
            if settled {
                break;
            }
        }
        let [base_ns, row_ns, byte_ns] = found;
        let model = Self { base_ns, row_ns, byte_ns };
        Ok(ServiceFit { model, error: FitError::of(&model, samples) })
    }
}

impl FitError {
    /// The errors of a model against measurements; 0 of none.
    #[must_use]
    pub fn of(model: &ServiceModel, samples: &[ServiceSample]) -> Self {
        let pairs = samples.iter().map(|each| (modelled_ns(model, each), each.measured_ns));
        Self::between(pairs)
    }

    /// The errors of modelled times, each with its measured one; 0 of none.
    #[must_use]
    pub fn between(modelled_and_measured: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let pairs: Vec<(f64, f64)> = modelled_and_measured.into_iter().collect();
        let mut errors: Vec<f64> =
            pairs.iter().map(|(modelled, measured)| (modelled / measured - 1.0).abs()).collect();
        errors.sort_by(f64::total_cmp);
        Self {
            median: quantile(&errors, 0.5),
            p95: quantile(&errors, 0.95),
            r_squared: explained(&pairs),
        }
    }
}

/// Nanoseconds that a model gives for a measurement.
fn modelled_ns(model: &ServiceModel, sample: &ServiceSample) -> f64 {
    model.service_ns(sample.rows, sample.bytes)
}

#[expect(clippy::cast_precision_loss, reason = "a model is not exact to 53 bits")]
fn equation(sample: &ServiceSample) -> Equation {
    Equation {
        known: [1.0, sample.rows as f64, sample.bytes as f64],
        target: sample.measured_ns,
        weight: sample.measured_ns.powi(-2),
    }
}

/// Weighs each equation by the inverse square of its time, less where it is far off.
fn reweigh(equations: &mut [Equation], found: &Coefficients) {
    let error = |each: &Equation| (each.value(found) / each.target - 1.0).abs();
    let mut errors: Vec<f64> = equations.iter().map(error).collect();
    errors.sort_by(f64::total_cmp);
    // An exact fit leaves rounding alone, which is no scale to judge by.
    let limit = HUBER * MEDIAN_TO_DEVIATION * quantile(&errors, 0.5).max(1e-9);
    for equation in equations {
        let far = error(equation);
        let trust = if far > limit { limit / far } else { 1.0 };
        equation.weight = trust * equation.target.powi(-2);
    }
}

/// By nearest rank, of sorted numbers; 0 of none.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a small number, never negative"
)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// 1 − (sum of squared errors)/(sum of squared differences from the mean), of logarithms.
#[expect(clippy::cast_precision_loss, reason = "numbers of measurements are small")]
fn explained(pairs: &[(f64, f64)]) -> f64 {
    let logarithm = |time: f64| time.max(f64::MIN_POSITIVE).ln();
    let mean = pairs.iter().map(|(_, measured)| logarithm(*measured)).sum::<f64>()
        / pairs.len().max(1) as f64;
    let spread: f64 = pairs.iter().map(|(_, measured)| (logarithm(*measured) - mean).powi(2)).sum();
    let errors: f64 = pairs
        .iter()
        .map(|(modelled, measured)| (logarithm(*modelled) - logarithm(*measured)).powi(2))
        .sum();
    if spread > 0.0 { 1.0 - errors / spread } else { 0.0 }
}
