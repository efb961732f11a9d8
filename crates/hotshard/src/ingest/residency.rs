//! Which counters are in memory, and which wait in the store.

use hotshard_event::EventDate;
use hotshard_ingest::detect::BlockCounts;

use super::crew::Crew;
use super::pipeline::Pipeline;
use crate::Error;
use crate::stored_date::StoredDate;

/// Bytes in memory for a byte of stored counters, at most: a slot of 24 bytes in a table that may
/// just have doubled, for an entry of 17 bytes or more.
const TABLE_BYTES_A_STORED_BYTE: usize = 4;

impl Pipeline<'_> {
    /// Has all counters in memory that a block needs, and room for it to be counted.
    pub(super) fn make_ready(&mut self, counts: &BlockCounts, crew: &Crew) -> Result<(), Error> {
        loop {
            let missing = self.detector.missing_dates(counts);
            for &date in &missing {
                self.load(date, counts)?;
            }
            self.make_room(self.detector.growth_bytes(counts), counts, crew)?;
            // A commit that made room may have left less in memory of another date. One that was
            // loaded for this block keeps what it needs, so this comes to an end.
            if missing.is_empty() && self.detector.missing_dates(counts).is_empty() {
                return Ok(());
            }
        }
    }

    /// Loads the counters of a date that an earlier ingest or commit left in the store.
    fn load(&mut self, date: EventDate, next: &BlockCounts) -> Result<(), Error> {
        let Some(snapshot) = self.sink.committed() else { return Ok(()) };
        let stored = StoredDate::read(&snapshot, date)?;
        let stored_bytes = stored.counters_bytes();
        let table_bytes = stored_bytes.saturating_mul(TABLE_BYTES_A_STORED_BYTE);
        if !self.sink.is_written() {
            // What it is fed cannot be added to the store, so all of it is needed; what is too much
            // is purged before the block is counted.
            self.detector.load(date, &stored.states(), usize::MAX, next)?;
            return Ok(());
        }
        let limit_bytes = self.plan.counter_bytes;
        let table_bytes = table_bytes.min(self.plan.table_bytes);
        self.detector.release(limit_bytes.saturating_sub(table_bytes), next);
        self.detector.load(date, &stored.states(), limit_bytes, next)?;
        Ok(())
    }

    /// Makes room for so many bytes more of counters, of which `next` is what they will count.
    ///
    /// What is in the store already is dropped first; if that is not enough, what was counted since
    /// is committed and dropped. Where nothing is written, counters are purged instead.
    fn make_room(
        &mut self,
        more_bytes: usize,
        next: &BlockCounts,
        crew: &Crew,
    ) -> Result<(), Error> {
        let share_bytes = self.plan.counter_bytes;
        let limit_bytes = share_bytes.saturating_sub(more_bytes);
        if self.detector.memory_bytes() <= limit_bytes {
            return Ok(());
        }
        if !self.sink.is_written() {
            self.detector.purge(limit_bytes);
            return Ok(());
        }
        self.detector.release(limit_bytes, next);
        if self.detector.memory_bytes() > limit_bytes && !self.marks.is_empty() {
            self.commit(crew)?;
            // More than is needed now, or the next block would need a commit again.
            self.detector.release(limit_bytes / 2, next);
        }
        let needed_bytes = self.detector.memory_bytes();
        if needed_bytes > share_bytes {
            return Err(Error::TooManyHotIds {
                needed_bytes: needed_bytes as u64,
                share_bytes: share_bytes as u64,
            });
        }
        Ok(())
    }
}
