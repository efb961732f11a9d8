//! A record that did not become an event.

use crate::decode::RejectReason;

/// A rejected record: where it stands, what is wrong with it, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Which source of the run it is from, from 0.
    pub source: u32,
    /// 1-based number of the line it begins in.
    pub line: u64,
    /// Offset of its first byte in the source's decompressed content.
    pub offset: u64,
    /// Why it was rejected.
    pub reason: RejectReason,
    /// The same for people: the value, what is wrong with it, and what to do.
    pub message: String,
    /// The record as it was, without its line break.
    pub text: Vec<u8>,
    /// Which piece of the record this is, from 0. Only records over the size limit have more than
    /// one; they count once, with the first.
    pub part: u32,
}
