use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use serde_json::Value;

use super::*;
use crate::{Properties, plain_text};

/// Names that need no escape, names that do, and names that look like JSON.
const NAMES: [&str; 22] = [
    "plan", "$os", "n", "", "a/b", "é", "😀", "\u{7f}", "pl\"an", "p\\", "\\", "\u{1}", "\n", " ",
    " plan", ",", " :", ":", "}{", "]", "{", "plan:1",
];

/// What the finder says of each row.
fn found<'t>(name: &str, rows: &[impl AsRef<[u8]>], texts: &'t [u8]) -> Vec<Option<&'t [u8]>> {
    let mut end = 0;
    let length = |row: &[u8]| u32::try_from(row.len()).unwrap();
    let ends = rows.iter().map(|row| {
        end += length(row.as_ref());
        end
    });
    let mut values = Vec::new();
    PropertyFinder::new(name).find(texts, &ends.collect::<Vec<_>>(), |row, value| {
        assert_eq!(row, values.len());
        values.push(value);
    });
    assert_eq!(values.len(), rows.len());
    values
}

/// Holds the finder against the parser, and the texts of values against those of serde_json.
fn check(name: &str, rows: &[impl AsRef<str>]) {
    let rows: Vec<&str> = rows.iter().map(AsRef::as_ref).collect();
    let texts = rows.concat();
    for (row, raw) in rows.iter().zip(found(name, &rows, texts.as_bytes())) {
        let expected = Properties::new(row).raw(name);
        let raw_text = raw.map(|raw| str::from_utf8(raw).unwrap());
        assert_eq!(raw_text, expected, "{name:?} in {row} of {rows:?}");
        let text = expected.and_then(|raw| match serde_json::from_str(raw) {
            Ok(Value::Null) => None,
            Ok(Value::String(text)) => Some(text),
            _ => Some(raw.to_owned()),
        });
        assert_eq!(raw.and_then(plain_text).as_deref(), text.as_deref(), "{name:?} in {row}");
        assert_eq!(
            Properties::new(row).text(name).as_deref(),
            text.as_deref(),
            "{name:?} in {row}"
        );
    }
}

/// The value of `plan` in one text, which must be what the parser says.
fn plan(text: &str) -> Option<String> {
    check("plan", &[text]);
    let value = found("plan", &[text], text.as_bytes()).pop().unwrap();
    value.map(|value| String::from_utf8(value.to_vec()).unwrap())
}

#[test]
fn values_of_all_types_come_back_as_written() {
    for value in [
        "\"pro\"",
        "\"\"",
        "83.520",
        "-1e+9",
        "true",
        "null",
        "[]",
        "{}",
        "\"a\\\"b\"",
        "\"c\\\\\"",
        r#"[{"a":"]"},[1, 2]]"#,
        r#"{"plan":{"x":"}\""}}"#,
        "\"\\ud83d\\ude00\"",
    ] {
        for text in [
            format!("{{\"plan\":{value}}}"),
            format!("{{\"plan\":{value},\"z\":\"\"}}"),
            format!(" {{ \"a\" : 1 , \"plan\"\n:\t{value}\r\n}} "),
            format!("{{\"s\":\"{{\",\"plan\":{value}, \"z\":\"\\u0020\"}}"),
        ] {
            assert_eq!(plan(&text).as_deref(), Some(value), "{text}");
        }
    }
}

