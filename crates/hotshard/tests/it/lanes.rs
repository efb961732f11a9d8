//! Several sources are read at once, and the store is as if they were read one after another.

use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;
use hotshard::{Ingest, IngestSummary, Remedy, find_inputs};

use crate::fixture::{Folder, MORNING, hot, hot_of, ingest, line, snapshot};
use crate::reference::rows_of;

const THREADS: [usize; 4] = [1, 2, 3, 8];

fn gzip(content: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// With a window of 128 MiB, as `zstd --long=27` writes.
fn zstd_long(content: &str) -> Vec<u8> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.write_all(content.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &str) -> Vec<u8> {
    zstd::encode_all(content.as_bytes(), 1).unwrap()
}

fn half(mut packed: Vec<u8>) -> Vec<u8> {
    packed.truncate(packed.len() / 2);
    packed
}

/// So many events of ids that differ from tag to tag, and of one that gets hot; one in 500 is no
/// event.
fn events(tag: &str, count: i64) -> String {
    let event = |n: i64| match n % 500 {
        499 => format!("{tag} is no event\n"),
        rest if rest % 10 == 3 => line("H", "hot", MORNING + n),
        _ => line(tag, &format!("{tag}-{}", n * 7_919 % 1_000), MORNING + n),
    };
    (0..count).map(event).collect()
}

/// Writes files into a folder, in this order by name.
fn files(folder: &Path, contents: Vec<(&str, Vec<u8>)>) -> Vec<PathBuf> {
    fs::create_dir_all(folder).unwrap();
    let file = |(number, (name, bytes)): (usize, (&str, Vec<u8>))| {
        let path = folder.join(format!("{number:02} {name}"));
        fs::write(&path, bytes).unwrap();
        path
    };
    contents.into_iter().enumerate().map(file).collect()
}

/// The names of files as [`files`] was given them.
fn names(paths: &[String]) -> Vec<&str> {
    paths.iter().map(|path| path.rsplit(' ').next().unwrap()).collect()
}

/// Everything of a store and a summary that must not depend on threads.
fn answers(store: &Path, summary: &IngestSummary) -> impl PartialEq + use<> {
    let snapshot = snapshot(store);
    let rejects: Vec<_> =
        snapshot.rejects().map(|reject| format!("{:?}", reject.unwrap())).collect();
    let samples: Vec<_> = summary
        .reject_samples
        .iter()
        .map(|sample| (sample.source.clone(), sample.line, sample.offset, sample.message.clone()))
        .collect();
    (
        (rows_of(store), hot(store), hot_of(summary), rejects, samples),
        (snapshot.sources().to_vec(), snapshot.next_sequence(), snapshot.last_commit()),
        (summary.duplicate_sources.clone(), summary.resumed_sources.clone()),
        (summary.notices.clone(), summary.commits, summary.events),
    )
}

fn mixed() -> Vec<(&'static str, Vec<u8>)> {
    let [a, b, c, d, e, f, g] = ["a", "b", "c", "d", "e", "f", "g"].map(|tag| events(tag, 3_000));
    let large = events("large", 20_000);
    let short = events("f", 300);
    assert!(short.len() < 64 << 10 && f.starts_with(&short));
    vec![
        ("large.gz", gzip(&large)),
        ("a.gz", gzip(&a)),
        ("b.zst", zstd(&b)),
        ("a-again.zst", zstd(&a)),
        ("empty", Vec::new()),
        ("c.jsonl", c.into_bytes()),
        ("d.gz", gzip(&d)),
        ("d-again.zst", zstd(&d)),
        ("d-once-more.jsonl", d.into_bytes()),
        ("e-half.gz", half(gzip(&e))),
        ("short.gz", gzip(&short)),
        ("f.gz", gzip(&f)),
        ("g-long.zst", zstd_long(&g)),
        ("e.zst", zstd(&e)),
        ("nothing.gz", gzip("")),
        ("f-tenth.gz", gzip(&f)[..400].to_vec()),
        ("cut-off-at-once.gz", gzip(&a)[..15].to_vec()),
        ("f-again.gz", gzip(&f)),
        ("large-again.zst", zstd(&large)),
        ("b-again.gz", gzip(&b)),
        ("short-again.jsonl", short.into_bytes()),
    ]
}

#[test]
fn threads_change_nothing_about_many_sources() {
    let folder = Folder::new();
    let inputs = files(&folder.store("in"), mixed());
    let total: u64 = inputs.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    let mut all = Vec::new();
    for threads in THREADS {
        let store = folder.store(&format!("{threads}"));
        let seen = Arc::new(Mutex::new(vec![0]));
        let told = Arc::clone(&seen);
        let summary = ingest(&store, 1_000, Remedy::Rename)
            .threads(threads)
            .on_progress(move |progress| told.lock().unwrap().push(progress.raw_bytes))
            .run_paths(&inputs)
            .unwrap();
        let again = [
            "a-again.zst",
            "d-again.zst",
            "d-once-more.jsonl",
            "f-again.gz",
            "large-again.zst",
            "b-again.gz",
            "short-again.jsonl",
        ];
        assert_eq!(names(&summary.duplicate_sources), again);
        assert_eq!(names(&summary.resumed_sources), ["e.zst"]);
        let seen = seen.lock().unwrap();
        assert!(seen.is_sorted() && seen.last() <= Some(&total), "{threads} threads: {seen:?}");
        all.push(answers(&store, &summary));
    }
    for (other, threads) in all.iter().zip(THREADS) {
        assert!(*other == all[0], "{threads} threads: other answers");
    }
}

#[test]
fn sources_without_identification_are_read_at_once_too() {
    let folder = Folder::new();
    let a = events("a", 2_000);
    let contents = (0..6).map(|_| ("a.gz", gzip(&a))).collect();
    let inputs = files(&folder.store("in"), contents);
    let mut all = Vec::new();
    for threads in THREADS {
        let store = folder.store(&format!("{threads}"));
        let again =
            ingest(&store, 1_000, Remedy::Split).identification(hotshard::Identification::Again);
        let summary = again.threads(threads).run_paths(&inputs).unwrap();
        assert_eq!((summary.events, summary.duplicate_sources.len()), (12_000, 0));
        all.push(rows_of(&store));
    }
    assert!(all.iter().all(|rows| *rows == all[0]));
}

#[test]
fn what_comes_before_a_source_that_cannot_be_read_is_taken_in() {
    let folder = Folder::new();
    let contents = |tags: &[&'static str]| -> Vec<(&'static str, Vec<u8>)> {
        tags.iter().map(|tag| (*tag, gzip(&events(tag, 2_000)))).collect()
    };
    for threads in THREADS {
        let folder = folder.store(&format!("{threads}"));
        let paths = files(&folder.join("in"), contents(&["a", "b", "gone", "c", "d", "e"]));
        let inputs = find_inputs(&paths).unwrap();
        let gone = fs::read(&paths[2]).unwrap();
        fs::remove_file(&paths[2]).unwrap();
        let store = folder.join("store");
        let into_store = || ingest(&store, 500, Remedy::Rename).threads(threads);
        let error = into_store().run(&inputs).unwrap_err().to_string();
        assert!(error.contains("gone"), "{error}");
        let sources: Vec<_> = snapshot(&store).sources().iter().map(|m| m.name.clone()).collect();
        assert_eq!(names(&sources), ["a", "b"], "{threads} threads");

        fs::write(&paths[2], gone).unwrap();
        let summary = into_store().run(&inputs).unwrap();
        assert_eq!(names(&summary.duplicate_sources), ["a", "b"]);
        let whole = folder.join("whole");
        ingest(&whole, 500, Remedy::Rename).run(&inputs).unwrap();
        assert!(rows_of(&store) == rows_of(&whole), "{threads} threads");
    }
}

#[test]
fn an_interrupted_ingest_of_several_sources_goes_on() {
    let folder = Folder::new();
    let contents = ["a", "b", "c", "d"].map(|tag| (tag, gzip(&events(tag, 20_000)))).into();
    let paths = files(&folder.store("in"), contents);
    let whole = folder.store("whole");
    ingest(&whole, 1_000, Remedy::Rename).run_paths(&paths).unwrap();
    let expected = rows_of(&whole);
    for threads in THREADS {
        let store = folder.store(&format!("{threads}"));
        let into_store = || ingest(&store, 1_000, Remedy::Rename).threads(threads);
        let killed: Ingest = into_store()
            .commit_bytes(50_000)
            .on_progress(|progress| assert!(progress.events < 45_000, "as if it were killed"));
        catch_unwind(AssertUnwindSafe(|| killed.run_paths(&paths))).unwrap_err();
        let taken = snapshot(&store).sources().iter().map(|mark| mark.complete).collect::<Vec<_>>();
        assert_eq!(taken, [true, true, false], "{threads} threads");

        let summary = into_store().run_paths(&paths).unwrap();
        assert_eq!(names(&summary.duplicate_sources), ["a", "b"], "{threads} threads");
        assert_eq!(names(&summary.resumed_sources), ["c"], "{threads} threads");
        assert!(rows_of(&store) == expected, "{threads} threads: other rows");
        assert!(snapshot(&store).sources().iter().all(|mark| mark.complete));
    }
}
