//! Self-contained HTML pages with plots that need no script.
//!
//! A [`Page`] is plain data: sections of text, headline [`Fact`]s, [`Table`]s and [`Figure`]s, whose
//! [`Chart`] is [`Bars`] or [`Lines`]. [`Page::to_html`] makes one file of it that asks for nothing
//! else: no script, no font, no network. Each figure is drawn twice, for wide and for narrow windows,
//! in colours of their own for light and dark, and carries its data as a table and as JSON.
//!
//! Nothing here knows what a shard is, and nothing fails: texts are escaped and cut, numbers that
//! cannot be drawn are left out and said to be.
//!
//! ```
//! use hotshard_page::{Axis, Bars, Chart, Figure, Page, Section, Series, Unit};
//!
//! let rows = Bars::numbered(Axis::new("shard", Unit::Count), Axis::new("rows", Unit::Count))
//!     .series(Series::new("before", [400.0, 90.0, 110.0]))
//!     .series(Series::new("after", [210.0, 190.0, 200.0]));
//! let page = Page::new("Three shards")
//!     .section(Section::new("Balance").figure(Figure::new("rows", "Rows per shard", Chart::Bars(rows))));
//!
//! let html = page.to_html();
//! assert!(html.starts_with("<!DOCTYPE html>") && html.contains("Rows per shard"));
//! ```

mod axis;
mod bars;
mod data;
mod draw;
mod figure;
mod html;
mod lines;
mod page;
mod table;
mod text;
mod unit;

pub use axis::{Axis, Scale};
pub use bars::{Bars, Categories, Series};
pub use figure::{Chart, Figure};
pub use lines::{Line, Lines, Point, Reference, ReferenceAxis, Spread};
pub use page::{Block, Fact, Page, Section};
pub use table::{Cell, Column, Table};
pub use unit::Unit;
