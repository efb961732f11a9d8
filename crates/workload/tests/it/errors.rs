//! Specs that contradict themselves, and what a person is told.

use hotshard_event::EventDate;
use hotshard_workload::{IdDistribution, Mistake, RngSeed, TimeOfDay, Workload, WorkloadSpec};

fn message(spec: WorkloadSpec) -> String {
    Workload::new(spec, RngSeed::DEFAULT).unwrap_err().to_string()
}

fn spec() -> WorkloadSpec {
    WorkloadSpec::new(10)
}

fn day(text: &str) -> EventDate {
    text.parse().unwrap()
}

#[test]
fn a_stream_needs_events_days_and_users() {
    assert_eq!(message(spec().days(0)), "the workload spans 0 days; give it at least one");
    assert_eq!(message(WorkloadSpec::new(0)), "the workload has 0 events; ask for at least one");
    assert_eq!(
        message(spec().users(0, IdDistribution::Uniform)),
        "the workload has 0 users; give it at least one"
    );
}

#[test]
fn days_stay_where_ingest_accepts_their_times() {
    assert_eq!(
        message(spec().start(day("1971-01-07"))),
        "the workload's 1 days from 1971-01-07 leave the range of times that ingest accepts; \
         stay between 1971-01-08 and 5138-11-15"
    );
    assert!(Workload::new(spec().start(day("1971-01-08")), RngSeed::DEFAULT).is_ok());
    assert!(Workload::new(spec().start(day("5138-11-15")), RngSeed::DEFAULT).is_ok());
    assert!(message(spec().start(day("5138-11-15")).days(2)).contains("2 days from 5138-11-15"));
    assert!(message(spec().days(u32::MAX)).contains("4294967295 days from 2024-03-04"));
}

#[test]
fn distributions_are_checked() {
    assert_eq!(
        message(spec().users(10, IdDistribution::Zipf { s: -0.5 })),
        "-0.5 is not an exponent of a distribution; use a number from 0 to 20"
    );
    assert!(
        message(spec().users(10, IdDistribution::Zipf { s: f64::NAN }))
            .starts_with("NaN is not an exponent")
    );
    assert_eq!(
        message(spec().users(1 << 41, IdDistribution::Zipf { s: 1.0 })),
        "2199023255552 users are too many; the limit is 1099511627776"
    );
    for sigma in [-1.0, 11.0, f64::NAN] {
        assert_eq!(
            message(spec().users(10, IdDistribution::Lognormal { sigma })),
            format!(
                "{sigma} is not the standard deviation of lognormal activity; use a number from 0 \
                 to 10"
            )
        );
    }
    for cutoff in [0.5, f64::NAN, f64::INFINITY] {
        assert_eq!(
            message(spec().users(10, IdDistribution::PowerLaw { s: 1.0, cutoff })),
            format!(
                "{cutoff} is not the cutoff of a power law; use a rank, a number of at least 1"
            )
        );
    }
    let drifting = IdDistribution::DriftingZipf { s: 30.0, step: 1 };
    assert!(message(spec().users(10, drifting)).starts_with("30 is not an exponent"));
    assert_eq!(
        message(spec().users(10, IdDistribution::Hotspot { hot_fraction: 0.01, hot_share: 0.8 })),
        "a hotspot of 0.01 of 10 users holds 0 of them; choose a fraction that leaves at least \
         one user inside and one outside"
    );
    assert_eq!(
        message(spec().users(10, IdDistribution::Hotspot { hot_fraction: 0.2, hot_share: 1.2 })),
        "the share of the hot users' events is 1.2; a share is a number from 0 to 1"
    );
}

#[test]
fn shares_are_checked_one_by_one_and_together() {
    assert_eq!(
        message(spec().heavy("user_id", -0.1)),
        "the share of the heavy id `user_id` is -0.1; a share is a number from 0 to 1"
    );
    assert_eq!(
        message(spec().late_share(f64::NAN)),
        "the share of late events is NaN; a share is a number from 0 to 1"
    );
    assert_eq!(
        message(spec().duplicate_share(2.0)),
        "the share of duplicates is 2; a share is a number from 0 to 1"
    );
    assert_eq!(
        message(spec().heavy("a", 0.5).empty_share(0.25).mistake(Mistake::zero(0.5))),
        "the shares of heavy ids, empty ids and mistakes add up to 1.25 of the events; lower them \
         to at most 1"
    );
    let ten_tenths = (0..10).fold(spec(), |spec, id| spec.heavy(id.to_string(), 0.1));
    assert!(Workload::new(ten_tenths, RngSeed::DEFAULT).is_ok());
}

#[test]
fn ids_are_named() {
    assert_eq!(
        message(spec().heavy("", 0.1)),
        "the heavy id `` has an empty id; name the id, or use the share of empty ids for \
         unattributed events"
    );
    let nameless = Mistake::Zero { id: String::new(), share: 0.1 };
    assert!(message(spec().mistake(nameless)).contains("has an empty id"));
}

#[test]
fn a_mistake_ships_within_the_stream() {
    for ships in [0, 3] {
        let mistake = Mistake::StaticIdentify {
            id: "me".to_owned(),
            day: ships,
            at: TimeOfDay::NOON,
            share: 0.1,
        };
        assert_eq!(
            message(spec().days(2).mistake(mistake)),
            format!(
                "the mistake identify('me') ships on day {ships}, but the workload has 2 day(s); \
                 the first day is number 1"
            )
        );
    }
}

#[test]
fn windows_end_on_their_day() {
    let storm = |at: &str, minutes| Mistake::RetryStorm {
        id: "kiosk-17".to_owned(),
        day: 1,
        at: at.parse().unwrap(),
        minutes,
        insert_ids: 20,
        share: 0.5,
    };
    assert_eq!(
        message(spec().mistake(storm("23:00", 61))),
        "the retry storm of `kiosk-17` lasts 61 minute(s) from 23:00; give it at least one, and let \
         it end by midnight"
    );
    assert!(message(spec().mistake(storm("23:00", 0))).contains("lasts 0 minute(s)"));
    assert!(Workload::new(spec().mistake(storm("23:00", 60)), RngSeed::DEFAULT).is_ok());
    let import = Mistake::NightlyImport {
        id: "job".to_owned(),
        at: TimeOfDay::NOON,
        minutes: u32::MAX,
        share: 0.5,
    };
    assert!(message(spec().mistake(import)).starts_with("the nightly import under `job` lasts"));
}

#[test]
fn numbers_of_a_mistake_fit_the_stream() {
    let under = |ids, events| message(spec().days(2).mistake(Mistake::just_under_t(ids, events)));
    assert_eq!(
        under(3, 2),
        "the ids `account-…` just under T take 12 of the workload's 10 events; give them at least \
         one and at most all, or ask for more events"
    );
    assert!(under(3, 0).contains("take 0 of the workload's 10 events"));
    assert!(under(2, u64::MAX).contains("take 18446744073709551615 of"));
    assert_eq!(
        under(0, 2),
        "the ids `account-…` just under T: 0 ids; give a number from 1 to 1000000"
    );
    let twice = spec().mistake(Mistake::just_under_t(1, 1)).mistake(Mistake::just_under_t(2, 1));
    assert_eq!(
        message(twice),
        "two mistakes send ids that begin with `account-`; give each its own prefix"
    );
    let all = spec().heavy("a", 0.5).mistake(Mistake::just_under_t(2, 4));
    assert!(message(all).contains("add up to 1.3 of the events"));
}
