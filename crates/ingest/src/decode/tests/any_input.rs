//! Properties of decoding that hold for any input.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;
use crate::source::Element;

/// Pieces that records are made of, so that hostile input gets past the first byte.
fn token() -> impl Strategy<Value = Vec<u8>> {
    let fixed = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\n",
        "\r\n",
        " ",
        "\u{feff}",
        "1618716477",
        "1e400",
        "-",
        "0.5",
        "true",
        "null",
        "NaN",
        "\"event\"",
        "\"properties\"",
        "\"time\"",
        "\"distinct_id\"",
        "\"$insert_id\"",
        "\"$hotshard_events\"",
        "\"mp_original_event_name\"",
        "\"mp_original_distinct_id\"",
        "\\u0074",
        "\\ud800",
        "é",
        "\"a\"",
        "{\"event\":\"a\",\"properties\":{\"time\":1618716477",
        "{\"event\":",
        ",\"properties\":{",
    ]);
    prop_oneof![
        9 => fixed.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ]
}

fn soup() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(token(), 0..40).prop_map(|tokens| tokens.concat())
}

fn records(bytes: usize) -> impl Strategy<Value = Records> {
    let at = 0..=u32::try_from(bytes).unwrap() + 2;
    let element = (at.clone(), at, 1_u64..9, any::<bool>())
        .prop_map(|(start, end, line, cut_off)| Element { start, end, line, cut_off });
    prop_oneof![
        Just(Records::Lines { last_line: LastLine::Terminated }),
        Just(Records::Lines { last_line: LastLine::EndOfSource }),
        prop::collection::vec(element, 0..5).prop_map(Records::Elements),
        (0_u32..3).prop_map(|part| Records::Oversize { part }),
        ".*".prop_map(|message| Records::Broken { message }),
    ]
}

