//! Balance without events: the same at 10⁶ and at 10¹².
//!
//! 10¹² events of 10⁹ ids over 3 200 shards, 10 000 ids one by one, take 1 to 3 ms under most policies
//! and 13 to 40 ms under `virtual-shards`, `pkg` and `d-choices`, on a busy core: `cargo bench -p
//! hotshard-benches --bench fluid`.
//!
//! A [`Population`] says how many events each of the heavy keys is expected to have, and how many
//! all others have together. Under one rng seed the model draws how many each key really has, as a
//! multinomial count ([`balance`]), or takes counts as they are ([`balance_of_counts`]), and places
//! them as [`route`](crate::route) places events.
//!
//! # What is exact
//!
//! - The heavy keys, the head, are placed one by one, by the same hashes, second choices, salts and
//!   ring as event by event under the same seed. T, the events past it, the keys that pass it and the
//!   bound follow from the counts as they do there.
//! - Rows are whole, and none is lost.
//!
//! # What is approximated
//!
//! - **The tail** is so many ids of equal weight, as many as give a shard's part the variance that
//!   it has by the true ids. They fall by chance, not by their own hashes. So under `hash`, `jump`,
//!   `salting`, `virtual-shards` and the remedies a seed differs from the run event by event by what
//!   these hashes would have done, and over many seeds the two cannot be told apart.
//! - **What is spread by sequence** falls by chance as well: a shard's part of x rows has a deviation
//!   of √(x/n).
//! - **`pkg`, `d-choices`, `w-choices` and `bounded-loads`** look at loads. Here each id's events come
//!   evenly over the whole stream, so that all loads grow in proportion and what comes out is an
//!   equilibrium: no event has a less loaded choice. It is found to 0.1 % of the mean shard. A
//!   difference of a few rows, of which choices one by one are never free, is not there: it is a
//!   matter of 1 in m/n.
//! - **An id that begins late** is past `pkg` and `d-choices`: shards had their part of the others
//!   before it came. A literal that is a fifth of all events from noon on, over 50 shards, has
//!   max/mean 3.0 event by event and 2.5 here under `pkg`, 1.35 to 1.5 and 1.0 under `d-choices`.
//!   `w-choices` and `bounded-loads` do not change.
//! - Sources do not count: several senders would each do the same to their part.
//!
//! # How good it is
//!
//! Against every event of the same stream, 10⁷ events of 10⁴ ids under Zipf's law (exponents 0.5 to
//! 2, 50 to 200 shards, 4 seeds each), all ids in the head, max/mean is off by
//!
//! | policies | at most |
//! |---|---|
//! | `hash`, `jump`, `salting`, `virtual-shards` | nothing |
//! | `bounded-loads` | 0.0001 % |
//! | `pkg` | 0.02 % |
//! | `d-choices`, `w-choices` | 0.01 % |
//! | `shuffle` | 0.4 % |
//! | remedies at T = 0.2·N/n | 0.8 % |
//!
//! The last two are the chance of what is spread. `cargo run --release -p hotshard-sim --example
//! reference_points` measures it anew. With 1 000 of the ids in the head, 0.6 to 2·10⁶ events and 4 to
//! 200 shards, policies that look at loads were off by 0.4 % at most, and once by 1.8 %, where an id of
//! the tail had no choice but the fullest two shards. The others are off by what the tail does under
//! one seed: up to 8 % of max/mean under `hash` and 12 % under a remedy, where no id stands out. How
//! many keys the head needs is a matter of the law: so many that what the tail does is small beside
//! the fullest shard.

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
