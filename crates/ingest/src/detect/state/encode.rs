//! Writing state.

use hotshard_event::EventDate;

use super::{COUNTERS_MAGIC, HOT_MAGIC, StateKind, VERSION};
use crate::detect::counter_table::{Counter, CounterTable};
use crate::detect::misra_gries::MisraGries;
use crate::detect::{HotKey, KeyHash};

/// Bytes before the entries, with room for their numbers.
const HEAD_BYTES: usize = 48;
/// Bytes of most counters: a hash, and a value below 2²⁰ with its mark.
const COUNTER_BYTES: usize = size_of::<KeyHash>() + 3;

/// The counters part: all counters for a checkpoint, else those that changed; and the additions.
pub(in crate::detect) fn encode_counters(
    date: EventDate,
    kind: StateKind,
    counters: &MisraGries,
    additions: &CounterTable,
) -> Vec<u8> {
    let is_written = |counter: &Counter| kind == StateKind::Checkpoint || counter.is_changed();
    let number = counters.iter().filter(|counter| is_written(counter)).count();
    let mut out = Vec::with_capacity(HEAD_BYTES + (number + additions.len()) * COUNTER_BYTES);
    push_head(&mut out, COUNTERS_MAGIC, kind, date);
    push_varint(&mut out, counters.lateness_bound());
    push_varint(&mut out, number as u64);
    counters.for_ascending(|counter| {
        if is_written(counter) {
            push_hash(&mut out, counter.hash);
            push_varint(&mut out, counter.value() << 1 | u64::from(counter.is_noticed()));
        }
    });
    push_varint(&mut out, additions.len() as u64);
    additions.for_ascending(|addition| {
        push_hash(&mut out, addition.hash);
        push_varint(&mut out, addition.value());
    });
    out
}

/// The hot part. `keys` ascend by id.
pub(in crate::detect) fn encode_hot(date: EventDate, kind: StateKind, keys: &[HotKey]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD_BYTES + keys.len() * 64);
    push_head(&mut out, HOT_MAGIC, kind, date);
    push_varint(&mut out, keys.len() as u64);
    for key in keys {
        push_varint(&mut out, key.distinct_id.len() as u64);
        out.extend_from_slice(key.distinct_id.as_bytes());
        push_varint(&mut out, key.events);
        push_varint(&mut out, key.remedied_total);
        push_varint(&mut out, key.first_excess.get());
        out.extend_from_slice(&key.crossed_at.millis().to_le_bytes());
    }
    out
}

fn push_head(out: &mut Vec<u8>, magic: [u8; 4], kind: StateKind, date: EventDate) {
    out.extend_from_slice(&magic);
    out.push(VERSION);
    out.push(kind.code());
    out.extend_from_slice(&date.epoch_days().to_le_bytes());
}

fn push_hash(out: &mut Vec<u8>, hash: KeyHash) {
    out.extend_from_slice(&u128::from(hash).to_le_bytes());
}

fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 0x80 by the loop's condition")]
    out.push(value as u8);
}
