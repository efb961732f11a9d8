//! Reading state back, which trusts nothing.

use hotshard_event::{EventDate, EventTime, Sequence};

use super::{COUNTERS_MAGIC, HOT_MAGIC, StateKind, VERSION};
use crate::Error;
use crate::detect::counter_table::Counter;
use crate::detect::{HotKey, KeyHash};

/// The largest count that is taken for true: what is fed on top of it still has room.
const MAX_STORED: u64 = Counter::MAX_VALUE / 2;

/// The hot keys of one stored hot part, by id. Replaying a date's parts in commit order, the later
/// state of a key in place of the earlier, gives its hot keys without loading any counter.
///
/// # Errors
/// When the bytes are not a hot part of that date.
pub fn decode_hot(date: EventDate, hot: &[u8]) -> Result<Vec<HotKey>, Error> {
    let mut keys = Vec::new();
    if let Some(mut reader) = HotReader::new(date, hot)? {
        while let Some(key) = reader.next_key()? {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Reads a counters part, entry by entry: first all counters, then all additions.
#[derive(Debug)]
pub(in crate::detect) struct CountersReader<'a> {
    bytes: Bytes<'a>,
    pub(in crate::detect) kind: StateKind,
    pub(in crate::detect) lateness_bound: u64,
    /// Counters not read yet.
    pub(in crate::detect) counters_left: u64,
    /// Additions not read yet; known once the counters are read.
    additions_left: Option<u64>,
    last: Option<KeyHash>,
}

/// Least bytes of an entry: its hash, and one more.
const LEAST_COUNTER_BYTES: usize = size_of::<u128>() + 1;

impl<'a> CountersReader<'a> {
    /// Begins with a part; absent bytes have nothing to read.
    pub(in crate::detect) fn new(date: EventDate, part: &'a [u8]) -> Result<Option<Self>, Error> {
        if part.is_empty() {
            return Ok(None);
        }
        let mut bytes = Bytes { date, part: "counters", rest: part, offset: 0 };
        let kind = bytes.head(COUNTERS_MAGIC)?;
        let lateness_bound = bytes.varint()?;
        if lateness_bound > MAX_STORED {
            return Err(bytes.fault("its certificate is out of range"));
        }
        let counters_left = bytes.entries(LEAST_COUNTER_BYTES)?;
        let (additions_left, last) = (None, None);
        Ok(Some(Self { bytes, kind, lateness_bound, counters_left, additions_left, last }))
    }

    /// The next counter; none after the last.
    pub(in crate::detect) fn next_counter(&mut self) -> Result<Option<Counter>, Error> {
        if self.counters_left == 0 {
            return Ok(None);
        }
        self.counters_left -= 1;
        let hash = self.next_hash()?;
        let value_and_mark = self.bytes.varint()?;
        let value = value_and_mark >> 1;
        // What is not above the certificate was purged, and is not written.
        if value < self.lateness_bound || value == 0 || value > MAX_STORED {
            return Err(self.bytes.fault("a count is out of range"));
        }
        let mut counter = Counter::new(hash, value);
        if value_and_mark & 1 == 1 {
            counter.mark_noticed();
        }
        Ok(Some(counter))
    }

    /// The next addition, when all counters were read: a key, and its events; none after the last.
    pub(in crate::detect) fn next_addition(&mut self) -> Result<Option<(KeyHash, u64)>, Error> {
        let left = match self.additions_left {
            Some(left) => left,
            None => {
                self.last = None;
                self.bytes.entries(LEAST_COUNTER_BYTES)?
            }
        };
        self.additions_left = Some(left.saturating_sub(1));
        if left == 0 {
            return self.bytes.end().map(|()| None);
        }
        let hash = self.next_hash()?;
        let events = self.bytes.varint()?;
        if events == 0 || events > MAX_STORED {
            return Err(self.bytes.fault("a count is out of range"));
        }
        Ok(Some((hash, events)))
    }

    fn next_hash(&mut self) -> Result<KeyHash, Error> {
        let hash = KeyHash::from(u128::from_le_bytes(self.bytes.array()?));
        if self.last.is_some_and(|last| last >= hash) {
            return Err(self.bytes.fault("its entries are not in order"));
        }
        self.last = Some(hash);
        Ok(hash)
    }

    /// An error at the reader's position.
    pub(in crate::detect) fn fault(&self, fault: &'static str) -> Error {
        self.bytes.fault(fault)
    }
}

/// Reads a hot part, entry by entry.
#[derive(Debug)]
pub(in crate::detect) struct HotReader<'a> {
    bytes: Bytes<'a>,
    pub(in crate::detect) kind: StateKind,
    /// Entries not read yet.
    pub(in crate::detect) left: u64,
    last: &'a str,
}

impl<'a> HotReader<'a> {
    /// Begins with a part; absent bytes have nothing to read.
    pub(in crate::detect) fn new(date: EventDate, part: &'a [u8]) -> Result<Option<Self>, Error> {
        if part.is_empty() {
            return Ok(None);
        }
        let mut bytes = Bytes { date, part: "hot keys", rest: part, offset: 0 };
        let kind = bytes.head(HOT_MAGIC)?;
        let left = bytes.entries(13)?;
        Ok(Some(Self { bytes, kind, left, last: "" }))
    }

    pub(in crate::detect) fn next_key(&mut self) -> Result<Option<HotKey>, Error> {
        if self.left == 0 {
            return self.bytes.end().map(|()| None);
        }
        self.left -= 1;
        let bytes = &mut self.bytes;
        let length = bytes.varint()?;
        let distinct_id = std::str::from_utf8(bytes.take(length)?)
            .map_err(|_| bytes.fault("a distinct id is not UTF-8"))?;
        // Also refuses an empty id, which is never counted.
        if distinct_id <= self.last {
            return Err(bytes.fault("its entries are not in order"));
        }
        self.last = distinct_id;
        let events = bytes.varint()?;
        let remedied_total = bytes.varint()?;
        if events == 0 || events > MAX_STORED || remedied_total > events {
            return Err(bytes.fault("a count is out of range"));
        }
        Ok(Some(HotKey {
            distinct_id: distinct_id.to_owned(),
            event_date: bytes.date,
            events,
            remedied_total,
            first_excess: Sequence::new(bytes.varint()?),
            crossed_at: EventTime::from_millis(i64::from_le_bytes(bytes.array()?)),
        }))
    }

    /// An error at the reader's position.
    pub(in crate::detect) fn fault(&self, fault: &'static str) -> Error {
        self.bytes.fault(fault)
    }
}

/// A part's bytes, and how far they were read.
#[derive(Debug)]
struct Bytes<'a> {
    date: EventDate,
    part: &'static str,
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Bytes<'a> {
    fn fault(&self, fault: &'static str) -> Error {
        Error::DetectorState { date: self.date, part: self.part, offset: self.offset, fault }
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Error> {
        let taken =
            usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        let (taken, rest) = taken.ok_or_else(|| self.fault("it is cut short"))?;
        self.rest = rest;
        self.offset += taken.len();
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let taken = self.take(N as u64)?;
        <[u8; N]>::try_from(taken).map_err(|_| self.fault("it is cut short"))
    }

    fn varint(&mut self) -> Result<u64, Error> {
        let mut value = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let [byte] = self.array()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.fault("a number is too large"))
    }

    fn head(&mut self, magic: [u8; 4]) -> Result<StateKind, Error> {
        if self.array()? != magic {
            return Err(self.fault("it does not begin as detector state does"));
        }
        let [version, kind] = self.array()?;
        if version != VERSION {
            return Err(self.fault("its version is not one this hotshard reads"));
        }
        if EventDate::from_epoch_days(i32::from_le_bytes(self.array()?)) != self.date {
            return Err(self.fault("it belongs to another date"));
        }
        [StateKind::Changes, StateKind::Checkpoint]
            .into_iter()
            .find(|known| known.code() == kind)
            .ok_or_else(|| self.fault("it is neither changes nor a checkpoint"))
    }

    /// The number of entries, each of at least `least_bytes`.
    fn entries(&mut self, least_bytes: usize) -> Result<u64, Error> {
        let entries = self.varint()?;
        if entries > (self.rest.len() / least_bytes) as u64 {
            return Err(self.fault("it is cut short"));
        }
        Ok(entries)
    }

    fn end(&self) -> Result<(), Error> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.fault("something follows its end")) }
    }
}
