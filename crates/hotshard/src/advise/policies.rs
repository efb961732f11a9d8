//! What each policy would make of the events.

use std::num::NonZeroU32;
use std::ops::Range;

use hotshard_event::{Remedy, Skew, Threshold};
use hotshard_sim::{Distribution, KeyEvents, Locality, Policy, Population, SimError, fluid, route};
use hotshard_workload::RngSeed;
use rayon::prelude::*;

use super::chance::Outlook;
use super::ids::Ids;
use super::placed::Placed;
use super::target::Target;
use crate::{Error, KeyCounts};

/// Keys that the fluid model places one by one; the others are its tail.
const HEAD_KEYS: usize = 200_000;

/// Seeds after which it is seen whether a policy has a choice at all.
const FIRST_SEEDS: u32 = 3;

/// How a figure was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// From the counts, with what chance adds in closed form.
    Counts,
    /// Event by event, in the order of the input, under several rng seeds.
    Events,
    /// Event by event, day after day in a random order, under several rng seeds.
    Shuffled,
    /// From the counts by the fluid model, under several rng seeds.
    Fluid,
}

/// In which order events are given to policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they came, so that an event's place is its sequence.
    AsTheyCame,
    /// In a random one: see [`KeyCounts::shuffled`].
    Random,
}

/// A policy and what it makes of the shards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PolicyOutcome {
    /// The policy.
    pub policy: Policy,
    /// T as it was used, under a remedy.
    pub threshold: Option<Threshold>,
    /// The target's figure.
    pub outlook: Outlook,
    /// How it was come by.
    pub level: Level,
    /// What it costs analysis.
    pub cost: Cost,
}

/// What analysis pays for even shards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Events that a remedy moved. Under `rename` they are missing from the reports of their event
    /// name and have no id; under `split` they are not.
    pub remedied: u64,
    /// The same for a day, in the mean.
    pub remedied_a_day: f64,
    /// The same over all events.
    pub share: f64,
    /// Where the rows of an id are.
    pub locality: Locality,
    /// Ids whose users and counts must be merged over shards, since their rows may be in several.
    pub ids_to_merge: u64,
}

/// What policies are held against.
pub(super) struct Bench<'a> {
    pub(super) counts: &'a KeyCounts,
    pub(super) ids: &'a Ids,
    pub(super) placed: &'a Placed<'a>,
    pub(super) events: Option<(&'a KeyEvents, Order)>,
    pub(super) shards: NonZeroU32,
    pub(super) target: Target,
    pub(super) rng_seed: RngSeed,
    pub(super) seeds: NonZeroU32,
}

impl Bench<'_> {
    pub(super) fn try_all(&self, policies: &[Policy]) -> Result<Vec<PolicyOutcome>, Error> {
        let population = self.counts.population(Some(HEAD_KEYS));
        policies.iter().map(|policy| self.try_one(*policy, &population)).collect()
    }

    fn try_one(&self, policy: Policy, population: &Population) -> Result<PolicyOutcome, Error> {
        let untouched = |outlook, level| PolicyOutcome {
            policy,
            threshold: None,
            outlook,
            level,
            cost: self.cost(policy, 0, 0),
        };
        Ok(match policy {
            Policy::Hash => untouched(self.placed.off().outlook(self.target), Level::Counts),
            Policy::Remedied { threshold, .. } => {
                let shards = u64::from(self.shards.get());
                let threshold = threshold.threshold(self.counts.per_day(), shards);
                let remedied = self.placed.at(threshold);
                let hot = hot_ids(self.counts, threshold);
                PolicyOutcome {
                    policy,
                    threshold: Some(threshold),
                    outlook: remedied.loads.outlook(self.target),
                    level: Level::Counts,
                    cost: self.cost(policy, remedied.events, hot),
                }
            }
            _ => {
                let (outlook, level) = self.simulate(policy, population)?;
                untouched(outlook, level)
            }
        })
    }

    fn simulate(&self, policy: Policy, population: &Population) -> Result<(Outlook, Level), Error> {
        let level = match self.events {
            Some((_, Order::AsTheyCame)) => Level::Events,
            Some((_, Order::Random)) => Level::Shuffled,
            None => Level::Fluid,
        };
        let figure = |index: u32| -> Result<f64, SimError> {
            let seed = self.rng_seed.child(u64::from(index));
            let balance = match self.events {
                Some((events, _)) => route(events, policy, self.shards, seed, None)?,
                None => fluid::balance_of_counts(population, policy, self.shards, seed)?,
            };
            Ok(figure_of(self.target, &balance.skew))
        };
        let run = |seeds: Range<u32>| -> Result<Vec<f64>, SimError> {
            seeds.into_par_iter().map(figure).collect()
        };
        let first = self.seeds.get().min(FIRST_SEEDS);
        let mut figures = run(0..first)?;
        // Policies without a choice make the same of every seed.
        if figures.windows(2).any(|pair| pair.first() != pair.last()) {
            figures.extend(run(first..self.seeds.get())?);
        }
        let outlook = Distribution::of(figures).map_or_else(
            || Outlook::certain(self.target.even()),
            |repeats| Outlook { median: repeats.quantile(0.5), likely: repeats.quantile(0.95) },
        );
        Ok((outlook, level))
    }

    #[expect(clippy::cast_precision_loss, reason = "shares need no 53rd bit of a count")]
    fn cost(&self, policy: Policy, remedied: u64, hot_ids: u64) -> Cost {
        let locality = policy.locality();
        let ids_to_merge = match locality {
            Locality::OneShard | Locality::Choices(1) => 0,
            Locality::Directory => hot_ids,
            _ => self.ids.with_several_events(),
        };
        Cost {
            remedied,
            remedied_a_day: remedied as f64 / f64::from(self.counts.days()),
            share: remedied as f64 / self.counts.events().max(1) as f64,
            locality,
            ids_to_merge: if self.shards.get() == 1 { 0 } else { ids_to_merge },
        }
    }

    /// What a remedy at this threshold costs.
    pub(super) fn cost_of(&self, remedy: Remedy, threshold: Threshold, remedied: u64) -> Cost {
        let policy =
            Policy::Remedied { remedy, threshold: hotshard_sim::ThresholdRule::Fixed(threshold) };
        self.cost(policy, remedied, hot_ids(self.counts, threshold))
    }
}

/// A target's figure of real or modelled rows.
pub(super) fn figure_of(target: Target, skew: &Skew) -> f64 {
    match target {
        Target::MaxOverMean(_) => skew.max_over_mean,
        Target::Cv(_) => skew.cv,
    }
}

/// How many ids pass a threshold on some day.
fn hot_ids(counts: &KeyCounts, threshold: Threshold) -> u64 {
    let mut hashes: Vec<u64> = counts
        .keys()
        .filter(|key| key.events > key.own_threshold.unwrap_or(threshold).get())
        .map(|key| key.hash)
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.len() as u64
}
