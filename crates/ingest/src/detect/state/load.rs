//! A date from its stored states.

use hotshard_event::EventDate;

use super::decode::{CountersReader, HotReader};
use super::{StateKind, StoredState};
use crate::Error;
use crate::detect::counter_table::Counter;
use crate::detect::date_counters::DateCounters;

/// A date as its stored states tell it, in commit order; what stands before the last checkpoint is
/// not looked at but for its form. With room for fewer counters than were stored, purges make room.
///
/// # Errors
/// When a state is damaged or was stored for another date.
pub(in crate::detect) fn load(
    date: EventDate,
    capacity: usize,
    states: &[StoredState<'_>],
) -> Result<DateCounters, Error> {
    let mut loaded = DateCounters::new(date, capacity);
    let mut parts: Vec<CountersReader<'_>> = Vec::new();
    for state in states {
        let counters = CountersReader::new(date, state.counters)?;
        let hot = HotReader::new(date, state.hot)?;
        match kind_of(counters.as_ref(), hot.as_ref())? {
            None => continue,
            Some(StateKind::Checkpoint) => {
                loaded = DateCounters::new(date, capacity);
                loaded.entries_since_checkpoint = Some(0);
                parts.clear();
            }
            Some(StateKind::Changes) => {
                // Additions are told after the counters, so they are not in this figure: it decides
                // only when the next checkpoint is due.
                let entries = counters.as_ref().map_or(0, |reader| reader.counters_left)
                    + hot.as_ref().map_or(0, |reader| reader.left);
                // Changes that follow no checkpoint are replayed all the same; the next state is
                // then a checkpoint.
                if let Some(since) = &mut loaded.entries_since_checkpoint {
                    *since += entries;
                }
            }
        }
        parts.extend(counters);
        if let Some(mut reader) = hot {
            while let Some(key) = reader.next_key()? {
                loaded.hot.restore(key);
            }
        }
    }
    restore(&mut loaded, &mut parts)?;
    Ok(loaded)
}

/// Replays the counters of all parts: of each, first the certificate, which drops what was purged,
/// then the counters, then the additions. So there are never more counters than there were.
fn restore(date: &mut DateCounters, parts: &mut [CountersReader<'_>]) -> Result<(), Error> {
    for reader in parts {
        date.counters.restore_bound(reader.lateness_bound);
        date.counters.reserve(usize::try_from(reader.counters_left).unwrap_or(0));
        while let Some(counter) = reader.next_counter()? {
            // A key that is hot by now had a counter once; nothing asks for it any more.
            if !date.hot.contains(counter.hash) {
                date.counters.restore(counter);
            }
        }
        while let Some((hash, events)) = reader.next_addition()? {
            if date.hot.contains(hash) {
                continue;
            }
            if date.counters.upper_bound(hash) > Counter::MAX_VALUE / 2 {
                return Err(reader.fault("a count is out of range"));
            }
            date.counters.feed(hash, events, u64::MAX);
        }
    }
    date.counters.mark_stored();
    Ok(())
}

/// The kind of a state: that of both parts, and a checkpoint has both.
fn kind_of(
    counters: Option<&CountersReader<'_>>,
    hot: Option<&HotReader<'_>>,
) -> Result<Option<StateKind>, Error> {
    match (counters, hot) {
        (None, None) => Ok(None),
        (Some(counters), Some(hot)) if counters.kind == hot.kind => Ok(Some(hot.kind)),
        (Some(_), Some(hot)) => Err(hot.fault("its counters are of another kind")),
        (Some(reader), None) if reader.kind == StateKind::Checkpoint => {
            Err(reader.fault("the checkpoint lacks its hot keys"))
        }
        (None, Some(reader)) if reader.kind == StateKind::Checkpoint => {
            Err(reader.fault("the checkpoint lacks its counters"))
        }
        _ => Ok(Some(StateKind::Changes)),
    }
}
