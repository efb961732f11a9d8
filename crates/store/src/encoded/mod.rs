//! Columns as files hold them: dictionaries, codes and runs, without making rows of them.
//!
//! A count works on codes, and looks at the value of each code once. Only pages that hold a row of
//! interest are unpacked, after the whole chunk passed its checksum. Footers need not be read: what
//! a chunk is follows from the commit record and from the order of the columns.

mod bytes;
mod codes;
mod column;
mod delta;
mod dictionary;
mod hybrid;
mod page;
mod reader;
#[cfg(test)]
mod tests;
mod texts;
mod workbench;

pub use codes::{Codes, Cursor, Stretch};
pub use column::CodedColumn;
pub use dictionary::{Dictionary, Texts};
pub use reader::{FileReader, RowGroup};
pub use texts::TextPage;

pub(crate) use column::{Presence, ValueType};
