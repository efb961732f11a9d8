//! Mixpanel's own validation.

use hotshard_event::EventTime;

use super::*;
use crate::decode::Validation;

const NOW: i64 = 1_618_716_477_000;

fn strict(line: impl AsRef<[u8]>) -> DecodedBlock {
    let validation = Validation::Strict { now: EventTime::from_millis(NOW) };
    decode_with(DecodeOptions { validation, ..DecodeOptions::default() }, line)
}

#[test]
fn ids_that_mixpanel_refuses() {
    for id in [
        "00000000-0000-0000-0000-000000000000",
        "anon",
        "Anonymous",
        "NIL",
        "none",
        "null",
        "n/a",
        "NA",
        "undefined",
        "unknown",
        "<nil>",
        "0",
        "-1",
        "True",
        "false",
        "[]",
        "{}",
    ] {
        let line = timed(&format!("\"distinct_id\":\"{id}\""));
        let block = strict(&line);
        let reject = the_reject(&block);
        assert_eq!(reject.reason, RejectReason::RefusedDistinctId);
        assert_eq!(
            reject.message,
            format!(
                "`distinct_id` is `{id}`, which Mixpanel refuses; send the user's own id, or \"\" \
                 for nobody"
            )
        );
        assert_eq!(decode(&line).events.len(), 1, "only the strict validation refuses {id}");
    }
    for number in ["0", "-1", "-0.0"] {
        let block = strict(timed(&format!("\"distinct_id\":{number}")));
        assert_eq!(the_reject(&block).reason, RejectReason::RefusedDistinctId);
    }
    for id in ["\"\"", "null", "\"nobody\"", "1", "\"00\""] {
        assert_eq!(strict(timed(&format!("\"distinct_id\":{id}"))).events.len(), 1, "{id}");
    }
}

#[test]
fn insert_ids_that_are_malformed() {
    let longest = "a".repeat(36);
    assert_eq!(strict(timed(&format!("\"$insert_id\":\"{longest}\""))).events.len(), 1);
    for id in ["a_b", "é", "a b", &"a".repeat(37)] {
        let line = timed(&format!("\"$insert_id\":\"{id}\""));
        let block = strict(&line);
        let reject = the_reject(&block);
        assert_eq!(reject.reason, RejectReason::MalformedInsertId);
        assert_eq!(
            reject.message,
            format!(
                "`$insert_id` is `{id}`, {} bytes long; send at most 36 bytes of A-Z, a-z, 0-9 \
                 and -",
                id.len()
            )
        );
        assert_eq!(decode(&line).events.len(), 1);
    }
}

#[test]
fn too_many_properties() {
    let with = |others: usize| {
        let others: Vec<_> = (0..others).map(|n| format!("\"p{n}\":{n}")).collect();
        timed(&others.join(","))
    };
    assert_eq!(strict(with(254)).events.len(), 1, "255 with `time`");
    let block = strict(with(255));
    let reject = the_reject(&block);
    assert_eq!(reject.reason, RejectReason::TooManyProperties);
    assert_eq!(reject.message, "the event has 256 properties; send at most 255");
    assert_eq!(decode(with(255)).events.len(), 1);
}

#[test]
fn times_in_the_future() {
    let hour = 3_600_000;
    let at = |millis: i64| line("a", &format!("\"time\":{millis}"));
    assert_eq!(strict(at(NOW + hour)).events.len(), 1);
    let block = strict(at(NOW + hour + 1));
    let reject = the_reject(&block);
    assert_eq!(reject.reason, RejectReason::TimeInFuture);
    assert_eq!(
        reject.message,
        "`time` is 2021-04-18T04:27:57.001Z, more than one hour ahead of \
         2021-04-18T03:27:57.000Z; send the time at which it happened"
    );
    assert_eq!(decode(at(NOW + hour + 1)).events.len(), 1);
}
