//! Sources: files, folders, globs and standard input, as blocks of whole records.
//!
//! [`find_inputs`] turns what the user named into [`Input`]s, before anything is read.
//! [`SourceReader::open`] decompresses one (by its magic bytes, never by its suffix), tells whether
//! it was taken in before, and hands out [`RawBlock`]s that end where a line or an array element
//! ends. Memory stays at a few blocks, whatever the input holds.
//!
//! ```
//! use hotshard_ingest::source::{Input, Opened, ReadOptions, SourceReader};
//!
//! let input = Input::bytes("example", b"{\"event\":\"a\"}\n{\"event\":\"b\"}\n".to_vec());
//! let opened = SourceReader::open(&input, 0, ReadOptions::default(), &[])?;
//! let Opened::Fresh(mut reader) = opened else { panic!("nothing was taken in before") };
//! let block = reader.next_block(Vec::new())?.expect("the source holds something");
//! assert_eq!(block.bytes.len(), 28);
//! assert!(block.mark.complete);
//! # Ok::<(), hotshard_ingest::Error>(())
//! ```

mod codec;
mod content;
mod cut;
mod elements;
mod find;
mod identify;
mod input;
mod lines;
mod raw_block;
mod reader;
mod scanner;
mod start;

#[cfg(test)]
mod tests;

pub use find::find_inputs;
pub use identify::HEAD_BYTES;
pub use input::Input;
pub use raw_block::{Element, LastLine, RawBlock, Records};
pub use reader::{
    DEFAULT_BLOCK_BYTES, DEFAULT_MAX_RECORD_BYTES, Identification, Opened, ReadOptions,
    SourceReader,
};
pub use start::SourceStart;