#[test]
fn the_last_duplicate_wins() {
    assert_eq!(plan(r#"{"plan":1,"plan":2,"a":"plan"}"#).as_deref(), Some("2"));
    assert_eq!(plan(r#"{"plan":1,"\u0070lan":2}"#).as_deref(), Some("2"));
    assert_eq!(plan(r#"{"\u0070lan":1,"plan":2}"#).as_deref(), Some("2"));
    assert_eq!(plan(r#"{"plan":1,"a":{"plan":2}}"#).as_deref(), Some("1"));
}

#[test]
fn what_only_looks_like_the_property_is_none() {
    for text in [
        "{}",
        r#"{"a":{"plan":1}}"#,
        r#"{"a":[{"plan":1}]}"#,
        r#"{"a":"plan"}"#,
        r#"{"a":["plan"]}"#,
        r#"{"a \"plan":1}"#,
        r#"{"a\\\"plan":1}"#,
        r#"{"a":"\"plan\":1"}"#,
        r#"{"plans":1,"pla":2,"Plan":3}"#,
    ] {
        assert_eq!(plan(text), None, "{text}");
    }
}

/// Of `{"a":":x"}`, the quotes around the first colon are the end of one string and the begin of
/// the next.
#[test]
fn what_stands_between_two_strings_is_no_name() {
    check(":", &[r#"{"a":":","b":1}"#, r#"{":":1}"#]);
    check(",", &[r#"{"a":["b",":"],"c":","}"#, r#"{",":2}"#, r#"{"x":["a",",":1]}"#]);
}

/// A parser stops at a key that means no text, and so keeps what it found before.
#[test]
fn half_of_a_surrogate_pair_ends_the_keys() {
    assert_eq!(plan(r#"{"plan":1,"\ud800":2,"plan":3}"#).as_deref(), Some("1"));
    assert_eq!(plan(r#"{"a":"\ud800","plan":3}"#).as_deref(), Some("3"));
}

#[test]
fn a_slash_may_be_escaped_without_its_number() {
    check("a/b", &[r#"{"a\/b":1}"#, r#"{"a/b":2}"#, r#"{"a\u002fb":3}"#]);
}

/// Escapes of characters that the name does not have do not hide it.
#[test]
fn other_escapes_do_not_matter() {
    assert_eq!(plan(r#"{"c":"S\u00e3o","plan":1}"#).as_deref(), Some("1"));
    assert_eq!(plan(r#"{"c":"S\u00E3o","\u0070lan":1}"#).as_deref(), Some("1"));
    assert_eq!(plan(r#"{"c":"\\u0070","plan":1}"#).as_deref(), Some("1"));
}

#[test]
fn braces_count_where_they_are_no_text() {
    assert_eq!(plan(r#"{"a":{"b":{}},"plan":1}"#).as_deref(), Some("1"));
    assert_eq!(plan(r#"{"a":"{","b":"}{{","plan":1}"#).as_deref(), Some("1"));
    assert_eq!(plan(r#"{"a":"}","b":{"c":"}","plan":1}}"#), None);
    assert_eq!(plan(r#"{"a":{"b":"\"}","plan":1},"c":{"plan":2}}"#), None);
    assert_eq!(plan(r#"{"a":[{"b":"{"},{}],"plan":1,"d":{"plan":2}}"#).as_deref(), Some("1"));
}

#[test]
fn blocks_do_not_disturb_each_other() {
    let row = |row: usize| match row % 97 {
        0 => format!(r#"{{"a":{{"plan":0}},"plan":{row}}}"#),
        1 => format!(r#"{{"\u0070lan":{row}}}"#),
        2 => "{}".to_owned(),
        _ => format!(r#"{{"plan":{row}}}"#),
    };
    for rows in [BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 5 * BLOCK_ROWS + 7] {
        check("plan", &(0..rows).map(row).collect::<Vec<_>>());
    }
}

#[test]
fn ends_that_are_none_stay_inside() {
    let texts = br#"{"plan":"a"}{"plan":"b"}"#;
    for ends in [&[24, 12][..], &[12, 1000], &[u32::MAX, 0], &[0, 0, 5, 24], &[7]] {
        let mut rows = 0;
        PropertyFinder::new("plan").find(texts, ends, |_, _| rows += 1);
        assert_eq!(rows, ends.len());
    }
}

/// One character of a string, written in one of the ways in which JSON may have it.
fn character(of: char, way: u8) -> String {
    let short = match of {
        '"' => Some(r#"\""#),
        '\\' => Some(r"\\"),
        '/' => Some(r"\/"),
        '\n' => Some(r"\n"),
        _ => None,
    };
    let must_be_escaped = of < ' ' || of == '"' || of == '\\';
    match (way, short) {
        (0, Some(short)) => short.to_owned(),
        (0..=4, _) if !must_be_escaped => of.to_string(),
        (1..=4, Some(short)) => short.to_owned(),
        _ => {
            let mut units = [0; 2];
            let escape = |unit: &u16| match way % 2 {
                0 => format!("\\u{unit:04x}"),
                _ => format!("\\u{unit:04X}"),
            };
            of.encode_utf16(&mut units).iter().map(escape).collect()
        }
    }
}

/// This text as a JSON string, its characters written in these ways.
fn written(text: impl Strategy<Value = String>, ways: Range<u8>) -> impl Strategy<Value = String> {
    (text, prop::collection::vec(ways, 1..9)).prop_map(|(text, ways)| {
        let ways = ways.iter().cycle();
        let characters = text.chars().zip(ways).map(|(of, way)| character(of, *way));
        format!("\"{}\"", characters.collect::<String>())
    })
}

fn whitespace() -> impl Strategy<Value = &'static str> {
    select(&["", "", "", " ", "\n\t", "\r "][..])
}

/// Objects with these strings as keys and, among others, as values.
fn object(
    key: BoxedStrategy<String>,
    string: BoxedStrategy<String>,
    depth: u32,
) -> BoxedStrategy<String> {
    let scalars = select(&["0", "-1.50e3", "true", "false", "null", "[]", "{}", "\"\""][..]);
    let mut value = Union::new_weighted(vec![
        (2, scalars.prop_map(str::to_owned).boxed()),
        (3, string.clone()),
    ]);
    if depth > 0 {
        let inner = object(key.clone(), string, depth - 1);
        value = value.or(inner.clone());
        value = value.or(prop::collection::vec((whitespace(), inner), 0..3)
            .prop_map(|items| {
                let items = items.iter().map(|(space, item)| format!("{space}{item}{space}"));
                format!("[{}]", items.collect::<Vec<_>>().join(","))
            })
            .boxed());
    }
    let member = (key, value, whitespace(), whitespace())
        .prop_map(|(key, value, some, more)| format!("{some}{key}{more}:{some}{value}{more}"));
    (prop::collection::vec(member, 0..5), whitespace())
        .prop_map(|(members, space)| format!("{space}{{{space}{}}}{space}", members.join(",")))
        .boxed()
}

/// A name, and rows that are likely to have it, as a property or as something that looks like it.
fn name_and_rows() -> impl Strategy<Value = (String, Vec<String>)> {
    select(&NAMES[..]).prop_flat_map(|name| {
        let names =
            || prop_oneof![2 => Just(name), 1 => select(&NAMES[..])].prop_map(str::to_owned);
        let looks = vec![
            format!("\"{name}\":1"),
            format!("\"{name}"),
            format!("{name}\""),
            format!("{{\"{name}\":"),
            format!("\\\"{name}\""),
            "}".to_owned(),
            "{[".to_owned(),
            "\\".to_owned(),
        ];
        // Keys that end like the needle, with an escape in place of its first quote.
        let keys = || prop_oneof![9 => names(), 1 => Just(format!("a\"{name}"))];
        let half = Just("\"\\udead\"".to_owned());
        let key = prop_oneof![20 => written(keys(), 0..7), 1 => half.clone()].boxed();
        let slashed = written(keys(), 0..1).boxed();
        let text = prop_oneof![names(), select(looks)];
        let string = prop_oneof![20 => written(text, 0..7), 1 => half].boxed();
        // Most rows are like this: nothing nested, and no escapes but those that must be.
        let plainly = |text: String| serde_json::to_string(&text).unwrap();
        let plain = keys().prop_map(plainly).boxed();
        let row = prop_oneof![
            2 => object(plain.clone(), plain.clone(), 0),
            1 => object(slashed, plain.clone(), 0),
            1 => object(plain.clone(), string.clone(), 1),
            2 => object(plain.clone(), plain, 2),
            1 => object(key, string, 3),
        ];
        (Just(name.to_owned()), prop::collection::vec(row, 0..6))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn the_parser_finds_the_same((name, rows) in name_and_rows()) {
        for row in &rows {
            let ended_early = row.contains("\\udead");
            prop_assert!(ended_early || Properties::new(row).for_each(|_, _| {}).is_ok(), "{row}");
        }
        check(&name, &rows);
    }

    /// Half a text, or one with a byte changed, is no JSON; it is found out by nobody.
    #[test]
    fn no_bytes_make_it_panic(
        (name, rows) in name_and_rows(),
        bytes in prop::collection::vec(any::<u8>(), 0..40),
        at in any::<prop::sample::Index>(),
        ends in prop::collection::vec(0_u32..300, 0..8),
    ) {
        let mut texts = rows.concat().into_bytes();
        let at = at.index(texts.len() + 1);
        texts.splice(at..(at + bytes.len() / 2).min(texts.len()), bytes);
        let mut sorted = ends.clone();
        sorted.sort_unstable();
        for ends in [ends, sorted] {
            let mut visited = 0;
            PropertyFinder::new(&name).find(&texts, &ends, |row, value| {
                assert_eq!(row, visited);
                visited += 1;
                let _ = value.and_then(plain_text);
            });
            prop_assert_eq!(visited, ends.len());
        }
    }
}
