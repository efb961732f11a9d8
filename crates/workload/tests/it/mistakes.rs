//! The named mistakes, and the evidence they leave.

use std::collections::BTreeSet;

use hotshard_event::Threshold;
use hotshard_workload::{Mistake, TimeOfDay, WorkloadSpec};
use serde_json::Value;

use crate::stream::{DAY_MS, START_MS, assert_share, counts, events, text, time_ms};

const NOON_MS: i64 = START_MS + DAY_MS / 2;

fn has_id(event: &Value, id: &str) -> bool {
    text(event, "distinct_id") == id
}

#[test]
fn identify_with_a_literal_begins_at_noon_and_not_before() {
    let events = events(&WorkloadSpec::identify_at_noon(60_000));
    let (before, after): (Vec<_>, Vec<_>) =
        events.iter().partition(|event| time_ms(event) < NOON_MS);
    assert!((29_900..30_100).contains(&before.len()));
    assert!(before.iter().all(|event| !has_id(event, "user_id")));
    let mistaken: Vec<_> = after.iter().filter(|event| has_id(event, "user_id")).collect();
    assert_share("user_id after noon", mistaken.len(), after.len(), 0.6);
    assert!(time_ms(mistaken[0]) < NOON_MS + 60_000, "it begins at once");
}

#[test]
fn identify_with_a_literal_leaves_devices_and_the_own_id() {
    let events = events(&WorkloadSpec::identify_at_noon(60_000));
    let mut own_ids = BTreeSet::new();
    let mut devices = BTreeSet::new();
    for event in &events {
        let own_id = text(event, "$user_id");
        if has_id(event, "user_id") {
            own_ids.insert(own_id);
            devices.insert(text(event, "$device_id"));
        } else {
            assert_eq!(own_id, text(event, "distinct_id"));
        }
    }
    assert!(own_ids.len() > 5_000 && own_ids.iter().all(|id| id.starts_with("u-")));
    assert!(devices.len() > own_ids.len());
}

#[test]
fn late_events_from_before_the_release_have_their_own_id() {
    let spec = WorkloadSpec::new(50_000).late_share(0.5).mistake(Mistake::StaticIdentify {
        id: "me".to_owned(),
        day: 1,
        at: TimeOfDay::MIDNIGHT,
        share: 1.0,
    });
    let events = events(&spec);
    assert!(events.iter().all(|event| has_id(event, "me") == (time_ms(event) >= START_MS)));
}

#[test]
fn only_the_mistake_makes_a_hot_id_at_noon() {
    // The most active user must stay far below the default threshold at the demo's size, where
    // the literal is past it.
    let (sample, size) = (100_000, 2_000_000);
    let events = events(&WorkloadSpec::identify_at_noon(sample));
    let of_the_day = |count: usize| count as u64 * (size / sample);
    let mut own_ids = counts(events.iter().map(|event| text(event, "distinct_id")));
    let mistaken = own_ids.remove("user_id").unwrap();
    assert!(of_the_day(mistaken) > 2 * Threshold::DEFAULT.get(), "{mistaken} of {sample}");
    let without = counts(events.iter().map(|event| text(event, "$user_id")));
    let most_active = *without.values().max().unwrap();
    assert!(of_the_day(most_active) < Threshold::DEFAULT.get() / 3, "{most_active} of {sample}");
}

#[test]
fn events_of_nobody_have_their_own_names_and_no_device() {
    let events = events(&WorkloadSpec::new(40_000).mistake(Mistake::zero(0.3)));
    let (zero, users): (Vec<_>, Vec<_>) = events.iter().partition(|event| has_id(event, "0"));
    assert_share("id 0", zero.len(), events.len(), 0.3);
    let names = |events: &[&Value]| -> BTreeSet<String> {
        events.iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
    };
    let expected = ["Ad Spend Imported", "Automated Test Finished"].map(str::to_owned);
    assert_eq!(names(&zero), BTreeSet::from(expected));
    assert!(names(&users).is_disjoint(&names(&zero)));
    assert!(zero.iter().all(|event| event["properties"].get("$device_id").is_none()));
    assert!(users.iter().all(|event| event["properties"].get("$user_id").is_none()));
}

#[test]
fn mistakes_can_be_written_in_a_file() {
    let spec: WorkloadSpec = serde_json::from_str(
        r#"{
            "events": 500,
            "days": 2,
            "ids": "hotspot:0.2:0.8",
            "heavy": [{"id": "batch", "share": 0.1}],
            "mistakes": [{"kind": "static-identify", "day": 2, "at": "09:30", "share": 0.5}],
            "detail": "lean"
        }"#,
    )
    .unwrap();
    let mistake = Mistake::StaticIdentify {
        id: "user_id".to_owned(),
        day: 2,
        at: "09:30".parse().unwrap(),
        share: 0.5,
    };
    assert_eq!(spec.mistakes, [mistake]);
    let again: WorkloadSpec = serde_json::from_str(&serde_json::to_string(&spec).unwrap()).unwrap();
    assert_eq!(again, spec);
    let error = serde_json::from_str::<WorkloadSpec>(r#"{"event": 5}"#).unwrap_err();
    assert!(error.to_string().starts_with("unknown field `event`"), "{error}");
}
