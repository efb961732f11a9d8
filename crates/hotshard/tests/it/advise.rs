use std::num::NonZeroU32;
use std::path::Path;

use hotshard::{
    Advice, Advisor, Finding, Input, KeyCounting, KeyCounts, KeyEvents, Level, Locality, Order,
    Origin, Policy, Present, Remedy, RngSeed, ShardCount, Skew, Target, Threshold, Workload,
    WorkloadSpec,
};

use crate::fixture::{Folder, MORNING, ingest, input, line, snapshot};

const DAY: i64 = 86_400_000;

/// Events and what is counted of them, over 16 shards.
struct Events {
    inputs: Vec<Input>,
    counts: KeyCounts,
    numbers: KeyEvents,
}

impl Events {
    fn of(inputs: Vec<Input>) -> Self {
        let counting = KeyCounting::default().shards(vec![shards(16)]);
        let counts = counting.of_inputs(&inputs).unwrap();
        let numbers = counting.events_of_inputs(&inputs).unwrap();
        Self { inputs, counts, numbers }
    }

    /// A generated day on which identify('user_id') shipped at noon.
    fn noon(events: u64) -> Self {
        let spec = WorkloadSpec::identify_at_noon(events);
        let mut lines = Vec::new();
        Workload::new(spec, RngSeed::DEFAULT).unwrap().write_to(&mut lines, |_| {}).unwrap();
        Self::of(vec![Input::bytes("noon", lines)])
    }

    /// So many events of each id, one after another, a day each time round.
    fn each(ids: &[(&str, i64)], days: i64) -> Self {
        let mut lines = String::new();
        for day in 0..days {
            for (id, events) in ids {
                (0..*events).for_each(|n| lines.push_str(&line("A", id, MORNING + day * DAY + n)));
            }
        }
        Self::of(input(lines))
    }

    fn advice(&self, shard_count: u64, threshold: u64, target: &str) -> Advice {
        self.advisor(shard_count, threshold, target).run().unwrap()
    }

    fn advisor(&self, shard_count: u64, threshold: u64, target: &str) -> Advisor<'_> {
        let present = Present {
            shards: shards(shard_count),
            threshold: Threshold::new(threshold),
            remedy: Remedy::Off,
        };
        let few = NonZeroU32::new(3).unwrap();
        let advisor =
            Advisor::of(&self.counts, present).events(&self.numbers, Order::AsTheyCame).seeds(few);
        advisor.target(target.parse().unwrap())
    }

    /// What a store of 16 shards really makes of it.
    fn stored(&self, store: &Path, threshold: u64, remedy: Remedy) -> Skew {
        ingest(store, threshold, remedy).run(&self.inputs).unwrap();
        Skew::of(&snapshot(store).rows_per_shard())
    }
}

fn shards(count: u64) -> ShardCount {
    ShardCount::new(count).unwrap()
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-9
}

#[test]
fn without_a_remedy_it_tells_the_rows_of_the_real_store() {
    let folder = Folder::new();
    let events = Events::noon(20_000);
    let off = events.stored(&folder.store("off"), 500, Remedy::Off);
    let advice = events.advice(16, 500, "max/mean=1.2");
    assert_eq!(advice.today.rows, snapshot(&folder.store("off")).rows_per_shard());
    assert_eq!(advice.today.origin, Origin::Placed);
    assert!(
        near(advice.untouched.likely, off.max_over_mean) && near(advice.untouched.margin(), 0.0)
    );
    // A store tells the same of the time before its remedy.
    for remedy in [Remedy::Rename, Remedy::Split] {
        let store = folder.store(remedy.as_str());
        let skew = events.stored(&store, 500, remedy);
        let snapshot = snapshot(&store);
        let counts = KeyCounting::default().of_store(&snapshot).unwrap();
        let hash = Advisor::of_store(&counts, &snapshot).policies(vec![Policy::Hash]);
        let advice = hash.run().unwrap();
        assert!(near(advice.untouched.likely, off.max_over_mean), "{remedy}");
        assert_eq!((advice.today.skew, advice.today.origin), (skew, Origin::Stored));
        assert_eq!(advice.present.remedy, remedy);
    }
}

