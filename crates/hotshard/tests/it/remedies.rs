use hotshard::{
    DateRange, Experiment, GroupColumn, Input, Measure, Remedy, RngSeed, ShardCount, Stores,
    Threshold, Workload, WorkloadSpec,
};

use crate::fixture::{Folder, MORNING, counts, hot, ingest, input, line, snapshot};

/// A generated day on which identify('user_id') shipped at noon.
fn noon(events: u64) -> Vec<Input> {
    let workload = Workload::new(WorkloadSpec::identify_at_noon(events), RngSeed::DEFAULT).unwrap();
    let mut lines = Vec::new();
    workload.write_to(&mut lines, |_| {}).unwrap();
    vec![Input::bytes("noon", lines)]
}

#[test]
fn totals_stay_users_stay_under_split_and_shards_are_evened_out() {
    let folder = Folder::new();
    let inputs = noon(40_000);
    let by_event = [GroupColumn::Event];
    let mut found = Vec::new();
    for remedy in Remedy::ALL {
        let store = folder.store(remedy.as_str());
        let summary = ingest(&store, 2_000, remedy).run(&inputs).unwrap();
        assert_eq!(summary.remedied == 0, remedy == Remedy::Off);
        let total = counts(&store, Measure::Events, &[])[""];
        let users = counts(&store, Measure::Users, &by_event);
        let users_in_all = counts(&store, Measure::Users, &[])[""];
        found.push((summary.skew.max_over_mean, total, users, users_in_all, hot(&store)));
    }
    let [off, rename, split] = &found[..] else { panic!("three remedies") };
    assert_eq!((off.1, rename.1, split.1), (40_000, 40_000, 40_000));
    assert_eq!((&split.2, split.3), (&off.2, off.3), "users are exact under split");
    assert!(rename.0 < off.0 / 2.0 && split.0 < off.0 / 2.0, "{} {} {}", off.0, rename.0, split.0);
    assert_eq!((&off.4, &split.4), (&rename.4, &rename.4), "the same keys are hot");
}

#[test]
fn counts_per_id_and_event_are_untouched_by_split() {
    let folder = Folder::new();
    let inputs = noon(20_000);
    let by = [GroupColumn::DistinctId, GroupColumn::Event, GroupColumn::Date];
    let [off, split] = [Remedy::Off, Remedy::Split].map(|remedy| {
        let store = folder.store(remedy.as_str());
        ingest(&store, 500, remedy).run(&inputs).unwrap();
        counts(&store, Measure::Events, &by)
    });
    assert!(off == split);
}

#[test]
fn originals_of_renamed_events_stay_queryable() {
    let folder = Folder::new();
    let store = folder.store("s");
    let lines: String = (0..15).map(|n| line("A", "a", MORNING + n)).collect();
    ingest(&store, 10, Remedy::Rename).run(&input(lines)).unwrap();
    let board = [GroupColumn::OriginalDistinctId, GroupColumn::OriginalEvent, GroupColumn::Event];
    let rows = counts(&store, Measure::Events, &board);
    let expected = [("a|A|$hotshard_events".to_owned(), 5), ("a|A|A".to_owned(), 10)];
    assert_eq!(rows.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn the_split_directory_names_exactly_the_hot_ids() {
    let folder = Folder::new();
    let store = folder.store("s");
    ingest(&store, 2_000, Remedy::Split).run(&noon(40_000)).unwrap();
    let directory = snapshot(&store).split_directory().unwrap();
    let ids: Vec<_> = directory.ids_in(&DateRange::ALL).into_iter().collect();
    let hot: Vec<_> = hot(&store).into_iter().map(|(id, _, _)| id).collect();
    assert_eq!(ids, hot);
    assert_eq!(ids, ["user_id"]);
}

#[test]
fn an_experiment_tells_before_from_after() {
    let folder = Folder::new();
    let experiment = Experiment::on(noon(20_000))
        .shards(vec![ShardCount::new(8).unwrap()])
        .thresholds(vec![Threshold::new(1_000)]);
    let kept = experiment.clone().stores(Stores::Keep(folder.store("kept"))).run().unwrap();
    let remedies: Vec<_> = kept.trials.iter().map(|trial| trial.remedy).collect();
    assert_eq!(remedies, Remedy::ALL);
    let [off, rename, split] = &kept.trials[..] else { panic!("three trials") };
    assert!(rename.skew.max_over_mean < off.skew.max_over_mean);
    assert_eq!(rename.cost.events_missing, rename.ingest.remedied);
    assert!(split.cost.events_missing == 0 && split.cost.users_missing == 0);
    for trial in &kept.trials {
        assert_eq!(trial.counts.len(), hotshard::FIXED_COUNTS.len());
        assert!(trial.slowest_shard >= trial.mean_shard);
        assert!(
            trial
                .kept
                .as_deref()
                .is_some_and(|path| snapshot(path).next_sequence().get() == 20_000)
        );
    }
    // Without `off` in the grid the cost is still told against untouched events.
    let alone = experiment.remedies(vec![Remedy::Rename]).run().unwrap();
    assert_eq!(alone.trials.len(), 1);
    assert_eq!(alone.trials[0].cost, rename.cost);
}
