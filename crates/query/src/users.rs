//! Counting users: distinct non-empty distinct ids.
//!
//! An id has all of its rows in its home shard, so the counts of shards add up. The exceptions
//! stand in the store's split directory: for those ids each shard tells which groups they are in,
//! and the merge counts each once.

use std::collections::BTreeSet;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use hotshard_event::DateRange;
use hotshard_store::{Damage, Error as StoreError, Snapshot};
use xxhash_rust::xxh3::xxh3_128;

use crate::interner::Interner;
use crate::values::Values;

/// Which ids have rows in more than one shard.
#[derive(Debug)]
pub(crate) enum SplitIds {
    /// These and no others.
    Listed(BTreeSet<String>),
    /// Any: the list cannot be read whole. Exchanging every id costs memory and stays exact.
    Any,
}

impl SplitIds {
    /// The ids split on some day of the range, and what of the list could not be read.
    pub(crate) fn load(
        snapshot: &Snapshot,
        dates: &DateRange,
    ) -> Result<(Self, Option<Damage>), StoreError> {
        // A damaged commit record may have listed ids.
        if !snapshot.damage().is_empty() {
            return Ok((Self::Any, None));
        }
        match snapshot.split_directory() {
            Ok(directory) => {
                let ids = directory.ids_in(dates).into_iter().map(str::to_owned).collect();
                Ok((Self::Listed(ids), None))
            }
            Err(StoreError::Damaged(damage)) => Ok((Self::Any, Some(damage))),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        match self {
            Self::Listed(ids) => ids.contains(id),
            Self::Any => true,
        }
    }
}

/// A split user seen in a group, the id as XXH3-128 of its bytes.
pub(crate) type SplitUser = (u32, u128);

/// The users of one shard, by group.
#[derive(Debug, Default)]
pub(crate) struct UserCounts {
    ids: Interner,
    /// Group and user number of everybody seen.
    seen: HashSet<(u32, u32), FixedState>,
    /// Per group, how many users that no other shard has.
    own: Vec<u64>,
    split: Vec<SplitUser>,
}

impl UserCounts {
    /// Counts rows: their groups, and the values of their distinct ids.
    pub(crate) fn add(&mut self, groups: &[u32], ids: &Values<'_>, split: &SplitIds) {
        let users = ids.per_row(|id| {
            let id = id.filter(|id| !id.is_empty())?;
            let hash = split.contains(id).then(|| xxh3_128(id.as_bytes()));
            Some((self.ids.number(Some(id)), hash))
        });
        let mut last = None;
        for (&group, user) in groups.iter().zip(users) {
            let Some((number, hash)) = user else { continue };
            // Neighbours often belong together: a look at the last one spares a hash.
            if last.replace((group, number)) == Some((group, number)) {
                continue;
            }
            if self.seen.insert((group, number)) {
                match hash {
                    Some(hash) => self.split.push((group, hash)),
                    None => add_to(&mut self.own, group, 1),
                }
            }
        }
    }

    /// Per group the users that are this shard's own, and the others to be exchanged.
    pub(crate) fn finish(self) -> (Vec<u64>, Vec<SplitUser>) {
        (self.own, self.split)
    }
}

/// Adds to the count of a group, which may be a new one.
pub(crate) fn add_to(counts: &mut Vec<u64>, group: u32, more: u64) {
    let group = group as usize;
    if group >= counts.len() {
        counts.resize(group + 1, 0);
    }
    if let Some(count) = counts.get_mut(group) {
        *count += more;
    }
}
