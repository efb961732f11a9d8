//! Balance without events: the same at 10⁶ and at 10¹².
//!
//! A [`Population`] says how many events each of the heavy keys is expected to have, and how many
//! all others have together. Under one rng seed the model first draws how many each key really has,
//! as a multinomial count, then places the heavy keys one by one, where their hashes say, and the
//! others as a whole, with the mean and the variance that random hashes give them. So it differs
//! from a run event by event under the same seed only in what the others' hashes would have done,
//! and over many seeds not at all.

mod counts;
mod draws;
mod home;

use std::num::NonZeroU32;

use hotshard_event::Skew;
use hotshard_workload::RngSeed;

use self::counts::Counts;
use crate::{Balance, Policy, Population, SimError};

/// What a policy makes of a stream in which each key has as many events as the population expects,
/// give or take the chance of the draw.
///
/// # Errors
/// If the population's tail holds keys past T.
pub fn balance(
    population: &Population,
    policy: Policy,
    shards: NonZeroU32,
    seed: RngSeed,
) -> Result<Balance, SimError> {
    place(&Counts::drawn(population, seed), policy, shards, seed)
}

/// What a policy makes of a stream in which each key has exactly as many events as the population
/// says, rounded: of events that have been counted.
///
/// # Errors
/// If the population's tail holds keys past T.
pub fn balance_of_counts(
    population: &Population,
    policy: Policy,
    shards: NonZeroU32,
    seed: RngSeed,
) -> Result<Balance, SimError> {
    place(&Counts::exact(population), policy, shards, seed)
}

fn place(
    counts: &Counts,
    policy: Policy,
    shards: NonZeroU32,
    seed: RngSeed,
) -> Result<Balance, SimError> {
    match policy {
        Policy::Hash => Ok(home::hashed(counts, shards, seed)),
        Policy::Shuffle => Ok(home::shuffled(counts, shards, seed)),
        Policy::Remedied { threshold, .. } => home::remedied(counts, threshold, shards, seed),
        _ => Err(SimError::NotYetFluid { policy }),
    }
}

/// A balance that has no threshold and no hot keys.
fn plain(rows: Vec<u64>) -> Balance {
    let skew = Skew::of(&rows);
    Balance { rows, skew, threshold: None, remedied: 0, hot_keys: 0, bound: None }
}
