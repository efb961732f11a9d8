//! From raw blocks to events and rejects.
//!
//! A [`Decoder`] takes one [`RawBlock`](crate::source::RawBlock) and gives one [`DecodedBlock`]:
//! the events in their order, not yet numbered, and a [`Reject`] for every record that is none,
//! with its position, a [`RejectReason`] and a sentence for people. It is a pure function of the
//! block and the options, so blocks may be decoded in any order on any number of threads, and no
//! input makes it panic.
//!
//! The whole block is checked for UTF-8 at once; only when that fails are its records checked one
//! by one. A record is read along the outline of earlier ones, and key by key where none fits. The
//! values that become columns stay where they are, and so do the other properties if they stand
//! together; else they are copied as they were written. Nothing is parsed into a value and printed
//! again. serde_json parses what nests, what is escaped, and says what is wrong with a record that is
//! not JSON.
//!
//! ```
//! use hotshard_ingest::decode::{DecodeOptions, Decoder, RejectReason};
//! use hotshard_ingest::source::{Input, Opened, ReadOptions, SourceReader};
//!
//! let lines = concat!(
//!     r#"{"event":"Search","properties":{"time":1618716477,"distinct_id":7,"plan":"pro"}}"#,
//!     "\n",
//!     r#"{"event":"Search","properties":{"time":"yesterday"}}"#,
//!     "\n",
//! );
//! let input = Input::bytes("example", lines.as_bytes().to_vec());
//! let opened = SourceReader::open(&input, 0, ReadOptions::default(), &[])?;
//! let Opened::Fresh(mut reader) = opened else { panic!("nothing was taken in before") };
//! let mut raw = reader.next_block(Vec::new())?.expect("the source holds something");
//!
//! let block = Decoder::new(DecodeOptions::default()).decode(&mut raw);
//! let event = block.events.event(0).expect("the first line is an event");
//! assert_eq!((event.distinct_id, event.properties), ("7", r#"{"plan":"pro"}"#));
//! assert_eq!(block.rejects[0].line, 2);
//! assert_eq!(block.rejects[0].reason, RejectReason::InvalidTime);
//! assert_eq!(
//!     block.rejects[0].message,
//!     "`time` is `\"yesterday\"`, which is text; send a number, in seconds or milliseconds since 1970",
//! );
//! # Ok::<(), hotshard_ingest::Error>(())
//! ```

mod cursor;
mod decoder;
mod distinct_id;
mod event;
mod fault;
mod fixed;
mod number;
mod others;
mod outline;
mod plain_text;
mod position;
mod reason;
mod record;
mod reject;
mod role;
mod rows;
mod string;
mod unattributed;
mod validation;

pub use decoder::{DecodeOptions, DecodedBlock, Decoder};
pub use position::{Position, Positions};
pub use reason::{RejectReason, UnknownReason};
pub use reject::Reject;
pub use unattributed::UnattributedIds;
pub use validation::Validation;

#[cfg(test)]
mod tests;
