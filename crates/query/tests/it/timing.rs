//! Two ways of timing, any number of repeats, one answer.

use std::num::NonZeroU32;

use hotshard_query::{
    Answer, CountQuery, CpuTime, Dedup, GroupColumn, Latency, Measure, MeasuredTime, ModelledTime,
    Noise, RepeatedTime, Repeats, Timing,
};

use crate::fixture::{Fixture, event};

fn store() -> Fixture {
    let rows = (0..500).map(|number| {
        let row = event("View", &format!("id {}", number % 50)).insert_id(&number.to_string());
        if number % 3 == 0 { row.renamed() } else { row }
    });
    Fixture::with_shards(5).commit(rows)
}

fn exactly(runs: u32) -> Repeats {
    Repeats::Exactly(NonZeroU32::new(runs).unwrap())
}

fn answer(timing: Timing) -> Answer {
    let query = CountQuery::new(Measure::Events).by(GroupColumn::Event).dedup(Dedup::On);
    query.timing(timing).run(&store().snapshot()).unwrap()
}

fn measured(answer: &Answer) -> RepeatedTime {
    match answer.latency {
        Latency::Measured(latency) => latency,
        Latency::Modelled { .. } => panic!("a concurrent run is measured"),
    }
}

fn modelled(answer: &Answer) -> (ModelledTime, u32) {
    match answer.latency {
        Latency::Modelled { latency, workers } => (latency, workers),
        Latency::Measured(_) => panic!("an isolated run gives a modelled latency"),
    }
}

fn is_ordered(time: RepeatedTime) -> bool {
    time.best <= time.median && time.median <= time.worst
}

#[test]
fn every_timing_answers_alike() {
    let store = store();
    for measure in [Measure::Events, Measure::Users] {
        for dedup in [Dedup::Off, Dedup::On] {
            let query = CountQuery::new(measure).by(GroupColumn::OriginalDistinctId).dedup(dedup);
            let once = query.clone().run(&store.snapshot()).unwrap();
            for timing in [
                Timing::concurrent().repeated(exactly(3)),
                Timing::isolated().repeated(Repeats::ONCE),
                Timing::isolated().repeated(exactly(3)),
            ] {
                let again = query.clone().timing(timing).run(&store.snapshot()).unwrap();
                assert_eq!((&once.rows, once.total), (&again.rows, again.total));
                let work = |answer: &Answer| -> Vec<_> {
                    let shards = answer.shards.iter();
                    shards.map(|shard| (shard.row_groups, shard.rows, shard.bytes)).collect()
                };
                assert_eq!(work(&once), work(&again), "repeats are not added up");
            }
        }
    }
}

#[test]
fn a_single_run_is_first_and_timed() {
    for timing in [Timing::concurrent(), Timing::isolated().repeated(Repeats::ONCE)] {
        let answer = answer(timing);
        assert_eq!(answer.repeats, 1);
        for RepeatedTime { first, median, best, worst } in
            answer.shards.iter().map(|shard| shard.service)
        {
            assert_eq!([first; 3], [median, best, worst]);
        }
    }
    let latency = measured(&answer(Timing::concurrent()));
    assert_eq!([latency.first; 3], [latency.median, latency.best, latency.worst]);
}

#[test]
fn repeats_have_a_middle_and_ends() {
    for timing in [Timing::concurrent(), Timing::isolated()] {
        let answer = answer(timing.repeated(exactly(7)));
        assert_eq!(answer.repeats, 7);
        for shard in &answer.shards {
            assert!(shard.service.best > MeasuredTime::default() && is_ordered(shard.service));
        }
    }
    assert!(is_ordered(measured(&answer(Timing::concurrent().repeated(exactly(7))))));
}

#[test]
fn isolated_runs_go_on_until_they_took_long_enough() {
    let ns = MeasuredTime::from_ns;
    let (least, most) = (NonZeroU32::new(2).unwrap(), NonZeroU32::new(9).unwrap());
    let repeats = |together| {
        let until = Repeats::Until { together, least, most };
        answer(Timing::isolated().repeated(until)).repeats
    };
    assert_eq!(repeats(ns(0)), 2);
    assert_eq!(repeats(ns(u64::MAX)), 9);
    let least = Repeats::DEFAULT_LEAST.get() as usize;
    let most = Repeats::DEFAULT_MOST.get() as usize;
    assert!((least..=most).contains(&answer(Timing::isolated()).repeats));
}

#[test]
fn each_way_of_timing_gives_its_own_latency() {
    let concurrent = answer(Timing::concurrent());
    let slowest = concurrent.shards.iter().map(|shard| shard.service.median).max().unwrap();
    assert!(slowest > MeasuredTime::default() && measured(&concurrent).median >= slowest);

    let isolated = answer(Timing::isolated().repeated(Repeats::ONCE));
    let slowest = isolated.shards.iter().map(|shard| shard.service.median).max().unwrap();
    let (latency, workers) = modelled(&isolated);
    assert_eq!(workers, 5);
    // Of one run, every phase waits for its slowest shard; a shard's own time is one of these.
    assert!(latency >= ModelledTime::from_ns(slowest.ns()));
}

/// A system that tells the CPU time of a thread tells it of all of them.
#[test]
fn all_threads_of_a_run_have_the_cpu_time_of_its_shards_and_more() {
    for timing in [Timing::concurrent(), Timing::isolated().repeated(Repeats::ONCE)] {
        let answer = answer(timing);
        let shards: Option<CpuTime> = answer.shards.iter().map(|shard| shard.cpu).sum();
        assert_eq!(answer.cpu.is_some(), cfg!(unix));
        assert!(answer.cpu >= shards, "{:?} of all and {shards:?} of shards", answer.cpu);
    }
}

#[test]
fn an_empty_store_has_times_too() {
    let store = Fixture::with_shards(3);
    let query = CountQuery::new(Measure::Events).timing(Timing::isolated());
    let answer = query.run(&store.snapshot()).unwrap();
    assert_eq!((answer.total, answer.shards.len()), (0, 3));
    assert!(answer.shards.iter().all(|shard| shard.files == 0));
}

/// What this machine is up to decides the verdict, so here just its form: one that is given is about
/// the way of timing that was asked for.
#[test]
fn a_verdict_fits_the_way_of_timing() {
    let concurrent = answer(Timing::concurrent().repeated(exactly(9)));
    assert!(!matches!(concurrent.noise, Some(Noise::Waited { .. })));
    assert_eq!(answer(Timing::concurrent()).noise, None, "a single run has no spread");
}
