//! From input files to remedied blocks of events: decode, detect, remedy.
//!
//! The pieces, in the order an event passes them: [`source`] reads files and cuts them into
//! blocks, [`decode`] turns a block into events and rejects, [`detect`] counts keys and finds the
//! excess, [`remedy`] rewrites it. Nothing here writes to a store. [`rivals`] are other ways to count,
//! for comparison only.

pub mod decode;
pub mod detect;
mod error;
mod originals;
pub mod remedy;
pub mod rivals;
pub mod source;

pub use error::Error;
