//! From measured times to models.

use hotshard_sim::{ServiceModel, ServiceSample};

use super::measured::MeasuredCount;
use super::{CountFit, MergeModel, Residual};
use crate::{Error, FIXED_COUNTS};

/// The shards of a store count as so many at most, so that stores with many small shards do not
/// decide alone.
const SAMPLES_A_STORE: usize = 4;

/// Fits every fixed count to what was measured of it on each store.
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
    let samples: Vec<ServiceSample> = fair.iter().flat_map(|count| alike(&count.shards)).collect();
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
        merge: merge(&fair)?,
        contention: median(contention).unwrap_or(1.0).max(1.0),
        residuals: samples.iter().map(residual).collect(),
        noise: counts.iter().find_map(|count| count.noise).map(|noise| noise.to_string()),
    })
}

/// Shards of about as many rows as one: their means. A model of rows and bytes that is right for
/// each is right for these.
fn alike(shards: &[ServiceSample]) -> Vec<ServiceSample> {
    let mut shards = shards.to_vec();
    shards.sort_by_key(|shard| (shard.rows, shard.bytes));
    // A shard far above the others, as that of a hot id, stays one.
    let (mut groups, mut group) = (Vec::new(), Vec::<ServiceSample>::new());
    let size = shards.len().div_ceil(SAMPLES_A_STORE);
    for shard in shards {
        let is_far = group.first().is_some_and(|first| shard.rows > 2 * first.rows);
        if is_far || group.len() == size {
            groups.extend(mean(&group));
            group.clear();
        }
        group.push(shard);
    }
    groups.extend(mean(&group));
    groups
}

#[expect(clippy::cast_precision_loss, reason = "a mean needs no 53rd bit")]
fn mean(shards: &[ServiceSample]) -> Option<ServiceSample> {
    let number = u64::try_from(shards.len()).ok().filter(|number| *number > 0)?;
    let sum_ns: f64 = shards.iter().map(|shard| shard.measured_ns).sum();
    Some(ServiceSample {
        rows: shards.iter().map(|shard| shard.rows).sum::<u64>() / number,
        bytes: shards.iter().map(|shard| shard.bytes).sum::<u64>() / number,
        measured_ns: sum_ns / number as f64,
    })
}

/// Of the shard with the most rows.
#[expect(clippy::cast_precision_loss, reason = "a ratio needs no 53rd bit")]
fn bytes_per_row(samples: &[ServiceSample]) -> f64 {
    let largest = samples.iter().max_by_key(|sample| sample.rows);
    largest.map_or(0.0, |largest| largest.bytes as f64 / largest.rows.max(1) as f64)
}

/// What follows the shards: by their number and all rows, from stores without a remedy; and what
/// spread rows take on top of it, from those with one.
fn merge(counts: &[&MeasuredCount]) -> Result<MergeModel, Error> {
    let (spread, whole): (Vec<_>, Vec<_>) = counts.iter().partition(|count| count.spread > 0);
    let model = merge_of_whole(&whole)?;
    let excess = |count: &&MeasuredCount| {
        let rows = count.shards.iter().map(|shard| shard.rows).sum();
        #[expect(clippy::cast_precision_loss, reason = "a model is not exact to 53 bits")]
        let spread = count.spread as f64;
        (count.merge_ns - model.merge_ns(count.shards.len(), rows, 0)) / spread
    };
    let spread_ns = median(spread.iter().map(excess).collect()).unwrap_or(0.0).max(0.0);
    Ok(MergeModel { spread_ns, ..model })
}

