//! Calibrations as files, and what they say of all counts.

use std::path::Path;

use hotshard::{
    Calibration, CountFit, FitError, Machine, MergeModel, Residual, ServiceLaw, ServiceModel,
};

fn count(name: &str, base_ns: f64, byte_ns: f64, bytes_per_row: f64) -> CountFit {
    CountFit {
        name: name.to_owned(),
        service: ServiceModel { base_ns, row_ns: 2.5, byte_ns },
        bytes_per_row,
        fit_error: FitError { median: 0.02, p95: 0.1, r_squared: 0.999 },
        merge: MergeModel { base_ns: 1_000.0, shard_ns: 50.0, row_ns: 0.1, spread_ns: 2.0 },
        contention: 1.05,
        residuals: vec![
            Residual { rows: 1_000, bytes: 9, measured_ns: 90, modelled_ns: 100.0 },
            Residual { rows: 2_000, bytes: 9, measured_ns: 240, modelled_ns: 200.0 },
        ],
        noise: None,
    }
}

fn calibration() -> Calibration {
    Calibration {
        machine: Machine::this(),
        made_at_ms: 1_700_000_000_000,
        rows_from: 1_000,
        rows_to: 10_000_000,
        counts: vec![
            count("events by event", 20_000.0, 0.0, 0.01),
            count("users by event", 30_000.0, 8.0, 3.0),
            count("events after dedup", 40_000.0, 0.5, 12.0),
        ],
        elapsed_ns: 1,
    }
}

/// What reading this text says.
fn refusal(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("machine.json");
    std::fs::write(&path, text).unwrap();
    let message = Calibration::read(&path).unwrap_err().to_string();
    message.replace(&path.display().to_string(), "FILE")
}

/// The file of the calibration, changed.
fn written(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("machine.json");
    calibration().write(&path).unwrap();
    let mut value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut value);
    value.to_string()
}

#[test]
fn a_calibration_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("machine.json");
    calibration().write(&path).unwrap();
    assert_eq!(Calibration::read(&path).unwrap(), calibration());
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("{\n  \"format\": 1,\n"));
}

#[test]
fn all_counts_one_after_another_take_their_sum() {
    let calibration = calibration();
    let rows = 100_000_u64;
    let one_by_one: f64 = [(0.01, 20e3, 0.0), (3.0, 30e3, 8.0), (12.0, 40e3, 0.5)]
        .into_iter()
        .map(|(bytes, base, byte)| base + 1e5 * (2.5 + bytes * byte))
        .sum();
    let bytes = 1_501_000;
    assert!((calibration.bytes_per_row() - 15.01).abs() < 1e-12);
    let together = calibration.all_counts().service_ns(rows, bytes);
    assert!((together / one_by_one - 1.0).abs() < 1e-9, "{together} and {one_by_one}");
    assert!(calibration.count("users by event").is_some());
    assert!(calibration.count("users by day").is_none());
    let merge = calibration.counts[0].merge.merge_ns(64, 1_000_000, 500);
    assert!((merge - (1_000.0 + 3_200.0 + 100_000.0 + 1_000.0)).abs() < 1e-6);
}

#[test]
fn residuals_make_a_law_of_service_times() {
    let ServiceLaw::Residuals(factors) = calibration().counts[0].law() else { panic!() };
    assert_eq!(factors.len(), 20);
    assert_eq!((factors[0], factors[19]), (0.9, 1.2));
    let without = CountFit { residuals: Vec::new(), ..calibration().counts[0].clone() };
    assert_eq!(without.law(), ServiceLaw::Fixed);
}

#[test]
fn a_bad_file_says_what_is_wrong_with_it() {
    let missing = Calibration::read(Path::new("/no/such/machine.json")).unwrap_err().to_string();
    assert_eq!(
        missing,
        "cannot read the calibration /no/such/machine.json; make one with `hotshard calibrate \
         --out FILE`"
    );
    let none = "FILE is no calibration; make one with `hotshard calibrate --out FILE`";
    for text in ["", "rows,bytes", "[]", "{}", r#"{"format":1}"#, r#"{"format":"x"}"#] {
        assert_eq!(refusal(text), none, "{text}");
    }
    assert_eq!(
        refusal(&written(|file| file["format"] = 2.into())),
        "FILE is a calibration of format 2, and this hotshard reads format 1; calibrate again"
    );
    assert_eq!(
        refusal(&written(|file| file["counts"] = serde_json::Value::Array(Vec::new()))),
        "FILE holds no counts; calibrate again"
    );
    assert_eq!(
        refusal(&written(|file| file["counts"][1]["modelled_service"]["row_ns"] = (-0.5).into())),
        "FILE: row_ns of `users by event` is -0.5, and only numbers from 0 make sense; calibrate \
         again"
    );
    let null = written(|file| file["counts"][0]["contention"] = serde_json::Value::Null);
    assert_eq!(refusal(&null), none, "not a number has no other form in JSON");
}

#[test]
fn no_file_is_written_that_could_not_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("machine.json");
    let mut wrong = calibration();
    wrong.counts[2].service.byte_ns = f64::NAN;
    let message = wrong.write(&path).unwrap_err().to_string();
    assert!(message.contains("byte_ns of `events after dedup` is NaN"), "{message}");
    assert!(!path.exists());
}
