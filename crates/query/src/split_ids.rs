//! Which distinct ids have rows in more than one shard.
//!
//! An id has all of its rows in its home shard, so that users, the distinct non-empty ids, add up
//! over shards. The exceptions stand in the store's split directory: for those ids each shard tells
//! how many events they have in which groups, and the merge counts each once.

use std::collections::BTreeSet;

use hotshard_event::DateRange;
use hotshard_store::{Damage, Error as StoreError, Snapshot};

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
