//! The stores that a calibration measures.

use std::fmt;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use hotshard_event::{Remedy, Threshold};
use hotshard_ingest::source::Input;
use hotshard_store::{ShardCount, Snapshot, Store};
use hotshard_workload::{Detail, IdDistribution, RngSeed, Workload, WorkloadSpec};

use crate::{Error, Ingest, MemoryBudget};

/// Shards of the stores whose shards are small: enough that one is not in a near cache any more
/// when its turn comes again.
const MOST_SHARDS: u64 = 64;
/// Most rows of a store with several shards, and of the stores of which there is one in every look.
const MOST_ROWS: u64 = 1_500_000;
/// Rows of a store with several shards are also at most so many times those of the largest shard.
const SHARDS_OF_LARGEST: u64 = 4;
/// Most ids of a shard. With several times as many, a row group's ids no longer fit in its dictionary,
/// and a count of users or of copies takes many times as long: no model of rows and bytes has that.
const MOST_IDS_A_SHARD: u64 = 10_000;
/// Numbers of shards of stores of given events: sizes of shards over two decades.
const GIVEN_SHARDS: [u64; 4] = [128, 32, 8, 2];
/// The same of those that are split.
const GIVEN_SPLIT_SHARDS: [u64; 2] = [96, 12];
/// Sizes in ten times the rows.
const SIZES_A_DECADE: f64 = 2.0;

/// How the rows of a store look, to a query that reads some of their columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Users with a few events each, on one day.
    Users,
    /// Users with four events each, over four days: the most bytes a row.
    Visitors,
    /// One id has most rows, over a week: the fewest bytes a row, and one shard above the others.
    OneId,
}

impl Look {
    const ALL: [Self; 3] = [Self::Users, Self::Visitors, Self::OneId];
}

/// A store to make.
#[derive(Debug, Clone)]
pub(super) struct PlannedStore {
    pub(super) shards: u64,
    /// T of a split; none without a remedy.
    threshold: Option<Threshold>,
    events: StoreEvents,
}

/// Where its events come from.
#[derive(Debug, Clone)]
enum StoreEvents {
    Synthetic { rows: u64, look: Look },
    Given(Arc<[Input]>),
}

/// The stores whose shards have `from` to `to` rows, evenly on a logarithmic scale, small ones
/// first.
pub(super) fn planned(from: u64, to: u64) -> Vec<PlannedStore> {
    let most = (to * SHARDS_OF_LARGEST).min(MOST_ROWS);
    let mut stores = Vec::new();
    for (place, rows) in sizes(from, to).into_iter().rev().enumerate() {
        let shards = (most / rows).clamp(1, MOST_SHARDS);
        let looks: &[Look] = match place % 2 {
            _ if rows <= MOST_ROWS => &Look::ALL,
            0 => &[Look::Users],
            _ => &[Look::OneId],
        };
        let store = |&look: &Look| PlannedStore {
            shards,
            threshold: None,
            events: StoreEvents::Synthetic { rows: rows * shards, look },
        };
        stores.extend(looks.iter().map(store));
        // A third of the heavy id's rows stay at home, of 60 % of the rows over a week.
        let threshold = Some(Threshold::new(rows * shards / 35));
        stores.extend((shards > 1).then(|| PlannedStore { threshold, ..store(&Look::OneId) }));
    }
    stores.reverse();
    stores
}

/// Stores of given events with shards of many sizes, the least shards last. Some are split at a
/// fifth of what a shard gets of a day.
pub(super) fn planned_of(inputs: &Arc<[Input]>, events_per_day: u64) -> Vec<PlannedStore> {
    let store = |shards, threshold| PlannedStore {
        shards,
        threshold,
        events: StoreEvents::Given(Arc::clone(inputs)),
    };
    let split = |shards: u64| Some(Threshold::new(events_per_day.div_ceil(5 * shards)));
    GIVEN_SHARDS
        .into_iter()
        .map(|shards| store(shards, None))
        .chain(GIVEN_SPLIT_SHARDS.map(|shards| store(shards, split(shards))))
        .collect()
}

