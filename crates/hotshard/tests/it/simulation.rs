//! Experiments by models: what is asked is what is run, and it goes on where it was.

use std::num::NonZeroU32;
use std::path::Path;

use hotshard::{
    ExperimentSpec, Frame, Grid, IdDistribution, LatencyGrid, ModelLevel, Policy, Remedy,
    ServiceModel, Simulation, SimulationReport, Skew, WorkloadKeys, WorkloadSpec,
};

use crate::fixture::{Folder, ingest, snapshot};

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn policies(words: &[&str]) -> Vec<Policy> {
    words.iter().map(|word| word.parse().unwrap()).collect()
}

fn stream(events: u64) -> WorkloadSpec {
    WorkloadSpec::new(events).users(2_000, IdDistribution::Zipf { s: 1.0 }).heavy("user_id", 0.3)
}

fn run(spec: &ExperimentSpec) -> SimulationReport {
    Simulation::of(spec.clone()).run().unwrap()
}

/// Two levels, three policies, two numbers of shards, and queries.
fn spec() -> ExperimentSpec {
    let grid = Grid::default()
        .shards([number(8), number(20)])
        .policies(policies(&["hash", "split@0.2N/n", "shuffle"]))
        .seeds(number(7));
    let service = ServiceModel { base_ns: 1e5, row_ns: 10.0, byte_ns: 0.0 };
    ExperimentSpec::new("test")
        .workload("static", stream(30_000))
        .grid(grid.clone())
        .grid(grid.level(ModelLevel::Events).seeds(number(5)))
        .latency(LatencyGrid { queries: 2_000, ..LatencyGrid::new(service) })
}

