//! What becomes of a record that is an event.

use hotshard_event::{Placement, write_event};

use super::*;

fn millis(time: &str) -> i64 {
    the_event(&decode(line("a", &format!("\"time\":{time}")))).time.millis()
}

fn id_of(json: &str) -> String {
    the_event(&decode(timed(&format!("\"distinct_id\":{json}")))).distinct_id.to_owned()
}

#[test]
fn an_event_becomes_a_row() {
    let block = decode(
        r#"{"event": "Signed up", "properties": {"time": 1618716477000, "distinct_id": "hotshard@mixpanel.com", "$insert_id": "36a92782-cd7d-41a0-93af-8c23ec6c4191"}}"#,
    );
    let event = the_event(&block);
    assert_eq!((event.name, event.distinct_id), ("Signed up", "hotshard@mixpanel.com"));
    assert_eq!(event.insert_id, Some("36a92782-cd7d-41a0-93af-8c23ec6c4191"));
    assert_eq!(event.time.to_string(), "2021-04-18T03:27:57.000Z");
    assert_eq!(event.date.to_string(), "2021-04-18");
    assert_eq!((event.properties, event.placement), ("{}", Placement::Home));
    assert_eq!((block.missing_distinct_id, block.ignored_keys), (0, 0));
}

#[test]
fn time_is_seconds_or_milliseconds() {
    assert_eq!(millis("1618716477"), 1_618_716_477_000);
    assert_eq!(millis("1618716477000"), 1_618_716_477_000);
    assert_eq!(millis("31536000"), 31_536_000_000);
    assert_eq!(millis("31535999999"), 31_535_999_999_000);
    assert_eq!(millis("31536000000"), 31_536_000_000);
    assert_eq!(millis("99999999999999"), 99_999_999_999_999);
}

#[test]
fn time_may_be_a_float() {
    assert_eq!(millis("1618716477.123"), 1_618_716_477_123);
    assert_eq!(millis("1.618716477123e9"), 1_618_716_477_123);
    assert_eq!(millis("1618716477123.4"), 1_618_716_477_123);
}

#[test]
fn the_date_follows_the_time_zone() {
    let options =
        DecodeOptions { time_zone: "Europe/Berlin".parse().unwrap(), ..DecodeOptions::default() };
    let block = decode_with(options, line("a", "\"time\":1618696800000"));
    assert_eq!(the_event(&block).date.to_string(), "2021-04-18");
    let block = decode(line("a", "\"time\":1618696800000"));
    assert_eq!(the_event(&block).date.to_string(), "2021-04-17");
}

