//! Where blocks are cut never changes what is found.

use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{
    Drained, Found, Input, Kind, Opened, SourceReader, drain, drain_bytes, fresh, line_breaks,
    options,
};

/// Lines of any length, few kinds of bytes, as hostile as may be.
fn any_lines() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(b"\n\n\r{}x \xef".to_vec()), 1..300)
        .prop_filter("no array", |bytes| !is_array(bytes))
}

/// Nothing but the bytes that structure is made of, mostly malformed.
fn any_structure() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(b"[]{},,\"\\ \nx1".to_vec()), 0..200)
        .prop_map(|bytes| [b"[".to_vec(), bytes].concat())
}

/// One or more JSON arrays of any values, in any layout.
fn any_arrays() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<i32>().prop_map(Value::from),
        "[a\"\\\\\\]\\[{},\n\u{e9}]{0,12}".prop_map(Value::from),
        Just(Value::Null),
    ];
    let value = leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a\"{\\]]{0,3}", inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    });
    let element = (value, any::<bool>(), space()).prop_map(|(value, pretty, space)| {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        format!("{space}{text}{space}")
    });
    let array = (prop::collection::vec(element, 0..6), space())
        .prop_map(|(elements, space)| format!("{space}[{}{space}]{space}", elements.join(",")));
    prop::collection::vec(array, 1..4).prop_map(|arrays| arrays.concat())
}

fn space() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "", " ", "\n", "\r\n\t"])
}

fn is_array(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
}

fn naive_lines(content: &[u8], max_record_bytes: usize) -> Vec<Found> {
    let (mut offset, mut line, mut found) = (0, 1, Vec::new());
    for whole in content.split_inclusive(|byte| *byte == b'\n') {
        let body = whole.strip_suffix(b"\n").unwrap_or(whole);
        let (bytes, kind) = match body.len() > max_record_bytes {
            true => (whole, Kind::TooLong),
            false => (body, Kind::Record),
        };
        found.push(Found { offset, line, bytes: bytes.to_vec(), kind });
        offset += whole.len() as u64;
        line += 1;
    }
    found
}

fn naive_elements(content: &str, max_record_bytes: usize) -> Vec<Found> {
    let mut found = Vec::new();
    for array in serde_json::Deserializer::from_str(content).into_iter::<Vec<&RawValue>>() {
        for element in array.unwrap() {
            let text = element.get();
            let start = text.as_ptr() as usize - content.as_ptr() as usize;
            let end = start + text.len();
            let held = end + content.get(end..).unwrap().find([',', ']']).unwrap();
            let too_long = text.len() > max_record_bytes || held - start > 2 * max_record_bytes;
            found.push(Found {
                offset: start as u64,
                line: 1 + line_breaks(&content.as_bytes()[..start]),
                bytes: content.as_bytes()[start..if too_long { held } else { end }].to_vec(),
                kind: if too_long { Kind::TooLong } else { Kind::Record },
            });
        }
    }
    found
}

