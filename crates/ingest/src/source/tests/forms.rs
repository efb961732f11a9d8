//! Plain, gzip and zstd, whole and damaged.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{
    Drained, Found, Input, Kind, Opened, SourceReader, drain, drain_bytes, fresh, lines, options,
};
use crate::Error;
use crate::source::find_inputs;

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 1).unwrap()
}

fn read(raw: Vec<u8>) -> Drained {
    drain(fresh(&Input::bytes("test", raw), options(1000, 1000)))
}

#[test]
fn the_content_is_the_same_however_it_is_compressed() {
    let content = lines(5_000);
    let plain = drain_bytes(&content, options(1000, 1000));
    let (first, second) = content.split_at(40_001);
    let skippable = b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec();
    for raw in [
        gzip(&content),
        [gzip(first), gzip(second)].concat(),
        [gzip(first), gzip(b""), gzip(second)].concat(),
        zstd(&content),
        [zstd(first), zstd(second)].concat(),
        [skippable, zstd(&content)].concat(),
    ] {
        let read = read(raw);
        assert_eq!(read.found, plain.found);
        assert_eq!(read.marks, plain.marks);
    }
}

#[test]
fn the_suffix_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.zst");
    std::fs::write(&path, gzip(b"{}\n")).unwrap();
    let inputs = find_inputs(&[path]).unwrap();
    assert_eq!(drain(fresh(&inputs[0], options(10, 10))).texts(), ["{}"]);
}

#[test]
fn an_input_without_a_byte_is_empty() {
    for raw in [Vec::new(), gzip(b""), zstd(b"")] {
        let opened = SourceReader::open(&Input::bytes("test", raw), 0, options(10, 10), &[]);
        assert!(matches!(opened, Ok(Opened::Empty)));
    }
}

#[test]
fn progress_counts_raw_bytes() {
    let content = lines(5_000);
    for raw in [content.clone(), gzip(&content), zstd(&content)] {
        let input = Input::bytes("test", raw);
        let mut reader = fresh(&input, options(1000, 1000));
        while reader.next_block(Vec::new()).unwrap().is_some() {}
        assert_eq!(Some(reader.raw_bytes_read()), input.raw_bytes());
        assert_eq!(reader.content_bytes_read(), content.len() as u64);
    }
}

/// Everything before the damage is there, then the rest is told; the repaired source goes on with
/// the line that the damage fell into.
fn assert_broken(content: &[u8], damaged: Vec<u8>, repaired: Vec<u8>, message: &str) {
    let whole = drain_bytes(content, options(1000, 1000));
    let read = read(damaged);
    let (last, before) = read.found.split_last().unwrap();
    assert!(before.len() > 100, "{} lines", before.len());
    assert_eq!(before, &whole.found[..before.len()]);
    let damage = read.damage.as_ref().unwrap();
    assert!(damage.starts_with(message), "{damage}");
    let Found { offset, line, ref bytes, kind } = *last;
    assert_eq!(kind, Kind::Broken);
    assert!(content[usize::try_from(offset).unwrap()..].starts_with(bytes));

    let mark = read.last_mark();
    assert_eq!((mark.end_offset, mark.next_line, mark.complete), (offset, line, false));
    let input = Input::bytes("test", repaired);
    let known = std::slice::from_ref(mark);
    let opened = SourceReader::open(&input, 0, options(500, 1000), known).unwrap();
    let Opened::Resumed(reader) = opened else { panic!("{opened:?}") };
    let rest = drain(reader);
    assert_eq!(rest.found, whole.from(offset));
    assert_eq!(rest.last_mark(), whole.last_mark());
}

#[test]
fn a_truncated_stream_is_read_as_far_as_it_goes() {
    let content = lines(20_000);
    for (raw, format) in [(gzip(&content), "gzip"), (zstd(&content), "zstd")] {
        let cut = raw[..raw.len() / 2].to_vec();
        assert_broken(&content, cut, raw, &format!("the {format} stream is cut off after "));
    }
}

#[test]
fn a_truncated_array_is_read_as_far_as_it_goes() {
    let elements: Vec<_> = (0..20_000).map(|n| format!("{{\"event\": [{n}]}}")).collect();
    let content = format!("[{}]", elements.join(",\n")).into_bytes();
    let raw = gzip(&content);
    let cut = raw[..raw.len() / 2].to_vec();
    assert_broken(&content, cut, raw, "the gzip stream is cut off after ");
}

#[test]
fn a_corrupt_stream_is_read_as_far_as_it_goes() {
    let content = lines(20_000);
    let raw = gzip(&content);
    let mut checksum = raw.clone();
    let at = raw.len() - 8;
    checksum[at] ^= 1;
    assert_broken(&content, checksum, raw.clone(), "the gzip stream is damaged after ");
    let trailing = [&raw[..], b"what is no member"].concat();
    assert_broken(&content, trailing, raw, "the gzip stream is damaged after ");
}

#[test]
fn a_stream_that_is_damaged_at_once_holds_nothing() {
    let read = read(b"\x1f\x8b\x08garbage".to_vec());
    assert_eq!(read.texts(), [""]);
    assert_eq!(read.found[0].kind, Kind::Broken);
    assert_eq!(read.last_mark().end_offset, 0);
}

#[test]
fn a_frame_that_asks_for_too_much_memory_is_refused() {
    // A window of 2 GiB and one raw block of one byte.
    let read = read(b"\x28\xb5\x2f\xfd\x00\xa8\x09\x00\x00x".to_vec());
    let damage = read.damage.unwrap();
    assert!(damage.contains("too much memory"), "{damage}");
}

#[test]
fn a_failed_read_is_an_error_and_no_damage() {
    // Reading a folder as a file opens and then fails, as a broken disk would.
    let folder = tempfile::tempdir().unwrap();
    let input = Input::file(folder.path(), 0);
    let error = SourceReader::open(&input, 0, options(10, 10), &[]).unwrap_err();
    assert!(matches!(&error, Error::Read { offset: 0, .. }), "{error:?}");
    assert!(error.to_string().contains(input.name()), "{error}");
}
