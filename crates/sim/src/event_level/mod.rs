//! Balance of a stream that is routed event by event.
//!
//! Each [`Policy`] names where it was published; what differs from there stands with its module:
//! D-Choices finds its number of choices anew after an eighth more events instead of at each, ids
//! are counted by SpaceSaving as in that paper, and ties go to the first choice.

mod bounded_loads;
mod bounds;
mod d_choices;
mod head;
mod homes;
mod least_loaded;
mod levels;
mod placer;
mod space_saving;
mod spread;
mod two_choices;
mod w_choices;

use std::num::NonZeroU32;

use hotshard_event::Threshold;
use hotshard_workload::RngSeed;

use self::bounded_loads::BoundedLoads;
use self::d_choices::DChoices;
use self::head::Heads;
use self::homes::Homes;
use self::least_loaded::LeastLoaded;
use self::placer::{Placer, Source, rows};
use self::spread::{Salted, Shuffled};
use self::two_choices::TwoChoices;
use self::w_choices::WChoices;
use crate::placement::Shards;
use crate::virtual_shards::longest_first;
use crate::{Balance, KeyEvents, Policy, SimError, ring, virtual_shards};

/// Routes every event and says how full the shards are.
///
/// `seed` chooses the hash functions that a policy has beside the hashes of the ids: second choices,
/// salts, the ring of bounded loads. `sources` is how many senders share the stream in turn, each
/// of which knows only what it sent itself; it matters to the policies whose senders look at loads
/// (`pkg`, `d-choices` and `w-choices`), and is 1 where it is not given. The answer depends on
/// nothing else.
///
/// Events without an id are spread by sequence, and counted as load, whatever the policy; only under
/// bounded loads they go on to a shard with room, as all others do. It runs on the calling thread.
///
/// ```
/// use std::num::NonZeroU32;
///
/// use hotshard_sim::{KeyEvents, route};
/// use hotshard_workload::{KeyDraws, RngSeed, WorkloadSpec};
///
/// // A third of the events under one id.
/// let spec = WorkloadSpec::new(50_000).heavy("user_id", 0.33);
/// let events: KeyEvents = KeyDraws::new(&spec, RngSeed::DEFAULT)?.draw().into();
/// let max_over_mean = |policy: &str| -> Result<f64, Box<dyn std::error::Error>> {
///     let shards = NonZeroU32::new(10).expect("not 0");
///     let balance = route(&events, policy.parse()?, shards, RngSeed::DEFAULT, None)?;
///     Ok(balance.skew.max_over_mean)
/// };
/// assert!(max_over_mean("hash")? > 3.3);
/// assert!(max_over_mean("pkg")? < 2.0, "two shards share the id");
/// assert!(max_over_mean("split@0.2N/n")? < 1.4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If there are more shards than a store can have, more than 2³² − 1 events, or the policy has a
/// number that its word cannot have.
pub fn route(
    events: &KeyEvents,
    policy: Policy,
    shards: NonZeroU32,
    seed: RngSeed,
    sources: Option<NonZeroU32>,
) -> Result<Balance, SimError> {
    // Whoever made a policy without its word may have made one that has none.
    policy.to_string().parse::<Policy>()?;
    if u32::try_from(events.keys().len()).is_err() {
        return Err(SimError::TooManyEvents { given: events.keys().len() as u64 });
    }
    let shards = Shards::new(shards)?;
    let run = Run { events, shards, seed, sources: sources.unwrap_or(NonZeroU32::MIN) };
    Ok(match policy {
        Policy::Hash => run.ids_whole(|hash| shards.home(hash)),
        Policy::Jump => run.ids_whole(|hash| shards.jump(hash)),
        Policy::Shuffle => run.by(&mut Shuffled(shards)).bound(bounds::of_spread(events, shards)),
        Policy::Remedied { threshold, .. } => {
            run.remedied(threshold.threshold(events.per_day(), shards.count() as u64))
        }
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
    events: &'a KeyEvents,
    shards: Shards,
    seed: RngSeed,
    sources: NonZeroU32,
}

impl Run<'_> {
    /// All events from one source.
    fn by(self, placer: &mut impl Placer) -> Balance {
        let rows = rows(self.events, Source::ONLY, self.shards, placer);
        Balance::of(rows.into_iter().map(u64::from).collect())
    }

    fn ids_whole(self, home: impl Fn(u64) -> usize) -> Balance {
        let mut homes = Homes::whole(self.events, self.shards, home);
        let balance = self.by(&mut homes);
        let all = Threshold::new(u64::MAX);
        balance.bound(bounds::of_keys(self.events, &homes.into_counts(), self.shards, all))
    }

    fn remedied(self, threshold: Threshold) -> Balance {
        let mut homes = Homes::remedied(self.events, self.shards, threshold);
        let balance = self.by(&mut homes);
        let counts = homes.into_counts();
        let excess = counts.iter().map(|&count| u64::from(count).saturating_sub(threshold.get()));
        let excess = excess.filter(|&excess| excess > 0);
        let (hot_keys, remedied) =
            excess.fold((0, 0), |(keys, sum), excess| (keys + 1, sum + excess));
        Balance { threshold: Some(threshold), hot_keys, remedied, ..balance }
            .bound(bounds::of_keys(self.events, &counts, self.shards, threshold))
    }

    fn salted(self, salts: u32) -> Balance {
        let ids = self.events.ids();
        let balance = self.by(&mut Salted::new(&ids, self.shards, salts, self.seed));
        balance.bound(bounds::of_salted(self.events, &ids, self.shards, salts))
    }

    #[expect(clippy::indexing_slicing, reason = "virtual shards are placed on shards")]
    fn virtual_shards(self, per_shard: u32) -> Result<Balance, SimError> {
        let virtual_shards = self.shards.times(per_shard)?;
        let mut sizes = vec![0; virtual_shards.count()];
        for (&hash, count) in self.events.hashes().iter().zip(self.events.counts()) {
            sizes[virtual_shards.home(hash)] += u64::from(count);
        }
        let places = longest_first(&sizes, self.shards.get().get());
        let home = |hash| places[virtual_shards.home(hash)] as usize;
        let mut homes = Homes::whole(self.events, self.shards, home);
        let bound = virtual_shards::bound(&sizes, self.events.nobodys(), self.shards);
        Ok(self.by(&mut homes).bound(bound))
    }

    fn bounded(self, epsilon: f64) -> Balance {
        let mut placer = BoundedLoads::new(self.events, self.shards, epsilon, self.seed);
        let events = self.events.keys().len() as u64;
        self.by(&mut placer).bound(ring::bound(epsilon, events, self.shards))
    }

    fn two_choices(self) -> Balance {
        let make = |_, _| TwoChoices::new(self.events.hashes(), self.shards, self.seed);
        Balance::of(self.by_sources(make, |_| ()))
    }

    fn d_choices(self) -> Balance {
        let ids = self.events.ids();
        let mut in_head = vec![false; ids.hashes.len()];
        let make = |own_events, first| {
            let heads = Heads::new(&ids, self.shards, self.seed, own_events);
            DChoices::new(heads, self.shards, self.seed, LeastLoaded::from(first))
        };
        let rows = self.by_sources(make, |placer| mark(&mut in_head, &placer.into_heads()));
        Balance { hot_keys: count(&in_head), ..Balance::of(rows) }
    }

    fn w_choices(self) -> Balance {
        let ids = self.events.ids();
        let mut in_head = vec![false; ids.hashes.len()];
        let make = |own_events, first| {
            let heads = Heads::new(&ids, self.shards, self.seed, own_events);
            WChoices::new(heads, LeastLoaded::from(first))
        };
        let rows = self.by_sources(make, |placer| mark(&mut in_head, &placer.into_heads()));
        Balance { hot_keys: count(&in_head), ..Balance::of(rows) }
    }

    /// The events of each source after the other, which know nothing of each other. `make` is given
    /// how many events a source has, and the shard that it takes where all are alike.
    fn by_sources<P: Placer>(
        self,
        make: impl Fn(u64, usize) -> P,
        mut done: impl FnMut(P),
    ) -> Vec<u64> {
        let events = self.events.keys().len();
        // Sources without an event change nothing.
        let of = (self.sources.get() as usize).min(events).max(1);
        let mut sum = vec![0; self.shards.count()];
        for first in 0..of {
            let own_events = (events - first.min(events)).div_ceil(of) as u64;
            let mut placer = make(own_events, first * self.shards.count() / of);
            let loads = rows(self.events, Source { first, of }, self.shards, &mut placer);
            sum.iter_mut().zip(loads).for_each(|(sum, load)| *sum += u64::from(load));
            done(placer);
        }
        sum
    }
}

/// Marks the ids that a source has in its head at the end.
fn mark(in_head: &mut [bool], heads: &Heads<'_>) {
    for id in heads.head() {
        if let Some(mark) = in_head.get_mut(id) {
            *mark = true;
        }
    }
}

fn count(in_head: &[bool]) -> u64 {
    in_head.iter().filter(|&&marked| marked).count() as u64
}

#[cfg(test)]
mod tests;
