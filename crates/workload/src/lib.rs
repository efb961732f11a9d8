//! Synthetic event streams and named mistakes, from one rng seed.
