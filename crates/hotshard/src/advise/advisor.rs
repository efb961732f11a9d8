//! Puts the advice together.

use std::num::NonZeroU32;

use hotshard_event::{Remedy, Threshold};
use hotshard_sim::{KeyEvents, Policy, ThresholdRule, route};
use hotshard_store::{ShardCount, Snapshot};
use hotshard_workload::RngSeed;

use super::findings::Circumstances;
use super::ids::Ids;
use super::placed::Placed;
use super::policies::{Bench, Order, figure_of};
use super::target::Target;
use super::thresholds::{self, ThresholdSearch};
use super::today::Today;
use super::{Advice, Present, shard_counts};
use crate::{Error, KeyCounts};

/// Runs under different rng seeds of each policy that has a choice, unless told otherwise.
const SEEDS: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// Says what would make shards even, from counts of keys.
///
/// Where an id belongs is known: the store's own hash places it. What is left to chance is where
/// spread rows go. So every figure is an [`Outlook`](super::Outlook), and a target counts as reached
/// if 95 of 100 runs reach it.
///
/// ```
/// use hotshard::{Advisor, Input, KeyCounting, Present, Remedy, ShardCount, Threshold};
///
/// let line = |id: &str, n: i32| {
///     let time = 1_618_716_477 + n;
///     format!(r#"{{"event":"A","properties":{{"time":{time},"distinct_id":"{id}"}}}}"#)
/// };
/// let lines: Vec<String> = (0..9_000)
///     .map(|n| if n % 3 == 0 { line("user_id", n) } else { line(&format!("id-{n}"), n) })
///     .collect();
/// let input = Input::bytes("example", lines.join("\n").into_bytes());
/// let counts = KeyCounting::default().of_inputs(&[input])?;
/// let present = Present {
///     shards: ShardCount::new(8)?,
///     threshold: Threshold::DEFAULT,
///     remedy: Remedy::Off,
/// };
/// let advice = Advisor::of(&counts, present).target("max/mean=1.2".parse()?).run()?;
/// assert!(advice.today.skew.max_over_mean > 3.0);
/// let found = advice.thresholds.largest.expect("some threshold reaches it");
/// assert!((50..3_000).contains(&found.threshold.get()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Advisor<'a> {
    counts: &'a KeyCounts,
    /// How the rows of today are placed.
    is: Present,
    present: Present,
    stored: Option<Vec<u64>>,
    target: Target,
    shards: Option<Vec<ShardCount>>,
    policies: Option<Vec<Policy>>,
    events: Option<(&'a KeyEvents, Order)>,
    rng_seed: RngSeed,
    seeds: NonZeroU32,
}

impl<'a> Advisor<'a> {
    /// Advice on events that would be stored like this.
    #[must_use]
    pub const fn of(counts: &'a KeyCounts, present: Present) -> Self {
        Self {
            counts,
            is: present,
            present,
            stored: None,
            target: Target::DEFAULT,
            shards: None,
            policies: None,
            events: None,
            rng_seed: RngSeed::DEFAULT,
            seeds: SEEDS,
        }
    }

    /// Advice on a store, of which these are the counts.
    #[must_use]
    pub fn of_store(counts: &'a KeyCounts, snapshot: &Snapshot) -> Self {
        let identity = snapshot.identity();
        let present = Present {
            shards: identity.shards(),
            threshold: identity.threshold(),
            remedy: identity.remedy(),
        };
        Self { stored: Some(snapshot.rows_per_shard()), ..Self::of(counts, present) }
    }

