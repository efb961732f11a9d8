//! The named mistakes, and the evidence they leave.

use std::collections::BTreeSet;

use hotshard_event::Threshold;
use hotshard_workload::{Mistake, TimeOfDay, WorkloadSpec};
use serde_json::Value;

use crate::stream::{DAY_MS, START_MS, assert_share, bytes, counts, events, text, time_ms};

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
    let expected = ["Ad Spend Imported", "Automated Test Finished"].map(str::to_owned);
    assert_eq!(names(&zero), BTreeSet::from(expected));
    assert!(names(&users).is_disjoint(&names(&zero)));
    assert!(zero.iter().all(|event| event["properties"].get("$device_id").is_none()));
    assert!(users.iter().all(|event| event["properties"].get("$user_id").is_none()));
}

#[test]
fn a_pod_sends_users_events_without_a_device() {
    let events = events(&WorkloadSpec::new(40_000).mistake(Mistake::pod_name(0.3)));
    let (pod, users): (Vec<_>, Vec<_>) =
        events.iter().partition(|event| has_id(event, "api-7c9d5b8f6-x2kqp"));
    assert_share("the pod", pod.len(), events.len(), 0.3);
    assert_eq!(names(&pod), names(&users));
    for event in pod {
        assert_eq!(text(event, "host"), text(event, "distinct_id"));
        assert_eq!(text(event, "mp_lib"), "python");
        assert!(event["properties"].get("$device_id").is_none());
    }
    assert!(users.iter().all(|event| event["properties"].get("host").is_none()));
}

#[test]
fn an_import_runs_at_night() {
    let spec = WorkloadSpec::new(96_000).days(2).mistake(Mistake::nightly_import(0.9));
    let events = events(&spec);
    let minute = |event: &Value| (time_ms(event) - START_MS).rem_euclid(DAY_MS) / 60_000;
    let night: Vec<_> = events.iter().filter(|event| (120..180).contains(&minute(event))).collect();
    let (import, others): (Vec<_>, Vec<_>) =
        events.iter().partition(|event| has_id(event, "warehouse-sync"));
    assert!(import.iter().all(|event| (120..180).contains(&minute(event))));
    assert_share("the import", import.len(), night.len(), 0.9);
    let days = counts(import.iter().map(|event| (time_ms(event) - START_MS) / DAY_MS));
    assert_eq!(days.len(), 2);
    assert!(names(&import).is_disjoint(&names(&others)));
    assert!(import.iter().all(|event| event["properties"]["$import"] == Value::Bool(true)));
}

#[test]
fn a_retry_storm_repeats_few_events_for_ten_minutes() {
    let spec = WorkloadSpec::new(144_000).mistake(Mistake::retry_storm(0.8));
    let bytes = bytes(&spec, 5);
    let copies = counts(std::str::from_utf8(&bytes).unwrap().lines());
    let repeated: Vec<_> = copies.iter().filter(|&(_, &copies)| copies > 1).collect();
    assert_eq!(repeated.len(), 20);
    let storm: Vec<Value> =
        repeated.iter().map(|(line, _)| serde_json::from_str(line).unwrap()).collect();
    let sent: usize = repeated.iter().map(|&(_, &copies)| copies).sum();
    assert_share("of ten minutes", sent, 1_000, 0.8);
    assert!(storm.iter().all(|event| has_id(event, "kiosk-17")));
    assert!(storm.iter().all(|event| (NOON_MS..NOON_MS + 60_000).contains(&time_ms(event))));
    let insert_ids: BTreeSet<&str> = storm.iter().map(|event| text(event, "$insert_id")).collect();
    assert_eq!(insert_ids.len(), 20);
    let events = events(&spec);
    let others = events.iter().filter(|event| !has_id(event, "kiosk-17"));
    assert_eq!(others.count() + sent, 144_000);
}

#[test]
fn ids_just_under_t_stay_there_every_day() {
    let spec = WorkloadSpec::new(60_000)
        .days(3)
        .heavy("batch", 0.3)
        .mistake(Mistake::just_under_t(5, 950))
        .mistake(Mistake::JustUnderT { prefix: "team-".to_owned(), ids: 2, events: 1_000 });
    let events = events(&spec);
    let keys = counts(events.iter().map(|event| {
        (text(event, "distinct_id").to_owned(), (time_ms(event) - START_MS) / DAY_MS)
    }));
    for day in 0..3 {
        for (prefix, ids, expected) in [("account-", 5, 950_usize), ("team-", 2, 1_000)] {
            for id in 0..ids {
                let events = keys[&(format!("{prefix}{id}"), day)];
                assert!(events.abs_diff(expected) <= 1, "{prefix}{id}, day {day}: {events}");
            }
        }
    }
    let batch = events.iter().filter(|event| has_id(event, "batch")).count();
    assert_share("what is drawn beside them", batch, events.len(), 0.3);
}

fn names(events: &[&Value]) -> BTreeSet<String> {
    events.iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
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
