//! Ids in parts, and parts of all ids: salting and virtual shards.

use super::counts::{PLACES_STREAM, in_proportion};
use super::draws::Draws;
use super::home::add;
use super::{Run, bounds};
use crate::virtual_shards::{self, longest_first};
use crate::{Balance, SimError};

/// Parts of an id that are placed by their own hashes, at least, and for each shard. An id of more
/// parts is spread out, and its parts are drawn.
const HASHED_PARTS: u64 = 1_024;
const HASHED_PARTS_A_SHARD: u64 = 4;

impl Run<'_> {
    /// `salting`: an id's events with one salt after the other.
    pub(super) fn salted(self, salts: u32) -> Balance {
        let shards = self.shards.get().get();
        let mut draws = Draws::new(self.seed, PLACES_STREAM);
        let mut rows = self.counts.tail.scatter_parts(salts, shards, &mut draws);
        add(&mut rows, &draws.spread(self.counts.nobody, shards));
        let most = HASHED_PARTS.max(HASHED_PARTS_A_SHARD * u64::from(shards));
        for id in self.counts.ids(u64::MAX) {
            let parts = id.events.min(u64::from(salts));
            if parts > most {
                add(&mut rows, &in_proportion(id.events, &draws.spread(parts, shards)));
                continue;
            }
            let (each, more) = (id.events / u64::from(salts), id.events % u64::from(salts));
            for (salt, number) in (0..salts).zip(0..parts) {
                let shard = self.shards.salted(id.hash, salt, self.seed);
                if let Some(shard) = rows.get_mut(shard) {
                    *shard += each + u64::from(number < more);
                }
            }
        }
        Balance::of(rows).bound(bounds::of_salted(self.counts, self.shards, salts))
    }

    /// `virtual-shards`: ids whole in virtual shards, and these placed by what they have.
    pub(super) fn virtual_shards(self, per_shard: u32) -> Result<Balance, SimError> {
        let virtual_shards = self.shards.times(per_shard)?;
        let shards = self.shards.get().get();
        let mut draws = Draws::new(self.seed, PLACES_STREAM);
        let mut sizes = self.counts.tail.scatter(virtual_shards.get(), &mut draws);
        for key in &self.counts.head {
            if let Some(size) = sizes.get_mut(virtual_shards.home(key.hash)) {
                *size += key.events;
            }
        }
        let mut rows = draws.spread(self.counts.nobody, shards);
        for (shard, size) in longest_first(&sizes, shards).into_iter().zip(&sizes) {
            if let Some(shard) = rows.get_mut(shard as usize) {
                *shard += size;
            }
        }
        let bound = virtual_shards::bound(&sizes, self.counts.nobody, self.shards);
        Ok(Balance::of(rows).bound(bound))
    }
}
