//! A chart's data for those who do not look at it: a table, JSON, and words.

mod describe;
mod json;
mod notes;
mod table;

pub(crate) use describe::describe;
pub(crate) use json::json;
pub(crate) use notes::notes;
pub(crate) use table::table;
