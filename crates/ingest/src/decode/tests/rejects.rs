//! What becomes of a record that is no event: position, reason, message and text.

use super::*;
use crate::source::Element;

#[test]
fn a_reject_says_where_it_stands_and_keeps_its_text() {
    let good = timed("\"distinct_id\":\"u\"");
    let block = decode(format!("{good}\r\n\u{feff}nonsense\r\n{good}"));
    assert_eq!((block.events.len(), block.records), (2, 3));
    let reject = &block.rejects[0];
    assert_eq!((reject.source, reject.line, reject.part), (3, 13, 0));
    assert_eq!(reject.offset, 1_000 + good.len() as u64 + 2);
    assert_eq!(reject.text, "\u{feff}nonsense".as_bytes());
    assert_eq!(
        reject.message,
        "not valid JSON at byte 5: expected ident; write each event as one JSON object"
    );
}

#[test]
fn invalid_json() {
    for (text, at, cause) in [
        (r#"{"event" "a"}"#, 10, "expected `:`"),
        (r#"{"event":"a",}"#, 14, "key must be a string"),
        (r#"{"event":"a"}}"#, 14, "trailing characters"),
        (r#"{"event":"a"} {}"#, 15, "trailing characters"),
        (r#"{"event":NaN}"#, 10, "expected value"),
        (r#"{"event":Infinity}"#, 10, "expected value"),
        (r#"{"event":-Infinity}"#, 11, "invalid number"),
        (r#"{"event":01}"#, 11, "invalid number"),
        (r#"{"event":'a'}"#, 10, "expected value"),
        (r#"{"event":"\x"}"#, 12, "invalid escape"),
        (
            "{\"event\":\"a\tb\"}",
            11,
            "control character (\\u0000-\\u001F) found while parsing a string",
        ),
        (r#"{"event":"a""#, 12, "EOF while parsing an object"),
        (r#"{"event":[1}"#, 12, "expected `,` or `]`"),
        ("hello", 1, "expected value"),
        ("\0", 1, "expected value"),
    ] {
        let message =
            format!("not valid JSON at byte {at}: {cause}; write each event as one JSON object");
        assert_rejected(text, RejectReason::InvalidJson, &message);
    }
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    for (text, at) in [
        (timed(r#""distinct_id":"\ud800""#), 70),
        (timed(r#""$insert_id":"\udc00x""#), 68),
        (timed(r#""\ud800":1"#), 56),
        (line(r"\ud800", &format!("\"time\":{TIME}")), 17),
    ] {
        let block = decode(&text);
        let reject = the_reject(&block);
        assert_eq!(reject.reason, RejectReason::InvalidJson, "{text}");
        let position = format!("not valid JSON at byte {at}: ");
        assert!(reject.message.starts_with(&position), "{text}: {}", reject.message);
        assert!(reject.message.contains("hex escape"), "{}", reject.message);
    }
}

#[test]
fn invalid_utf8_rejects_only_its_own_line() {
    let good = timed("\"distinct_id\":\"é\"");
    let bad = b"{\"event\":\"a\xff\"}\n";
    let block = decode([good.as_bytes(), bad, good.as_bytes()].concat());
    assert_eq!((block.events.len(), block.rejects.len(), block.records), (2, 1, 3));
    let reject = &block.rejects[0];
    assert_eq!((reject.reason, reject.line), (RejectReason::InvalidUtf8, 12));
    assert_eq!(reject.message, "byte 12 is not valid UTF-8; write the event in UTF-8");
    assert_eq!(reject.text, b"{\"event\":\"a\xff\"}");
}

#[test]
fn nesting_over_128_levels() {
    let message = "objects and arrays nest 129 levels deep and 128 are allowed, the event itself \
                   being the first; flatten the value, or send it as text";
    let nested = format!("{}{}", "[".repeat(127), "]".repeat(127));
    assert_rejected(timed(&format!("\"deep\":{nested}")), RejectReason::TooDeep, message);
    let objects = format!("{}1{}", "{\"a\":".repeat(127), "}".repeat(127));
    assert_rejected(timed(&format!("\"deep\":{objects}")), RejectReason::TooDeep, message);
}

#[test]
fn a_million_levels_neither_overflow_nor_hold_up() {
    let options = DecodeOptions { max_record_bytes: usize::MAX, ..DecodeOptions::default() };
    let (open, close) = ("[".repeat(1_000_000), "]".repeat(1_000_000));
    for (text, reason) in [
        (format!("{open}{close}"), RejectReason::TooDeep),
        (timed(&format!("\"deep\":{open}{close}")), RejectReason::TooDeep),
        (timed(&format!("\"time\":{open}{close}")), RejectReason::TooDeep),
        (format!("{{\"event\":{open}{close}}}"), RejectReason::TooDeep),
        (format!("{{\"properties\":{open}{close}}}"), RejectReason::TooDeep),
        (open.clone(), RejectReason::InvalidJson),
        (format!("{{\"properties\":{{\"a\":{open}"), RejectReason::InvalidJson),
    ] {
        assert_eq!(the_reject(&decode_with(options, text)).reason, reason);
    }
}

#[test]
fn a_record_over_the_limit() {
    let event = timed("\"distinct_id\":\"u\"");
    let length = event.trim_end().len();
    let options = DecodeOptions { max_record_bytes: length, ..DecodeOptions::default() };
    assert_eq!(decode_with(options, &event).events.len(), 1);
    let options = DecodeOptions { max_record_bytes: length - 1, ..DecodeOptions::default() };
    let block = decode_with(options, &event);
    let reject = the_reject(&block);
    assert_eq!(reject.reason, RejectReason::TooLong);
    let limit = length - 1;
    assert_eq!(
        reject.message,
        format!("longer than the limit of {limit} bytes; shorten the event, or raise the limit")
    );
}

#[test]
fn pieces_of_a_record_over_the_limit_count_once() {
    let first = Decoder::default().decode(&mut raw(b"{\"event\"", Records::Oversize { part: 0 }));
    assert_eq!((first.records, first.rejects.len(), first.rejects[0].part), (1, 1, 0));
    assert_eq!(first.rejects[0].reason, RejectReason::TooLong);
    let second = Decoder::default().decode(&mut raw(b":\"a\"}", Records::Oversize { part: 1 }));
    assert_eq!((second.records, second.rejects.len(), second.rejects[0].part), (0, 1, 1));
    assert_eq!(second.rejects[0].text, b":\"a\"}");
    assert_eq!((second.rejects[0].line, second.rejects[0].offset), (11, 1_000));
    assert_eq!(
        second.rejects[0].message,
        "part 1 of the record before it, which is longer than the limit of 1048576 bytes; shorten \
         the event, or raise the limit"
    );
}

#[test]
fn a_cut_off_last_line() {
    let good = timed("\"distinct_id\":\"é\",\"n\":-1.5e3,\"l\":[true]");
    let whole = good.trim_end();
    for end in 1..whole.len() {
        let text = [good.as_bytes(), &whole.as_bytes()[..end]].concat();
        let block = decode_end(&text);
        assert_eq!((block.events.len(), block.rejects.len()), (1, 1), "cut at {end}");
        let reject = &block.rejects[0];
        assert_eq!(reject.reason, RejectReason::CutOff, "cut at {end}");
        let (begin, end) = (1_000 + good.len(), 1_000 + text.len());
        assert_eq!(reject.offset, begin as u64);
        assert_eq!(
            reject.message,
            format!(
                "cut off: the source ends at byte {end}, inside the record that begins at byte \
                 {begin}; ingest the rest, from byte {begin} on; the whole source would be stored \
                 beside what is in already, for it is another content"
            )
        );
    }
    assert_eq!(decode_end(whole).events.len(), 1, "a last line needs no line break");
}

#[test]
fn only_the_end_of_the_source_cuts_off() {
    let cut = r#"{"event":"a","prop"#;
    assert_eq!(the_reject(&decode(cut)).reason, RejectReason::InvalidJson);
    assert_eq!(the_reject(&decode_end(format!("{cut}\n"))).reason, RejectReason::InvalidJson);
    assert_eq!(the_reject(&decode_end(cut)).reason, RejectReason::CutOff);
    // Wrong before its end, so having the end would not help.
    assert_eq!(the_reject(&decode_end(r#"{"event" "a","#)).reason, RejectReason::InvalidJson);
    assert_eq!(the_reject(&decode_end(b"{} \xc3")).reason, RejectReason::InvalidUtf8);
    assert_eq!(the_reject(&decode_end(b"{\"a\":\"\xff\xc3")).reason, RejectReason::InvalidUtf8);
}

fn element(start: usize, end: usize, line: u64, cut_off: bool) -> Element {
    let at = |byte: usize| u32::try_from(byte).unwrap();
    Element { start: at(start), end: at(end), line, cut_off }
}

#[test]
fn elements_of_an_array_are_records() {
    let one = timed("\"distinct_id\":\"u\"");
    let one = one.trim_end();
    let spread_out = one.replace(',', "\n,");
    let text = format!("[{one},{spread_out},,{{\"event\":\n 7x}},{}", one.get(..20).unwrap());
    let bad = text.find(",,").unwrap() + 1;
    let wrong = bad + 1;
    let last = text.len() - 20;
    let elements = vec![
        element(1, 1 + one.len(), 1, false),
        element(2 + one.len(), bad - 1, 1, false),
        element(bad, bad, 4, false),
        element(wrong, last - 1, 4, false),
        element(last, text.len(), 5, true),
    ];
    let block = Decoder::default().decode(&mut raw(text.as_bytes(), Records::Elements(elements)));
    assert_eq!((block.events.len(), block.records), (2, 5));
    let found: Vec<_> =
        block.rejects.iter().map(|r| (r.reason, r.line, r.offset, r.message.as_str())).collect();
    let offset = |at: usize| 1_000 + at as u64;
    let cut = format!(
        "cut off: the source ends at byte {}, inside the record that begins at byte {begin}; ingest \
         the rest, from byte {begin} on; the whole source would be stored beside what is in already, \
         for it is another content",
        1_000 + text.len(),
        begin = 1_000 + last
    );
    assert_eq!(
        found,
        [
            (
                RejectReason::InvalidJson,
                4,
                offset(bad),
                "not valid JSON: the array has an empty element here; remove one of its commas"
            ),
            (
                RejectReason::InvalidJson,
                4,
                offset(wrong),
                "not valid JSON at byte 13: expected `,` or `}`; write each event as one JSON \
                 object"
            ),
            (RejectReason::CutOff, 5, offset(last), cut.as_str()),
        ]
    );
}

#[test]
fn an_element_may_hold_what_is_not_utf8() {
    let text = b"[{\"event\":\"\xff\"},7]";
    let elements = vec![element(1, 14, 1, false), element(15, 16, 1, false)];
    let block = Decoder::default().decode(&mut raw(text, Records::Elements(elements)));
    let reasons: Vec<_> = block.rejects.iter().map(|reject| reject.reason).collect();
    assert_eq!(reasons, [RejectReason::InvalidUtf8, RejectReason::NotAnObject]);
}

#[test]
fn a_broken_source_is_one_record() {
    let message = "events.jsonl.gz ends early: the gzip stream is cut off at byte 4096";
    let records = Records::Broken { message: message.to_owned() };
    let block = Decoder::default().decode(&mut raw(b"{\"event\":", records));
    let reject = &block.rejects[0];
    assert_eq!((block.records, block.rejects.len(), block.events.len()), (1, 1, 0));
    assert_eq!((reject.reason, reject.message.as_str()), (RejectReason::BrokenSource, message));
    assert_eq!((reject.text.as_slice(), reject.offset), (b"{\"event\":".as_slice(), 1_000));
}

#[test]
fn not_an_object() {
    for (text, kind) in [
        ("[1,2]", "an array"),
        (" \"a\"", "text"),
        ("12", "a number"),
        ("-1.5", "a number"),
        ("true", "a boolean"),
        ("null", "null"),
    ] {
        let message = format!(
            "`{}` is {kind}, not an object; write each event as {{\"event\": ..., \"properties\": \
             {{...}}}}",
            text.trim()
        );
        assert_rejected(text, RejectReason::NotAnObject, &message);
    }
}

#[test]
fn event_missing_empty_or_not_text() {
    assert_rejected(
        format!(r#"{{"properties":{{"time":{TIME}}}}}"#),
        RejectReason::MissingEvent,
        "`event` is missing; name the event",
    );
    assert_rejected(
        line("", &format!("\"time\":{TIME}")),
        RejectReason::InvalidEvent,
        "`event` is empty; name the event",
    );
    for (json, kind) in
        [("7", "a number"), ("null", "null"), ("false", "a boolean"), ("{}", "an object")]
    {
        assert_rejected(
            format!(r#"{{"event":{json},"properties":{{"time":{TIME}}}}}"#),
            RejectReason::InvalidEvent,
            &format!("`event` is `{json}`, which is {kind}; give a name in text"),
        );
    }
}

#[test]
fn properties_missing_or_not_an_object() {
    assert_rejected(
        r#"{"event":"a"}"#,
        RejectReason::MissingProperties,
        "`properties` are missing; send an object that holds at least `time`",
    );
    for (json, kind) in [
        ("[1]", "an array"),
        ("null", "null"),
        ("\"{}\"", "text"),
        ("1e400", "a number"),
        ("true", "a boolean"),
    ] {
        assert_rejected(
            format!(r#"{{"event":"a","properties":{json}}}"#),
            RejectReason::InvalidProperties,
            &format!("`properties` is {kind}; send an object that holds at least `time`"),
        );
    }
}

#[test]
fn time_missing_or_not_a_number() {
    assert_rejected(
        line("a", "\"x\":1"),
        RejectReason::MissingTime,
        "`time` is missing; send it in `properties`, in seconds or milliseconds since 1970",
    );
    for (json, kind) in [
        ("\"1618716477\"", "text"),
        ("null", "null"),
        ("true", "a boolean"),
        ("[1618716477]", "an array"),
    ] {
        assert_rejected(
            line("a", &format!("\"time\":{json}")),
            RejectReason::InvalidTime,
            &format!(
                "`time` is `{json}`, which is {kind}; send a number, in seconds or milliseconds \
                 since 1970"
            ),
        );
    }
    assert_rejected(
        line("a", "\"time\":1e400"),
        RejectReason::InvalidTime,
        "`time` is `1e400`, which is no finite number; send seconds or milliseconds since 1970",
    );
}

#[test]
fn time_out_of_range() {
    for json in ["0", "-5", "31535999", "-1618716477000", "1.5"] {
        assert_rejected(
            line("a", &format!("\"time\":{json}")),
            RejectReason::TimeBefore1971,
            &format!(
                "`time` is `{json}`, which is before 1971; send seconds or milliseconds since 1970"
            ),
        );
    }
    for json in ["100000000000000", "1618716477000000", "1e20"] {
        assert_rejected(
            line("a", &format!("\"time\":{json}")),
            RejectReason::TimeInMicroseconds,
            &format!(
                "`time` is `{json}`, which looks like microseconds; send seconds or milliseconds \
                 since 1970"
            ),
        );
    }
}

#[test]
fn distinct_id_of_another_type() {
    for (json, kind) in [("true", "a boolean"), ("[\"u\"]", "an array"), ("{}", "an object")] {
        assert_rejected(
            timed(&format!("\"distinct_id\":{json}")),
            RejectReason::InvalidDistinctId,
            &format!(
                "`distinct_id` is `{json}`, which is {kind}; send text or a number, or \"\" for \
                 nobody"
            ),
        );
    }
    assert_rejected(
        timed("\"distinct_id\":-1e400"),
        RejectReason::InvalidDistinctId,
        "`distinct_id` is `-1e400`, which is no finite number; send text or a number, or \"\" for \
         nobody",
    );
    // Also on rows remedied elsewhere, where only a number means nothing.
    let block = decode(line("$hotshard_events", &format!("\"time\":{TIME},\"distinct_id\":false")));
    assert_eq!(the_reject(&block).reason, RejectReason::InvalidDistinctId);
}

#[test]
fn insert_id_of_another_type() {
    for (json, kind) in [("7", "a number"), ("false", "a boolean"), ("[]", "an array")] {
        assert_rejected(
            timed(&format!("\"$insert_id\":{json}")),
            RejectReason::InvalidInsertId,
            &format!("`$insert_id` is `{json}`, which is {kind}; send text"),
        );
    }
}

#[test]
fn a_long_value_is_shortened_in_the_message() {
    let block = decode(timed(&format!("\"$insert_id\":[\"{}\"]", "é".repeat(1_000))));
    let message = &the_reject(&block).message;
    assert_eq!(
        *message,
        format!("`$insert_id` is `[\"{}…`, which is an array; send text", "é".repeat(58))
    );
}

#[test]
fn the_memory_of_a_block_follows_what_it_holds() {
    let blank = decode("\n".repeat(100_000));
    assert_eq!((blank.events.len(), blank.rejects.len()), (0, 0));
    assert!(blank.memory_bytes() < 1_000_000, "{}", blank.memory_bytes());
    let rejects = decode("x\n".repeat(100));
    let texts: usize = rejects.rejects.iter().map(|r| r.text.len() + r.message.len()).sum();
    assert!(rejects.memory_bytes() > texts + 100 * size_of::<Reject>());
}

#[test]
fn a_reject_counts_neither_ids_nor_keys() {
    let block = decode(r#"{"x":1,"event":"","properties":{}}"#);
    assert_eq!((block.missing_distinct_id, block.ignored_keys, block.records), (0, 0, 1));
}
