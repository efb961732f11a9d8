//! How far a source of events has been taken in.

use serde::{Deserialize, Serialize};

/// The first bytes of a source, enough to tell at once that it was never seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHead {
    /// How many bytes the hash covers.
    pub length: u64,
    /// XXH3-128 of them.
    #[serde(with = "hex128")]
    pub xxh3: u128,
}

/// A source (a file, or standard input) and how far its content is in the store.
///
/// Content means the bytes after decompression, so a file and its gzip are one source, whatever
/// their names. Offsets count those bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceMark {
    /// The name it was given under, for people; it identifies nothing.
    pub name: String,
    /// Its first bytes.
    pub head: SourceHead,
    /// Everything before this offset is in the store, as events or as rejects.
    pub end_offset: u64,
    /// XXH3-128 of everything before `end_offset`.
    #[serde(with = "hex128")]
    pub xxh3: u128,
    /// The 1-based number of the line that begins at `end_offset`.
    pub next_line: u64,
    /// Whether the source ended at `end_offset`.
    pub complete: bool,
}

/// 128-bit hashes as 32 hexadecimal digits.
mod hex128 {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(hash: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{hash:032x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(de: D) -> Result<u128, D::Error> {
        let text = String::deserialize(de)?;
        u128::from_str_radix(&text, 16).map_err(de::Error::custom)
    }
}
