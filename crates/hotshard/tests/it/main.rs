//! The main job through the library: events in, the same answers out, however they came in.

#[cfg(test)]
mod advise;
#[cfg(test)]
mod calibrate;
#[cfg(test)]
mod compact;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod ingest;
#[cfg(test)]
mod key_counts;
#[cfg(test)]
mod lanes;
#[cfg(test)]
mod overrides;
#[cfg(test)]
mod own_thresholds;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod remedies;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod sources;
