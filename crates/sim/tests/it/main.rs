//! Models seen from outside: their bounds, on any stream, and what they refuse.

#[cfg(test)]
mod best_effort;
#[cfg(test)]
mod fluid;
