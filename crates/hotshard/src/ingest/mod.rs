//! Ingest: from inputs to committed events.

mod crew;
mod lanes;
mod pipeline;
mod reader;
mod residency;
mod sink;
mod summary;
#[cfg(test)]
mod tests;
mod workshop;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use hotshard_event::{OverrideChanges, Remedy, Threshold, TimeZone};
use hotshard_ingest::decode::{DecodeOptions, Decoder, UnattributedIds, Validation};
use hotshard_ingest::source::{
    DEFAULT_MAX_RECORD_BYTES, Identification, Input, ReadOptions, find_inputs,
};
use hotshard_query::Stopwatch;
use hotshard_store::{PromotedColumn, Settings, ShardCount, Store, ZstdLevel};

pub use summary::{IngestSummary, PlacedNotice, RejectSample};

use crate::memory::{MemoryPlan, keep_freed_memory};
use crate::{Error, MemoryBudget};
use lanes::Limits;
use pipeline::Pipeline;
use reader::Readers;
use sink::Sink;
use workshop::Workshop;

/// How far an ingest has come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of input read, as they lie there (compressed, if they are).
    pub raw_bytes: u64,
    /// Records taken in, rejected ones included.
    pub events: u64,
}

/// Whether an ingest writes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Events are committed to the store.
    #[default]
    Write,
    /// Nothing is written; the summary says what would be.
    DryRun,
}

type OnProgress = dyn Fn(Progress) + Send + Sync;

/// An ingest to run: where to, and how.
///
/// ```
/// use hotshard::{Ingest, Input};
///
/// # let folder = tempfile::tempdir()?;
/// # let store = folder.path().join("store");
/// let line = r#"{"event":"Signed up","properties":{"time":1618716477,"distinct_id":"a"}}"#;
/// let summary = Ingest::into_store(store).run(&[Input::bytes("example", line.as_bytes())])?;
/// assert_eq!((summary.events, summary.stored, summary.rejected), (1, 1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Ingest {
    store: PathBuf,
    settings: Settings,
    overrides: OverrideChanges,
    validation: Validation,
    identification: Identification,
    max_record_bytes: usize,
    memory: MemoryBudget,
    commit_bytes: Option<usize>,
    compression: ZstdLevel,
    counters_a_date: Option<NonZeroUsize>,
    threads: Option<usize>,
    effect: Effect,
    on_progress: Option<Arc<OnProgress>>,
}

impl Ingest {
    /// An ingest into the store in this folder, which is made if it is not there.
    #[must_use]
    pub fn into_store(folder: impl Into<PathBuf>) -> Self {
        Self {
            store: folder.into(),
            settings: Settings::default(),
            overrides: OverrideChanges::default(),
            validation: Validation::Lenient,
            identification: Identification::Check,
            max_record_bytes: DEFAULT_MAX_RECORD_BYTES,
            memory: MemoryBudget::DEFAULT,
            commit_bytes: None,
            compression: ZstdLevel::DEFAULT,
            counters_a_date: None,
            threads: None,
            effect: Effect::Write,
            on_progress: None,
        }
    }

    /// Settings of the store; those left out come from the store, or are the defaults of a new one.
    #[must_use]
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// Number of shards.
    #[must_use]
    pub fn shards(mut self, shards: ShardCount) -> Self {
        self.settings.shards = Some(shards);
        self
    }

    /// Threshold T.
    #[must_use]
    pub fn threshold(mut self, threshold: Threshold) -> Self {
        self.settings.threshold = Some(threshold);
        self
    }

    /// What happens to excess.
    #[must_use]
    pub fn remedy(mut self, remedy: Remedy) -> Self {
        self.settings.remedy = Some(remedy);
        self
    }

    /// The time zone whose midnights cut days.
    #[must_use]
    pub fn time_zone(mut self, time_zone: TimeZone) -> Self {
        self.settings.time_zone = Some(time_zone);
        self
    }

    /// Properties that get a column of their own.
    #[must_use]
    pub fn promote(mut self, columns: Vec<PromotedColumn>) -> Self {
        self.settings.promoted = Some(columns);
        self
    }

