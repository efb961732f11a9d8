//! The main job through the library: events in, the same answers out, however they came in.

mod fixture;
mod ingest;
mod reference;
mod remedies;
mod sources;