fn merge_of_whole(counts: &[&MeasuredCount]) -> Result<MergeModel, Error> {
    let sample = |count: &&MeasuredCount| ServiceSample {
        rows: count.shards.len() as u64,
        bytes: count.shards.iter().map(|shard| shard.rows).sum(),
        measured_ns: count.merge_ns,
    };
    let fit = ServiceModel::fit(&counts.iter().map(sample).collect::<Vec<_>>())?;
    let ServiceModel { base_ns, row_ns, byte_ns } = fit.model;
    Ok(MergeModel { base_ns, shard_ns: row_ns, row_ns: byte_ns, spread_ns: 0.0 })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mean of whole numbers of nanoseconds"
)]
const fn whole(ns: f64) -> u64 {
    ns as u64
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: ServiceModel = ServiceModel { base_ns: 9_000.0, row_ns: 2.0, byte_ns: 0.5 };

    /// What a store would show whose shards have so many rows, and bytes a row.
    fn measured(rows: &[u64], bytes_per_row: u64) -> Vec<MeasuredCount> {
        let shard = |&rows: &u64| ServiceSample {
            rows,
            bytes: rows * bytes_per_row,
            measured_ns: SERVICE.service_ns(rows, rows * bytes_per_row),
        };
        let all: u32 = rows.iter().sum::<u64>().try_into().unwrap();
        let count = |name| MeasuredCount {
            name,
            shards: rows.iter().map(shard).collect(),
            merge_ns: 700.0
                + 100.0 * f64::from(u32::try_from(rows.len()).unwrap())
                + 0.25 * f64::from(all),
            spread: 0,
            contention: Some(1.25),
            noise: None,
            in_one_pass: true,
        };
        FIXED_COUNTS.map(count).into()
    }

    #[test]
    fn what_is_exact_is_found_again() {
        let stores = [
            measured(&[1_000; 64], 3),
            measured(&[10_000; 16], 20),
            measured(&[1_000, 1_100, 200_000], 7),
            measured(&[1_000_000], 9),
        ];
        for count in fit_all(&stores).unwrap() {
            let ServiceModel { base_ns, row_ns, byte_ns } = count.service;
            let found = [base_ns, row_ns, byte_ns, count.contention, count.bytes_per_row];
            for (found, known) in found.into_iter().zip([9_000.0, 2.0, 0.5, 1.25, 9.0]) {
                assert!((found / known - 1.0_f64).abs() < 1e-6, "{count:?}");
            }
            let merge = count.merge.merge_ns(10, 5_000, 0);
            assert!((merge / 2_950.0 - 1.0).abs() < 1e-6, "{:?}", count.merge);
            assert!(count.fit_error.p95 < 1e-6 && count.residuals.len() >= 10);
        }
    }

    #[test]
    fn spread_rows_are_what_a_remedied_store_takes_on_top() {
        let mut stores =
            vec![measured(&[1_000; 64], 3), measured(&[10_000; 16], 20), measured(&[1_000_000], 9)];
        let mut remedied = measured(&[2_000; 32], 5);
        for count in &mut remedied {
            count.spread = 10_000;
            count.merge_ns += 40_000.0;
        }
        stores.push(remedied);
        for count in fit_all(&stores).unwrap() {
            assert!((count.merge.spread_ns - 4.0).abs() < 1e-6, "{:?}", count.merge);
        }
    }

    #[test]
    fn what_took_several_passes_is_left_out() {
        let mut stores = vec![measured(&[1_000; 64], 3), measured(&[9_000, 90_000], 20)];
        let mut slow = measured(&[100_000], 3);
        for count in &mut slow {
            count.in_one_pass = false;
            count.shards[0].measured_ns *= 7.0;
        }
        stores.push(slow);
        stores.push(measured(&[100, 50_000], 11));
        assert!(fit_all(&stores).unwrap().iter().all(|count| count.fit_error.p95 < 1e-6));
    }

    #[test]
    fn shards_that_are_alike_are_few_and_a_hot_one_stays_alone() {
        let mut rows = vec![1_000; 63];
        rows.push(60_000);
        let stores = measured(&rows, 3);
        let alike = alike(&stores[0].shards);
        assert_eq!(alike.len(), 5);
        assert_eq!(alike.last().unwrap().rows, 60_000);
    }
}
