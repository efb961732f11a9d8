//! Balance of a stream that is routed event by event.

mod fixed;
mod placer;
mod remedied;

use std::num::NonZeroU32;

use hotshard_event::{Skew, Threshold};
use hotshard_workload::RngSeed;

use self::fixed::Fixed;
use self::placer::{Placer, Source};
use self::remedied::Remedied;
use crate::placement::Shards;
use crate::{Balance, KeyEvents, Policy, SimError};

/// Routes every event and says how full the shards are.
///
/// `seed` chooses the hash functions that a policy has beside the hashes of the ids: second choices,
/// salts, the ring of bounded loads. `sources` is how many senders share the stream in turn, each
/// of which knows only what it sent itself; it matters to the policies that look at loads (`pkg`,
/// `d-choices` and `w-choices`), and is 1 where it is not given. The answer depends on nothing else.
///
/// # Errors
/// If there are more shards than a store can have, or more than 2³² − 1 events.
pub fn route(
    events: &KeyEvents,
    policy: Policy,
    shards: NonZeroU32,
    seed: RngSeed,
    sources: Option<NonZeroU32>,
) -> Result<Balance, SimError> {
    let shards = Shards::new(shards)?;
    if u32::try_from(events.keys().len()).is_err() {
        return Err(SimError::TooManyEvents { given: events.keys().len() as u64 });
    }
    let (_, _) = (seed, sources);
    match policy {
        Policy::Hash => {
            let placer = Fixed::by_hash(events, shards, |hash| shards.home(hash));
            Ok(all_by(events, shards, placer))
        }
        Policy::Jump => {
            let placer = Fixed::by_hash(events, shards, |hash| shards.jump(hash));
            Ok(all_by(events, shards, placer))
        }
        Policy::Shuffle => Ok(all_by(events, shards, Fixed::spread_all(events, shards))),
        Policy::Remedied { threshold, .. } => {
            let threshold = threshold.threshold(events.per_day(), shards.count() as u64);
            let balance = all_by(events, shards, Remedied::new(events, shards, threshold));
            Ok(remedied(balance, events, threshold))
        }
        _ => Err(SimError::Policy { given: policy.to_string() }),
    }
}

/// All events from one source.
fn all_by(events: &KeyEvents, shards: Shards, mut placer: impl Placer) -> Balance {
    let rows = placer::rows(events, Source::ONLY, shards.count(), &mut placer);
    balance(rows.into_iter().map(u64::from).collect())
}

fn balance(rows: Vec<u64>) -> Balance {
    let skew = Skew::of(&rows);
    Balance { rows, skew, threshold: None, remedied: 0, hot_keys: 0, bound: None }
}

/// The same with what was past T.
fn remedied(balance: Balance, events: &KeyEvents, threshold: Threshold) -> Balance {
    let counts = events.counts();
    let hot = counts.iter().map(|&count| u64::from(count).saturating_sub(threshold.get()));
    let hot = hot.filter(|&excess| excess > 0);
    let (hot_keys, remedied) = hot.fold((0, 0), |(keys, sum), excess| (keys + 1, sum + excess));
    Balance { threshold: Some(threshold), hot_keys, remedied, ..balance }
}