#[test]
fn a_store_tries_policies_in_a_random_order() {
    let folder = Folder::new();
    let nobody: String = (0..700).map(|n| line("A", "", MORNING - DAY + n)).collect();
    let inputs = [Events::noon(20_000).inputs, input(nobody)].concat();
    let events = Events::of(inputs);
    events.stored(&folder.store("s"), 500, Remedy::Rename);
    let snapshot = snapshot(&folder.store("s"));
    let counting = KeyCounting::default();
    let counts = counting.of_store(&snapshot).unwrap();
    let shuffled = counting.clone().memory(hotshard::MemoryBudget::from_mib(92));
    let shuffled = counts.shuffled(&shuffled, RngSeed::DEFAULT).unwrap().unwrap();
    assert_eq!((shuffled.keys().len(), shuffled.per_day()), (20_700, counts.per_day()));
    let mut found: Vec<u32> = vec![0; shuffled.hashes().len()];
    shuffled.keys().iter().for_each(|key| found[*key as usize] += 1);
    let told: Vec<u64> = counts.keys().map(|key| key.events).collect();
    assert!(told.iter().zip(&found).all(|(told, found)| *told == u64::from(*found)));
    assert_eq!(shuffled.nobody().map(|key| u64::from(found[key as usize])), Some(700));
    let few = NonZeroU32::new(3).unwrap();
    let advice =
        Advisor::of_store(&counts, &snapshot).events(&shuffled, Order::Random).seeds(few).run();
    let advice = advice.unwrap();
    assert_eq!(advice.checked, None);
    // Both know the same counts, so they differ by order alone: not at all where no load is looked
    // at; but where an id has few choices, the rows of a morning are in the way of what comes at noon.
    let as_they_came = events.advice(16, 500, "max/mean=1.2").policies;
    for (shuffled, came) in advice.policies.iter().zip(as_they_came) {
        let (shuffled_median, came_median) = (shuffled.outlook.median, came.outlook.median);
        match came.policy {
            Policy::PartialKeyGrouping | Policy::DChoices => {
                assert!(shuffled_median + 0.1 < came_median, "{shuffled:?} {came:?}");
            }
            _ => assert!((shuffled_median - came_median).abs() < 0.05, "{shuffled:?} {came:?}"),
        }
    }
    let too_many = counting.most_keys(10);
    assert_eq!(counts.shuffled(&too_many, RngSeed::DEFAULT).unwrap(), None);
}

#[test]
fn the_fullest_shard_names_the_id_that_makes_it() {
    let advice = Events::noon(20_000).advice(16, 500, "max/mean=1.2");
    let fullest = &advice.today.fullest[0];
    assert_eq!(fullest.rows, advice.today.skew.max);
    assert!(near(fullest.over_mean, advice.today.skew.max_over_mean));
    let id = &fullest.ids[0];
    assert_eq!(id.distinct_id.as_deref(), Some("user_id"));
    assert!(id.share > 0.8 && id.rows < fullest.rows && id.days == 1, "{id:?}");
    assert!(fullest.ids_in_all > 50, "{}", fullest.ids_in_all);
}

#[test]
fn a_store_with_the_threshold_that_was_found_reaches_the_target() {
    let folder = Folder::new();
    let events = Events::noon(40_000);
    for target in ["max/mean=1.2", "max/mean=2", "cv=0.1", "cv=0.3"] {
        let advice = events.advice(16, 200_000, target);
        let found = advice.thresholds.largest.unwrap();
        let threshold = found.threshold.get();
        let target: Target = target.parse().unwrap();
        let figure = |skew: &Skew| match target {
            Target::MaxOverMean(_) => skew.max_over_mean,
            Target::Cv(_) => skew.cv,
        };
        for remedy in [Remedy::Rename, Remedy::Split] {
            let store = folder.store(&format!("{target}-{remedy}").replace('/', "-"));
            let skew = events.stored(&store, threshold, remedy);
            assert!(figure(&skew) <= target.value(), "{target}: {skew:?}");
            // Event by event it is the real thing, not only like it.
            assert!(near(advice.checked.unwrap(), figure(&skew)));
            assert!((figure(&skew) - found.outlook.median).abs() < 0.03, "{skew:?} {found:?}");
        }
        // One event more at home is one too many.
        let more = events.advice(16, threshold + 1, &target.to_string()).remedied;
        assert!(!more.outlook.reaches(target), "{more:?}");
        let cost = advice.threshold_cost;
        assert_eq!((cost.remedied, cost.locality), (found.remedied, Locality::OneShard));
        assert!(near(cost.share, found.remedied as f64 / 40_000.0));
    }
}

