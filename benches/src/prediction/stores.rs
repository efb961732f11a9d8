//! The stores that are predicted and measured.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hotshard::{
    Calibrate, Calibration, Detail, IdDistribution, Ingest, Remedy, RngSeed, ShardCount, Snapshot,
    Store, Threshold, Workload, WorkloadSpec, find_inputs,
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

    /// Makes the store in this folder; tells how many rows were remedied.
    pub(super) fn make(&self, folder: &Path) -> anyhow::Result<(Snapshot, u64)> {
        let ingest = Ingest::into_store(folder)
            .shards(ShardCount::new(self.shards)?)
            .threshold(self.threshold)
            .remedy(self.remedy);
        let summary = self.with_events(folder, |path| Ok(ingest.run_paths(&[path])?))?;
        Ok((Store::open(folder)?.snapshot()?, summary.remedied))
    }

    /// A calibration on these events, over other numbers of shards and at another threshold.
    ///
    /// # Errors
    /// As [`Calibrate::run`].
    pub fn calibrate(&self, folder: &Path) -> anyhow::Result<Calibration> {
        self.with_events(folder, |path| {
            let inputs = find_inputs(&[path]).map_err(hotshard::Error::from)?;
            Ok(Calibrate::new().inputs(inputs).run()?)
        })
    }

    /// Whether both are of the same events.
    #[must_use]
    pub fn has_events_of(&self, other: &Self) -> bool {
        let events = |plan: &Self| match &plan.events {
            Events::File(_) => 0,
            Events::Generated(spec) => spec.events,
        };
        self.stream == other.stream && events(self) == events(other)
    }

    /// Does something with a file of the events, which is beside this folder if it is generated.
    fn with_events<T>(
        &self,
        folder: &Path,
        what: impl FnOnce(&Path) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let spec = match &self.events {
            Events::File(path) => return what(path),
            Events::Generated(spec) => spec,
        };
        let lines = folder.with_extension("jsonl");
        let file = File::create(&lines).context("cannot write the events")?;
        let workload = Workload::new(spec.clone(), RngSeed::new(20_240_611))?;
        workload.write_to(&mut BufWriter::new(file), |_| {})?;
        let done = what(&lines)?;
        std::fs::remove_file(&lines).context("cannot remove the events")?;
        Ok(done)
    }
}
