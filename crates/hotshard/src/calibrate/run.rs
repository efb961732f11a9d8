//! Calibrating this machine.

use std::fs;
use std::num::NonZeroU32;
use std::sync::Arc;

use hotshard_ingest::source::Input;
use hotshard_query::{MeasuredTime, Repeats, Stopwatch};

use super::fit::fit_all;
use super::measured::{MeasuredCount, measure};
use super::stores::{PlannedStore, planned, planned_of};
use super::{Calibration, CalibrationError, Machine};
use crate::{Error, KeyCounting, MemoryBudget};

/// The largest shard has at least so many times the rows of the smallest.
const LEAST_RANGE: u64 = 4;
/// Largest number of rows that is tried: 200 GB of lines.
const MOST_ROWS: u64 = 1_000_000_000;

/// How far a calibration has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalibrationProgress {
    /// Stores done.
    pub done: usize,
    /// Stores in all.
    pub stores: usize,
    /// What is being measured.
    pub store: String,
}

type OnProgress = dyn Fn(CalibrationProgress) + Send + Sync;

/// A calibration to make: real stores with shards of many sizes, on which each of the fixed counts
/// ([`FIXED_COUNTS`](crate::FIXED_COUNTS)) is timed, one shard at a time.
///
/// The stores lie in a temporary folder, one at a time. They differ in rows and shards, and in how
/// many ids and days there are among the rows, which decides how many bytes a count reads of a row.
///
/// ```
/// use hotshard::Calibrate;
///
/// let calibration = Calibrate::new().rows(100, 1_000).repeats(1.try_into()?).run()?;
/// assert_eq!(calibration.counts.len(), hotshard::FIXED_COUNTS.len());
/// let model = calibration.count("users by event").unwrap().service;
/// assert!(model.service_ns(1_000, 20_000) > 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Calibrate {
    inputs: Option<Arc<[Input]>>,
    rows_from: u64,
    rows_to: u64,
    repeats: Repeats,
    memory: MemoryBudget,
    threads: Option<usize>,
    on_progress: Option<Arc<OnProgress>>,
}

impl Default for Calibrate {
    fn default() -> Self {
        Self::new()
    }
}

impl Calibrate {
    /// Fewest rows of a shard unless told: 1 000.
    pub const DEFAULT_ROWS_FROM: u64 = 1_000;

    /// Most rows of a shard unless told: ten million.
    pub const DEFAULT_ROWS_TO: u64 = 10_000_000;

    /// Most rows of a shard for a quick look: a million.
    pub const QUICK_ROWS_TO: u64 = 1_000_000;

    /// The memory that counts may take unless told: 2 GiB, so that ten million rows are counted in
    /// one pass.
    pub const DEFAULT_MEMORY: MemoryBudget = MemoryBudget::from_mib(2_048);

    /// How often counts are timed unless told: as [`Repeats::UNTIL_STEADY`], in half the time.
    pub const DEFAULT_REPEATS: Repeats = Repeats::Until {
        together: MeasuredTime::from_ns(150_000_000),
        least: Repeats::DEFAULT_LEAST,
        most: Repeats::DEFAULT_MOST,
    };

