//! How keys are counted.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use hotshard_event::{Remedy, Sequence, TimeZone};
use hotshard_ingest::decode::Validation;
use hotshard_ingest::source::{DEFAULT_MAX_RECORD_BYTES, Identification, Input};
use hotshard_query::{RenamedRows, StoredKeys};
use hotshard_sim::{KeyEvents, TailIds};
use hotshard_store::{Damage, Router, ShardCount, Snapshot};

use super::block_keys::{BlockKeys, NOBODY};
use super::key::{IdHash, Key};
use super::names::Names;
use super::numbered::Numbered;
use super::pass::{Pass, Passed};
use super::table::{BYTES_A_KEY, Counted};
use super::{KeyCounts, add, inputs, tail_of};
use crate::memory::MemoryPlan;
use crate::{Error, MemoryBudget, Progress};

type OnProgress = dyn Fn(Progress) + Send + Sync;

/// Counts keys, in bounded memory.
///
/// ```
/// use hotshard::{Input, KeyCounting};
///
/// let line = |id: &str| {
///     format!(r#"{{"event":"A","properties":{{"time":1618716477,"distinct_id":"{id}"}}}}"#)
/// };
/// let lines = [line("ada"), line("bob"), line("ada"), line("")].join("\n");
/// let counts = KeyCounting::default().of_inputs(&[Input::bytes("example", lines.into_bytes())])?;
/// let largest = counts.keys().next().unwrap();
/// assert_eq!((largest.distinct_id, largest.events), (Some("ada"), 2));
/// assert_eq!((counts.events(), counts.nobody()), (4, 1));
/// # Ok::<(), hotshard::Error>(())
/// ```
#[derive(Clone)]
pub struct KeyCounting {
    pub(super) time_zone: TimeZone,
    pub(super) validation: Validation,
    pub(super) identification: Identification,
    pub(super) max_record_bytes: usize,
    pub(super) threads: Option<usize>,
    pub(super) on_progress: Option<Arc<OnProgress>>,
    memory: MemoryBudget,
    most_keys: Option<usize>,
    shards: Vec<ShardCount>,
}

impl Default for KeyCounting {
    fn default() -> Self {
        Self {
            time_zone: TimeZone::UTC,
            validation: Validation::Lenient,
            identification: Identification::Check,
            max_record_bytes: DEFAULT_MAX_RECORD_BYTES,
            threads: None,
            on_progress: None,
            memory: MemoryBudget::DEFAULT,
            most_keys: None,
            shards: Vec::new(),
        }
    }
}

impl KeyCounting {
    /// The zone whose midnights cut days, of inputs; UTC by default. A store has its own.
    #[must_use]
    pub fn time_zone(self, time_zone: TimeZone) -> Self {
        Self { time_zone, ..self }
    }

    /// How closely events of inputs are looked at.
    #[must_use]
    pub fn validation(self, validation: Validation) -> Self {
        Self { validation, ..self }
    }

    /// Whether an input with the same content as one before it adds nothing, as by default.
    #[must_use]
    pub fn identification(self, identification: Identification) -> Self {
        Self { identification, ..self }
    }

    /// The memory budget of the whole process; 512 MiB by default.
    #[must_use]
    pub fn memory(self, memory: MemoryBudget) -> Self {
        Self { memory, ..self }
    }

    /// How many keys are counted at once, at most; by default as many as the memory budget allows,
    /// and never more. With fewer, there are more passes: for experiments with them.
    #[must_use]
    pub fn most_keys(self, keys: usize) -> Self {
        Self { most_keys: Some(keys), ..self }
    }

    /// Numbers of shards for which rows without an id are placed exactly, by their sequence.
    #[must_use]
    pub fn shards(self, shards: Vec<ShardCount>) -> Self {
        Self { shards, ..self }
    }

