//! Events as numbers of keys.

use std::collections::BTreeSet;

use hotshard_event::EventDate;
use hotshard_sim::KeyEvents;
use hotshard_store::Router;

use super::block_keys::{BlockKeys, NOBODY};
use super::table::KeyTable;

/// Stands for nobody's key until it is known how many there are.
const NOBODYS_KEY: u32 = u32::MAX;

/// Events in order, each the number of its key.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    table: KeyTable,
    keys: Vec<u32>,
    dates: BTreeSet<EventDate>,
}

impl Numbered {
    /// Adds the events of the next block.
    pub(super) fn add(&mut self, block: &BlockKeys) {
        let slots = block.slots().iter();
        let numbers: Vec<u32> =
            slots.map(|slot| self.table.add(slot.key, u64::from(slot.rows))).collect();
        for (slot, date) in block.slot_of_row().iter().zip(block.dates()) {
            let number = match *slot {
                NOBODY => NOBODYS_KEY,
                slot => numbers.get(slot as usize).copied().unwrap_or(NOBODYS_KEY),
            };
            self.keys.push(number);
            self.dates.insert(date);
        }
    }

    pub(super) fn events(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn keys(&self) -> usize {
        self.table.len()
    }

    pub(super) fn into_key_events(self) -> KeyEvents {
        let Self { table, mut keys, dates } = self;
        let mut hashes: Vec<u64> =
            table.counted().iter().map(|counted| counted.key.id.placement).collect();
        let mut nobody = None;
        let last = u32::try_from(hashes.len()).unwrap_or(NOBODYS_KEY);
        for key in keys.iter_mut().filter(|key| **key == NOBODYS_KEY) {
            *key = last;
            nobody = Some(last);
        }
        if nobody.is_some() {
            hashes.push(Router::hash(""));
        }
        KeyEvents::new(keys, hashes, nobody, u32::try_from(dates.len()).unwrap_or(u32::MAX))
    }
}
