//! The stores that are predicted and measured.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hotshard::{
    Detail, IdDistribution, Ingest, Remedy, RngSeed, ShardCount, Snapshot, Store, Threshold,
    Workload, WorkloadSpec,
};

/// How many stores, and how large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// All of them, up to five million events.
    Full,
    /// Up to 300 000 events, to see that it works.
    Quick,
}

/// Where events come from.
#[derive(Debug, Clone)]
enum Events {
    File(PathBuf),
    Generated(WorkloadSpec),
}

/// A store to make.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The events in a few words.
    pub stream: String,
    events: Events,
    shards: u64,
    remedy: Remedy,
    threshold: Threshold,
}

/// Every stream without a remedy, and with each remedy at a high and a low threshold.
#[must_use]
pub fn plans(size: Size) -> Vec<Plan> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR"))
        .with_file_name("data")
        .join("nycflights13_sample.jsonl.gz");
    let mut streams =
        vec![("flights of the sample".to_owned(), Events::File(sample), 16, [100, 50])];
    let mut add = |name: &str, spec: WorkloadSpec| {
        let events = spec.events;
        // A twentieth and a hundredth of the events.
        let thresholds = [events / 20, events / 100];
        streams.push((name.to_owned(), Events::Generated(spec), 64, thresholds));
    };
    let zipf = |events: u64| {
        WorkloadSpec::new(events)
            .users(events / 10, IdDistribution::Zipf { s: 1.0 })
            .detail(Detail::Lean)
    };
    match size {
        Size::Quick => add("Zipf 1.0", zipf(300_000)),
        Size::Full => {
            add("identify at noon", WorkloadSpec::identify_at_noon(2_000_000));
            add("two heavy ids", WorkloadSpec::reference(1_000_000));
            for events in [100_000, 1_000_000, 5_000_000] {
                add("Zipf 1.0", zipf(events));
            }
        }
    }
    let mut plans = Vec::new();
    for (stream, events, shards, [high, low]) in streams {
        let mut plan = |remedy, threshold| {
            plans.push(Plan {
                stream: stream.clone(),
                events: events.clone(),
                shards,
                remedy,
                threshold: Threshold::new(threshold),
            });
        };
        plan(Remedy::Off, high);
        for threshold in [high, low] {
            plan(Remedy::Rename, threshold);
            plan(Remedy::Split, threshold);
        }
    }
    plans
}

impl Plan {
    /// What happens to excess, in a few words.
    #[must_use]
    pub fn remedy_and_threshold(&self) -> String {
        match self.remedy {
            Remedy::Off => "off".to_owned(),
            remedy => format!("{remedy} at {}", self.threshold),
        }
    }

    /// Makes the store in this folder.
    pub(super) fn make(&self, folder: &Path) -> anyhow::Result<Snapshot> {
        let ingest = Ingest::into_store(folder)
            .shards(ShardCount::new(self.shards)?)
            .threshold(self.threshold)
            .remedy(self.remedy);
        match &self.events {
            Events::File(path) => drop(ingest.run_paths(&[path])?),
            Events::Generated(spec) => {
                let lines = folder.with_extension("jsonl");
                let file = File::create(&lines).context("cannot write the events")?;
                let workload = Workload::new(spec.clone(), RngSeed::new(20_240_611))?;
                workload.write_to(&mut BufWriter::new(file), |_| {})?;
                ingest.run_paths(&[&lines])?;
                std::fs::remove_file(&lines).context("cannot remove the events")?;
            }
        }
        Ok(Store::open(folder)?.snapshot()?)
    }
}