    /// Number of threads that decode; it changes no answer.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: Some(threads.max(1)), ..self }
    }

    /// A function to tell how far the reading of inputs has come, in the pass it is in.
    #[must_use]
    pub fn on_progress(self, tell: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self { on_progress: Some(Arc::new(tell)), ..self }
    }

    /// Counts the keys of inputs, as an ingest into an empty store would: what is no event is left
    /// out, and so is a source with the content of one before it.
    ///
    /// Keys that do not fit in the memory are counted in several passes, each for a part of the
    /// ids. Then the largest are known one by one, all those with more than some millionth of the
    /// events, and the others as [`KeyCounts::tail`], both exactly.
    ///
    /// # Errors
    /// When an input cannot be read; when there are more keys than fit and an input can be read
    /// once; when the memory budget is too small.
    pub fn of_inputs(&self, inputs: &[Input]) -> Result<KeyCounts, Error> {
        let plan = self.plan()?;
        let most_keys = self.most_keys_within(&plan);
        let once = inputs.iter().find(|input| !input.is_repeatable());
        let mut all = Gathered::new(most_keys);
        while let Some(start) = all.next {
            let mut pass = Pass::new(start, most_keys);
            let mut nobody = Nobody::of(&self.shards);
            let rejected = inputs::read(self, &plan, inputs, |block| {
                add_block(&mut pass, &mut nobody, &block);
                match once {
                    Some(input) if !pass.is_whole() => Err(Error::TooManyKeys {
                        most_keys,
                        budget_bytes: self.memory.bytes(),
                        name: input.name().to_owned(),
                    }),
                    _ => Ok(()),
                }
            })?;
            all.gather(pass.finish(), nobody, Vec::new());
            all.counts.rejected = rejected;
        }
        Ok(all.into_counts())
    }

    /// Counts the keys of a store, as they were before its remedy: renamed rows count for the id
    /// that they had. Rows that another store renamed count so too, where this one renames; where
    /// it does not, they are nobody's, as they are stored.
    ///
    /// Damaged files are named in [`KeyCounts::damaged`], and nothing of them is counted.
    ///
    /// # Errors
    /// When files of the snapshot are gone; when the memory budget is too small.
    pub fn of_store(&self, snapshot: &Snapshot) -> Result<KeyCounts, Error> {
        let most_keys = self.most_keys_within(&self.plan()?);
        let identity = snapshot.identity();
        let renamed = match identity.remedy() {
            Remedy::Rename => RenamedRows::OfTheirOriginal,
            Remedy::Split | Remedy::Off => RenamedRows::Nobodys,
        };
        let here = [identity.shards()];
        let mut all = Gathered::new(most_keys);
        while let Some(start) = all.next {
            let begin = || (Pass::new(start, most_keys), Nobody::of(&here));
            let scan = StoredKeys::scan(snapshot, renamed, begin, |(pass, nobody), stored| {
                if stored.distinct_id.is_empty() {
                    pass.add_nobody(stored.event_date, stored.rows);
                    nobody.add_stored(identity.shards(), stored.shard.index(), stored.rows);
                } else {
                    let id = IdHash::of(stored.distinct_id);
                    let key = Key { id, date: stored.event_date };
                    pass.add(key, stored.rows, stored.distinct_id);
                }
            })?;
            let (pass, nobody) = scan.value;
            all.gather(pass.finish(), nobody, scan.damaged);
        }
        let mut counts = all.into_counts();
        let own = identity.overrides().thresholds();
        counts.own_thresholds = own.map(|(id, own)| (IdHash::of(id), own)).collect();
        Ok(counts)
    }

    /// The events of inputs as numbers of keys, in the order in which an ingest would take them in,
    /// so that an event's place is its sequence. Keys are numbered in the order in which they first
    /// come; all events without an id are of one key.
    ///
    /// # Errors
    /// As [`KeyCounting::of_inputs`]; when events or keys do not fit in the memory.
    pub fn events_of_inputs(&self, inputs: &[Input]) -> Result<KeyEvents, Error> {
        let (plan, (most_events, most_keys)) = (self.plan()?, self.most_numbered()?);
        let mut numbered = Numbered::default();
        inputs::read(self, &plan, inputs, |block| {
            numbered.add(&block);
            if numbered.events() > most_events || numbered.keys() > most_keys {
                let budget_bytes = self.memory.bytes();
                return Err(Error::TooManyEvents { most_events, most_keys, budget_bytes });
            }
            Ok(())
        })?;
        Ok(numbered.into_key_events())
    }

    /// Whether the events that were counted fit where each is needed, as in
    /// [`KeyCounting::events_of_inputs`] and [`KeyCounts::shuffled`].
    ///
    /// # Errors
    /// When the memory budget is too small to count at all.
    pub fn fits_events_of(&self, counts: &KeyCounts) -> Result<bool, Error> {
        let (most_events, most_keys) = self.most_numbered()?;
        let fit = counts.events() <= most_events as u64 && counts.keys.len() < most_keys;
        Ok(fit && counts.tail.ids == 0)
    }

    /// How many events and keys fit where each event is needed.
    pub(super) fn most_numbered(&self) -> Result<(usize, usize), Error> {
        let half = share_bytes(&self.plan()?) / 2;
        let most_keys = self.most_keys.unwrap_or(usize::MAX).min(half / usize_of(BYTES_A_KEY));
        // A list that grows is there one and a half times.
        Ok((half / (size_of::<u32>() * 3 / 2), most_keys))
    }

    fn plan(&self) -> Result<MemoryPlan, Error> {
        self.memory.plan(ShardCount::DEFAULT)
    }

    fn most_keys_within(&self, plan: &MemoryPlan) -> usize {
        let fit = share_bytes(plan) / usize_of(BYTES_A_KEY);
        self.most_keys.unwrap_or(fit).clamp(1, fit)
    }
}

