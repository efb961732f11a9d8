//! When an id is hot, and what happens to its excess.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ParseError;

/// Threshold T: how many events of one (distinct id, event date) stay untouched.
///
/// Every event of the key after the T-th is excess. T = 0 makes every event with an id excess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Threshold(u64);

impl Threshold {
    /// 200 000 events per id and day, the limit in Mixpanel's public documentation.
    pub const DEFAULT: Self = Self(200_000);

    /// The threshold of `events` per id and day.
    #[must_use]
    pub const fn new(events: u64) -> Self {
        Self(events)
    }

    /// Events per id and day.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The count at which a key is said to approach T: 80 % of it, rounded up.
    #[must_use]
    pub const fn approaching(self) -> u64 {
        self.0 - self.0 / 5
    }
}

impl Default for Threshold {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Threshold {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let digits = text.replace('_', "");
        digits.parse().map(Self).map_err(|_| ParseError::Threshold { given: text.to_owned() })
    }
}

/// What happens to the excess of a hot key.
#[derive(
    Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Remedy {
    /// The event becomes `$hotshard_events` with an empty id, keeps its originals in two
    /// properties, and is spread over all shards (Mixpanel's remedy).
    #[default]
    Rename,
    /// The event stays as it is and is spread; queries merge the split ids across shards.
    Split,
    /// Nothing: the baseline.
    Off,
}

impl Remedy {
    /// Every remedy, the baseline first.
    pub const ALL: [Self; 3] = [Self::Off, Self::Rename, Self::Split];

    /// The word on the command line and in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rename => "rename",
            Self::Split => "split",
            Self::Off => "off",
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Remedy {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::ALL
            .into_iter()
            .find(|remedy| remedy.as_str() == text)
            .ok_or_else(|| ParseError::Remedy { given: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_approaches_at_eighty_percent_rounded_up() {
        assert_eq!(Threshold::new(200_000).approaching(), 160_000);
        assert_eq!(Threshold::new(7).approaching(), 6);
        assert_eq!(Threshold::new(1).approaching(), 1);
        assert_eq!(Threshold::new(0).approaching(), 0);
    }

    #[test]
    fn words_come_back() {
        for remedy in Remedy::ALL {
            assert_eq!(remedy.to_string().parse(), Ok(remedy));
        }
        assert_eq!("200_000".parse(), Ok(Threshold::DEFAULT));
        let error = "none".parse::<Remedy>().unwrap_err();
        assert_eq!(error.to_string(), "`none` is not a remedy; choose rename, split or off");
        assert!("-1".parse::<Threshold>().is_err());
    }
}
