//! What a policy costs analysis.

use std::fmt;

use hotshard_event::Remedy;

use crate::Policy;

/// Over how many shards a query has to put an id's rows together. Users, sessions and funnels are
/// answered inside one shard only where an id lives in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Locality {
    /// All rows that still have the id are in one shard.
    OneShard,
    /// In one shard, but for the ids that a directory names.
    Directory,
    /// In at most so many.
    Choices(u32),
    /// Frequent ids in as many as their load needs, up to all; the others in two. Who is frequent
    /// changes with time, and no list of them is kept.
    Head,
    /// In any number of shards.
    AllShards,
}

impl Policy {
    /// What it costs analysis.
    ///
    /// Under `rename` the excess has no id, so what is left of an id is in one shard; that the excess
    /// is missing is another cost.
    ///
    /// ```
    /// use hotshard_sim::{Locality, Policy};
    ///
    /// assert_eq!("hash".parse::<Policy>()?.locality(), Locality::OneShard);
    /// assert_eq!("split@200000".parse::<Policy>()?.locality(), Locality::Directory);
    /// assert_eq!("salting:8".parse::<Policy>()?.locality().to_string(), "at most 8 shards");
    /// # Ok::<(), hotshard_sim::SimError>(())
    /// ```
    #[must_use]
    pub fn locality(self) -> Locality {
        match self {
            Self::Hash
            | Self::Jump
            | Self::VirtualShards { .. }
            | Self::Remedied { remedy: Remedy::Rename | Remedy::Off, .. } => Locality::OneShard,
            Self::Remedied { remedy: Remedy::Split, .. } => Locality::Directory,
            Self::PartialKeyGrouping => Locality::Choices(2),
            Self::KeySalting { salts } => Locality::Choices(salts),
            Self::DChoices | Self::WChoices => Locality::Head,
            Self::BoundedLoads { .. } | Self::Shuffle => Locality::AllShards,
        }
    }
}

impl fmt::Display for Locality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory => f.write_str("one shard, listed ids in all"),
            Self::OneShard | Self::Choices(1) => f.write_str("one shard"),
            Self::Choices(shards) => write!(f, "at most {shards} shards"),
            Self::Head => f.write_str("two shards, frequent ids in up to all"),
            Self::AllShards => f.write_str("all shards"),
        }
    }
}