fn json(depth: u32) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(depth, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|pairs| Value::from(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A value for a field: mostly one that it may have.
fn field(valid: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        8 => valid.prop_map(Some),
        1 => json(2).prop_map(|value| Some(value.to_string())),
        1 => Just(None),
    ]
}

/// A record as text: now and then with a byte changed, removed or put in.
fn record() -> impl Strategy<Value = String> {
    let time =
        prop_oneof![Just("1618716477".to_owned()), any::<f64>().prop_map(|n| format!("{n:e}"))];
    let event = prop_oneof![Just("\"a\""), Just("\"$hotshard_events\""), Just("\"\"")];
    let id = prop_oneof![Just("\"u\""), Just("\"\""), Just("12"), Just("null")];
    let parts = (
        field(event.prop_map(str::to_owned)),
        field(time),
        field(id.prop_map(str::to_owned)),
        field(Just("\"i\"".to_owned())),
        prop::collection::vec(("[a-z]{0,3}", json(3)), 0..3),
    );
    let text = parts.prop_map(|(event, time, id, insert_id, others)| {
        let pair = |(key, value): (&str, String)| format!("\"{key}\":{value}");
        let known = [("time", time), ("distinct_id", id), ("$insert_id", insert_id)];
        let known = known.into_iter().filter_map(|(key, value)| Some((key, value?))).map(pair);
        let others = others.iter().map(|(key, value)| pair((key.as_str(), value.to_string())));
        let properties = format!("{{{}}}", known.chain(others).collect::<Vec<_>>().join(","));
        let top = event.map(|event| pair(("event", event)));
        let top = top.into_iter().chain([pair(("properties", properties))]).collect::<Vec<_>>();
        format!("{{{}}}", top.join(","))
    });
    let edit = prop::sample::select(vec![
        "", "\"", "{", "}", "[", "]", ",", ":", "1", "-", ".", "e", "\\", " ", "\t", "\u{1}",
    ]);
    (text, prop::option::of((any::<prop::sample::Index>(), edit, any::<bool>()))).prop_map(
        |(text, edit)| {
            let Some((index, put, remove)) = edit else { return text };
            let mut chars: Vec<String> = text.chars().map(String::from).collect();
            let at = index.index(chars.len());
            let end = if remove { at + 1 } else { at };
            chars.splice(at..end, [put.to_owned()]);
            chars.concat()
        },
    )
}

/// Whether a record is an event, by a JSON parser that knows nothing of ours; nothing where the
/// two are meant to differ.
fn is_event(text: &str) -> Option<bool> {
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => value,
        // A number past f64 and half a surrogate pair are JSON by its grammar.
        Err(error) if error.to_string().starts_with("number out of range") => return None,
        Err(error) if error.to_string().contains("hex escape") => return None,
        Err(error) if error.to_string().starts_with("recursion limit") => return None,
        Err(_) => return Some(false),
    };
    let event = &value["event"];
    let Some(properties) = value["properties"].as_object() else { return Some(false) };
    let null = Value::Null;
    let property = |name| properties.get(name).unwrap_or(&null);
    let time = property("time").as_f64().is_some_and(|time| {
        let millis = if time < 31_536_000_000.0 { time * 1_000.0 } else { time };
        time >= 31_536_000.0 && millis.round() < 1e14
    });
    let id = property("distinct_id");
    let insert_id = property("$insert_id");
    Some(
        event.as_str().is_some_and(|name| !name.is_empty())
            && time
            && (id.is_null() || id.is_string() || id.is_number())
            && (insert_id.is_null() || insert_id.is_string()),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn any_bytes_give_events_and_rejects_and_never_a_panic(
        (bytes, records) in soup().prop_flat_map(|bytes| {
            let records = records(bytes.len());
            (Just(bytes), records)
        })
    ) {
        let block = Decoder::default().decode(&mut raw(&bytes, records));
        let rejected = block.rejects.iter().filter(|reject| reject.part == 0).count();
        prop_assert_eq!(block.records, (block.events.len() + rejected) as u64);
        for reject in &block.rejects {
            prop_assert!(!reject.message.is_empty() || reject.reason == RejectReason::BrokenSource);
        }
        for event in block.events.events() {
            prop_assert!(!event.name.is_empty());
            let rest = hotshard_event::Properties::new(event.properties).for_each(|_, _| ());
            prop_assert!(rest.is_ok(), "{}", event.properties);
        }
    }

    #[test]
    fn a_record_is_an_event_iff_the_rules_say_so(text in record()) {
        if let Some(expected) = is_event(&text) {
            let block = decode(&text);
            prop_assert_eq!(block.events.len() == 1, expected, "{}: {:?}", text, block.rejects);
        }
    }

    /// Outlines of earlier records must change nothing, whatever the records are.
    #[test]
    fn a_record_is_decoded_alike_alone_and_among_others(
        (records, order) in prop::collection::vec(record(), 1..5).prop_flat_map(|records| {
            let order = prop::collection::vec(0..records.len(), 1..12);
            (Just(records), order)
        })
    ) {
        let alone: Vec<_> = records.iter().map(|record| decode(format!("{record}\n"))).collect();
        let text: String = order.iter().map(|&at| format!("{}\n", records[at])).collect();
        let together = decode(text);
        let mut events = together.events.events();
        let mut rejects = together.rejects.iter();
        for &at in &order {
            prop_assert_eq!(alone[at].events.len() + alone[at].rejects.len(), 1);
            if let Some(expected) = alone[at].events.event(0) {
                let found = events.next();
                prop_assert_eq!(found, Some(expected), "{}", records[at]);
            }
            if let Some(expected) = alone[at].rejects.first() {
                let found = rejects.next().map(|reject| (reject.reason, &reject.message));
                prop_assert_eq!(found, Some((expected.reason, &expected.message)));
            }
        }
        prop_assert_eq!((events.next(), rejects.next()), (None, None));
    }

    #[test]
    fn other_properties_come_back_as_they_were(
        others in prop::collection::vec((any::<String>(), json(5)), 0..5),
        spaced in any::<bool>(),
        at in any::<prop::sample::Index>(),
    ) {
        let columns = ["time", "distinct_id", "$insert_id"];
        let mut pairs: Vec<_> = others
            .iter()
            .filter(|(key, _)| !columns.contains(&key.as_str()))
            .map(|(key, value)| (Value::from(key.as_str()).to_string(), value.to_string()))
            .collect();
        let write = |pairs: &[(String, String)], comma: &str, colon: &str| {
            let pairs: Vec<_> = pairs.iter().map(|(k, v)| format!("{k}{colon}{v}")).collect();
            pairs.join(comma)
        };
        let expected = format!("{{{}}}", write(&pairs, ",", ":"));
        pairs.insert(at.index(pairs.len() + 1), ("\"time\"".to_owned(), TIME.to_owned()));
        let (comma, colon) = if spaced { (" ,\t", " : ") } else { (",", ":") };
        let block = decode(line("a", &write(&pairs, comma, colon)));
        prop_assert_eq!(the_event(&block).properties, expected);
    }
}
