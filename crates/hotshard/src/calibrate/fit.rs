//! From measured times to models.

use hotshard_sim::{ServiceModel, ServiceSample};

use super::measured::MeasuredCount;
use super::{CountFit, MergeModel, Residual};
use crate::{Error, FIXED_COUNTS};

/// Fits every fixed count to what was measured of it on each store; the last stores are the largest.
pub(super) fn fit_all(stores: &[Vec<MeasuredCount>]) -> Result<Vec<CountFit>, Error> {
    let of = |name: &'static str| {
        let counts = stores.iter().flatten().filter(|count| count.name == name);
        fit(name, &counts.collect::<Vec<_>>())
    };
    FIXED_COUNTS.into_iter().map(of).collect()
}

fn fit(name: &str, counts: &[&MeasuredCount]) -> Result<CountFit, Error> {
    let fair: Vec<&MeasuredCount> =
        counts.iter().copied().filter(|each| each.in_one_pass).collect();
    let samples: Vec<ServiceSample> =
        fair.iter().flat_map(|count| &count.shards).copied().collect();
    let fit = ServiceModel::fit(&samples)?;
    let residual = |sample: &ServiceSample| Residual {
        rows: sample.rows,
        bytes: sample.bytes,
        measured_ns: whole(sample.measured_ns),
        modelled_ns: fit.model.service_ns(sample.rows, sample.bytes),
    };
    let contention: Vec<f64> = fair.iter().filter_map(|count| count.contention).collect();
    Ok(CountFit {
        name: name.to_owned(),
        service: fit.model,
        bytes_per_row: bytes_per_row(&samples),
        fit_error: fit.error,
        merge: merge(&fair),
        contention: median(contention).unwrap_or(1.0).max(1.0),
        residuals: samples.iter().map(residual).collect(),
        noise: counts.iter().find_map(|count| count.noise).map(|noise| noise.to_string()),
    })
}

/// Of the shard with the most rows.
#[expect(clippy::cast_precision_loss, reason = "a ratio needs no 53rd bit")]
fn bytes_per_row(samples: &[ServiceSample]) -> f64 {
    let largest = samples.iter().max_by_key(|sample| sample.rows);
    largest.map_or(0.0, |largest| largest.bytes as f64 / largest.rows.max(1) as f64)
}

fn merge(_counts: &[&MeasuredCount]) -> MergeModel {
    MergeModel::default()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it was a whole number of nanoseconds"
)]
const fn whole(ns: f64) -> u64 {
    ns as u64
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}
