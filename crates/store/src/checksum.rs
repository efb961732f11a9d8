//! XXH3-64 checksums and the pieces of files they cover.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

/// XXH3-64 with seed 0, written as 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Xxh3(u64);

impl Xxh3 {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(xxh3_64(bytes))
    }
}

/// [`Xxh3`] of bytes that come piece by piece.
#[derive(Clone, Default)]
pub(crate) struct Xxh3Stream(Xxh3Default);

impl Xxh3Stream {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(&self) -> Xxh3 {
        Xxh3(self.0.digest())
    }
}

impl fmt::Display for Xxh3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for Xxh3 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Xxh3 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hash = u64::from_str_radix(&text, 16).map(Self).map_err(de::Error::custom)?;
        if hash.to_string() == text { Ok(hash) } else { Err(de::Error::custom("not 16 digits")) }
    }
}

/// A piece of a file and the checksum of its bytes; `[offset, length, xxh3]` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(u64, u64, Xxh3)", from = "(u64, u64, Xxh3)")]
pub(crate) struct Piece {
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) xxh3: Xxh3,
}

impl Piece {
    /// No bytes.
    pub(crate) const EMPTY: Self = Self { offset: 0, length: 0, xxh3: Xxh3(0) };

    /// The piece of a file that begins at `offset`, where `bytes` are those of the file from `from`
    /// on; `None` when it does not lie in them.
    pub(crate) fn within(bytes: &[u8], from: u64, offset: u64, length: u64) -> Option<Self> {
        let start = usize::try_from(offset.checked_sub(from)?).ok()?;
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        Some(Self { offset, length, xxh3: Xxh3::of(bytes.get(start..end)?) })
    }

    pub(crate) const fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }

    /// The problem of a file whose bytes changed here.
    pub(crate) fn mismatch(&self) -> String {
        format!("bytes {} to {} do not match their checksum", self.offset, self.end())
    }

    /// The problem of a file that lacks the piece.
    pub(crate) fn cut_off(&self) -> String {
        format!("it is missing, or shorter than the {} bytes committed", self.end())
    }
}

impl From<Piece> for (u64, u64, Xxh3) {
    fn from(piece: Piece) -> Self {
        (piece.offset, piece.length, piece.xxh3)
    }
}

impl From<(u64, u64, Xxh3)> for Piece {
    fn from((offset, length, xxh3): (u64, u64, Xxh3)) -> Self {
        Self { offset, length, xxh3 }
    }
}
