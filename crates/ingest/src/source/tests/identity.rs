//! What was taken in before is told from what was not.

use std::path::PathBuf;

use hotshard_event::SourceMark;
use tempfile::TempDir;

use super::{
    Drained, Input, Opened, ReadOptions, SourceReader, drain, drain_bytes, fresh, lines, options,
};
use crate::source::{HEAD_BYTES, Identification};

/// The same content as every kind of input.
struct Inputs {
    all: Vec<Input>,
    _folder: TempDir,
}

fn inputs(content: &[u8]) -> Inputs {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let compressed = zstd::encode_all(content, 1).unwrap();
    let length = content.len() as u64;
    let all = vec![
        Input::bytes("memory", content),
        Input::bytes("compressed memory", &compressed[..]),
        Input::file(&write("plain", content), length),
        Input::file(&write("compressed", &compressed), compressed.len() as u64),
        // A pipe is read once; a file stands in for it, since only the kind of input counts.
        Input::stream(&write("pipe", content)),
        Input::stream(&write("compressed pipe", &compressed)),
    ];
    Inputs { all, _folder: folder }
}

fn open(input: &Input, known: &[SourceMark]) -> Opened {
    SourceReader::open(input, 0, options(10_000, 1000), known).unwrap()
}

fn read(content: &[u8]) -> Drained {
    drain_bytes(content, options(10_000, 1000))
}

/// Contents shorter than a head, of its length, and longer, of whole lines.
fn contents() -> Vec<Vec<u8>> {
    let head = [lines(2_000), vec![b'x'; HEAD_BYTES]].concat()[..HEAD_BYTES].to_vec();
    vec![lines(10), head, lines(20_000)]
}

#[test]
fn a_complete_source_is_a_duplicate_under_any_name() {
    for content in contents() {
        let known = read(&content).marks;
        for input in inputs(&content).all {
            let Opened::Duplicate(mark) = open(&input, &known) else { panic!("{input:?}") };
            assert_eq!(mark, known[known.len() - 1]);
        }
    }
}

#[test]
fn a_source_that_begins_with_a_complete_one_is_fresh() {
    for content in contents() {
        let known = [read(&content).last_mark().clone()];
        let longer = [&content[..], b"{}"].concat();
        for input in inputs(&longer).all {
            let Opened::Fresh(reader) = open(&input, &known) else { panic!("{input:?}") };
            assert_eq!(drain(reader).found, read(&longer).found);
        }
    }
}

#[test]
fn a_source_that_differs_behind_its_head_is_fresh() {
    let content = lines(20_000);
    let known = read(&content).marks;
    let mut other = content;
    let at = HEAD_BYTES + 5;
    other[at] ^= 1;
    let expected = read(&other);
    // The first blocks lie within the head and so are the same: only marks past it tell.
    let known: Vec<_> = known.into_iter().filter(|mark| mark.end_offset > at as u64).collect();
    for input in inputs(&other).all {
        let Opened::Fresh(reader) = open(&input, &known) else { panic!("{input:?}") };
        assert_eq!(drain(reader).found, expected.found);
    }
}

#[test]
fn an_interrupted_source_goes_on_behind_the_longest_mark() {
    let content = lines(20_000);
    let whole = read(&content);
    let known = &whole.marks[..whole.marks.len() / 2];
    let longest = known.last().unwrap();
    for input in inputs(&content).all {
        let Opened::Resumed(reader) = open(&input, known) else { panic!("{input:?}") };
        assert_eq!(reader.resumed_from(), Some(longest));
        assert_eq!(reader.content_bytes_read(), longest.end_offset);
        let rest = drain(reader);
        assert_eq!(rest.found, whole.from(longest.end_offset));
        let (last, expected) = (rest.last_mark(), whole.last_mark());
        assert_eq!((last.end_offset, last.xxh3), (expected.end_offset, expected.xxh3));
    }
}

#[test]
fn a_longer_mark_of_another_source_does_not_hide_a_shorter_one() {
    let content = lines(20_000);
    let mut other = content.clone();
    let middle = content.len() / 2;
    other[middle] ^= 1;
    let (whole, other) = (read(&content), read(&other));
    let ours = whole.marks.iter().rfind(|mark| mark.end_offset < middle as u64).unwrap();
    let theirs = &other.marks[other.marks.len() - 2];
    let known = [theirs.clone(), ours.clone()];
    for input in inputs(&content).all {
        let Opened::Resumed(reader) = open(&input, &known) else { panic!("{input:?}") };
        assert_eq!(drain(reader).found, whole.from(ours.end_offset));
    }
}

#[test]
fn a_source_that_ends_where_it_was_interrupted_is_completed() {
    let content = lines(20_000);
    let mark = SourceMark { complete: false, ..read(&content).last_mark().clone() };
    for input in inputs(&content).all {
        let known = std::slice::from_ref(&mark);
        let Opened::Resumed(reader) = open(&input, known) else { panic!("{input:?}") };
        let rest = drain(reader);
        assert_eq!(rest.found, []);
        assert_eq!(rest.marks.len(), 1);
        assert!(rest.last_mark().complete);
    }
}

#[test]
fn again_means_from_the_start() {
    let content = lines(20_000);
    let known = read(&content).marks;
    let options = ReadOptions { identification: Identification::Again, ..options(10_000, 1000) };
    for input in inputs(&content).all {
        let Opened::Fresh(reader) = SourceReader::open(&input, 0, options, &known).unwrap() else {
            panic!("{input:?}")
        };
        assert_eq!(drain(reader).found, read(&content).found);
    }
}

#[test]
fn marks_carry_the_name_and_blocks_the_number() {
    let input = Input::bytes("Monday", lines(3));
    let Opened::Fresh(mut reader) =
        SourceReader::open(&input, 7, ReadOptions::default(), &[]).unwrap()
    else {
        panic!("nothing is known")
    };
    let block = reader.next_block(Vec::new()).unwrap().unwrap();
    assert_eq!((block.source, block.mark.name.as_str()), (7, "Monday"));
    assert_eq!(block.mark.head.length, block.bytes.len() as u64);
}

#[test]
fn readers_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    is_send(&fresh(&Input::bytes("test", lines(1)), ReadOptions::default()));
}
