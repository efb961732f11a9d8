//! What to do about uneven shards, from the real counts of keys.

mod advisor;
mod chance;
mod findings;
mod ids;
mod placed;
mod policies;
mod shard_counts;
mod target;
mod thresholds;
mod today;

use hotshard_event::{Remedy, Threshold};
use hotshard_store::ShardCount;

pub use advisor::Advisor;
pub use chance::Outlook;
pub use findings::Finding;
pub use policies::{Cost, Level, Order, PolicyOutcome};
pub use shard_counts::ShardCountOutcome;
pub use target::Target;
pub use thresholds::{ThresholdOutcome, ThresholdSearch};
pub use today::{FullShard, Origin, ShardOccupant, Today};

/// How a store is set up now, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Present {
    /// Number of shards.
    pub shards: ShardCount,
    /// Threshold T.
    pub threshold: Threshold,
    /// What happens to excess.
    pub remedy: Remedy,
}

/// What an [`Advisor`] says.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// What is to be reached.
    pub target: Target,
    /// How things are set up.
    pub present: Present,
    /// Where the rows are.
    pub today: Today,
    /// Ids, of all days.
    pub ids: u64,
    /// Without any remedy.
    pub untouched: Outlook,
    /// With the present threshold and a remedy.
    pub remedied: ThresholdOutcome,
    /// What that costs analysis.
    pub remedied_cost: Cost,
    /// What was found about thresholds at the present number of shards.
    pub thresholds: ThresholdSearch,
    /// What the largest threshold costs analysis, or, if none reaches the target, the best one.
    pub threshold_cost: Cost,
    /// The target's figure under that threshold, event by event in the order of the input, where
    /// that was given.
    pub checked: Option<f64>,
    /// Numbers of shards, ascending, at the present threshold.
    pub shard_counts: Vec<ShardCountOutcome>,
    /// Policies, in the order they were given, at the present number of shards.
    pub policies: Vec<PolicyOutcome>,
    /// What figures alone do not say.
    pub findings: Vec<Finding>,
}

impl Advice {
    /// The threshold to take: the largest that reaches the target, or else the best.
    #[must_use]
    pub fn threshold(&self) -> ThresholdOutcome {
        self.thresholds.largest.unwrap_or(self.thresholds.best)
    }
}