    /// What is to be reached; [`Target::DEFAULT`] unless it is said.
    #[must_use]
    pub fn target(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// A threshold to take for the present one. It does not change where the rows are today.
    #[must_use]
    pub fn threshold(mut self, threshold: Threshold) -> Self {
        self.present.threshold = threshold;
        self
    }

    /// Numbers of shards to try; usual ones up to 3 200 by default.
    #[must_use]
    pub fn shards(self, shards: Vec<ShardCount>) -> Self {
        Self { shards: Some(shards), ..self }
    }

    /// Policies to try; by default one of each kind, with its usual parameter, both remedies at the
    /// present threshold, and `split` at 0.2N/n and at the threshold that was found.
    #[must_use]
    pub fn policies(self, policies: Vec<Policy>) -> Self {
        Self { policies: Some(policies), ..self }
    }

    /// The events themselves. With them policies are tried event by event, and if they stand as they
    /// came, the threshold that was found is checked; without, the fluid model tries policies on
    /// the counts.
    #[must_use]
    pub fn events(self, events: &'a KeyEvents, order: Order) -> Self {
        Self { events: Some((events, order)), ..self }
    }

    /// The seed of what policies choose at random.
    #[must_use]
    pub fn rng_seed(self, rng_seed: RngSeed) -> Self {
        Self { rng_seed, ..self }
    }

    /// Under how many seeds a policy is tried.
    #[must_use]
    pub fn seeds(self, seeds: NonZeroU32) -> Self {
        Self { seeds, ..self }
    }

    /// The advice.
    ///
    /// # Errors
    /// When a policy cannot be modelled.
    pub fn run(&self) -> Result<Advice, Error> {
        let Self { counts, present, target, .. } = *self;
        // A number of shards is never 0.
        let shards = NonZeroU32::new(present.shards.get()).unwrap_or(NonZeroU32::MIN);
        let (ids, placed) = (Ids::of(counts), Placed::new(counts, present.shards));
        let bench = Bench {
            counts,
            ids: &ids,
            placed: &placed,
            events: self.events,
            shards,
            target,
            rng_seed: self.rng_seed,
            seeds: self.seeds,
        };
        let at_present = placed.at(present.threshold);
        let remedied = thresholds::outcome(present.threshold, &at_present, target);
        let remedy = match present.remedy {
            Remedy::Split => Remedy::Split,
            Remedy::Rename | Remedy::Off => Remedy::Rename,
        };
        let search = ThresholdSearch::of(&placed, target);
        let chosen = search.largest.unwrap_or(search.best);
        let policies = self.policies.clone().unwrap_or_else(|| usual(present, chosen.threshold));
        let today = Today::of(counts, &placed, self.is, self.stored.as_deref());
        let untouched = placed.off().outlook(target);
        let circumstances = Circumstances {
            counts,
            ids: &ids,
            placed: &placed,
            present,
            target,
            today: &today,
            untouched,
            search: &search,
        };
        let numbers = self.shards.clone().unwrap_or_else(|| shard_counts::usual(present.shards));
        Ok(Advice {
            findings: circumstances.findings(),
            target,
            present,
            ids: ids.len(),
            untouched,
            remedied,
            remedied_cost: bench.cost_of(remedy, present.threshold, remedied.remedied),
            threshold_cost: bench.cost_of(remedy, chosen.threshold, chosen.remedied),
            checked: self.check(chosen.threshold, shards)?,
            shard_counts: shard_counts::try_all(counts, &numbers, present.threshold, target),
            policies: bench.try_all(&policies)?,
            thresholds: search,
            today,
        })
    }

    /// The target's figure under a threshold, of the events themselves.
    fn check(&self, threshold: Threshold, shards: NonZeroU32) -> Result<Option<f64>, Error> {
        let Some((events, Order::AsTheyCame)) = self.events else { return Ok(None) };
        let threshold = ThresholdRule::Fixed(threshold);
        let policy = Policy::Remedied { remedy: Remedy::Split, threshold };
        let balance = route(events, policy, shards, self.rng_seed, None)?;
        Ok(Some(figure_of(self.target, &balance.skew)))
    }
}

/// One policy of each kind.
fn usual(present: Present, found: Threshold) -> Vec<Policy> {
    let fixed =
        |remedy, threshold| Policy::Remedied { remedy, threshold: ThresholdRule::Fixed(threshold) };
    let mut policies = vec![
        Policy::Hash,
        fixed(Remedy::Rename, present.threshold),
        fixed(Remedy::Split, present.threshold),
        fixed(Remedy::Split, found),
        Policy::Remedied {
            remedy: Remedy::Split,
            threshold: ThresholdRule::Adaptive { alpha: 0.2 },
        },
        Policy::Jump,
        Policy::VirtualShards { per_shard: 16 },
        Policy::BoundedLoads { epsilon: 0.25 },
        Policy::PartialKeyGrouping,
        Policy::DChoices,
        Policy::WChoices,
        Policy::KeySalting { salts: 8 },
        Policy::Shuffle,
    ];
    if found == present.threshold {
        policies.remove(3);
    }
    policies
}