/// From every mark on, in blocks of any size, a reader finds the rest.
fn assert_resumes(content: &[u8], drained: &Drained, block_bytes: usize, max_record_bytes: usize) {
    let input = Input::bytes("test", content);
    for mark in drained.marks.iter().filter(|mark| !mark.complete) {
        let options = options(block_bytes, max_record_bytes);
        let opened = SourceReader::open(&input, 0, options, std::slice::from_ref(mark)).unwrap();
        let Opened::Resumed(reader) = opened else { panic!("{mark:?} is not found") };
        assert_eq!(reader.resumed_from(), Some(mark));
        let rest = drain(reader);
        assert_eq!(rest.found, drained.from(mark.end_offset), "from {}", mark.end_offset);
        assert_eq!(rest.last_mark(), drained.last_mark());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn lines_are_those_of_a_naive_split(
        content in any_lines(),
        block_bytes in 1..64_usize,
        max_record_bytes in 1..40_usize,
        other_block_bytes in 1..64_usize,
    ) {
        let drained = drain_bytes(&content, options(block_bytes, max_record_bytes));
        prop_assert_eq!(&drained.found, &naive_lines(&content, max_record_bytes));
        assert_resumes(&content, &drained, other_block_bytes, max_record_bytes);
    }

    #[test]
    fn elements_are_those_of_a_parser(
        content in any_arrays(),
        block_bytes in 1..64_usize,
        max_record_bytes in prop_oneof![1..60_usize, Just(10_000)],
        other_block_bytes in 1..64_usize,
    ) {
        let drained = drain_bytes(content.as_bytes(), options(block_bytes, max_record_bytes));
        prop_assert_eq!(&drained.found, &naive_elements(&content, max_record_bytes));
        assert_resumes(content.as_bytes(), &drained, other_block_bytes, max_record_bytes);
    }

    #[test]
    fn malformed_arrays_are_cut_alike_in_blocks_of_any_size(
        content in any_structure(),
        block_bytes in 1..64_usize,
        max_record_bytes in 1..60_usize,
        other_block_bytes in 1..64_usize,
    ) {
        let drained = drain_bytes(&content, options(block_bytes, max_record_bytes));
        let at_once = drain_bytes(&content, options(100_000, max_record_bytes));
        prop_assert_eq!(&drained.found, &at_once.found);
        assert_resumes(&content, &drained, other_block_bytes, max_record_bytes);
    }
}

#[test]
fn arrays_are_told_by_the_first_byte_that_holds_something() {
    for content in ["[1]", "\u{feff}[1]", " \r\n\t[1]", "\u{feff}\n[1]"] {
        assert_eq!(
            drain_bytes(content.as_bytes(), options(100, 100)).texts(),
            ["1"],
            "{content:?}"
        );
    }
    assert_eq!(drain_bytes(b"{\n[1]", options(100, 100)).texts(), ["{", "[1]"]);
}

#[test]
fn arrays_after_one_another_may_share_no_line_break() {
    let drained = drain_bytes(b"[1,2][3] [ ]\n[\n4 ]", options(100, 100));
    assert_eq!(drained.texts(), ["1", "2", "3", "4"]);
    assert_eq!(drained.found[3].line, 3);
}

#[test]
fn what_is_no_element_is_left_to_the_decoder() {
    let drained = drain_bytes(b"[,] x\n[1,,2]", options(100, 100));
    assert_eq!(drained.texts(), ["", "", "x", "1", "", "2"]);
    assert!(drained.found.iter().all(|found| found.kind == Kind::Record));
}

#[test]
fn a_cut_off_array_is_told() {
    let kinds = |content: &[u8]| -> Vec<Kind> {
        let drained = drain_bytes(content, options(4, 100));
        drained.found.iter().map(|found| found.kind).collect()
    };
    assert_eq!(kinds(b"[{\"a\":1}]"), [Kind::Record]);
    assert_eq!(kinds(b"[{\"a\":1},{\"b"), [Kind::Record, Kind::CutOff]);
    assert_eq!(kinds(b"[{\"a\":1},\n"), [Kind::Record, Kind::CutOff]);
    assert_eq!(kinds(b"[{\"a\":1}"), [Kind::Record, Kind::CutOff]);
}

#[test]
fn a_source_that_ends_at_a_block_ends_with_a_complete_mark() {
    // Both lines fill a block to the byte: the second one must know that nothing follows.
    let drained = drain_bytes(b"abc\nabc\n", options(4, 100));
    assert_eq!(drained.marks.iter().map(|mark| mark.complete).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_block_holds_as_many_lines_as_fit() {
    let mut reader = fresh(&Input::bytes("test", &b"abc\ndef\nghi\n"[..]), options(10, 100));
    let block = reader.next_block(Vec::new()).unwrap().unwrap();
    assert_eq!(block.bytes, b"abc\ndef\n");
    let block = reader.next_block(block.bytes).unwrap().unwrap();
    assert_eq!((block.offset, block.first_line, &block.bytes[..]), (8, 3, &b"ghi\n"[..]));
}

#[test]
fn a_record_far_past_the_limit_takes_no_memory() {
    // 64 MiB in one line, and again in one element; some 64 KiB when compressed.
    let limit = 64 << 10;
    let long = vec![b'x'; 64 << 20];
    let in_lines = [b"{}\n", &long[..], b"\n{}\n"].concat();
    let in_array = [b"[{},\"", &long[..], b"\",{}]"].concat();
    for content in [in_lines, in_array] {
        let compressed = zstd::encode_all(&content[..], 1).unwrap();
        let drained = drain(fresh(&Input::bytes("test", compressed), options(limit, limit)));
        let kinds: Vec<_> = drained.found.iter().map(|found| found.kind).collect();
        assert_eq!(kinds, [Kind::Record, Kind::TooLong, Kind::Record]);
        assert!(drained.largest_block_bytes <= 4 * limit, "{}", drained.largest_block_bytes);
        assert_eq!(drained.last_mark().end_offset, content.len() as u64);
    }
}
