//! Which shard an event goes to.

use std::fmt;
use std::str::FromStr;

use hotshard_event::{Remedy, Threshold};
use serde::{Deserialize, Serialize};

use crate::SimError;

/// How events are placed on shards. Written as in the variants' first lines, on the command line
/// and in files alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Policy {
    /// `hash`: the id's hash modulo the number of shards; what a store does without a remedy.
    Hash,
    /// `jump`: jump consistent hashing (Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash
    /// Algorithm", 2014).
    Jump,
    /// `bounded-loads:0.25`: consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam,
    /// SODA 2018): no shard takes more than 1 + ε times the mean of what was placed so far.
    BoundedLoads {
        /// ε, above 0.
        epsilon: f64,
    },
    /// `pkg`: partial key grouping (Nasir et al., ICDE 2015): the less loaded of two distinct shards.
    PartialKeyGrouping,
    /// `d-choices`: D-Choices (Nasir et al., "When Two Choices Are Not Enough", ICDE 2016): as many
    /// choices as the head keys need.
    DChoices,
    /// `w-choices`: W-Choices (same paper): head keys go to the least loaded of all shards.
    WChoices,
    /// `salting:8`: the id with one of so many salts, in turn, as keys are sharded for writes (Amazon
    /// DynamoDB Developer Guide, "Using write sharding to distribute workloads evenly").
    KeySalting {
        /// Number of salts, at least 1.
        salts: u32,
    },
    /// `virtual-shards:16`: so many virtual shards a shard, placed by longest processing time first
    /// (Graham, "Bounds on Multiprocessing Timing Anomalies", 1969).
    VirtualShards {
        /// Virtual shards a shard, at least 1.
        per_shard: u32,
    },
    /// `shuffle`: by sequence, whatever the id: shuffle grouping, as stream processors call it.
    Shuffle,
    /// `rename@200000`, `split@200000`, `rename@0.2N/n`: what is past T of a key is spread by
    /// sequence. Both place alike; they differ in what analysis loses.
    Remedied {
        /// [`Remedy::Rename`] or [`Remedy::Split`].
        remedy: Remedy,
        /// T.
        threshold: ThresholdRule,
    },
}

/// How T is chosen. Written `200000`, or `0.2N/n`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ThresholdRule {
    /// So many events of one id on one day.
    Fixed(Threshold),
    /// T = α·N/n, rounded up: a fraction of what one shard gets of a day's N events.
    Adaptive {
        /// α, above 0.
        alpha: f64,
    },
}

impl ThresholdRule {
    /// T for this many events a day over this many shards.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "α is positive, and T needs no 53rd bit"
    )]
    pub fn threshold(self, events_per_day: u64, shards: u64) -> Threshold {
        match self {
            Self::Fixed(threshold) => threshold,
            Self::Adaptive { alpha } => {
                Threshold::new((alpha * events_per_day as f64 / shards.max(1) as f64).ceil() as u64)
            }
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hash => f.write_str("hash"),
            Self::Jump => f.write_str("jump"),
            Self::BoundedLoads { epsilon } => write!(f, "bounded-loads:{epsilon}"),
            Self::PartialKeyGrouping => f.write_str("pkg"),
            Self::DChoices => f.write_str("d-choices"),
            Self::WChoices => f.write_str("w-choices"),
            Self::KeySalting { salts } => write!(f, "salting:{salts}"),
            Self::VirtualShards { per_shard } => write!(f, "virtual-shards:{per_shard}"),
            Self::Shuffle => f.write_str("shuffle"),
            Self::Remedied { remedy, threshold } => write!(f, "{remedy}@{threshold}"),
        }
    }
}

impl FromStr for Policy {
    type Err = SimError;

    fn from_str(text: &str) -> Result<Self, SimError> {
        parse(text).ok_or_else(|| SimError::Policy { given: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<Policy> {
    if let Some((remedy, threshold)) = text.split_once('@') {
        let remedy = remedy.parse().ok().filter(|remedy| *remedy != Remedy::Off)?;
        return Some(Policy::Remedied { remedy, threshold: threshold.parse().ok()? });
    }
    let (name, number) = match text.split_once(':') {
        Some((name, number)) => (name, Some(number)),
        None => (text, None),
    };
    match (name, number) {
        ("hash", None) => Some(Policy::Hash),
        ("jump", None) => Some(Policy::Jump),
        ("bounded-loads", Some(epsilon)) => {
            let epsilon = epsilon.parse().ok().filter(|e: &f64| *e > 0.0 && e.is_finite())?;
            Some(Policy::BoundedLoads { epsilon })
        }
        ("pkg", None) => Some(Policy::PartialKeyGrouping),
        ("d-choices", None) => Some(Policy::DChoices),
        ("w-choices", None) => Some(Policy::WChoices),
        ("salting", Some(salts)) => Some(Policy::KeySalting { salts: at_least_one(salts)? }),
        ("virtual-shards", Some(number)) => {
            Some(Policy::VirtualShards { per_shard: at_least_one(number)? })
        }
        ("shuffle", None) => Some(Policy::Shuffle),
        _ => None,
    }
}

fn at_least_one(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number > 0)
}

impl fmt::Display for ThresholdRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(threshold) => threshold.fmt(f),
            Self::Adaptive { alpha } => write!(f, "{alpha}N/n"),
        }
    }
}

impl FromStr for ThresholdRule {
    type Err = SimError;

    fn from_str(text: &str) -> Result<Self, SimError> {
        let rule = match text.strip_suffix("N/n") {
            Some(alpha) => alpha
                .parse()
                .ok()
                .filter(|alpha: &f64| *alpha > 0.0 && alpha.is_finite())
                .map(|alpha| Self::Adaptive { alpha }),
            None => text.parse().ok().map(Self::Fixed),
        };
        rule.ok_or_else(|| SimError::ThresholdRule { given: text.to_owned() })
    }
}

impl TryFrom<String> for Policy {
    type Error = SimError;

    fn try_from(text: String) -> Result<Self, SimError> {
        text.parse()
    }
}

impl From<Policy> for String {
    fn from(policy: Policy) -> Self {
        policy.to_string()
    }
}

impl TryFrom<String> for ThresholdRule {
    type Error = SimError;

    fn try_from(text: String) -> Result<Self, SimError> {
        text.parse()
    }
}

impl From<ThresholdRule> for String {
    fn from(rule: ThresholdRule) -> Self {
        rule.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for word in [
            "hash",
            "jump",
            "bounded-loads:0.25",
            "pkg",
            "d-choices",
            "w-choices",
            "salting:8",
            "virtual-shards:16",
            "shuffle",
            "rename@200000",
            "split@0.2N/n",
        ] {
            assert_eq!(word.parse::<Policy>().unwrap().to_string(), word);
        }
    }

    #[test]
    fn a_bad_word_says_what_to_write() {
        for given in ["", "off@5", "rename", "rename@", "salting:0", "hash:2", "bounded-loads:-1"] {
            let message = given.parse::<Policy>().unwrap_err().to_string();
            assert!(message.starts_with(&format!("`{given}` is no policy; write")), "{message}");
        }
    }

    #[test]
    fn an_adaptive_threshold_follows_the_mean_shard() {
        let rule: ThresholdRule = "0.2N/n".parse().unwrap();
        assert_eq!(rule.threshold(10_000_000, 50), Threshold::new(40_000));
        assert_eq!(rule.threshold(10, 1_000), Threshold::new(1));
    }
}
