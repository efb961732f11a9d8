//! The largest threshold that reaches a target.

use hotshard_event::Threshold;

use super::chance::Outlook;
use super::placed::{Placed, Remedied};
use super::target::Target;

/// Each threshold that is tried is this part of the one before: steps of 2 %.
const STEP: f64 = 0.98;
/// So many of the largest keys are tried as thresholds as well.
const TRIED_KEYS: usize = 2_000;

/// A threshold and what it makes of the shards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThresholdOutcome {
    /// T.
    pub threshold: Threshold,
    /// The target's figure.
    pub outlook: Outlook,
    /// Events past T, in all.
    pub remedied: u64,
    /// Keys past T.
    pub hot_keys: u64,
}

/// What was found about thresholds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThresholdSearch {
    /// The largest that reaches the target.
    pub largest: Option<ThresholdOutcome>,
    /// The one that comes closest, of those that were tried.
    pub best: ThresholdOutcome,
    /// The largest below [`ThresholdSearch::largest`] that misses the target again. A lower
    /// threshold is mostly better, but not always: what it takes from one shard falls on all.
    pub misses_below: Option<ThresholdOutcome>,
}

impl ThresholdSearch {
    /// Tries thresholds from the largest key down, in steps of 2 % and at each of the largest keys,
    /// then looks between the first that reaches the target and the one above it.
    pub(super) fn of(placed: &Placed<'_>, target: Target) -> Self {
        let mut descent = placed.descent();
        let mut best: Option<ThresholdOutcome> = None;
        let (mut above, mut largest, mut misses_below) = (None, None, None);
        for threshold in tried(placed) {
            descent.lower_to(threshold);
            let remedied = descent.remedied();
            // Chance only adds to this, so what is hopeless is seen at once.
            let least = remedied.loads.least(target);
            if best.is_some_and(|best| least >= best.outlook.likely) && least > target.value() {
                if largest.is_some() && misses_below.is_none() {
                    misses_below = Some(outcome(threshold, &remedied, target));
                }
                above = largest.is_none().then_some(threshold).or(above);
                continue;
            }
            let outcome = outcome(threshold, &remedied, target);
            if best.is_none_or(|best| outcome.outlook.likely < best.outlook.likely) {
                best = Some(outcome);
            }
            match (outcome.outlook.reaches(target), largest) {
                (true, None) => largest = Some(outcome),
                (false, None) => above = Some(threshold),
                (false, Some(_)) => misses_below = misses_below.or(Some(outcome)),
                (true, Some(_)) => {}
            }
        }
        let largest = largest.map(|found| between(placed, target, found, above));
        let zero = || outcome(Threshold::new(0), &placed.at(Threshold::new(0)), target);
        Self { largest, best: best.unwrap_or_else(zero), misses_below }
    }
}

/// The largest threshold that reaches the target, between one that does and the one above it.
fn between(
    placed: &Placed<'_>,
    target: Target,
    found: ThresholdOutcome,
    above: Option<Threshold>,
) -> ThresholdOutcome {
    let Some(above) = above else { return found };
    let (mut found, mut above) = (found, above.get());
    while above - found.threshold.get() > 1 {
        let middle = Threshold::new(found.threshold.get().midpoint(above));
        let outcome = outcome(middle, &placed.at(middle), target);
        if outcome.outlook.reaches(target) {
            found = outcome;
        } else {
            above = middle.get();
        }
    }
    found
}

pub(super) fn outcome(
    threshold: Threshold,
    remedied: &Remedied,
    target: Target,
) -> ThresholdOutcome {
    ThresholdOutcome {
        threshold,
        outlook: remedied.loads.outlook(target),
        remedied: remedied.events,
        hot_keys: remedied.keys,
    }
}

/// The thresholds to try, largest first: from one that no key passes to 0.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a step need not be exact"
)]
fn tried(placed: &Placed<'_>) -> Vec<Threshold> {
    let mut tried: Vec<u64> = placed.events().take(TRIED_KEYS).collect();
    let mut step = placed.largest();
    while step > 0 {
        tried.push(step);
        step = ((step as f64 * STEP) as u64).min(step - 1);
    }
    tried.push(0);
    tried.sort_unstable_by(|left, right| right.cmp(left));
    tried.dedup();
    tried.into_iter().map(Threshold::new).collect()
}