    /// Shards of 10³ to 10⁷ rows.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            inputs: None,
            rows_from: Self::DEFAULT_ROWS_FROM,
            rows_to: Self::DEFAULT_ROWS_TO,
            repeats: Self::DEFAULT_REPEATS,
            memory: Self::DEFAULT_MEMORY,
            threads: None,
            on_progress: None,
        }
    }

    /// Stores of these events instead of synthetic ones: what a row costs depends on what it holds, so
    /// this predicts other numbers of shards, thresholds and remedies of the same events best. They
    /// are read several times, so standard input will not do.
    #[must_use]
    pub fn inputs(self, inputs: Vec<Input>) -> Self {
        Self { inputs: Some(inputs.into()), ..self }
    }

    /// How many rows the smallest and the largest shard have, about; of synthetic events.
    #[must_use]
    pub fn rows(self, from: u64, to: u64) -> Self {
        Self { rows_from: from, rows_to: to, ..self }
    }

    /// How often each count is timed, after a first run that is not counted; the median counts.
    #[must_use]
    pub fn repeats(self, repeats: NonZeroU32) -> Self {
        Self { repeats: Repeats::Exactly(repeats), ..self }
    }

    /// The memory budget of the whole process.
    #[must_use]
    pub fn memory(self, memory: MemoryBudget) -> Self {
        Self { memory, ..self }
    }

    /// Number of threads for making stores.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: Some(threads), ..self }
    }

    /// A function to tell how far it has come.
    #[must_use]
    pub fn on_progress(self, tell: impl Fn(CalibrationProgress) + Send + Sync + 'static) -> Self {
        Self { on_progress: Some(Arc::new(tell)), ..self }
    }

    /// Makes the stores, measures them, and fits the models.
    ///
    /// # Errors
    /// For numbers of rows that leave nothing to fit; as [`crate::Ingest::run`] and
    /// [`crate::CountQuery::run`].
    pub fn run(&self) -> Result<Calibration, Error> {
        let stopwatch = Stopwatch::start();
        let temporary = tempfile::Builder::new()
            .prefix("hotshard-calibrate-")
            .tempdir()
            .map_err(|source| Error::Temporary { source })?;
        let stores = self.planned()?;
        let mut measured = Vec::with_capacity(stores.len());
        for (done, store) in stores.iter().enumerate() {
            self.tell(done, stores.len(), &store.to_string());
            measured.push(self.measure_one(store, &temporary.path().join("store"))?);
        }
        self.tell(stores.len(), stores.len(), "");
        let (rows_from, rows_to) = match &self.inputs {
            None => (self.rows_from, self.rows_to),
            Some(_) => range_of(&measured),
        };
        Ok(Calibration {
            machine: Machine::this(),
            made_at_ms: hotshard_query::wall_clock_ms(),
            rows_from,
            rows_to,
            counts: fit_all(&measured)?,
            elapsed_ns: stopwatch.elapsed().ns(),
        })
    }

    /// The stores to make.
    fn planned(&self) -> Result<Vec<PlannedStore>, Error> {
        if let Some(inputs) = &self.inputs {
            if let Some(input) = inputs.iter().find(|input| !input.is_repeatable()) {
                return Err(Error::ReadOnce { name: input.name().to_owned() });
            }
            let counts = KeyCounting::default().memory(self.memory).of_inputs(inputs)?;
            if counts.events() == 0 {
                return Err(CalibrationError::NoEvents.into());
            }
            return Ok(planned_of(inputs, counts.per_day()));
        }
        let (from, to) = (self.rows_from, self.rows_to);
        if from == 0 || to > MOST_ROWS || to / LEAST_RANGE < from {
            let (factor, limit) = (LEAST_RANGE, MOST_ROWS);
            return Err(CalibrationError::Rows { least: from, most: to, factor, limit }.into());
        }
        Ok(planned(from, to))
    }

    /// Makes one store, measures it and removes it.
    fn measure_one(
        &self,
        store: &PlannedStore,
        folder: &std::path::Path,
    ) -> Result<Vec<MeasuredCount>, Error> {
        let (snapshot, spread) = store.make(folder, self.memory, self.threads)?;
        let measured = measure(&snapshot, spread, self.repeats, self.memory)?;
        drop(snapshot);
        fs::remove_dir_all(folder).map_err(|source| Error::Temporary { source })?;
        Ok(measured)
    }

    fn tell(&self, done: usize, stores: usize, store: &str) {
        if let Some(tell) = &self.on_progress {
            tell(CalibrationProgress { done, stores, store: store.to_owned() });
        }
    }
}

/// Rows of the smallest and of the largest shard.
fn range_of(measured: &[Vec<MeasuredCount>]) -> (u64, u64) {
    let rows = || {
        let shards = measured.iter().flatten().flat_map(|count| &count.shards);
        shards.map(|shard| shard.rows)
    };
    (rows().min().unwrap_or(0), rows().max().unwrap_or(0))
}

impl std::fmt::Debug for Calibrate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calibrate")
            .field("rows_from", &self.rows_from)
            .field("rows_to", &self.rows_to)
            .field("repeats", &self.repeats)
            .finish_non_exhaustive()
    }
}
