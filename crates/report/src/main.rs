//! The hotshard command line.
fn main() {}