    /// What changes about the store's overrides before the first event: ids with a threshold of
    /// their own, ids that are unattributed, ids that are forced hot.
    ///
    /// The changes are kept with the store, also when the ingest then fails, and say how events are
    /// treated from now on. What is stored stays as it is, and keys that are hot stay hot.
    ///
    /// ```
    /// use hotshard::{Ingest, Input, Override, OverrideChanges};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let store = folder.path().join("store");
    /// let line = r#"{"event":"Ad spend","properties":{"time":1618716477,"distinct_id":"0"}}"#;
    /// let mut overrides = OverrideChanges::default();
    /// overrides.set("0", Override::Unattributed)?;
    /// let ingest = Ingest::into_store(store).overrides(overrides);
    /// let summary = ingest.run(&[Input::bytes("example", line.as_bytes())])?;
    /// assert_eq!((summary.stored, summary.unattributed), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn overrides(self, overrides: OverrideChanges) -> Self {
        Self { overrides, ..self }
    }

    /// How closely events are looked at.
    #[must_use]
    pub fn validation(self, validation: Validation) -> Self {
        Self { validation, ..self }
    }

    /// Whether sources that were taken in before are passed over, as they are by default.
    #[must_use]
    pub fn identification(self, identification: Identification) -> Self {
        Self { identification, ..self }
    }

    /// The longest record, in bytes; longer ones are rejected. 1 MiB by default.
    #[must_use]
    pub fn max_record_bytes(self, max_record_bytes: usize) -> Self {
        Self { max_record_bytes, ..self }
    }

    /// The memory budget of the whole process; 512 MiB by default.
    #[must_use]
    pub fn memory(self, memory: MemoryBudget) -> Self {
        Self { memory, ..self }
    }

    /// Content after which there is a commit at the latest, in bytes: what an ingest that is killed
    /// may have to do again. 8 times the memory budget by default; more commits make more and
    /// smaller files.
    #[must_use]
    pub fn commit_bytes(self, bytes: usize) -> Self {
        Self { commit_bytes: Some(bytes), ..self }
    }

    /// How hard files are compressed; [`ZstdLevel::DEFAULT`] by default. A store may have files of
    /// several levels.
    #[must_use]
    pub fn compression(self, level: ZstdLevel) -> Self {
        Self { compression: level, ..self }
    }

    /// How many ids of a day are counted at once, at most; by default as many as the memory budget
    /// allows, and never more. With fewer, the certificate d rises sooner: for experiments with it.
    #[must_use]
    pub fn counters_a_date(self, counters: NonZeroUsize) -> Self {
        Self { counters_a_date: Some(counters), ..self }
    }

    /// Number of threads; as many as there are cores by default, and never more than the memory
    /// budget is enough for. It changes no answer.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: Some(threads.max(1)), ..self }
    }

    /// Whether anything is written.
    #[must_use]
    pub fn effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }

    /// A function to tell how far the ingest has come.
    #[must_use]
    pub fn on_progress(self, tell: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self { on_progress: Some(Arc::new(tell)), ..self }
    }

    /// Ingests files, folders and globs by name; `-` is standard input.
    ///
    /// # Errors
    /// As [`Ingest::run`]; also when a name leads to no file, before anything is ingested.
    pub fn run_paths<P: AsRef<std::path::Path>>(
        &self,
        names: &[P],
    ) -> Result<IngestSummary, Error> {
        self.run(&find_inputs(names)?)
    }

    /// Ingests the inputs, in this order.
    ///
    /// Records that cannot be stored are no error: they are kept as rejects and counted.
    ///
    /// # Errors
    /// When the store is locked, damaged, or was made with other settings; when an input cannot
    /// be read to its end (what was read before is committed); when the disk refuses; when the
    /// memory budget is too small. What was committed stays, and the same ingest goes on there.
    pub fn run(&self, inputs: &[Input]) -> Result<IngestSummary, Error> {
        let mut plan = self.memory.plan(self.shard_count())?;
        if let Some(counters) = self.counters_a_date {
            plan.counters_a_date = plan.counters_a_date.min(counters.get());
        }
        if let Some(bytes) = self.commit_bytes {
            plan.commit_bytes = bytes;
        }
        self.run_within(plan, inputs)
    }

    /// [`Ingest::run`] with the memory divided like this.
    fn run_within(&self, plan: MemoryPlan, inputs: &[Input]) -> Result<IngestSummary, Error> {
        let stopwatch = Stopwatch::start();
        keep_freed_memory(self.memory);
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = self.threads.unwrap_or_else(cores).min(plan.most_threads);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|source| Error::Threads { threads, source })?;
        let mut sink = self.open_sink()?;
        sink.set_compression(self.compression)?;
        let decoder = Decoder::new(DecodeOptions {
            time_zone: sink.identity().time_zone(),
            validation: self.validation,
            max_record_bytes: self.max_record_bytes,
        });
        let decoder = decoder.unattributed(UnattributedIds::of(sink.identity().overrides()));
        let read_options = ReadOptions {
            block_bytes: plan.block_bytes,
            max_record_bytes: self.max_record_bytes,
            identification: self.identification,
        };
        let quiet = |_: Progress| {};
        let on_progress: &OnProgress = self.on_progress.as_deref().unwrap_or(&quiet);
        let pipeline = Pipeline::new(sink, plan, inputs, on_progress)?;
        let readers = Readers::new(inputs, read_options, pipeline.known());
        let blocks = threads * plan.blocks_a_thread;
        let limits = Limits { threads, blocks, away_bytes: plan.away_bytes };
        let finished = Workshop::new(limits, &decoder, readers, pipeline).run(&pool)?;
        Ok(finished.summarise(stopwatch.elapsed(), self.memory))
    }

    /// How many shards the store has, or will have.
    fn shard_count(&self) -> ShardCount {
        // What is wrong with the store is told when it is opened to be written.
        match Store::open(&self.store) {
            Ok(store) => store.identity().shards(),
            Err(_) => self.settings.shards.unwrap_or_default(),
        }
    }

    fn open_sink(&self) -> Result<Sink, Error> {
        let open = match self.effect {
            Effect::Write => Sink::store,
            Effect::DryRun => Sink::dry_run,
        };
        open(&self.store, &self.settings, &self.overrides)
    }
}