#[test]
fn a_remedy_is_predicted_up_to_chance() {
    let folder = Folder::new();
    let events = Events::noon(20_000);
    for threshold in [0, 10, 100, 1_000, 5_000] {
        let real = events.stored(&folder.store(&threshold.to_string()), threshold, Remedy::Split);
        let told = events.advice(16, threshold, "max/mean=1.2").remedied.outlook;
        let spread = (told.margin() * 3.0).max(1e-9);
        assert!(
            (real.max_over_mean - told.median).abs() <= spread,
            "{threshold}: {told:?} {real:?}"
        );
    }
}

#[test]
fn policies_are_tried_event_by_event() {
    let events = Events::noon(20_000);
    let advice = events.advice(16, 2_000, "max/mean=1.2");
    let of = |word: &str| {
        let policy: Policy = word.parse().unwrap();
        *advice.policies.iter().find(|tried| tried.policy == policy).unwrap()
    };
    assert!(near(of("hash").outlook.median, advice.untouched.median));
    assert_eq!(of("w-choices").level, Level::Events);
    assert!(of("w-choices").outlook.reaches(advice.target) && of("shuffle").outlook.median < 1.2);
    assert!(!of("jump").outlook.reaches(advice.target), "one id is too large for a shard");
    assert!(of("rename@2000").outlook.median < of("hash").outlook.median);
    // What it costs.
    assert_eq!(of("hash").cost.ids_to_merge, 0);
    assert_eq!((of("split@2000").cost.ids_to_merge, of("rename@2000").cost.ids_to_merge), (1, 0));
    let all = of("shuffle").cost.ids_to_merge;
    assert!(all > 1_000 && all <= advice.ids, "{all} of {}", advice.ids);
    assert_eq!(of("rename@2000").cost.remedied, of("split@2000").cost.remedied);
    // An adaptive threshold says what it came to: 0.2 of 20 000 over 16.
    assert_eq!(of("split@0.2N/n").threshold, Some(Threshold::new(250)));
}

#[test]
fn shard_counts_are_tried_without_and_with_the_threshold() {
    let events = Events::noon(20_000);
    let numbers = vec![shards(64), shards(1), shards(8), shards(8)];
    let advice = events.advisor(16, 500, "max/mean=1.3").shards(numbers).run().unwrap();
    let tried: Vec<u32> = advice.shard_counts.iter().map(|tried| tried.shards.get()).collect();
    assert_eq!(tried, [1, 8, 64]);
    assert!(near(advice.shard_counts[0].untouched.likely, 1.0));
    assert!(advice.shard_counts[1].untouched.median > 2.0);
    assert!(advice.shard_counts[2].untouched.median > advice.shard_counts[1].untouched.median);
    assert!(advice.shard_counts[1].remedied.reaches(advice.target));
    let usual = events.advice(16, 500, "max/mean=1.3").shard_counts;
    assert!(usual.iter().any(|tried| tried.shards == shards(3_200)));
}

#[test]
fn a_fixed_threshold_that_does_nothing_is_told() {
    let advice = Events::noon(20_000).advice(16, 200_000, "max/mean=1.2");
    assert_eq!(advice.remedied.outlook, advice.untouched);
    let [Finding::NothingPasses { threshold, largest, untouched }, rest @ ..] =
        &advice.findings[..]
    else {
        panic!("{:?}", advice.findings)
    };
    assert_eq!((threshold.get(), *untouched), (200_000, advice.untouched));
    assert!((5_000..20_000).contains(largest));
    let [Finding::OneIdTooLarge { distinct_id, over_mean, most_shards, .. }] = rest else {
        panic!("{rest:?}")
    };
    assert_eq!(distinct_id.as_deref(), Some("user_id"));
    assert!(*over_mean > 4.0 && *over_mean <= advice.untouched.likely);
    assert!((1..16).contains(most_shards));
}

#[test]
fn small_keys_that_make_a_shard_are_told() {
    // Three ids with just under T, of which two share a shard of 16, and one that passes it.
    let ids = [("a", 90), ("b", 90), ("c", 90), ("d", 90), ("e", 90), ("f", 90), ("g", 120)];
    let advice = Events::each(&ids, 1).advice(4, 100, "max/mean=1.1");
    let found = advice.findings.iter().find_map(|finding| match finding {
        Finding::MadeBySmallKeys { threshold, hot_keys, small_over_mean, .. } => {
            Some((threshold.get(), *hot_keys, *small_over_mean))
        }
        _ => None,
    });
    let (threshold, hot_keys, small_over_mean) = found.expect("90 of an id pass under 100");
    assert_eq!((threshold, hot_keys), (100, 1));
    assert!(small_over_mean > 1.0, "{small_over_mean}");
}

