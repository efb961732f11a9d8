use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use hotshard::{Identification, Ingest, Remedy};

use crate::fixture::{Folder, MORNING, flights, ingest, input, line, snapshot};

#[test]
fn a_source_twice_adds_nothing_whatever_its_name_and_compression() {
    let folder = Folder::new();
    let store = folder.store("s");
    let lines: String = (0..50).map(|n| line("A", &format!("id-{n}"), MORNING + n)).collect();
    let plain = folder.path().join("plain.jsonl");
    fs::write(&plain, &lines).unwrap();
    let packed = folder.path().join("packed");
    let mut encoder = GzEncoder::new(fs::File::create(&packed).unwrap(), Compression::fast());
    encoder.write_all(lines.as_bytes()).unwrap();
    encoder.finish().unwrap();

    let both = ingest(&store, 100, Remedy::Rename).run_paths(&[&plain, &packed]).unwrap();
    assert_eq!(both.stored, 50);
    assert_eq!(both.duplicate_sources, [packed.display().to_string()]);
    let again = ingest(&store, 100, Remedy::Rename).run_paths(&[&plain]).unwrap();
    assert_eq!((again.stored, again.duplicate_sources.len(), again.commits), (0, 1, 0));
    assert_eq!(snapshot(&store).next_sequence().get(), 50);

    let asked = ingest(&store, 100, Remedy::Rename).identification(Identification::Again);
    assert_eq!(asked.run_paths(&[&plain]).unwrap().stored, 50);
    assert_eq!(snapshot(&store).next_sequence().get(), 100);
}

#[test]
fn a_file_that_begins_like_another_one_loses_no_line() {
    let folder = Folder::new();
    let store = folder.store("s");
    let first = line("A", "a", MORNING);
    let more = format!("{first}{}", line("A", "b", MORNING));
    for lines in [first, more] {
        let summary = Ingest::into_store(&store).run(&input(lines)).unwrap();
        assert_eq!(summary.duplicate_sources.len(), 0);
    }
    assert_eq!(snapshot(&store).next_sequence().get(), 3);
}

#[test]
fn a_broken_gzip_gives_what_it_holds_and_goes_on_once_it_is_whole() {
    let folder = Folder::new();
    let store = folder.store("s");
    let whole = fs::read(flights()).unwrap();
    let path = folder.path().join("download.gz");
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let first = ingest(&store, 100, Remedy::Rename).run_paths(&[&path]).unwrap();
    assert!(first.stored > 1_000 && first.stored < 3_000, "{}", first.stored);
    assert_eq!(first.rejected, 1);
    assert!(first.reject_samples[0].message.contains("gzip"), "{:?}", first.reject_samples);

    let repaired = folder.path().join("download-2.gz");
    fs::write(&repaired, &whole).unwrap();
    let second = ingest(&store, 100, Remedy::Rename).run_paths(&[&repaired]).unwrap();
    assert_eq!(second.resumed_sources, [repaired.display().to_string()]);
    assert_eq!(first.stored + second.stored, 3_375);
    let third = ingest(&store, 100, Remedy::Rename).run_paths(&[&repaired]).unwrap();
    assert_eq!((third.stored, third.duplicate_sources.len()), (0, 1));
    assert_eq!(snapshot(&store).sources().len(), 1, "one source, taken in to its end");
}

#[test]
fn a_missing_input_is_found_before_anything_is_ingested() {
    let folder = Folder::new();
    let store = folder.store("s");
    let names = [flights(), folder.path().join("nowhere.jsonl")];
    let error = Ingest::into_store(&store).run_paths(&names).unwrap_err().to_string();
    assert!(error.starts_with("no such file or directory:"), "{error}");
    assert!(!store.exists());
}
