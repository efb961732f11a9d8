//! Records that could not be stored as events, kept with their place and the reason.

use serde::{Deserialize, Serialize};

use crate::checksum::Xxh3;
use crate::commit::RejectsFile;
use crate::{Damage, Error, Store};

/// A rejected record, or one piece of one that is over the size limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRecord {
    /// Name of the source.
    pub source: String,
    /// 1-based line in it.
    pub line: u64,
    /// Byte offset in its decompressed content.
    pub offset: u64,
    /// Stable code of the reason.
    pub reason: String,
    /// What is wrong and what to do.
    pub message: String,
    /// Number of the piece, from 0.
    #[serde(default, skip_serializing_if = "is_first")]
    pub part: u32,
    /// The record as it came.
    #[serde(flatten)]
    pub content: RejectedContent,
}

/// The bytes of a rejected record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RejectedContent {
    /// As text, when it is UTF-8.
    Text(String),
    /// In hexadecimal digits, when it is not.
    Hex(String),
}

impl RejectedContent {
    /// The form that keeps these bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(
            |error| {
                let digits = error.as_bytes().iter().map(|byte| format!("{byte:02x}"));
                Self::Hex(digits.collect())
            },
            Self::Text,
        )
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape serde asks for")]
const fn is_first(part: &u32) -> bool {
    *part == 0
}

/// Rejected records on their way into a commit, encoded.
#[derive(Debug, Default)]
pub(crate) struct RejectsBuffer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) rows: u64,
}

impl RejectsBuffer {
    pub(crate) fn push(&mut self, record: &RejectedRecord) {
        #[expect(clippy::expect_used, reason = "writing plain data to memory cannot fail")]
        serde_json::to_writer(&mut self.bytes, record).expect("plain data is always JSON");
        self.bytes.push(b'\n');
        self.rows += u64::from(record.part == 0);
    }
}

/// The records of one rejects file.
pub(crate) fn read(
    store: &Store,
    file: &RejectsFile,
) -> impl Iterator<Item = Result<RejectedRecord, Error>> + use<> {
    let (records, failure) = match read_verified(store, file) {
        Ok(records) => (records, None),
        Err(error) => (Vec::new(), Some(Err(error))),
    };
    records.into_iter().map(Ok).chain(failure)
}

pub(crate) fn read_verified(
    store: &Store,
    file: &RejectsFile,
) -> Result<Vec<RejectedRecord>, Error> {
    let damaged = |problem: &str| Error::Damaged(Damage::new(&file.path, problem));
    let bytes = store.io().read(&store.at(&file.path))?.ok_or_else(|| damaged("it is missing"))?;
    if bytes.len() as u64 != file.length || Xxh3::of(&bytes) != file.xxh3 {
        return Err(damaged("it does not match its checksum"));
    }
    serde_json::Deserializer::from_slice(&bytes)
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(|_| damaged("it is not JSON lines"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_kept_in_hex() {
        assert_eq!(RejectedContent::new(vec![0xff, 0x0a]), RejectedContent::Hex("ff0a".into()));
        assert_eq!(RejectedContent::new(b"{".to_vec()), RejectedContent::Text("{".into()));
    }
}
