//! Advice.

use hotshard::{
    Advice, Cost, FullShard, KeyCounts, Level, Origin, Outlook, PolicyOutcome, ShardCountOutcome,
    ShardOccupant, Target, ThresholdOutcome,
};
use serde::Serialize;

use super::shards::ShardsJson;

/// All that `advise` says.
#[derive(Debug, Serialize)]
pub(crate) struct AdviceJson<'a> {
    target: String,
    events: u64,
    days: u32,
    ids: u64,
    keys: usize,
    without_id: u64,
    shards: u32,
    threshold: u64,
    remedy: &'static str,
    today: TodayJson<'a>,
    untouched: OutlookJson,
    remedied: ThresholdJson,
    largest_threshold: Option<ThresholdJson>,
    best_threshold: ThresholdJson,
    misses_below: Option<ThresholdJson>,
    checked: Option<f64>,
    smallest_shards: Option<u32>,
    largest_shards: Option<u32>,
    shard_counts: Vec<ShardCountJson>,
    policies: Vec<PolicyJson>,
    findings: Vec<FindingJson>,
    passes: u64,
}

#[derive(Debug, Serialize)]
struct TodayJson<'a> {
    origin: &'static str,
    reached: bool,
    shards: ShardsJson,
    rows: &'a [u64],
    fullest: Vec<FullShardJson<'a>>,
}

#[derive(Debug, Serialize)]
struct FullShardJson<'a> {
    shard: u32,
    rows: u64,
    over_mean: f64,
    ids_in_all: u64,
    ids: Vec<OccupantJson<'a>>,
}

#[derive(Debug, Serialize)]
struct OccupantJson<'a> {
    distinct_id: Option<&'a str>,
    rows: u64,
    share: f64,
    days: u32,
    largest_day: u64,
}

/// A figure that chance has a part in.
#[derive(Debug, Serialize)]
struct OutlookJson {
    median: f64,
    p95: f64,
    reached: bool,
}

#[derive(Debug, Serialize)]
struct ThresholdJson {
    threshold: u64,
    outlook: OutlookJson,
    hot_keys: u64,
    remedied: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<CostJson>,
}

#[derive(Debug, Serialize)]
struct CostJson {
    remedied: u64,
    remedied_a_day: f64,
    share: f64,
    locality: String,
    ids_to_merge: u64,
}

#[derive(Debug, Serialize)]
struct ShardCountJson {
    shards: u32,
    untouched: OutlookJson,
    remedied: OutlookJson,
}

#[derive(Debug, Serialize)]
struct PolicyJson {
    policy: String,
    threshold: Option<u64>,
    outlook: OutlookJson,
    level: &'static str,
    cost: CostJson,
}

/// Something that figures alone do not say: its name for programs, and its words.
#[derive(Debug, Serialize)]
pub(crate) struct FindingJson {
    pub(crate) finding: &'static str,
    pub(crate) text: String,
}

impl<'a> AdviceJson<'a> {
    pub(crate) fn new(advice: &'a Advice, counts: &KeyCounts, findings: Vec<FindingJson>) -> Self {
        let target = advice.target;
        let threshold = |outcome: ThresholdOutcome, cost: Option<Cost>| ThresholdJson {
            threshold: outcome.threshold.get(),
            outlook: outlook(outcome.outlook, target),
            hot_keys: outcome.hot_keys,
            remedied: outcome.remedied,
            cost: cost.map(CostJson::from),
        };
        let search = &advice.thresholds;
        let chosen = |outcome: ThresholdOutcome| {
            (outcome == advice.threshold()).then_some(advice.threshold_cost)
        };
        let (smallest, largest) = reaching(advice);
        Self {
            target: target.to_string(),
            events: counts.events(),
            days: counts.days(),
            ids: advice.ids,
            keys: counts.keys().len(),
            without_id: counts.nobody(),
            shards: advice.present.shards.get(),
            threshold: advice.present.threshold.get(),
            remedy: advice.present.remedy.as_str(),
            today: today(advice),
            untouched: outlook(advice.untouched, target),
            remedied: threshold(advice.remedied, Some(advice.remedied_cost)),
            largest_threshold: search.largest.map(|found| threshold(found, chosen(found))),
            best_threshold: threshold(search.best, chosen(search.best)),
            misses_below: search.misses_below.map(|missed| threshold(missed, None)),
            checked: advice.checked,
            smallest_shards: smallest,
            largest_shards: largest,
            shard_counts: advice.shard_counts.iter().map(|one| shard_count(one, target)).collect(),
            policies: advice.policies.iter().map(|one| policy(one, target)).collect(),
            findings,
            passes: counts.passes(),
        }
    }
}

