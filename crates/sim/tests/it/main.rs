//! Models seen from outside: their bounds, on any stream, and what they refuse.

#[cfg(test)]
mod best_effort;
#[cfg(test)]
mod degenerate;
#[cfg(test)]
mod fluid;
#[cfg(test)]
mod fluid_and_events;
#[cfg(test)]
mod latency;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod theory;