/// What counting may take: what an ingest has for its rows and its counters.
fn share_bytes(plan: &MemoryPlan) -> usize {
    plan.rows_bytes + plan.away_bytes + plan.counter_bytes
}

fn usize_of(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn add_block(pass: &mut Pass, nobody: &mut Nobody, block: &BlockKeys) {
    for slot in block.slots() {
        pass.add(slot.key, u64::from(slot.rows), block.id(slot));
    }
    for (slot, date) in block.slot_of_row().iter().zip(block.dates()) {
        if *slot == NOBODY {
            pass.add_nobody(date, 1);
            nobody.add_next();
        } else {
            nobody.pass_over();
        }
    }
}

/// Rows without an id, and where they are.
struct Nobody {
    events: u64,
    next_sequence: u64,
    rows: BTreeMap<ShardCount, Vec<u64>>,
}

impl Nobody {
    fn of(shards: &[ShardCount]) -> Self {
        let rows = shards.iter().map(|shards| (*shards, vec![0; shards.get() as usize])).collect();
        Self { events: 0, next_sequence: 0, rows }
    }

    fn pass_over(&mut self) {
        self.next_sequence += 1;
    }

    fn add_next(&mut self) {
        let sequence = Sequence::new(self.next_sequence);
        for (shards, rows) in &mut self.rows {
            if let Some(rows) = rows.get_mut(Router::new(*shards).spread(sequence).index()) {
                *rows += 1;
            }
        }
        self.events += 1;
        self.next_sequence += 1;
    }

    fn add_stored(&mut self, shards: ShardCount, shard: usize, events: u64) {
        if let Some(rows) = self.rows.get_mut(&shards).and_then(|rows| rows.get_mut(shard)) {
            *rows += events;
        }
        self.events += events;
    }
}

/// What the passes so far gave.
struct Gathered {
    counts: KeyCounts,
    most_keys: usize,
    /// Where the next pass begins.
    next: Option<u64>,
}

impl Gathered {
    fn new(most_keys: usize) -> Self {
        let counts = KeyCounts {
            keys: Vec::new(),
            names: Names::default(),
            tail: TailIds::default(),
            nobody: 0,
            nobody_rows: BTreeMap::new(),
            dates: BTreeMap::new(),
            own_thresholds: BTreeMap::new(),
            passes: 0,
            damaged: Vec::new(),
            rejected: 0,
        };
        Self { counts, most_keys, next: Some(0) }
    }

    /// Adds a pass. With a part of the ids, only keys above a part of all events are kept: of those
    /// there are never more than half of what fits, whatever the other passes find.
    fn gather(&mut self, passed: Passed, nobody: Nobody, damaged: Vec<Damage>) {
        let counts = &mut self.counts;
        counts.passes += 1;
        counts.dates = passed.dates;
        counts.damaged = damaged;
        (counts.nobody, counts.nobody_rows) = (nobody.events, nobody.rows);
        counts.names.extend(passed.names);
        let is_whole = counts.passes == 1 && passed.next.is_none();
        if is_whole {
            counts.keys = passed.keys;
        } else {
            let most_head = (self.most_keys as u64 / 2).max(1);
            let least = counts.events().div_ceil(most_head);
            let is_head = |counted: &Counted| counted.events >= least;
            let (head, tail) = passed.keys.into_iter().partition::<Vec<_>, _>(is_head);
            counts.keys.extend(head);
            counts.tail = add(counts.tail, tail_of(tail));
        }
        self.next = passed.next;
    }

    fn into_counts(self) -> KeyCounts {
        let mut counts = self.counts;
        counts.keys.sort_unstable_by_key(|counted| (Reverse(counted.events), counted.key));
        counts
    }
}

impl fmt::Debug for KeyCounting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyCounting")
            .field("time_zone", &self.time_zone)
            .field("validation", &self.validation)
            .field("memory", &self.memory)
            .field("shards", &self.shards)
            .finish_non_exhaustive()
    }
}
