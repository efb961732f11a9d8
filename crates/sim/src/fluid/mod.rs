//! Balance without events: the same at 10⁶ and at 10¹².
//!
//! A [`Population`] says how many events each of the heavy keys is expected to have, and how many
//! all others have together. Under one rng seed the model first draws how many each key really has,
//! as a multinomial count, then places the heavy keys one by one, where their hashes say, and the
//! others as a whole, with the mean and the variance that random hashes give them. So it differs
//! from a run event by event under the same seed only in what the others' hashes would have done,
//! and over many seeds not at all.

mod bounded_loads;
mod bounds;
mod choices;
mod choosers;
mod counts;
mod crowd;
mod draws;
mod fill;
mod home;
mod parts;

use std::num::NonZeroU32;

use hotshard_workload::RngSeed;

use self::counts::Counts;
use crate::placement::Shards;
use crate::{Balance, Policy, Population, SimError};

/// What a policy makes of a stream in which each key has as many events as the population expects,
/// give or take the chance of the draw.
///
/// # Errors
/// If the population's tail holds keys past T, a number of events is none, there are more shards
/// than a store can have, or the policy has a number that its word cannot have.
pub fn balance(
    population: &Population,
    policy: Policy,
    shards: NonZeroU32,
    seed: RngSeed,
) -> Result<Balance, SimError> {
    population.check()?;
    place(&Counts::drawn(population, seed), policy, shards, seed)
}

/// What a policy makes of a stream in which each key has exactly as many events as the population
/// says, rounded: of events that have been counted.
///
/// # Errors
/// As [`balance`].
pub fn balance_of_counts(
    population: &Population,
    policy: Policy,
    shards: NonZeroU32,
    seed: RngSeed,
) -> Result<Balance, SimError> {
    population.check()?;
    place(&Counts::exact(population), policy, shards, seed)
}

fn place(
    counts: &Counts,
    policy: Policy,
    shards: NonZeroU32,
    seed: RngSeed,
) -> Result<Balance, SimError> {
    // Whoever made a policy without its word may have made one that has none.
    policy.to_string().parse::<Policy>()?;
    let shards = Shards::new(shards)?;
    let run = Run { counts, shards, seed };
    Ok(match policy {
        Policy::Hash => run.ids_whole(|hash| shards.home(hash)),
        Policy::Jump => run.ids_whole(|hash| shards.jump(hash)),
        Policy::Shuffle => run.shuffled(),
        Policy::Remedied { threshold, .. } => run.remedied(threshold)?,
        Policy::KeySalting { salts } => run.salted(salts),
        Policy::VirtualShards { per_shard } => run.virtual_shards(per_shard)?,
        Policy::BoundedLoads { epsilon } => run.bounded(epsilon),
        Policy::PartialKeyGrouping => run.two_choices(),
        Policy::DChoices => run.d_choices(),
        Policy::WChoices => run.w_choices(),
    })
}

/// What all policies are given.
#[derive(Debug, Clone, Copy)]
struct Run<'a> {
    counts: &'a Counts,
    shards: Shards,
    seed: RngSeed,
}
