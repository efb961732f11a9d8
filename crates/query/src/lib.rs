//! Counts over a hotshard store, per shard, with service times.
