//! What figures alone do not say.

use std::collections::BTreeMap;

use hotshard_event::Threshold;

use super::Present;
use super::chance::{Loads, Outlook};
use super::ids::{IdTotal, Ids};
use super::placed::Placed;
use super::policies::figure_of;
use super::target::Target;
use super::thresholds::ThresholdSearch;
use super::today::Today;
use crate::KeyCounts;

/// An id that is at home with this part of a mean shard is worth a word.
const MUCH_OF_A_SHARD: f64 = 0.5;
/// What is past a threshold is most of the events from here on.
const MOST: f64 = 0.5;
/// So many of the largest ids are looked at.
const LOOKED_AT: usize = 100;

/// Something that whoever decides should know.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// There is nothing to place.
    NoEvents,
    /// There is nothing to choose: all is in one shard.
    OneShard,
    /// Some shards have no event, so the mean is below one.
    FewerEventsThanShards {
        /// Events.
        events: u64,
        /// Shards.
        shards: u32,
    },
    /// The target is reached as things are.
    ReachedToday,
    /// No key passes a threshold, so it changes nothing.
    NothingPasses {
        /// The threshold.
        threshold: Threshold,
        /// Events of the largest key.
        largest: u64,
        /// The target's figure, with that threshold or without.
        untouched: Outlook,
    },
    /// Keys pass a threshold, but the fullest shard is made by those that do not.
    MadeBySmallKeys {
        /// The threshold.
        threshold: Threshold,
        /// The keys that pass it.
        hot_keys: u64,
        /// Rows of keys that do not, in the fullest shard, over the rows of the mean shard.
        small_over_mean: f64,
        /// The target's figure without the threshold.
        untouched: Outlook,
        /// And with it.
        remedied: Outlook,
    },
    /// An id has much on several days, so that a threshold a day leaves much of it at home.
    SteadyId {
        /// The id, where it is known.
        distinct_id: Option<String>,
        /// Its events on all days.
        events: u64,
        /// Days with events.
        days: u32,
        /// Events of the largest of them.
        largest_day: u64,
        /// What the present threshold leaves at home, over the rows of the mean shard.
        over_mean: f64,
    },
    /// A policy that keeps an id in one shard cannot reach the target, whatever it does.
    OneIdTooLarge {
        /// The id, where it is known.
        distinct_id: Option<String>,
        /// Its events over all.
        share: f64,
        /// Its events over the rows of the mean shard: what max/mean is at least.
        over_mean: f64,
        /// With more shards than this, the target is out of reach for such a policy.
        most_shards: u64,
    },
    /// The threshold that reaches the target spreads most events, as if ids had no home.
    SpreadsMost {
        /// The threshold.
        threshold: Threshold,
        /// Events past it, over all.
        share: f64,
    },
    /// The target is below what chance leaves if every event is spread by its sequence.
    BelowChance {
        /// With everything spread.
        spread: Outlook,
    },
    /// Spreading everything would reach the target, but ids with thresholds of their own stay.
    OwnThresholds,
}

/// What findings are drawn from.
pub(super) struct Circumstances<'a> {
    pub(super) counts: &'a KeyCounts,
    pub(super) ids: &'a Ids,
    pub(super) placed: &'a Placed<'a>,
    pub(super) present: Present,
    pub(super) target: Target,
    pub(super) today: &'a Today,
    pub(super) untouched: Outlook,
    pub(super) search: &'a ThresholdSearch,
}

