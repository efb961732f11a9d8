use std::fs;
use std::io::Read;

use flate2::read::GzDecoder;
use hotshard::{
    Effect, GroupColumn, Ingest, Input, Measure, MemoryBudget, NoticeKind, Remedy, RngSeed, Store,
    Workload, WorkloadSpec,
};

use crate::fixture::{
    Folder, MORNING, counts, flights, hot, hot_of, ingest, input, line, snapshot,
};
use crate::reference::rows_of;

/// The storm of February 2013: id `NA` on two days.
fn storm() -> Vec<(String, String, u64, u64)> {
    vec![("NA".into(), "2013-02-09".into(), 206, 106), ("NA".into(), "2013-02-08".into(), 118, 18)]
}

fn flight_lines() -> String {
    let mut lines = String::new();
    GzDecoder::new(fs::File::open(flights()).unwrap()).read_to_string(&mut lines).unwrap();
    lines
}

#[test]
fn the_flights_have_two_hot_keys() {
    let folder = Folder::new();
    let store = folder.store("s");
    let summary = ingest(&store, 100, Remedy::Rename).run_paths(&[flights()]).unwrap();
    assert_eq!((summary.events, summary.stored, summary.rejected), (3_375, 3_375, 0));
    assert_eq!(summary.remedied, 124);
    assert_eq!(summary.lateness_bound, 0);
    assert_eq!(hot_of(&summary), storm());
    assert_eq!(counts(&store, Measure::Events, &[GroupColumn::Event])["$hotshard_events"], 124);
    let crossed = summary.notices.iter().filter(|placed| placed.notice.kind == NoticeKind::Crossed);
    assert_eq!(crossed.count(), 2);
}

#[test]
fn a_cut_at_any_line_changes_nothing() {
    let lines = flight_lines();
    let folder = Folder::new();
    let whole = folder.store("whole");
    ingest(&whole, 100, Remedy::Rename).run_paths(&[flights()]).unwrap();
    let expected = rows_of(&whole);
    let ends: Vec<usize> = lines.match_indices('\n').map(|(at, _)| at + 1).collect();
    for cut in [0, 1, 700, 1_500, 1_501, 2_400, 3_373] {
        let (first, second) = lines.split_at(ends[cut]);
        let store = folder.store(&format!("cut-{cut}"));
        let mut remedied = 0;
        for part in [first, second] {
            remedied += ingest(&store, 100, Remedy::Rename).run(&input(part)).unwrap().remedied;
        }
        assert_eq!(remedied, 124, "cut after line {cut}");
        assert_eq!(hot(&store), hot(&whole), "cut after line {cut}");
        assert!(rows_of(&store) == expected, "cut after line {cut}: other rows");
    }
}

#[test]
fn threads_change_nothing() {
    let folder = Folder::new();
    let mut stream = Vec::new();
    let spec = WorkloadSpec::identify_at_noon(60_000);
    Workload::new(spec, RngSeed::DEFAULT).unwrap().write_to(&mut stream, |_| {}).unwrap();
    let inputs = [Input::bytes("noon", stream)];
    let mut stores = Vec::new();
    for threads in [1, 2, 8] {
        let store = folder.store(&format!("threads-{threads}"));
        let summary = ingest(&store, 3_000, Remedy::Rename).threads(threads).run(&inputs).unwrap();
        stores.push((rows_of(&store), hot_of(&summary), summary.notices));
    }
    assert!(stores[0].2.len() >= 2, "the stream crosses the threshold");
    assert!(stores.iter().all(|other| *other == stores[0]));
}

#[test]
fn a_dry_run_says_what_would_happen_and_writes_nothing() {
    let folder = Folder::new();
    let store = folder.store("s");
    let dry = ingest(&store, 100, Remedy::Rename).effect(Effect::DryRun);
    let said = dry.run_paths(&[flights()]).unwrap();
    assert!(!store.exists(), "a dry run makes no store");
    let done = ingest(&store, 100, Remedy::Rename).run_paths(&[flights()]).unwrap();
    assert_eq!(hot_of(&said), hot_of(&done));
    assert_eq!(said.skew, done.skew);
    // On a store that is there it goes on from its counters.
    let more: String = (0..10).map(|n| line("A", "NA", 1_360_292_340_000 + n)).collect();
    let said = dry.run(&input(more.clone())).unwrap();
    assert_eq!(snapshot(&store).next_sequence().get(), 3_375);
    let done = ingest(&store, 100, Remedy::Rename).run(&input(more)).unwrap();
    assert_eq!(hot_of(&said), hot_of(&done));
    assert_eq!(said.remedied, 10);
    assert_eq!(said.skew, done.skew);
}

#[test]
fn a_notice_names_the_place_of_its_event() {
    let folder = Folder::new();
    let lines: String = (0..12).map(|n| line("A", "a", MORNING + n)).collect();
    let summary = ingest(&folder.store("s"), 10, Remedy::Split).run(&input(lines)).unwrap();
    let length = line("A", "a", MORNING).len() as u64;
    let places: Vec<_> = summary
        .notices
        .iter()
        .map(|placed| (placed.notice.kind, placed.notice.events, placed.line, placed.offset))
        .collect();
    let approaching = (NoticeKind::Approaching, 8, 8, 7 * length);
    assert_eq!(places, [approaching, (NoticeKind::Crossed, 11, 11, 10 * length)]);
    assert_eq!(summary.notices[0].source, "lines");
}

#[test]
fn nothing_to_ingest_is_no_error() {
    let folder = Folder::new();
    let store = folder.store("s");
    for nothing in ["", "\n \r\n\n"] {
        let summary = Ingest::into_store(&store).run(&input(nothing)).unwrap();
        assert_eq!((summary.events, summary.stored, summary.rejected), (0, 0, 0));
    }
    assert_eq!(Store::open(&store).unwrap().snapshot().unwrap().next_sequence().get(), 0);
}

#[test]
fn rejects_are_kept_with_their_place_and_text() {
    let folder = Folder::new();
    let store = folder.store("s");
    let lines = format!("{}not json\n{}", line("A", "a", MORNING), line("A", "b", MORNING));
    let summary = Ingest::into_store(&store).run(&input(lines)).unwrap();
    assert_eq!((summary.events, summary.stored, summary.rejected), (3, 2, 1));
    let rejects: Vec<_> = snapshot(&store).rejects().map(Result::unwrap).collect();
    assert_eq!(rejects.len(), 1);
    assert_eq!((rejects[0].source.as_str(), rejects[0].line), ("lines", 2));
    assert_eq!(rejects[0].offset, line("A", "a", MORNING).len() as u64);
    assert_eq!(rejects[0].reason, "invalid_json");
    let text = hotshard::RejectedContent::Text("not json".to_owned());
    assert_eq!(rejects[0].content, text);
}

#[test]
fn a_budget_that_cannot_be_kept_is_refused_with_the_least() {
    let folder = Folder::new();
    let tiny = Ingest::into_store(folder.store("s")).memory(MemoryBudget::from_mib(8));
    let error = tiny.run(&input(line("A", "a", MORNING))).unwrap_err().to_string();
    assert_eq!(error, "a memory budget of 8 MiB is too small; give at least 92 MiB");
    assert!(!folder.store("s").exists());
}
