//! Writing state.

use hotshard_event::EventDate;

use super::{COUNTERS_MAGIC, HOT_MAGIC, StateKind, VERSION};
use crate::detect::{HotKey, KeyHash};

/// Bytes before the entries, with room for their number.
const HEAD_BYTES: usize = 32;

/// The counters part. `counts` ascend by hash.
pub(in crate::detect) fn encode_counters(
    date: EventDate,
    kind: StateKind,
    lateness_bound: u64,
    counts: &[(KeyHash, u64)],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD_BYTES + counts.len() * (size_of::<KeyHash>() + 2));
    push_head(&mut out, COUNTERS_MAGIC, kind, date);
    push_varint(&mut out, lateness_bound);
    push_varint(&mut out, counts.len() as u64);
    for &(hash, count) in counts {
        out.extend_from_slice(&u128::from(hash).to_le_bytes());
        push_varint(&mut out, count);
    }
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

fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 0x80 by the loop's condition")]
    out.push(value as u8);
}
