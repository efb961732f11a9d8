//! Streams that are named because people keep asking for them.

use crate::{Detail, IdDistribution, Mistake, WorkloadSpec};

impl WorkloadSpec {
    /// One day of an app that shipped `identify('user_id')` at noon.
    ///
    /// From then on the literal holds 60 % of the events, so that with two million of them the key
    /// gets some 600 000. The most active of the 100 000 users, under Zipf 0.8, sends 2.2 % of the
    /// events before noon and 1.5 % over the day, which stays far below the default threshold: the
    /// mistake alone makes the hot shard.
    #[must_use]
    pub fn identify_at_noon(events: u64) -> Self {
        Self::new(events)
            .users(100_000, IdDistribution::Zipf { s: 0.8 })
            .mistake(Mistake::static_identify(0.6))
            .detail(Detail::Lean)
    }

    /// The stream that engines are compared on: four days, 18 % of the events under `user_id`, 9 %
    /// under `hotshard@mixpanel.com`, 3 % without an id, the rest Zipf 1.3 over a million users.
    /// Five million events make 1.4 GB.
    #[must_use]
    pub fn reference(events: u64) -> Self {
        Self::new(events)
            .days(4)
            .users(1_000_000, IdDistribution::Zipf { s: 1.3 })
            .heavy("user_id", 0.18)
            .heavy("hotshard@mixpanel.com", 0.09)
            .empty_share(0.03)
    }
}
