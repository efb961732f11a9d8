//! What a block adds to each key.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use hotshard_event::{EventBlock, EventDate};

use super::KeyHash;

/// The slot of a row that is not counted.
const NOT_COUNTED: u32 = u32::MAX;

/// Spreads dates over the hash of a key: the golden ratio of 64 bits, as in Fibonacci hashing
/// (Knuth, The Art of Computer Programming, volume 3, section 6.4).
const DATE_MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// The keys of one block with their number of events: the part of detection that needs nothing but
/// the block, so blocks are counted in parallel.
///
/// Rows without a distinct id are not counted. Renamed rows of another store have none.
#[derive(Debug, Default)]
pub struct BlockCounts {
    slots: Vec<Slot>,
    slot_of_row: Vec<u32>,
    by_date: ByDate,
}

/// The slots of each date. A block may have as many dates as keys, and each asks for its own.
#[derive(Debug, Default)]
struct ByDate {
    /// Ascending.
    dates: Vec<EventDate>,
    /// Where the slots of each date begin in `slots`.
    begins: Vec<usize>,
    /// Numbers of slots, date by date, in order of their first row.
    slots: Vec<u32>,
}

impl ByDate {
    fn of(slots: &[Slot]) -> Self {
        let dates = dates_of(slots);
        let place = |slot: &Slot| dates.binary_search(&slot.date).unwrap_or_default();
        let mut begins = vec![0; dates.len()];
        for slot in slots {
            if let Some(next) = begins.get_mut(place(slot) + 1) {
                *next += 1;
            }
        }
        for at in 1..begins.len() {
            let before = begins.get(at - 1).copied().unwrap_or_default();
            if let Some(begin) = begins.get_mut(at) {
                *begin += before;
            }
        }
        let mut next = begins.clone();
        let mut sorted = vec![0; slots.len()];
        for (number, slot) in (0_u32..).zip(slots) {
            let Some(next) = next.get_mut(place(slot)) else { continue };
            if let Some(free) = sorted.get_mut(*next) {
                *free = number;
            }
            *next += 1;
        }
        Self { dates, begins, slots: sorted }
    }

    /// The numbers of a date's slots.
    fn slots_of(&self, date: EventDate) -> &[u32] {
        let Ok(at) = self.dates.binary_search(&date) else { return &[] };
        let begin = self.begins.get(at).copied().unwrap_or_default();
        let end = self.begins.get(at + 1).copied().unwrap_or(self.slots.len());
        self.slots.get(begin..end).unwrap_or_default()
    }
}

/// One key of the block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) hash: KeyHash,
    pub(super) date: EventDate,
    /// Its rows in this block, at least 1.
    pub(super) count: u32,
}

impl BlockCounts {
    /// Counts the keys of a block.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "the table holds numbers of pushed slots only")]
    pub fn of(block: &EventBlock) -> Self {
        let rows = block.rows();
        // Half the rows as keys is much already; beyond that the table grows once.
        let likely_keys = rows.len() / 2;
        let mut slots: Vec<Slot> = Vec::with_capacity(likely_keys);
        let mut slot_of_row = Vec::with_capacity(rows.len());
        let mut table: HashTable<u32> = HashTable::with_capacity(likely_keys);
        for row in rows {
            let distinct_id = block.bytes(row.distinct_id);
            if distinct_id.is_empty() {
                slot_of_row.push(NOT_COUNTED);
                continue;
            }
            let (hash, date) = (KeyHash::of(distinct_id), row.date);
            let same = |&slot: &u32| {
                let slot = &slots[slot as usize];
                slot.hash == hash && slot.date == date
            };
            let bucket_of = |&slot: &u32| {
                let slot = &slots[slot as usize];
                bucket(slot.hash, slot.date)
            };
            match table.entry(bucket(hash, date), same, bucket_of) {
                Entry::Occupied(entry) => {
                    let slot = *entry.get();
                    slots[slot as usize].count += 1;
                    slot_of_row.push(slot);
                }
                Entry::Vacant(entry) => {
                    #[expect(clippy::cast_possible_truncation, reason = "no more slots than rows")]
                    let slot = slots.len() as u32;
                    entry.insert(slot);
                    slots.push(Slot { hash, date, count: 1 });
                    slot_of_row.push(slot);
                }
            }
        }
        slots.shrink_to_fit();
        let by_date = ByDate::of(&slots);
        Self { slots, slot_of_row, by_date }
    }

