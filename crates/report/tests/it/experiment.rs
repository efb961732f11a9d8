use std::fs;

use serde_json::{Value, json};

use crate::fixture::{Fields, Folder, run, sample};

fn trial<'a>(said: &'a Value, remedy: &str) -> &'a Value {
    said["trials"].as_array().unwrap().iter().find(|trial| trial["remedy"] == remedy).unwrap()
}

#[test]
fn every_combination_is_tried_and_held_against_no_remedy() {
    let folder = Folder::new();
    let kept = folder.at("kept");
    let grid = "--shards 8,16 --threshold 100,50 --repeats 1";
    let said = run(&format!("experiment --input {} {grid} --keep {kept} --format json", sample()));
    assert!(said.stderr.contains("kept "), "{}", said.stderr);
    let said = said.json();
    let trials = said["trials"].as_array().unwrap();
    let of = |shards: u64, threshold: u64, remedy: &str| {
        trials.iter().find(|trial| {
            trial["shards"]["count"] == shards
                && trial["threshold"] == threshold
                && trial["remedy"] == remedy
        })
    };
    for shards in [8, 16] {
        for threshold in [100, 50] {
            for remedy in ["rename", "split"] {
                let trial = of(shards, threshold, remedy).unwrap();
                assert_eq!(trial["workers"], shards);
                assert!(fs::exists(trial["store"].as_str().unwrap()).unwrap());
            }
        }
        assert!(of(shards, 100, "off").is_some());
    }
    let renamed = of(16, 100, "rename").unwrap();
    assert_eq!(
        (&renamed["events"], &renamed["remedied"], &renamed["events_missing"]),
        (&json!(3_375), &json!(124), &json!(124))
    );
    assert_eq!((&renamed["hot_ids"], &renamed["hot_keys"]), (&json!(1), &json!(2)));
    assert_eq!(of(16, 100, "split").unwrap()["events_missing"], 0);
    assert_eq!(said["repeats"], 1);
    for trial in trials {
        // What this machine is up to decides what noise says, not whether it is said.
        let noise = trial["counts"].as_array().unwrap().iter().map(|count| {
            assert_eq!(count["repeats"], 1);
            count["noise"].as_str()
        });
        let noisy = noise.flatten().next();
        assert_eq!(trial["noise"].is_null(), noisy.is_none());
        assert!(noisy.is_none_or(|noise| trial["noise"].as_str().unwrap().ends_with(noise)));
    }
}

#[test]
fn counts_are_repeated_until_their_times_are_steady() {
    let grid = "--shards 4 --threshold 100 --remedy off --format json";
    let said = run(&format!("experiment --input {} {grid}", sample())).json();
    assert_eq!(said["repeats"], json!(null));
    for count in said["trials"][0]["counts"].as_array().unwrap() {
        assert!((5..=100).contains(&count["repeats"].as_u64().unwrap()), "{count}");
    }
}

#[test]
fn the_table_leads_with_what_a_reader_wants() {
    let table =
        run(&format!("experiment --input {} --shards 16 --threshold 100 --repeats 2", sample()))
            .ok();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "3,375 events from 1 input.");
    assert_eq!(lines[1], "16 shards, T = 100");
    assert_eq!(
        lines[2],
        "  the fullest shard holds 2.32 times the mean without a remedy, 1.78 under rename, 1.78 \
         under split"
    );
    assert!(lines[3].starts_with("  the slowest shard takes "), "{}", lines[3]);
    assert!(table.contains("measured one shard at a time") && table.contains("modelled"));
    let csv =
        run(&format!("experiment --input {} --remedy split --format csv --repeats 1", sample()));
    let csv = csv.ok();
    assert!(csv.starts_with("shards,threshold,remedy,events,"), "{csv}");
    assert_eq!(csv.lines().count(), 2);
}

#[test]
fn the_demo_shows_both_experiments() {
    let demo = "demo --events 30000 --threshold 3000,1000 --shards 16";
    let json = run(&format!("{demo} --format json")).ok();
    assert_eq!(Fields::of(&json).names(), ["sample", "generated", "rng_seed", "elapsed_ns"]);
    let said: Value = serde_json::from_str(&json).unwrap();
    let (sample, generated) = (&said["sample"], &said["generated"]);
    assert_eq!(trial(sample, "rename")["remedied"], 124);
    assert_eq!(trial(sample, "split")["events_missing"], 0);
    assert!(sample["about"].as_str().unwrap().contains("Too few for their times to mean much."));
    let skew = |remedy| trial(generated, remedy)["shards"]["max_over_mean"].as_f64().unwrap();
    assert!(skew("off") > 4.0 && skew("rename") < 3.0 && skew("split") < 3.0, "{generated}");
    assert!(trial(generated, "rename")["events_missing"].as_u64().unwrap() > 5_000);

    let text = run(demo).ok();
    assert!(text.starts_with("Real: 3,375 flights"), "{text}");
    assert!(text.contains("\nGenerated: a day of 30,000 events"), "{text}");
    assert!(text.trim_end().lines().last().unwrap().contains("hotshard experiment --input "));
}
