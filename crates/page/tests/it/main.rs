//! Pages from outside: what they hold, and what no data can make of them.

#![expect(
    clippy::expect_used,
    reason = "helpers of tests: a page that is not as they read it fails them"
)]

mod golden;
mod hostile;
mod properties;