#[test]
fn a_text_id_is_taken_as_it_is() {
    assert_eq!(id_of(r#""user@example.com""#), "user@example.com");
    assert_eq!(id_of(r#"" \u00e9\n ""#), " é\n ");
    assert_eq!(id_of(r#""123""#), "123");
}

#[test]
fn a_numeric_id_becomes_its_decimal_text() {
    for (json, text) in [
        ("123", "123"),
        ("-0", "0"),
        ("18446744073709551616123", "18446744073709551616123"),
        ("123.0", "123"),
        ("1.5e1", "15"),
        ("0.1", "0.1"),
        ("1e-7", "0.0000001"),
    ] {
        assert_eq!(id_of(json), text);
    }
}

#[test]
fn a_missing_or_null_id_is_empty_and_counted() {
    for properties in ["\"a\":1", "\"distinct_id\":null"] {
        let block = decode(timed(properties));
        let event = the_event(&block);
        assert_eq!((event.distinct_id, event.placement), ("", Placement::Spread));
        assert_eq!(block.missing_distinct_id, 1);
    }
    let block = decode(timed("\"distinct_id\":\"\""));
    assert_eq!(the_event(&block).placement, Placement::Spread);
    assert_eq!(block.missing_distinct_id, 0);
}

#[test]
fn an_empty_insert_id_is_none() {
    for properties in ["\"a\":1", "\"$insert_id\":null", "\"$insert_id\":\"\""] {
        assert_eq!(the_event(&decode(timed(properties))).insert_id, None);
    }
    assert_eq!(the_event(&decode(timed("\"$insert_id\":\"x\""))).insert_id, Some("x"));
}

#[test]
fn other_properties_come_back_verbatim() {
    for properties in [
        r#""price":1.50,"big":123456789012345678901234567890,"tiny":1e-400,"huge":1e400"#,
        r#""list":[1, 2,  {"b" : [] }],"text":"\u00e9 é 😀 \/","null":null"#,
        r#""same":1,"same":2,"\u006b":"escaped key","":"empty key""#,
        r#""lone":"\ud800","newline":"\n""#,
    ] {
        let block = decode(timed(properties));
        assert_eq!(the_event(&block).properties, format!("{{{properties}}}"));
    }
}

#[test]
fn only_the_space_between_properties_goes() {
    let block = decode(format!(
        "{{ \"event\" : \"a\" , \"properties\" : {{ \"a\" : [1, 2] ,\"b\":2,\"c\":3, \"time\" : {TIME} ,\t\"d\":4 }} }}\n"
    ));
    assert_eq!(the_event(&block).properties, r#"{"a":[1, 2],"b":2,"c":3,"d":4}"#);
}

#[test]
fn of_duplicate_keys_the_last_one_wins() {
    let block = decode(format!(
        concat!(
            r#"{{"event":7,"event":"b","properties":{{"x":1}},"#,
            r#""properties":{{"time":true,"distinct_id":[],"$insert_id":{{}},"y":2,"#,
            r#""time":{},"distinct_id":"u","$insert_id":"i"}}}}"#
        ),
        TIME
    ));
    let event = the_event(&block);
    assert_eq!((event.name, event.distinct_id, event.insert_id), ("b", "u", Some("i")));
    assert_eq!(event.properties, r#"{"y":2}"#);
}

#[test]
fn keys_are_known_whatever_their_escapes() {
    let block = decode(format!(
        r#"{{"\u0065vent":"a","properti\u0065s":{{"\u0074ime":{TIME},"distinct\u005fid":"u","\u0024insert_id":"i"}}}}"#
    ));
    let event = the_event(&block);
    assert_eq!((event.distinct_id, event.insert_id, event.properties), ("u", Some("i"), "{}"));
}

#[test]
fn other_top_level_keys_are_dropped_and_counted() {
    let block = decode(format!(
        r#"{{"id":1,"event":"a","time":5,"properties":{{"time":{TIME},"distinct_id":"u"}},"x":[]}}"#
    ));
    assert_eq!(the_event(&block).properties, "{}");
    assert_eq!(block.ignored_keys, 3);
}

#[test]
fn byte_order_marks_carriage_returns_and_blank_lines_are_skipped() {
    let event = timed("\"distinct_id\":\"u\"");
    let event = event.trim_end();
    let text = format!("\u{feff}{event}\r\n\r\n \t\n\u{feff}\n{event}\n\n");
    let block = decode(text);
    assert_eq!((block.events.len(), block.records, block.rejects.len()), (2, 2, 0));
    assert_eq!(decode("").records, 0);
}

#[test]
fn nesting_goes_to_128_levels() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let block = decode(timed(&format!("\"deep\":{}", nested(126))));
    assert_eq!(the_event(&block).properties, format!("{{\"deep\":{}}}", nested(126)));
    let top = |levels| {
        format!(r#"{{"x":{},"event":"a","properties":{{"time":{TIME}}}}}"#, nested(levels))
    };
    assert_eq!(decode(top(127)).events.len(), 1);
    assert_eq!(the_reject(&decode(top(128))).reason, RejectReason::TooDeep);
}

#[test]
fn a_row_remedied_elsewhere_is_stored_as_it_is() {
    for id in [
        "\"distinct_id\":\"\",",
        "",
        "\"distinct_id\":null,",
        "\"distinct_id\":17,",
        "\"distinct_id\":1e400,",
    ] {
        let block = decode(line(
            "$hotshard_events",
            &format!(
                r#""time":{TIME},{id}"a":1,"mp_original_event_name":"Signed \u0075p","b":2,"mp_original_distinct_id":"u","c":3"#
            ),
        ));
        let event = the_event(&block);
        assert_eq!((event.name, event.distinct_id), ("$hotshard_events", ""));
        assert_eq!(event.originals.name, Some("Signed up"));
        assert_eq!(event.originals.distinct_id, Some("u"));
        assert_eq!(event.properties, r#"{"a":1,"b":2,"c":3}"#);
        assert_eq!(event.placement, Placement::Spread);
        assert_eq!(block.missing_distinct_id, 0);
        assert!(!block.events.rows()[0].carries_originals);
    }
}

#[test]
fn an_export_of_a_remedied_row_is_read_back() {
    let text = format!(
        r#"{{"event":"$hotshard_events","properties":{{"time":{TIME},"distinct_id":"","mp_original_event_name":"Signed up","mp_original_distinct_id":"u","$insert_id":"i","plan":"pro"}}}}"#
    );
    let block = decode(&text);
    let mut out = Vec::new();
    write_event(&the_event(&block), &mut out);
    assert_eq!(String::from_utf8(out).unwrap(), text);
}

#[test]
fn originals_of_other_types_stay_in_the_properties() {
    let properties =
        format!(r#""time":{TIME},"mp_original_event_name":5,"mp_original_distinct_id":7.0"#);
    let block = decode(line("$hotshard_events", &properties));
    let event = the_event(&block);
    assert_eq!((event.originals.name, event.originals.distinct_id), (None, Some("7")));
    assert_eq!(event.properties, r#"{"mp_original_event_name":5}"#);
    assert!(block.events.rows()[0].carries_originals);

    for id in ["true", "null", "[]", "1e400"] {
        let properties = format!(r#""time":{TIME},"mp_original_distinct_id":{id}"#);
        let block = decode(line("$hotshard_events", &properties));
        let event = the_event(&block);
        assert_eq!(event.originals.distinct_id, None);
        assert_eq!(event.properties, format!(r#"{{"mp_original_distinct_id":{id}}}"#));
    }
}

#[test]
fn renamed_excess_with_a_text_id_is_an_ordinary_event() {
    let properties = format!(r#""time":{TIME},"distinct_id":"123","mp_original_event_name":"x""#);
    let block = decode(line("$hotshard_events", &properties));
    let event = the_event(&block);
    assert_eq!((event.distinct_id, event.placement), ("123", Placement::Home));
    assert_eq!((event.originals.name, event.originals.distinct_id), (None, None));
    assert_eq!(event.properties, r#"{"mp_original_event_name":"x"}"#);
    assert!(block.events.rows()[0].carries_originals);
}

#[test]
fn other_events_keep_the_originals_they_carry() {
    for property in [r#""mp_original_event_name":"x""#, r#""mp_original_distinct_id":"""#] {
        let block = decode(timed(&format!("{property},\"distinct_id\":\"\"")));
        assert_eq!(the_event(&block).properties, format!("{{{property}}}"));
        assert!(block.events.rows()[0].carries_originals);
    }
    assert!(!decode(timed("\"a\":1")).events.rows()[0].carries_originals);
}

#[test]
fn events_keep_their_order_and_their_texts_apart() {
    let text =
        (0..50).map(|n| timed(&format!("\"distinct_id\":{n},\"n\":{n}"))).collect::<String>();
    let block = decode(text);
    for (n, event) in block.events.events().enumerate() {
        assert_eq!(event.distinct_id, n.to_string());
        assert_eq!(event.properties, format!("{{\"n\":{n}}}"));
    }
    assert_eq!(block.events.len(), 50);
}
