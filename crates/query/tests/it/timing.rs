//! Two ways of timing, one answer.

use std::num::NonZeroU32;

use hotshard_query::{
    CountQuery, Dedup, GroupColumn, Latency, Measure, MeasuredTime, ModelledTime, Timing,
};

use crate::fixture::{Fixture, event};

fn store() -> Fixture {
    let rows = (0..500).map(|number| {
        let row = event("View", &format!("id {}", number % 50)).insert_id(&number.to_string());
        if number % 3 == 0 { row.renamed() } else { row }
    });
    Fixture::with_shards(5).commit(rows)
}

#[test]
fn isolated_and_concurrent_answer_alike() {
    let store = store();
    for measure in [Measure::Events, Measure::Users] {
        for dedup in [Dedup::Off, Dedup::On] {
            let query = CountQuery::new(measure).by(GroupColumn::OriginalDistinctId).dedup(dedup);
            let concurrent = query.clone().run(&store.snapshot()).unwrap();
            let isolated = query.timing(Timing::isolated()).run(&store.snapshot()).unwrap();
            assert_eq!(concurrent.rows, isolated.rows);
            let work = |answer: &hotshard_query::Answer| -> Vec<_> {
                answer.shards.iter().map(|shard| (shard.rows, shard.bytes)).collect()
            };
            assert_eq!(work(&concurrent), work(&isolated), "repeats are not added up");
        }
    }
}

#[test]
fn each_way_of_timing_gives_its_own_latency() {
    let store = store();
    let query = CountQuery::new(Measure::Events).by(GroupColumn::Event);
    let concurrent = query.clone().run(&store.snapshot()).unwrap();
    let slowest = concurrent.shards.iter().map(|shard| shard.service).max().unwrap();
    let Latency::Measured(latency) = concurrent.latency else {
        panic!("a concurrent run is measured");
    };
    assert!(slowest > MeasuredTime::default() && latency >= slowest);

    let once = Timing::Isolated { repeats: NonZeroU32::MIN };
    let isolated = query.timing(once).run(&store.snapshot()).unwrap();
    let slowest = isolated.shards.iter().map(|shard| shard.service).max().unwrap();
    let Latency::Modelled { latency, workers } = isolated.latency else {
        panic!("an isolated run gives a modelled latency");
    };
    assert_eq!(workers, 5);
    assert!(latency >= ModelledTime::from_ns(slowest.ns()));
}