/// A frame as text, for comparison.
fn text(frame: &Frame) -> String {
    let rows = frame.rows().map(|row| {
        let values: Vec<String> = row.values().iter().map(ToString::to_string).collect();
        values.join(",")
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn texts(report: &SimulationReport) -> Vec<String> {
    report.frames().iter().map(text).collect()
}

#[test]
fn every_combination_has_its_row() {
    let report = run(&spec());
    let balance = report.balance();
    assert_eq!(balance.rows().len(), 2 * 2 * 3);
    let figure = |level: &str, policy: &str, column: &str| {
        let asked = [("level", level), ("shards", "20"), ("policy", policy)];
        let row = balance.select(&asked).next().unwrap();
        row.number(column).unwrap()
    };
    for level in ["fluid", "events"] {
        assert!(figure(level, "hash", "max_over_mean") > 6.0, "three tenths on one of 20 shards");
        assert!(figure(level, "split@0.2N/n", "max_over_mean") < 2.0);
        assert!(figure(level, "shuffle", "max_over_mean") < 1.1);
        assert_eq!(figure(level, "split@0.2N/n", "threshold"), 300.0);
        assert!((0.25..0.6).contains(&figure(level, "split@0.2N/n", "remedied_share")));
    }
    // The levels agree with each other.
    let apart =
        figure("fluid", "hash", "max_over_mean") / figure("events", "hash", "max_over_mean");
    assert!((apart - 1.0).abs() < 0.05, "{apart}");
    // Rows are those of a repeat, whose max/mean is the median one.
    for cell in &report.cells {
        let skew = Skew::of(&cell.rows);
        let median = cell.max_over_mean().unwrap().quantile(0.5);
        assert!((skew.max_over_mean - median).abs() < 1e-9, "{cell:?}");
        assert_eq!(cell.rows.iter().sum::<u64>(), 30_000);
    }
}

#[test]
fn a_hot_shard_cannot_keep_up_where_even_shards_can() {
    let latency = run(&spec()).latency();
    let at = |policy: &str, load: &str| {
        let asked = [("level", "fluid"), ("shards", "20"), ("policy", policy), ("load", load)];
        latency.rows().find(|row| {
            asked.iter().all(|(column, value)| row.value(column).unwrap().to_string() == *value)
        })
    };
    let hot = at("hash", "0.9").unwrap();
    assert_eq!((hot.text("state"), hot.number("modelled_p99_ns")), (Some("past saturation"), None));
    let even = at("shuffle", "0.9").unwrap();
    assert_eq!(even.text("state"), Some("steady"));
    assert!(even.number("modelled_p99_ns") > even.number("modelled_p50_ns"));
    // Both are asked the same.
    assert_eq!(hot.number("queries_per_second"), even.number("queries_per_second"));
    assert!(hot.number("modelled_idle_ns") > even.number("modelled_idle_ns"));
}

#[test]
fn the_same_spec_gives_the_same_answer_on_any_number_of_threads() {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let three = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let answers = [one, three].map(|pool| pool.install(|| texts(&run(&spec()))));
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn an_interrupted_run_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let whole = run(&spec());
    let journalled = || Simulation::of(spec()).journal(&path).run().unwrap();
    assert_eq!(texts(&journalled()), texts(&whole));
    let all = std::fs::read(&path).unwrap();
    // Cut off somewhere inside a line, as a crash leaves it.
    for cut in [all.len() - 5, all.len() / 2, all.len() / 3 + 1] {
        std::fs::write(&path, &all[..cut]).unwrap();
        let resumed = journalled();
        assert!((1..72).contains(&resumed.resumed), "{}", resumed.resumed);
        assert_eq!(texts(&resumed), texts(&whole));
    }
    assert_eq!(journalled().resumed, 6 * 7 + 6 * 5);
    let other = Simulation::of(spec().rng_seed(hotshard::RngSeed::new(1))).journal(&path).run();
    assert!(other.unwrap_err().to_string().contains("another spec"));
}

#[test]
fn files_and_stores_are_workloads() {
    let folder = Folder::new();
    let mut lines = Vec::new();
    let workload = hotshard::Workload::new(stream(5_000), hotshard::RngSeed::DEFAULT).unwrap();
    workload.write_to(&mut lines, |_| {}).unwrap();
    let file = folder.store("events.jsonl");
    std::fs::write(&file, lines).unwrap();
    let inputs = hotshard::find_inputs(&[&file]).unwrap();
    let store = folder.store("store");
    ingest(&store, 200_000, Remedy::Off).run(&inputs).unwrap();
    let grid = Grid::default()
        .shards([number(16)])
        .policies(policies(&["hash", "w-choices"]))
        .seeds(number(2));
    let spec = ExperimentSpec::new("mine")
        .keys("file", WorkloadKeys::Inputs(vec![file]))
        .keys("store", WorkloadKeys::Store(store.clone()))
        .grid(grid.clone())
        .grid(grid.level(ModelLevel::Events));
    let report = run(&spec);
    let real = Skew::of(&snapshot(&store).rows_per_shard()).max_over_mean;
    for cell in report.cells.iter().filter(|cell| cell.policy == Policy::Hash) {
        let modelled = cell.max_over_mean().unwrap();
        assert_eq!((modelled.quantile(0.0), modelled.quantile(1.0)), (real, real), "{cell:?}");
    }
    for cell in report.cells.iter().filter(|cell| cell.policy != Policy::Hash) {
        assert!(cell.max_over_mean().unwrap().mean() < 1.1, "{cell:?}");
    }
}

#[test]
fn frames_come_back_from_parquet() {
    let report = run(&spec());
    for frame in report.frames() {
        let bytes = frame.to_parquet().unwrap();
        let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(
            bytes::Bytes::from(bytes),
        )
        .unwrap();
        let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
        let rows: usize = batches.iter().map(arrow_array::RecordBatch::num_rows).sum();
        assert_eq!(rows, frame.rows().len(), "{}", frame.name());
        let names: Vec<&str> = frame.columns().iter().map(|column| column.name).collect();
        let schema = batches[0].schema();
        assert_eq!(
            schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(),
            names
        );
    }
}

/// What a spec in TOML, whose paths are of no folder, is refused with.
fn refused(text: &str) -> String {
    let error = ExperimentSpec::parse(text, Path::new("")).map_err(hotshard::Error::from);
    let error = error.and_then(|spec| Simulation::of(spec).run().map(|_| ())).unwrap_err();
    let mut message = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        message.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    message
}

const SMALL: &str = "name = \"t\"\n[[workload]]\nname = \"a\"\nevents = 1000\nusers = 10\n";

#[test]
fn bad_specs_say_what_is_wrong() {
    let grid = "[[grid]]\nshards = [4]\npolicies = [\"hash\"]\n";
    let cases = [
        ("", "missing field `name`"),
        ("name = 5", "expected a string"),
        ("name = \"t\"", "nothing to run"),
        (SMALL, "no grid"),
        ("name = \"t\"\n[[grid]]\nshards = [4]\npolicies = [\"hash\"]", "no workload"),
        (&format!("{SMALL}[[grid]]\nshards = [0]\npolicies = [\"hash\"]"), "nonzero"),
        (&format!("{SMALL}[[grid]]\nshards = []\npolicies = [\"hash\"]"), "no shards"),
        (&format!("{SMALL}[[grid]]\nshards = [4]"), "no policies or remedies"),
        (&format!("{SMALL}[[grid]]\nshards = [4]\npolicies = [\"hsh\"]"), "`hsh` is no policy"),
        (&format!("{SMALL}[[grid]]\nshards = [4]\nremedies = [\"split\"]"), "without thresholds"),
        (&format!("{SMALL}[[grid]]\nshards = [4]\nthresholds = [5]"), "without remedies"),
        (&format!("{SMALL}[[grid]]\nshard = [4]"), "unknown field `shard`"),
        (&format!("{SMALL}{grid}workloads = [\"b\"]"), "names the workload `b`, and there is a"),
        (&format!("{SMALL}{grid}level = \"none\""), "unknown variant `none`"),
        (&format!("{SMALL}{grid}[latency]\n"), "how long a shard takes"),
        (&format!("{SMALL}color = 3\n{grid}"), "unknown field `color`"),
        (&format!("{SMALL}ids = \"zipf\"\n{grid}"), "is not a distribution of ids"),
        (&format!("{SMALL}days = 0\n{grid}"), "the workload `a` cannot be made"),
        (&format!("{SMALL}input = \"x\"\n{grid}"), "and has `events`"),
        (
            &format!("name = \"t\"\n[[workload]]\nname = \"a\"\ninput = \"no/such/file\"\n{grid}"),
            "no/such/file",
        ),
        (
            &format!("name = \"t\"\n[[workload]]\nname = \"a\"\nstore = \"no/such/store\"\n{grid}"),
            "no/such/store",
        ),
        (
            &format!("name = \"t\"\n[[workload]]\nevents = 5\n{grid}"),
            "workload number 1 has no name",
        ),
        (&format!("{SMALL}[[workload]]\nname = \"a\"\n{grid}"), "two of the spec are called `a`"),
        (&format!("{SMALL}[[grid]]\nshards = [70000]\npolicies = [\"hash\"]"), "70000; give"),
        (
            &format!(
                "{SMALL}{grid}[[published]]\nsource = \"s\"\nwhat = \"w\"\nfigure = \"gini\"\nvalue = 1\nwhere = {{ shards = 5 }}"
            ),
            "held against 0 of our cells",
        ),
        (
            &format!(
                "{SMALL}{grid}[[published]]\nsource = \"s\"\nwhat = \"w\"\nfigure = \"ginni\"\nvalue = 1"
            ),
            "no frame has a column `ginni`",
        ),
    ];
    for (text, expected) in cases {
        let message = refused(text);
        assert!(message.contains(expected), "{text}\n---\n{message}");
    }
}

#[test]
fn a_position_is_told() {
    let message = refused("name = \"t\"\nrng_seed = \"x\"\n");
    assert!(message.contains("line 2, column 12"), "{message}");
}

#[test]
fn degenerate_streams_have_plain_answers() {
    let all = policies(&[
        "hash",
        "jump",
        "bounded-loads:0.25",
        "pkg",
        "d-choices",
        "w-choices",
        "salting:8",
        "virtual-shards:16",
        "shuffle",
        "rename@0",
        "split@1",
        "split@0.2N/n",
    ]);
    let one_id = WorkloadSpec::new(1_000).users(1, IdDistribution::Uniform);
    let few = WorkloadSpec::new(3).users(100, IdDistribution::Uniform);
    let nobody = WorkloadSpec { empty_share: 1.0, ..WorkloadSpec::new(500) };
    let grid = Grid::default().policies(all).seeds(number(2)).level(ModelLevel::Events);
    let spec = ExperimentSpec::new("degenerate")
        .workload("one id", one_id)
        .workload("fewer events than shards", few)
        .workload("nobody", nobody)
        .grid(grid.shards([number(1), number(50)]));
    let report = run(&spec);
    for cell in &report.cells {
        let max_over_mean = cell.max_over_mean().unwrap();
        let (least, most) = (max_over_mean.quantile(0.0), max_over_mean.quantile(1.0));
        assert!((1.0..=50.0).contains(&least) && most <= 50.0, "{cell:?}");
        if cell.shards == number(1) {
            assert_eq!(most, 1.0, "{cell:?}");
        }
        if cell.workload == "one id" && cell.policy == Policy::Hash && cell.shards == number(50) {
            assert_eq!(least, 50.0, "one id is on one shard");
        }
    }
}