/// The smallest number of shards above 1 that reaches the target with the threshold, and the
/// largest, of those that were tried.
pub(crate) fn reaching(advice: &Advice) -> (Option<u32>, Option<u32>) {
    let reaches = |tried: &&ShardCountOutcome| {
        tried.shards.get() > 1 && tried.remedied.reaches(advice.target)
    };
    let mut reaching = advice.shard_counts.iter().filter(reaches).map(|tried| tried.shards.get());
    let smallest = reaching.next();
    (smallest, reaching.next_back().or(smallest))
}

/// How a figure was come by, in a word.
pub(crate) const fn level(level: Level) -> &'static str {
    match level {
        Level::Counts => "counts",
        Level::Events => "events",
        Level::Shuffled => "shuffled",
        Level::Fluid => "fluid",
    }
}

/// The figure of today.
pub(crate) fn figure(advice: &Advice) -> f64 {
    match advice.target {
        Target::MaxOverMean(_) => advice.today.skew.max_over_mean,
        Target::Cv(_) => advice.today.skew.cv,
    }
}

fn today(advice: &Advice) -> TodayJson<'_> {
    let today = &advice.today;
    TodayJson {
        origin: match today.origin {
            Origin::Stored => "stored",
            Origin::Placed => "placed",
            Origin::Averaged => "averaged",
        },
        reached: figure(advice) <= advice.target.value(),
        shards: today.skew.into(),
        rows: &today.rows,
        fullest: today.fullest.iter().map(FullShardJson::from).collect(),
    }
}

fn outlook(outlook: Outlook, target: Target) -> OutlookJson {
    let Outlook { median, likely } = outlook;
    OutlookJson { median, p95: likely, reached: outlook.reaches(target) }
}

fn shard_count(tried: &ShardCountOutcome, target: Target) -> ShardCountJson {
    ShardCountJson {
        shards: tried.shards.get(),
        untouched: outlook(tried.untouched, target),
        remedied: outlook(tried.remedied, target),
    }
}

fn policy(tried: &PolicyOutcome, target: Target) -> PolicyJson {
    PolicyJson {
        policy: tried.policy.to_string(),
        threshold: tried.threshold.map(hotshard::Threshold::get),
        outlook: outlook(tried.outlook, target),
        level: level(tried.level),
        cost: tried.cost.into(),
    }
}

impl<'a> From<&'a FullShard> for FullShardJson<'a> {
    fn from(full: &'a FullShard) -> Self {
        Self {
            shard: full.shard.get(),
            rows: full.rows,
            over_mean: full.over_mean,
            ids_in_all: full.ids_in_all,
            ids: full.ids.iter().map(OccupantJson::from).collect(),
        }
    }
}

impl<'a> From<&'a ShardOccupant> for OccupantJson<'a> {
    fn from(id: &'a ShardOccupant) -> Self {
        Self {
            distinct_id: id.distinct_id.as_deref(),
            rows: id.rows,
            share: id.share,
            days: id.days,
            largest_day: id.largest_day,
        }
    }
}

impl From<Cost> for CostJson {
    fn from(cost: Cost) -> Self {
        Self {
            remedied: cost.remedied,
            remedied_a_day: cost.remedied_a_day,
            share: cost.share,
            locality: cost.locality.to_string(),
            ids_to_merge: cost.ids_to_merge,
        }
    }
}