    /// Number of keys in the block.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.slots.len()
    }

    /// The dates of these keys, ascending.
    #[must_use]
    pub fn dates(&self) -> &[EventDate] {
        &self.by_date.dates
    }

    /// Bytes of memory the counts hold.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>()
            + self.slot_of_row.capacity() * size_of::<u32>()
            + self.by_date.slots.capacity() * size_of::<u32>()
            + self.by_date.dates.capacity() * size_of::<EventDate>()
            + self.by_date.begins.capacity() * size_of::<usize>()
    }

    /// The keys, in order of their first row.
    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The keys of one date, in order of their first row.
    pub(super) fn slots_of(&self, date: EventDate) -> impl ExactSizeIterator<Item = &Slot> {
        #[expect(clippy::indexing_slicing, reason = "the list holds numbers of slots only")]
        let slot = |&number: &u32| &self.slots[number as usize];
        self.by_date.slots_of(date).iter().map(slot)
    }

    /// The keys of one date, ascending.
    pub(super) fn hashes_of(&self, date: EventDate) -> Vec<KeyHash> {
        let mut hashes: Vec<KeyHash> = self.slots_of(date).map(|slot| slot.hash).collect();
        hashes.sort_unstable();
        hashes
    }

    /// Number of rows of the block, counted or not.
    pub(super) fn rows(&self) -> usize {
        self.slot_of_row.len()
    }

    /// Calls `visit` with every counted row and the position in `wanted` of its slot, in row order,
    /// for the rows of these slots. `wanted` are slot numbers.
    pub(super) fn for_rows_of(&self, wanted: &[u32], mut visit: impl FnMut(u32, usize)) {
        let mut position_of_slot = vec![NOT_COUNTED; self.slots.len()];
        for (position, &slot) in (0_u32..).zip(wanted) {
            if let Some(entry) = position_of_slot.get_mut(slot as usize) {
                *entry = position;
            }
        }
        for (row, &slot) in (0_u32..).zip(&self.slot_of_row) {
            match position_of_slot.get(slot as usize) {
                None | Some(&NOT_COUNTED) => {}
                Some(&position) => visit(row, position as usize),
            }
        }
    }
}

fn bucket(hash: KeyHash, date: EventDate) -> u64 {
    hash.bucket() ^ u64::from(date.epoch_days().cast_unsigned()).wrapping_mul(DATE_MIX)
}

fn dates_of(slots: &[Slot]) -> Vec<EventDate> {
    let mut dates: Vec<EventDate> = Vec::new();
    for slot in slots {
        if dates.last() != Some(&slot.date) {
            dates.push(slot.date);
        }
    }
    dates.sort_unstable();
    dates.dedup();
    dates
}

#[cfg(test)]
mod tests {
    use hotshard_event::{EventTime, NewEvent};

    use super::*;

    fn block(keys: &[(&str, i32)]) -> EventBlock {
        let mut block = EventBlock::default();
        for &(distinct_id, day) in keys {
            block.push(&NewEvent {
                name: "e",
                distinct_id,
                time: EventTime::default(),
                date: EventDate::from_epoch_days(day),
                insert_id: None,
                properties: "{}",
            });
        }
        block
    }

    #[test]
    fn keys_stand_in_order_of_first_occurrence() {
        let counts = BlockCounts::of(&block(&[("b", 2), ("", 3), ("a", 1), ("b", 2), ("b", 1)]));
        let found: Vec<_> = counts
            .slots()
            .iter()
            .map(|slot| (slot.hash, slot.date.epoch_days(), slot.count))
            .collect();
        let (a, b) = (KeyHash::of("a"), KeyHash::of("b"));
        assert_eq!(found, [(b, 2, 2), (a, 1, 1), (b, 1, 1)]);
        assert_eq!(counts.dates(), [1, 2].map(EventDate::from_epoch_days));
    }

    #[test]
    fn rows_are_found_by_their_key() {
        let counts = BlockCounts::of(&block(&[("a", 1), ("", 1), ("b", 1), ("a", 1), ("c", 1)]));
        let mut visits = Vec::new();
        counts.for_rows_of(&[2, 0], |row, position| visits.push((row, position)));
        assert_eq!(visits, [(0, 1), (3, 1), (4, 0)]);
    }
}
