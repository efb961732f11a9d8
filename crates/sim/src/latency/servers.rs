//! Who works on the shards of a query.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::SimError;

/// Who works on tasks, one task of one shard at a time each. Written `per-shard`, or a number of
/// workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Servers {
    /// Each shard has a server of its own, with its own queue: a machine a shard.
    OnePerShard,
    /// So many workers take tasks of any shard from one queue: the threads of one machine.
    Workers(NonZeroU32),
}

/// In which order a query's tasks enter the queue of the workers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum TaskOrder {
    /// The longest modelled time first, as the query engine does it: no long task is left at the
    /// end when the other workers are done.
    #[default]
    LargestFirst,
    /// By number of the shard.
    ByShard,
}

impl Servers {
    /// How many servers these are for so many shards.
    #[must_use]
    pub fn count(self, shards: usize) -> usize {
        match self {
            Self::OnePerShard => shards,
            Self::Workers(workers) => usize::try_from(workers.get()).unwrap_or(usize::MAX),
        }
    }
}

/// A number or a word in a file.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "workers are per-shard, or a number from 1")]
enum Written {
    Number(u32),
    Word(String),
}

impl fmt::Display for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnePerShard => f.write_str("per-shard"),
            Self::Workers(workers) => workers.fmt(f),
        }
    }
}

impl FromStr for Servers {
    type Err = SimError;

    fn from_str(text: &str) -> Result<Self, SimError> {
        match text {
            "per-shard" => Ok(Self::OnePerShard),
            number => number
                .parse()
                .map(Self::Workers)
                .map_err(|_| SimError::Servers { given: text.to_owned() }),
        }
    }
}

impl TryFrom<Written> for Servers {
    type Error = SimError;

    fn try_from(written: Written) -> Result<Self, SimError> {
        match written {
            Written::Number(number) => number.to_string().parse(),
            Written::Word(word) => word.parse(),
        }
    }
}

impl From<Servers> for Written {
    fn from(servers: Servers) -> Self {
        match servers {
            Servers::OnePerShard => Self::Word(servers.to_string()),
            Servers::Workers(workers) => Self::Number(workers.get()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for word in ["per-shard", "1", "16"] {
            assert_eq!(word.parse::<Servers>().unwrap().to_string(), word);
        }
    }

    #[test]
    fn a_bad_word_says_what_to_write() {
        for given in ["", "0", "-2", "each"] {
            let message = given.parse::<Servers>().unwrap_err().to_string();
            assert_eq!(
                message,
                format!(
                    "`{given}` says not who works on shards; write per-shard, or a number of \
                     workers from 1"
                )
            );
        }
    }
}
