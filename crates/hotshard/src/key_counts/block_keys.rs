//! The keys of one decoded block.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use hotshard_event::{EventBlock, EventDate, Span};

use super::key::{IdHash, Key};

/// The slot of rows without an id.
pub(super) const NOBODY: u32 = u32::MAX;

/// What counting needs of a block: the part that nothing but the block decides, so that blocks are
/// worked on in parallel.
#[derive(Debug)]
pub(super) struct BlockKeys {
    /// The texts of the ids.
    events: EventBlock,
    slots: Vec<Slot>,
    /// Of each row, in order; [`NOBODY`] for those without an id.
    slot_of_row: Vec<u32>,
}

/// A key of the block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) key: Key,
    id: Span,
    pub(super) rows: u32,
}

impl BlockKeys {
    #[expect(clippy::indexing_slicing, reason = "the table holds numbers of pushed slots only")]
    pub(super) fn of(events: EventBlock) -> Self {
        let mut slots: Vec<Slot> = Vec::new();
        let mut slot_of_row = Vec::with_capacity(events.rows().len());
        let mut table: HashTable<u32> = HashTable::new();
        for row in events.rows() {
            let distinct_id = events.bytes(row.distinct_id);
            if distinct_id.is_empty() {
                slot_of_row.push(NOBODY);
                continue;
            }
            let key = Key { id: IdHash::of(distinct_id), date: row.date };
            let same = |&slot: &u32| slots[slot as usize].key == key;
            let bucket_of = |&slot: &u32| slots[slot as usize].key.bucket();
            let slot = match table.entry(key.bucket(), same, bucket_of) {
                Entry::Occupied(entry) => *entry.get(),
                Entry::Vacant(entry) => {
                    let slot = u32::try_from(slots.len()).unwrap_or(NOBODY);
                    entry.insert(slot);
                    slots.push(Slot { key, id: row.distinct_id, rows: 0 });
                    slot
                }
            };
            slots[slot as usize].rows += 1;
            slot_of_row.push(slot);
        }
        Self { events, slots, slot_of_row }
    }

    /// The keys in order of their first row.
    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The slot of each row.
    pub(super) fn slot_of_row(&self) -> &[u32] {
        &self.slot_of_row
    }

    /// The id of a slot.
    pub(super) fn id(&self, slot: &Slot) -> &str {
        self.events.text(slot.id)
    }

    /// The day of each row, in order.
    pub(super) fn dates(&self) -> impl Iterator<Item = EventDate> + '_ {
        self.events.rows().iter().map(|row| row.date)
    }
}
