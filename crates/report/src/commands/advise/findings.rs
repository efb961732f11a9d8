//! Findings in words.

use hotshard::{Advice, Finding};

use crate::figures::{count, ratio, things};
use crate::json::advise::FindingJson;
use crate::printable::value_cell;

/// Every finding, with its name and its words.
pub(super) fn told(advice: &Advice) -> Vec<FindingJson> {
    let json = |finding| {
        let (finding, text) = words(finding, advice);
        FindingJson { finding, text }
    };
    advice.findings.iter().map(json).collect()
}

fn words(finding: &Finding, advice: &Advice) -> (&'static str, String) {
    let (target, figure) = (advice.target, advice.target.figure());
    let shards = things(advice.present.shards.get().into(), "shard", "shards");
    match finding {
        Finding::NoEvents => {
            ("no_events", "There are no events, so there is nothing to balance.".to_owned())
        }
        Finding::OneShard => (
            "one_shard",
            "All is in one shard, which is as even as can be; nothing here changes that."
                .to_owned(),
        ),
        Finding::FewerEventsThanShards { events, shards } => (
            "fewer_events_than_shards",
            format!(
                "There are {} for {} shards: most of them stay empty, and one with a single event \
                 is above the mean.",
                things(*events, "event", "events"),
                count((*shards).into())
            ),
        ),
        Finding::ReachedToday => ("reached_today", format!("Today's rows reach {target} already.")),
        Finding::NothingPasses { threshold, largest, untouched } => (
            "nothing_passes",
            format!(
                "A threshold of {} does nothing: no id has more events on one day (the most is {}), \
                 so {figure} stays at {}.",
                count(threshold.get()),
                count(*largest),
                ratio(untouched.median)
            ),
        ),
        Finding::MadeBySmallKeys { threshold, hot_keys, small_over_mean, untouched, remedied } => (
            "made_by_small_keys",
            format!(
                "A threshold of {} catches {}, and {figure} goes from {} to {}. What is left is \
                 made by ids below it: in the fullest shard they alone have {} times the rows of a \
                 mean shard.",
                count(threshold.get()),
                things(*hot_keys, "key", "keys"),
                ratio(untouched.median),
                ratio(remedied.median),
                ratio(*small_over_mean)
            ),
        ),
        Finding::SteadyId { distinct_id, events, days, largest_day, over_mean } => (
            "steady_id",
            format!(
                "{} has {} over {}, {} on the largest: a threshold counts each day for itself, and \
                 {} leaves {} times the rows of a mean shard at home.",
                named(distinct_id.as_deref()),
                things(*events, "event", "events"),
                things((*days).into(), "day", "days"),
                count(*largest_day),
                count(advice.present.threshold.get()),
                ratio(*over_mean)
            ),
        ),
        Finding::OneIdTooLarge { distinct_id, share, over_mean, most_shards } => (
            "one_id_too_large",
            format!(
                "{} alone has {:.1} % of the events: whatever keeps an id in one shard (hash, jump, \
                 virtual shards) leaves max/mean at {} or more with {shards}, and can reach \
                 {target} with {most_shards} at most.",
                named(distinct_id.as_deref()),
                share * 100.0,
                ratio(*over_mean)
            ),
        ),
        Finding::SpreadsMost { threshold, share } => (
            "spreads_most",
            format!(
                "T = {} spreads {:.0} % of the events, so that ids hardly have a home any more: a \
                 policy or another number of shards that reaches {target} costs less.",
                count(threshold.get()),
                share * 100.0
            ),
        ),
        Finding::BelowChance { spread } => (
            "below_chance",
            format!(
                "{target} is below what chance leaves: with every event spread by its sequence, \
                 {figure} over {shards} is {:.3}, and up to {:.3} in 95 of 100 runs. Policies that \
                 look at loads can do better; no threshold can.",
                spread.median, spread.likely
            ),
        ),
        Finding::OwnThresholds => (
            "own_thresholds",
            format!(
                "Ids with thresholds of their own keep the shards from {target}, whatever the \
                 others' is; `hotshard ingest --no-override ID` takes one back."
            ),
        ),
        _ => ("other", format!("{finding:?}")),
    }
}

fn named(distinct_id: Option<&str>) -> String {
    distinct_id.map_or_else(|| "An id".to_owned(), |id| value_cell(Some(id)))
}
