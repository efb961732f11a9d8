//! Pages from outside: what they hold, and what no data can make of them.

mod golden;
mod hostile;
mod properties;