#[test]
fn an_id_that_stays_under_the_threshold_every_day_is_told() {
    let others: Vec<String> = (0..60).map(|n| format!("id-{n}")).collect();
    let mut ids: Vec<(&str, i64)> = others.iter().map(|id| (id.as_str(), 2)).collect();
    ids.push(("steady", 90));
    let advice = Events::each(&ids, 10).advice(8, 100, "max/mean=1.2");
    let steady = advice.findings.iter().find_map(|finding| match finding {
        Finding::SteadyId { distinct_id, events, days, largest_day, over_mean } => {
            assert!(*over_mean > 3.0);
            Some((distinct_id.as_deref(), *events, *days, *largest_day))
        }
        _ => None,
    });
    assert_eq!(steady, Some((Some("steady"), 900, 10, 90)));
}

#[test]
fn a_target_below_chance_is_answered_with_the_best_there_is() {
    let advice = Events::noon(20_000).advice(16, 500, "max/mean=1.01");
    assert_eq!(advice.thresholds.largest, None);
    let Some(Finding::BelowChance { spread }) = advice.findings.last() else {
        panic!("{:?}", advice.findings)
    };
    // 20 000 events over 16 shards: 1 + √(16 / 20 000) × 1.77 in the median.
    assert!((spread.median - 1.05).abs() < 0.01, "{spread:?}");
    assert!(advice.threshold().outlook.likely < 1.12, "{:?}", advice.threshold());
}

#[test]
fn nothing_one_id_and_one_shard_have_clear_answers() {
    let nothing = Events::of(input("")).advice(16, 5, "max/mean=1.2");
    assert_eq!(nothing.findings, [Finding::NoEvents]);
    assert!(nothing.thresholds.largest.is_some() && near(nothing.untouched.likely, 1.0));
    assert!(nothing.policies.iter().all(|tried| near(tried.outlook.likely, 1.0)));

    let one_shard = Events::noon(1_000).advice(1, 5, "max/mean=1");
    assert_eq!(one_shard.findings, [Finding::OneShard]);
    assert!(one_shard.policies.iter().all(|tried| near(tried.outlook.likely, 1.0)));
    assert!(one_shard.policies.iter().all(|tried| tried.cost.ids_to_merge == 0));

    let one_id = Events::each(&[("ada", 5_000)], 1).advice(4, 1_000, "max/mean=1.5");
    assert!(near(one_id.untouched.likely, 4.0));
    let found = one_id.thresholds.largest.unwrap();
    // T stays at home, and a quarter of the rest comes to it: T + (5 000 − T) / 4 = 1.5 × 1 250.
    assert!((700..840).contains(&found.threshold.get()), "{found:?}");

    let zero = Events::each(&[("ada", 5_000)], 1).advice(4, 0, "max/mean=1.5");
    assert_eq!((zero.remedied.remedied, zero.remedied.hot_keys), (5_000, 1));
    assert!(zero.remedied.outlook.median < 1.05);

    let few = Events::each(&[("ada", 2), ("bob", 1)], 1).advice(64, 1, "max/mean=1.2");
    assert_eq!(few.findings[0], Finding::FewerEventsThanShards { events: 3, shards: 64 });
    assert!(near(few.untouched.likely, 64.0 * 2.0 / 3.0));
    let nobody = Events::each(&[("", 400)], 1).advice(16, 5, "max/mean=3");
    assert_eq!((nobody.ids, nobody.remedied.remedied), (0, 0));
    assert!(nobody.findings.contains(&Finding::ReachedToday));
}

#[test]
fn what_is_even_already_needs_nothing() {
    let ids: Vec<String> = (0..2_000).map(|n| format!("id-{n}")).collect();
    let ids: Vec<(&str, i64)> = ids.iter().map(|id| (id.as_str(), 1)).collect();
    let advice = Events::each(&ids, 2).advice(4, 200_000, "max/mean=1.2");
    assert!(advice.findings.contains(&Finding::ReachedToday));
    let largest = advice.thresholds.largest.unwrap();
    assert_eq!((largest.threshold.get(), largest.hot_keys, largest.remedied), (1, 0, 0));
}