impl Circumstances<'_> {
    /// What there is to say, the plainest first.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let (events, shards) = (self.counts.events(), self.present.shards.get());
        if events == 0 {
            return vec![Finding::NoEvents];
        }
        if shards == 1 {
            return vec![Finding::OneShard];
        }
        let few = Finding::FewerEventsThanShards { events, shards };
        let few = (events < u64::from(shards)).then_some(few);
        let today = figure_of(self.target, &self.today.skew);
        let reached = (today <= self.target.value()).then_some(Finding::ReachedToday);
        let mut judged = vec![self.present.threshold, Threshold::DEFAULT];
        judged.dedup();
        let thresholds = judged.into_iter().filter_map(|threshold| self.of_threshold(threshold));
        few.into_iter()
            .chain(reached)
            .chain(thresholds)
            .chain(self.steady_id())
            .chain(self.one_id_too_large())
            .chain(self.limits())
            .collect()
    }

    /// Where a fixed threshold does nothing, or not enough.
    fn of_threshold(&self, threshold: Threshold) -> Option<Finding> {
        let remedied = self.placed.at(threshold);
        let untouched = self.untouched;
        if remedied.keys == 0 {
            let largest = self.placed.largest();
            return Some(Finding::NothingPasses { threshold, largest, untouched });
        }
        let outlook = remedied.loads.outlook(self.target);
        let (small, fixed) = remedied.fullest;
        (!outlook.reaches(self.target) && small * 2 >= fixed).then(|| Finding::MadeBySmallKeys {
            threshold,
            hot_keys: remedied.keys,
            small_over_mean: self.over_mean(small),
            untouched,
            remedied: outlook,
        })
    }

    /// The id of which most is left at home, if it is much, on several days, and the target missed.
    fn steady_id(&self) -> Option<Finding> {
        let threshold = self.present.threshold;
        if self.placed.at(threshold).loads.outlook(self.target).reaches(self.target) {
            return None;
        }
        let looked_at = self.ids.largest_first().take(LOOKED_AT);
        let mut at_home: BTreeMap<u64, u64> = looked_at.map(|id| (id.hash, 0)).collect();
        for key in self.counts.keys() {
            if let Some(rows) = at_home.get_mut(&key.hash) {
                *rows += key.events.min(key.own_threshold.unwrap_or(threshold).get());
            }
        }
        let rows_of = |id: &IdTotal| at_home.get(&id.hash).copied().unwrap_or_default();
        let steady = self.ids.largest_first().take(LOOKED_AT).filter(|id| id.days > 1);
        let id = steady.max_by_key(|id| rows_of(id))?;
        let over_mean = self.over_mean(rows_of(id));
        (over_mean >= MUCH_OF_A_SHARD).then(|| Finding::SteadyId {
            distinct_id: self.name_of(id),
            events: id.events,
            days: id.days,
            largest_day: id.largest_day,
            over_mean,
        })
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of shards is positive and small"
    )]
    fn one_id_too_large(&self) -> Option<Finding> {
        let Target::MaxOverMean(target) = self.target else { return None };
        let id = self.ids.largest_first().next()?;
        let over_mean = self.over_mean(id.events);
        let share = id.events as f64 / self.counts.events() as f64;
        (over_mean > target).then(|| Finding::OneIdTooLarge {
            distinct_id: self.name_of(id),
            share,
            over_mean,
            most_shards: (target / share).floor() as u64,
        })
    }

    /// Why no threshold reaches the target, if none does, or only one that spreads most events.
    #[expect(clippy::cast_precision_loss, reason = "a share needs no 53rd bit of a count")]
    fn limits(&self) -> Option<Finding> {
        if let Some(found) = self.search.largest {
            let share = found.remedied as f64 / self.counts.events() as f64;
            let threshold = found.threshold;
            return (share > MOST).then_some(Finding::SpreadsMost { threshold, share });
        }
        let fixed = vec![0; self.present.shards.get() as usize];
        let spread = self.counts.events();
        let all = Loads { fixed, spread, tail: 0.0, tail_variance: 0.0 };
        let spread = all.outlook(self.target);
        Some(if spread.reaches(self.target) {
            Finding::OwnThresholds
        } else {
            Finding::BelowChance { spread }
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "ratios need no 53rd bit of a count")]
    fn over_mean(&self, rows: u64) -> f64 {
        rows as f64 * f64::from(self.present.shards.get()) / self.counts.events() as f64
    }

    fn name_of(&self, id: &IdTotal) -> Option<String> {
        let mut keys = self.counts.keys().filter(|key| key.hash == id.hash);
        keys.find_map(|key| key.distinct_id).map(str::to_owned)
    }
}
