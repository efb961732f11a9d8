//! Embedded columnar event store that detects hot ids while it ingests, remedies them, and measures what they cost.
