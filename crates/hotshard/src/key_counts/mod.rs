//! How many events each id has on each day, in a store or in inputs.

mod block_keys;
mod counting;
mod inputs;
mod key;
mod names;
mod numbered;
mod pass;
mod shuffled;
mod table;

use std::collections::BTreeMap;

use hotshard_event::{EventDate, Threshold};
use hotshard_sim::{HeadKey, Population, TailIds};
use hotshard_store::{Damage, Router, ShardCount};

pub use counting::KeyCounting;

use key::IdHash;
use names::Names;
use table::Counted;

/// The events of each key, as [`KeyCounting`] found them: what models of a store are fed with.
#[derive(Debug, Clone)]
pub struct KeyCounts {
    /// By events descending, then id, then date.
    keys: Vec<Counted>,
    names: Names,
    tail: TailIds,
    nobody: u64,
    /// Where the rows of nobody are, for numbers of shards of which it is known.
    nobody_rows: BTreeMap<ShardCount, Vec<u64>>,
    dates: BTreeMap<EventDate, u64>,
    own_thresholds: BTreeMap<IdHash, Threshold>,
    passes: u64,
    damaged: Vec<Damage>,
    rejected: u64,
}

/// One (distinct id, event date) and its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCount<'a> {
    /// The id. Every key with at least a 16 384th of all events has it, unless it is longer than
    /// 1 KiB; of others it may be unknown.
    pub distinct_id: Option<&'a str>,
    /// XXH64 of the id, seed 42, by which a store places it.
    pub hash: u64,
    /// The day.
    pub event_date: EventDate,
    /// Its events.
    pub events: u64,
    /// A threshold of its own, that the store's overrides give it.
    pub own_threshold: Option<Threshold>,
}

impl KeyCounts {
    /// The keys, by events descending, then by hash and date. All of them, unless there is a
    /// [`KeyCounts::tail`].
    pub fn keys(&self) -> impl ExactSizeIterator<Item = KeyCount<'_>> {
        self.keys.iter().map(|counted| KeyCount {
            distinct_id: self.names.get(counted.key),
            hash: counted.key.id.placement,
            event_date: counted.key.date,
            events: counted.events,
            own_threshold: self.own_thresholds.get(&counted.key.id).copied(),
        })
    }

    /// Ids of few events each, known by their sum alone: where there were more keys than memory for
    /// them. None otherwise.
    #[must_use]
    pub const fn tail(&self) -> TailIds {
        self.tail
    }

    /// Events without an id. They are spread by sequence and never counted.
    #[must_use]
    pub const fn nobody(&self) -> u64 {
        self.nobody
    }

    /// All events.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.dates.values().sum()
    }

    /// Events of each day, nobody's included.
    #[must_use]
    pub const fn dates(&self) -> &BTreeMap<EventDate, u64> {
        &self.dates
    }

    /// Days with events; 1 if there are none.
    #[must_use]
    pub fn days(&self) -> u32 {
        u32::try_from(self.dates.len()).unwrap_or(u32::MAX).max(1)
    }

    /// Events a day, rounded up: the N of an adaptive threshold.
    #[must_use]
    pub fn per_day(&self) -> u64 {
        self.events().div_ceil(u64::from(self.days()))
    }

    /// How often everything was read to count it in the memory there was.
    #[must_use]
    pub const fn passes(&self) -> u64 {
        self.passes
    }

    /// Records of the inputs that are no events; nothing of them is counted. An ingest keeps each with
    /// its place and reason.
    #[must_use]
    pub const fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Files of the store that are damaged; nothing of them is counted.
    #[must_use]
    pub fn damaged(&self) -> &[Damage] {
        &self.damaged
    }

    /// Rows that each shard has of the known keys when nothing is remedied: exactly those of a
    /// store with as many shards, but for nobody's and the tail's.
    #[must_use]
    pub fn home_rows(&self, shards: ShardCount) -> Vec<u64> {
        let router = Router::new(shards);
        let mut rows = vec![0; shards.get() as usize];
        for counted in &self.keys {
            let home = router.home_of_hash(counted.key.id.placement);
            if let Some(rows) = rows.get_mut(home.index()) {
                *rows += counted.events;
            }
        }
        rows
    }

    /// Rows that each shard has of nobody, where the sequences of these rows were looked at: for
    /// the numbers of shards that [`KeyCounting::shards`] was given, and for that of a store.
    #[must_use]
    pub fn nobody_rows(&self, shards: ShardCount) -> Option<&[u64]> {
        self.nobody_rows.get(&shards).map(Vec::as_slice)
    }

    /// What a fluid model is fed with: the largest keys one by one, all if no number is given, and
    /// the others as a tail.
    ///
    /// Of an id that has keys in both, the tail takes those that are not in the head for an id of
    /// their own.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a model needs no 53rd bit of a count")]
    pub fn population(&self, head: Option<usize>) -> Population {
        let head = head.unwrap_or(self.keys.len()).min(self.keys.len());
        let (head, tail) = self.keys.split_at_checked(head).unwrap_or((&self.keys, &[]));
        let head_key = |counted: &Counted| HeadKey {
            events: counted.events as f64,
            hash: counted.key.id.placement,
        };
        Population {
            head: head.iter().map(head_key).collect(),
            tail: add(self.tail, tail_of(tail.to_vec())),
            nobody: self.nobody as f64,
            days: self.days(),
        }
    }
}

/// Keys as the ids that they are of, summed up.
#[expect(clippy::cast_precision_loss, reason = "a model needs no 53rd bit of a count")]
fn tail_of(mut keys: Vec<Counted>) -> TailIds {
    keys.sort_unstable_by_key(|counted| counted.key);
    let mut tail = TailIds::default();
    for keys in keys.chunk_by(|left, right| left.key.id == right.key.id) {
        let events = keys.iter().map(|counted| counted.events).sum::<u64>() as f64;
        tail.ids += 1;
        tail.events += events;
        tail.squares += events * events;
    }
    tail
}

fn add(left: TailIds, right: TailIds) -> TailIds {
    TailIds {
        ids: left.ids + right.ids,
        events: left.events + right.events,
        squares: left.squares + right.squares,
    }
}
