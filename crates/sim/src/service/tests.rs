use hotshard_workload::{RngSeed, RngStream};
use proptest::prelude::*;

use super::*;
use crate::SimError;

const TRUE: ServiceModel = ServiceModel { base_ns: 20_000.0, row_ns: 3.0, byte_ns: 0.25 };

/// Measurements of shards from 10³ to 10⁷ rows that take what the model says.
fn samples(model: &ServiceModel, bytes_per_row: &[u64]) -> Vec<ServiceSample> {
    let rows = [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 10_000_000_u64];
    let pairs = rows.iter().flat_map(|&rows| bytes_per_row.iter().map(move |&each| (rows, each)));
    pairs
        .map(|(rows, each)| ServiceSample {
            rows,
            bytes: rows * each,
            measured_ns: model.service_ns(rows, rows * each),
        })
        .collect()
}

fn close(left: f64, right: f64, tolerance: f64) -> bool {
    (left / right - 1.0).abs() <= tolerance
}

#[test]
fn an_exact_model_is_found_again() {
    let fit = ServiceModel::fit(&samples(&TRUE, &[2, 8, 40])).unwrap();
    assert!(close(fit.model.base_ns, TRUE.base_ns, 1e-6), "{fit:?}");
    assert!(close(fit.model.row_ns, TRUE.row_ns, 1e-6), "{fit:?}");
    assert!(close(fit.model.byte_ns, TRUE.byte_ns, 1e-6), "{fit:?}");
    assert!(fit.error.p95 < 1e-9 && fit.error.r_squared > 1.0 - 1e-9, "{fit:?}");
}

#[test]
fn noise_moves_the_model_little() {
    let mut rng = RngStream::new(RngSeed::new(3), 0);
    let mut noisy = samples(&TRUE, &[2, 8, 40, 120]);
    for sample in &mut noisy {
        sample.measured_ns *= 0.95 + 0.1 * rng.unit();
    }
    let fit = ServiceModel::fit(&noisy).unwrap();
    assert!(close(fit.model.row_ns, TRUE.row_ns, 0.1), "{fit:?}");
    assert!(close(fit.model.byte_ns, TRUE.byte_ns, 0.1), "{fit:?}");
    assert!((0.005..0.05).contains(&fit.error.median), "{fit:?}");
    assert!(fit.error.p95 >= fit.error.median);
}

#[test]
fn measurements_that_were_disturbed_move_it_little() {
    let mut disturbed = samples(&TRUE, &[2, 8, 40]);
    for place in [1, 9, 20] {
        disturbed[place].measured_ns *= 4.0;
    }
    let fit = ServiceModel::fit(&disturbed).unwrap();
    for (found, known) in [
        (fit.model.base_ns, TRUE.base_ns),
        (fit.model.row_ns, TRUE.row_ns),
        (fit.model.byte_ns, TRUE.byte_ns),
    ] {
        assert!(close(found, known, 0.02), "{fit:?}");
    }
    // They are not left out of the error that is told.
    assert!(fit.error.p95 > 0.5, "{fit:?}");
}

#[test]
fn bytes_that_grow_with_rows_are_folded_into_them() {
    let fit = ServiceModel::fit(&samples(&TRUE, &[8])).unwrap();
    assert!(close(fit.model.row_ns, 3.0 + 8.0 * 0.25, 1e-6), "{fit:?}");
    assert!(fit.model.byte_ns.abs() < 1e-12 && close(fit.model.base_ns, TRUE.base_ns, 1e-6));
}

#[test]
fn no_coefficient_is_negative() {
    // Ten microseconds less for every shard than rows alone would take.
    let below: Vec<ServiceSample> = [10_000, 20_000, 40_000, 80_000_u32]
        .map(|rows| ServiceSample {
            rows: rows.into(),
            bytes: 0,
            measured_ns: f64::from(rows) * 2.0 - 10_000.0,
        })
        .into();
    let fit = ServiceModel::fit(&below).unwrap();
    assert!(fit.model.base_ns >= 0.0 && fit.model.row_ns > 0.0 && fit.model.byte_ns >= 0.0);
    assert!(fit.error.median > 0.0);
}

#[test]
fn fewer_measurements_than_coefficients_are_refused() {
    let one = ServiceSample { rows: 1_000, bytes: 10, measured_ns: 5.0 };
    let again = ServiceSample { measured_ns: 6.0, ..one };
    let message = ServiceModel::fit(&[one, again, again, again]).unwrap_err().to_string();
    assert_eq!(
        message,
        "a service time of a + b·rows + c·bytes cannot be fitted to 1 distinct pairs of rows and \
         bytes; measure at least 3"
    );
}

#[test]
fn a_time_that_is_none_is_refused() {
    for time_ns in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let mut wrong = samples(&TRUE, &[8]);
        wrong[2].measured_ns = time_ns;
        let error = ServiceModel::fit(&wrong).unwrap_err();
        assert!(matches!(error, SimError::SampleTime { sample: 2, .. }), "{error}");
    }
}

proptest! {
    /// Any model whose coefficients all matter comes back from measurements without noise.
    #[test]
    fn whatever_the_model(base in 1.0..1e6_f64, row in 0.1..100.0_f64, byte in 0.01..10.0_f64) {
        let model = ServiceModel { base_ns: base, row_ns: row, byte_ns: byte };
        let fit = ServiceModel::fit(&samples(&model, &[1, 16, 100])).unwrap();
        prop_assert!(fit.error.p95 < 1e-4, "{fit:?}");
    }
}
