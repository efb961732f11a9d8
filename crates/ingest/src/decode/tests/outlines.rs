//! Records among others of their kind: what one was like must say nothing of the next.

use super::*;

/// Decodes each line behind itself and behind all the others, and compares it with itself alone.
fn assert_alike(lines: &[&str]) {
    let all: String = lines.iter().chain(lines).map(|line| format!("{line}\n")).collect();
    for line in lines {
        let alone = decode(format!("{line}\n"));
        let among = decode(format!("{all}{line}\n"));
        let last = among.events.events().last().filter(|_| alone.rejects.is_empty());
        assert_eq!(last, alone.events.event(0), "{line}");
        let reason = |block: &DecodedBlock| block.rejects.last().map(|reject| reject.reason);
        if !alone.rejects.is_empty() {
            assert_eq!(reason(&among), reason(&alone), "{line}");
        }
        let sum = |of: fn(&DecodedBlock) -> u64| {
            lines.iter().map(|line| of(&decode(format!("{line}\n")))).sum::<u64>()
        };
        let twice = decode(&all);
        assert_eq!(twice.ignored_keys, 2 * sum(|block| block.ignored_keys));
        assert_eq!(twice.missing_distinct_id, 2 * sum(|block| block.missing_distinct_id));
    }
}

#[test]
fn keys_in_another_order_keep_their_meaning() {
    assert_alike(&[
        r#"{"event":"a","properties":{"time":1618716477,"x":1,"distinct_id":"u"}}"#,
        r#"{"event":"a","properties":{"x":1,"time":1618716477,"distinct_id":"u"}}"#,
        r#"{"properties":{"x":1,"time":1618716477,"distinct_id":"u"},"event":"b"}"#,
        r#"{"properties":{"distinct_id":"u","time":1618716477,"x":"1","y":[1,{"z":"}"}]},"event":"b"}"#,
        r#"{ "event": "a", "properties": {"time": 1618716477, "x": 1, "y": 2} }"#,
        r#"{"event":"a","properties":{"time":1618716477,"distinct_id":"u"}}"#,
    ]);
}

#[test]
fn a_key_means_something_only_on_its_own_level() {
    assert_alike(&[
        r#"{"event":"a","time":7,"properties":{"time":1618716477,"event":"x"}}"#,
        r#"{"time":7,"event":"a","properties":{"event":"x","time":1618716477}}"#,
        r#"{"event":"a","properties":{"properties":{"time":5},"time":1618716477}}"#,
        r#"{"event":"a","properties":{"time":1618716477},"time":5,"distinct_id":"u"}"#,
    ]);
}

#[test]
fn of_two_properties_the_last_counts() {
    assert_alike(&[
        r#"{"x":1,"event":"a","properties":{"time":1618716477,"k":1}}"#,
        r#"{"properties":{"time":1618716477,"k":1},"x":1,"event":"a"}"#,
        r#"{"properties":{"time":1618716477,"k":1},"x":1,"event":"a","properties":{"time":1618716478,"k":1}}"#,
        r#"{"properties":{"time":1618716477,"k":1},"x":1,"event":"a","properties":{}}"#,
        r#"{"properties":{},"x":1,"event":"a","properties":{"time":1618716478,"k":1}}"#,
        r#"{"properties":{"time":1618716477,"k":1},"x":1,"event":"a","properties":7}"#,
        r#"{"x":1,"event":"a"}"#,
        r#"{"x":1,"event":"a","properties":{}}"#,
    ]);
}

#[test]
fn duplicate_and_escaped_keys_keep_their_meaning() {
    assert_alike(&[
        r#"{"event":"a","properties":{"time":1618716477,"distinct_id":"u","k":1}}"#,
        r#"{"event":"a","properties":{"time":1618716477,"distinct_id":"u","distinct_id":"v","k":1,"k":2}}"#,
        r#"{"event":"a","properties":{"\u0074ime":1618716479,"distinct_id":"u","k":1}}"#,
        r#"{"event":"a","event":"b","properties":{"time":1618716477,"distinct_id":"\u00e9","k":"\n"}}"#,
        r#"{"event":"$hotshard_events","properties":{"time":1618716477,"mp_original_event_name":"a","mp_original_distinct_id":"u","k":1}}"#,
        r#"{"event":"a","properties":{"time":1618716477,"mp_original_event_name":"a","mp_original_distinct_id":"u","k":1}}"#,
    ]);
}

#[test]
fn what_is_wrong_with_a_record_is_found_along_an_outline_too() {
    assert_alike(&[
        r#"{"event":"a","properties":{"time":1618716477,"distinct_id":"u","k":1}}"#,
        r#"{"event":"a","properties":{"time":1618716477,"distinct_id":"u","k":01}}"#,
        r#"{"event":"a","properties":{"time":1618716477,"distinct_id":"u","k":1}}}"#,
        r#"{"event":"a","properties":{"time":1618716477,"distinct_id":"u","k":1}"#,
        r#"{"event":"a","properties":{"time":1618716477,"distinct_id":"u","k":"\x"}}"#,
        r#"{"event":"a","properties":{"time":1618716477,"distinct_id":true,"k":1}}"#,
        r#"{"event":"","properties":{"time":1618716477,"distinct_id":"u","k":1}}"#,
        r#"{"event":"a","properties":{"time":"now","distinct_id":"u","k":1}}"#,
        r#"{"event":"a","properties":{"time":1618716477,"distinct_id":"u","k":[1}}"#,
    ]);
}

#[test]
fn records_that_are_never_alike_are_decoded_all_the_same() {
    let text: String = (0..2_000)
        .map(|n| line("a", &format!("\"time\":{TIME},\"k{n}\":{n},\"distinct_id\":\"u{n}\"")))
        .collect();
    let block = decode(text);
    assert_eq!((block.events.len(), block.rejects.len()), (2_000, 0));
    for (n, event) in block.events.events().enumerate() {
        assert_eq!(event.properties, format!("{{\"k{n}\":{n}}}"));
        assert_eq!(event.distinct_id, format!("u{n}"));
    }
}

/// Each key of such a record was remembered, and compared with all the others: it took seconds.
#[test]
fn a_record_of_very_many_keys_is_decoded_and_not_remembered() {
    let properties: String = (0..60_000).map(|n| format!(",\"k{n}\":{n}")).collect();
    let text = line("a", &format!("\"time\":{TIME}{properties}"));
    let block = decode(text.repeat(3));
    assert_eq!((block.events.len(), block.rejects.len()), (3, 0));
    for event in block.events.events() {
        assert_eq!(event.properties.len(), properties.len() + 1);
    }
}
