//! What single lines look like, and how they spread.

use std::collections::BTreeSet;

use hotshard_workload::{Detail, IdDistribution, MAX_LATE_DAYS, Mistake, WorkloadSpec};
use serde_json::Value;

use crate::stream::{DAY_MS, START_MS, assert_share, bytes, counts, events, text, time_ms};

fn property_names(event: &Value) -> BTreeSet<&str> {
    event["properties"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_full_event_has_ten_properties() {
    let names = BTreeSet::from([
        "time",
        "distinct_id",
        "$insert_id",
        "$device_id",
        "$os",
        "$browser",
        "$city",
        "plan",
        "price",
        "screen_width",
    ]);
    for event in events(&WorkloadSpec::new(10_000)) {
        assert_eq!(property_names(&event), names, "{event}");
        assert!(!event["event"].as_str().unwrap().is_empty());
        assert!(event["properties"]["price"].is_f64() && text(&event, "$insert_id").len() == 36);
        assert!(event["properties"]["screen_width"].is_u64());
        assert!(["free", "pro", "team", "enterprise"].contains(&text(&event, "plan")));
        let id = text(&event, "distinct_id");
        assert!(id.len() == 18 && id.starts_with("u-"), "{id}");
    }
}

#[test]
fn a_lean_event_has_six_properties() {
    let names = BTreeSet::from(["time", "distinct_id", "$insert_id", "$device_id", "$os", "plan"]);
    for event in events(&WorkloadSpec::new(1_000).detail(Detail::Lean)) {
        assert_eq!(property_names(&event), names, "{event}");
    }
}

#[test]
fn ids_that_need_escaping_come_back() {
    let id = "quote \" backslash \\ line\nfeed ü";
    let spec = WorkloadSpec::new(200)
        .heavy(id, 0.5)
        .mistake(Mistake::Zero { id: "\t".to_owned(), share: 0.5 });
    let ids = counts(events(&spec).iter().map(|event| text(event, "distinct_id").to_owned()));
    assert_eq!(ids.keys().map(String::as_str).collect::<Vec<_>>(), ["\t", id]);
}

#[test]
fn ten_event_names_are_skewed() {
    let events = events(&WorkloadSpec::new(64_000));
    let names = counts(events.iter().map(|event| event["event"].as_str().unwrap()));
    assert_eq!(names.len(), 10);
    assert_share("Page Viewed", names["Page Viewed"], events.len(), 22.0 / 64.0);
    assert_share("Purchase", names["Purchase"], events.len(), 2.0 / 64.0);
}

#[test]
fn insert_ids_differ_and_attributes_belong_to_their_user() {
    let events = events(&WorkloadSpec::new(20_000).users(50, IdDistribution::Uniform));
    let insert_ids: BTreeSet<&str> = events.iter().map(|event| text(event, "$insert_id")).collect();
    assert_eq!(insert_ids.len(), events.len());
    let users: BTreeSet<(&str, &str, &str)> = events
        .iter()
        .map(|event| (text(event, "distinct_id"), text(event, "plan"), text(event, "$city")))
        .collect();
    assert_eq!(users.len(), 50);
    let devices: BTreeSet<(&str, &str, &str, &str)> = events
        .iter()
        .map(|event| {
            (
                text(event, "distinct_id"),
                text(event, "$device_id"),
                text(event, "$os"),
                text(event, "$browser"),
            )
        })
        .collect();
    assert!((51..=150).contains(&devices.len()), "{} devices", devices.len());
}

#[test]
fn times_rise_over_the_days_nearly_in_order() {
    let events = events(&WorkloadSpec::new(40_000).days(2));
    let times: Vec<i64> = events.iter().map(time_ms).collect();
    let days = counts(times.iter().map(|time| (time - START_MS).div_euclid(DAY_MS)));
    assert_eq!(days.keys().copied().collect::<Vec<_>>(), [0, 1]);
    assert!(days.values().all(|&events| (19_990..=20_010).contains(&events)), "{days:?}");
    assert!(times.windows(2).any(|pair| pair[1] < pair[0]), "some events overtake others");
    let latest_before = times.iter().scan(0, |latest, &time| {
        *latest = time.max(*latest);
        Some(*latest)
    });
    let worst = times.iter().zip(latest_before).map(|(time, latest)| latest - time).max().unwrap();
    assert!(worst < 5_000, "{worst} ms behind");
}

#[test]
fn late_events_happened_days_before() {
    let events = events(&WorkloadSpec::new(50_000).late_share(0.1));
    let days_before = counts(
        events.iter().map(|event| (START_MS + DAY_MS - 1 - time_ms(event)).div_euclid(DAY_MS)),
    );
    let all: Vec<i64> = (0..=i64::from(MAX_LATE_DAYS)).collect();
    assert_eq!(days_before.keys().copied().collect::<Vec<_>>(), all);
    assert_share("late", events.len() - days_before[&0], events.len(), 0.1);
}

#[test]
fn duplicates_repeat_whole_lines() {
    let lines =
        String::from_utf8(bytes(&WorkloadSpec::new(50_000).duplicate_share(0.2), 3)).unwrap();
    let copies = counts(lines.lines());
    assert_eq!(copies.values().sum::<usize>(), 50_000);
    assert_share("retries", 50_000 - copies.len(), 50_000, 0.2);
    let insert_ids: BTreeSet<String> = copies
        .keys()
        .map(|line| text(&serde_json::from_str(line).unwrap(), "$insert_id").to_owned())
        .collect();
    assert_eq!(insert_ids.len(), copies.len(), "one insert id a distinct line");
}

#[test]
fn the_reference_stream_has_its_shares() {
    let spec = WorkloadSpec::reference(100_000);
    let size = bytes(&spec, 1).len();
    assert!((275..=285).contains(&(size / 100_000)), "{size} bytes for 100 000 events");
    let events = events(&spec);
    let ids = counts(events.iter().map(|event| text(event, "distinct_id")));
    for (id, share) in [("user_id", 0.18), ("hotshard@mixpanel.com", 0.09), ("", 0.03)] {
        assert_share(id, ids[id], events.len(), share);
    }
    let largest_user =
        ids.iter().filter(|(id, _)| id.starts_with("u-")).map(|(_, &events)| events).max().unwrap();
    assert_share("the most active user", largest_user, events.len(), 0.7 * 0.2578);
}