/// Rows of a shard: from the least to the most, each a half-decade above the one before.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes are rounded to whole rows"
)]
fn sizes(from: u64, to: u64) -> Vec<u64> {
    let steps = ((to as f64 / from as f64).log10() * SIZES_A_DECADE).ceil().max(1.0) as u32;
    let factor = (to as f64 / from as f64).powf(1.0 / f64::from(steps));
    let size = |step: u32| (from as f64 * factor.powi(step.cast_signed())).round() as u64;
    (0..=steps).map(size).collect()
}

impl fmt::Display for PlannedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shards = if self.shards == 1 { "shard" } else { "shards" };
        match &self.events {
            StoreEvents::Synthetic { rows, .. } => write!(f, "{rows} rows, ")?,
            StoreEvents::Given(_) => f.write_str("the given events, ")?,
        }
        write!(f, "{} {shards}", self.shards)
    }
}

impl PlannedStore {
    /// Makes it in this folder, without keeping what it was made of: the store, and how many of its
    /// rows were spread.
    pub(super) fn make(
        &self,
        folder: &Path,
        memory: MemoryBudget,
        threads: Option<usize>,
    ) -> Result<(Snapshot, u64), Error> {
        let remedy = if self.threshold.is_some() { Remedy::Split } else { Remedy::Off };
        let mut ingest = Ingest::into_store(folder)
            .shards(ShardCount::new(self.shards)?)
            .threshold(self.threshold.unwrap_or_default())
            .remedy(remedy)
            .memory(memory);
        if let Some(threads) = threads {
            ingest = ingest.threads(threads);
        }
        let summary = match &self.events {
            StoreEvents::Given(inputs) => ingest.run(inputs)?,
            StoreEvents::Synthetic { rows, look } => {
                let failed = |source| Error::Temporary { source };
                let lines = folder.with_extension("jsonl");
                let mut file = BufWriter::new(File::create(&lines).map_err(failed)?);
                let workload = Workload::new(self.spec(*rows, *look), RngSeed::DEFAULT)?;
                workload.write_to(&mut file, |_| {})?;
                drop(file);
                let summary = ingest.run_paths(&[&lines])?;
                fs::remove_file(&lines).map_err(failed)?;
                summary
            }
        };
        let spread = if remedy == Remedy::Off { 0 } else { summary.remedied };
        Ok((Store::open(folder)?.snapshot()?, spread))
    }

    fn spec(&self, rows: u64, look: Look) -> WorkloadSpec {
        let spec = WorkloadSpec::new(rows).detail(Detail::Lean);
        let ids = |one_in: u64| (rows / one_in).clamp(1, MOST_IDS_A_SHARD * self.shards);
        match look {
            Look::Users => spec.users(ids(20), IdDistribution::Zipf { s: 0.8 }),
            Look::Visitors => spec.users(ids(4), IdDistribution::Uniform).days(4),
            Look::OneId => {
                spec.users(ids(50), IdDistribution::Zipf { s: 1.0 }).heavy("user_id", 0.6).days(7)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(store: &PlannedStore) -> u64 {
        match store.events {
            StoreEvents::Synthetic { rows, .. } => rows,
            StoreEvents::Given(_) => 0,
        }
    }

    #[test]
    fn sizes_go_from_the_least_to_the_most_in_even_steps() {
        assert_eq!(sizes(1_000, 100_000), [1_000, 3_162, 10_000, 31_623, 100_000]);
        assert_eq!(sizes(100, 150), [100, 150]);
    }

    #[test]
    fn no_store_is_much_larger_than_the_largest_shard_or_has_too_many_shards() {
        for store in planned(1_000, 1_000_000) {
            assert!(rows(&store) <= MOST_ROWS && (1..=64).contains(&store.shards), "{store:?}");
        }
        let largest = planned(1_000, 10_000_000);
        let last = largest.last().map(|store| (rows(store), store.shards));
        assert_eq!(last, Some((10_000_000, 1)));
        let all: u64 = largest.iter().map(rows).sum();
        assert!(all < 42_000_000, "{all}");
        for store in planned(1_000, 5_000) {
            assert!(rows(&store) <= 20_000);
        }
        assert!(largest.iter().any(|store| store.threshold.is_some()));
    }
}
