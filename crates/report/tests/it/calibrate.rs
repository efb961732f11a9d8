use hotshard::Calibration;
use serde_json::{Value, json};

use crate::fixture::{Fields, Folder, run, sample};

/// The smallest calibration that is one.
const SMALL: &str = "calibrate --rows-up-to 1000 --repeats 1";

#[test]
fn a_calibration_is_written_and_reads_back() {
    let folder = Folder::new();
    let file = folder.at("machine.json");
    let printed = run(&format!("{SMALL} --out {file} --format json")).ok();
    let names =
        ["format", "machine", "made_at_ms", "rows_from", "rows_to", "counts", "elapsed_ns", "out"];
    assert_eq!(Fields::of(&printed).names(), names);
    let count = [
        "name",
        "modelled_service",
        "bytes_per_row",
        "fit_error",
        "modelled_merge",
        "contention",
        "residuals",
        "noise",
    ];
    assert_eq!(Fields::of(&printed).inside("counts").names(), count);
    let said: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&said["format"], &said["out"]), (&json!(1), &json!(file)));
    assert_eq!((&said["rows_from"], &said["rows_to"]), (&json!(100), &json!(1_000)));

    let calibration = Calibration::read(file.as_ref()).unwrap();
    assert_eq!(calibration.counts.len(), 4);
    let users = calibration.count("users by event").unwrap();
    assert_eq!(said["counts"][2]["modelled_service"]["base_ns"], users.service.base_ns);
    assert!(users.residuals.len() >= 9 && users.bytes_per_row > 0.0);
    assert!(calibration.all_counts().service_ns(1_000, 9_000) > users.service.service_ns(1_000, 0));
    // Another file from what was read says the same, to the last digit but one.
    let again = folder.at("again.json");
    calibration.write(again.as_ref()).unwrap();
    let again = Calibration::read(again.as_ref()).unwrap();
    for (one, other) in calibration.counts.iter().zip(&again.counts) {
        let time = |count: &hotshard::CountFit| count.service.service_ns(1_000, 9_000);
        assert!((time(one) / time(other) - 1.0).abs() < 1e-12, "{one:?} {other:?}");
        assert_eq!(one.residuals.len(), other.residuals.len());
    }
}

/// The flights have too few rows for their times to mean much, but for all that they are counted.
#[test]
fn own_events_are_calibrated_on() {
    let said = run(&format!("calibrate --input {} --repeats 1 --format json", sample())).json();
    let (from, to) = (said["rows_from"].as_u64().unwrap(), said["rows_to"].as_u64().unwrap());
    assert!(from < 40 && (1_600..3_375).contains(&to), "{from} to {to}");
    assert_eq!(said["counts"].as_array().unwrap().len(), 4);
    run("calibrate --input - --repeats 1").refused(2, "can be read once");
}

#[test]
fn the_table_and_the_sheet_have_a_row_a_count() {
    let table = run(SMALL).ok();
    assert!(table.contains("shards of 100 to 1,000 rows."), "{table}");
    for name in ["events by event ", "events by event and date", "users by event", "dedup"] {
        assert!(table.contains(name), "{table}");
    }
    let csv = run(&format!("{SMALL} --format csv")).ok();
    assert!(csv.starts_with("count,modelled_base_ns,modelled_row_ns,modelled_byte_ns,"), "{csv}");
    assert_eq!(csv.lines().count(), 5);
}

#[test]
fn shards_that_leave_nothing_to_fit_are_refused() {
    for rows in [0, 3] {
        run(&format!("calibrate --rows-up-to {rows}")).refused(2, "cannot be fitted; have the");
    }
    run("calibrate --rows-up-to 2000000000").refused(2, "at most 1000000000");
    run("calibrate --rows-up-to 100 --quick").refused(2, "cannot be used with");
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let folder = Folder::new();
    let file = folder.at("no/such/folder.json");
    let said = run(&format!("{SMALL} --out {file}"));
    assert_eq!(said.code, 1);
    assert!(said.stderr.contains("cannot write the calibration"), "{}", said.stderr);
    assert!(said.stdout.contains("users by event"), "{}", said.stdout);
}
