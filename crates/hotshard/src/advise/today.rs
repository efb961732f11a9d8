//! Where the rows are now, and whose they are.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use hotshard_event::{Remedy, Skew};
use hotshard_store::{Router, ShardId};

use super::Present;
use super::placed::Placed;
use crate::KeyCounts;

/// So many of the fullest shards are looked into.
const SHOWN_SHARDS: usize = 3;
/// So many of the largest ids of each are named.
const SHOWN_IDS: usize = 5;

/// Where rows per shard are known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The store's commit records: they are there.
    Stored,
    /// Hashes: so a store would have them, to the row.
    Placed,
    /// Hashes, and an average for what they do not tell: rows that are spread, and ids that were
    /// too many for the memory.
    Averaged,
}

/// The balance now.
#[derive(Debug, Clone, PartialEq)]
pub struct Today {
    /// Rows of each shard.
    pub rows: Vec<u64>,
    /// How uneven they are.
    pub skew: Skew,
    /// How they are known.
    pub origin: Origin,
    /// The fullest shards, fullest first.
    pub fullest: Vec<FullShard>,
}

/// A shard and what fills it.
#[derive(Debug, Clone, PartialEq)]
pub struct FullShard {
    /// Which.
    pub shard: ShardId,
    /// Its rows.
    pub rows: u64,
    /// Its rows over those of the mean shard.
    pub over_mean: f64,
    /// The ids with most rows in it.
    pub ids: Vec<ShardOccupant>,
    /// How many ids belong in it, of those that are known one by one.
    pub ids_in_all: u64,
}

/// An id in a shard.
#[derive(Debug, Clone, PartialEq)]
pub struct ShardOccupant {
    /// The id, where it is known.
    pub distinct_id: Option<String>,
    /// Its rows in the shard.
    pub rows: u64,
    /// These over all rows of the shard.
    pub share: f64,
    /// Days on which it has events.
    pub days: u32,
    /// Its events on the largest of them.
    pub largest_day: u64,
}

impl Today {
    /// The balance of stored rows, if there are any, otherwise of the counts.
    pub(super) fn of(
        counts: &KeyCounts,
        placed: &Placed<'_>,
        present: Present,
        stored: Option<&[u64]>,
    ) -> Self {
        let (rows, origin) = match stored {
            Some(rows) => (rows.to_vec(), Origin::Stored),
            None => modelled(placed, present),
        };
        let skew = Skew::of(&rows);
        let mut order: Vec<(usize, u64)> = rows.iter().copied().enumerate().collect();
        order.sort_by_key(|(shard, rows)| (Reverse(*rows), *shard));
        order.retain(|(_, rows)| *rows > 0);
        order.truncate(SHOWN_SHARDS);
        let fullest = occupants(counts, present, &order, skew.mean);
        Self { rows, skew, origin, fullest }
    }
}

/// Rows per shard of events that are in no store.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an average of rows is no row more than there are"
)]
fn modelled(placed: &Placed<'_>, present: Present) -> (Vec<u64>, Origin) {
    let loads = match present.remedy {
        Remedy::Off => placed.off(),
        Remedy::Rename | Remedy::Split => placed.at(present.threshold).loads,
    };
    let is_known = loads.spread == 0 && loads.tail <= 0.0;
    let origin = if is_known { Origin::Placed } else { Origin::Averaged };
    (loads.average().map(|rows| rows.round() as u64).collect(), origin)
}

#[expect(clippy::cast_precision_loss, reason = "shares need no 53rd bit of a count")]
fn occupants(
    counts: &KeyCounts,
    present: Present,
    shown: &[(usize, u64)],
    mean: f64,
) -> Vec<FullShard> {
    let router = Router::new(present.shards);
    let mut of_shard: BTreeMap<usize, BTreeMap<u64, ShardOccupant>> =
        shown.iter().map(|(shard, _)| (*shard, BTreeMap::new())).collect();
    for key in counts.keys() {
        let Some(ids) = of_shard.get_mut(&router.home_of_hash(key.hash).index()) else { continue };
        let at_home = match present.remedy {
            Remedy::Off => key.events,
            Remedy::Rename | Remedy::Split => {
                key.events.min(key.own_threshold.unwrap_or(present.threshold).get())
            }
        };
        let id = ids.entry(key.hash).or_insert_with(|| ShardOccupant {
            distinct_id: None,
            rows: 0,
            share: 0.0,
            days: 0,
            largest_day: 0,
        });
        id.rows += at_home;
        id.days += 1;
        id.largest_day = id.largest_day.max(key.events);
        if id.distinct_id.is_none() {
            id.distinct_id = key.distinct_id.map(str::to_owned);
        }
    }
    let full_shard = |&(shard, rows): &(usize, u64)| {
        let ids = of_shard.remove(&shard).unwrap_or_default();
        let ids_in_all = ids.len() as u64;
        let mut ids: Vec<(u64, ShardOccupant)> = ids.into_iter().collect();
        ids.sort_by_key(|(hash, id)| (Reverse(id.rows), *hash));
        ids.truncate(SHOWN_IDS);
        let mut ids: Vec<ShardOccupant> = ids.into_iter().map(|(_, id)| id).collect();
        ids.iter_mut().for_each(|id| id.share = id.rows as f64 / rows as f64);
        let shard = ShardId::at(shard);
        FullShard { shard, rows, over_mean: rows as f64 / mean, ids, ids_in_all }
    };
    shown.iter().map(full_shard).collect()
}
