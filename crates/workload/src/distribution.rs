//! How events spread over users.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::WorkloadError;

/// How a stream's events spread over its users. Written `uniform`, `zipf:1.0`, `hotspot:0.2:0.8`,
/// `lognormal:1.5`, `power-law:0.8:10000` or `drifting-zipf:1.0:50`, on the command line and in files
/// alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum IdDistribution {
    /// Every user is as active as any other.
    Uniform,
    /// The user of rank r, from 1, gets a share proportional to r⁻ˢ.
    Zipf {
        /// The exponent: 0 is uniform, about 1 is common, at 1.3 the first of a million users
        /// sends a quarter of the events.
        s: f64,
    },
    /// A few users share most of the events evenly, the others share the rest evenly.
    Hotspot {
        /// The fraction of the users that is hot.
        hot_fraction: f64,
        /// The share of the events that the hot users send.
        hot_share: f64,
    },
    /// Activity is lognormal: each user has the mean activity of their slice of the distribution,
    /// which is cut into as many equally likely slices as there are users.
    ///
    /// It fits how active people are better than a Zipf law does where no single one stands out.
    Lognormal {
        /// The standard deviation of the logarithm of the activity: 0 is uniform; at 2 the most
        /// active hundredth of the users sends 37 % of the events.
        sigma: f64,
    },
    /// The user of rank r, from 1, gets a share proportional to r⁻ˢ·exp(−r/cutoff): a Zipf law
    /// whose tail ends, as that of most measured ones does (Clauset, Shalizi, Newman 2009).
    PowerLaw {
        /// The exponent.
        s: f64,
        /// The rank from which on the tail falls faster than any power, at least 1.
        cutoff: f64,
    },
    /// A Zipf law under which every day others are the most active: each day's ranks begin `step`
    /// users after those of the day before, and the last user is followed by the first.
    DriftingZipf {
        /// The exponent.
        s: f64,
        /// Users by which the ranks move on each day.
        step: u64,
    },
}

impl IdDistribution {
    /// 20 % of the users send 80 % of the events.
    pub const HOTSPOT_80_20: Self = Self::Hotspot { hot_fraction: 0.2, hot_share: 0.8 };
}

impl fmt::Display for IdDistribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uniform => f.write_str("uniform"),
            Self::Zipf { s } => write!(f, "zipf:{s}"),
            Self::Hotspot { hot_fraction, hot_share } => {
                write!(f, "hotspot:{hot_fraction}:{hot_share}")
            }
            Self::Lognormal { sigma } => write!(f, "lognormal:{sigma}"),
            Self::PowerLaw { s, cutoff } => write!(f, "power-law:{s}:{cutoff}"),
            Self::DriftingZipf { s, step } => write!(f, "drifting-zipf:{s}:{step}"),
        }
    }
}

impl FromStr for IdDistribution {
    type Err = WorkloadError;

    fn from_str(text: &str) -> Result<Self, WorkloadError> {
        let error = || WorkloadError::Distribution { given: text.to_owned() };
        let number = |text: Option<&str>| -> Result<f64, WorkloadError> {
            text.and_then(|text| text.parse().ok()).ok_or_else(error)
        };
        let users = |text: Option<&str>| -> Result<u64, WorkloadError> {
            text.and_then(|text| text.parse().ok()).ok_or_else(error)
        };
        let mut parts = text.split(':');
        let distribution = match parts.next() {
            Some("uniform") => Self::Uniform,
            Some("zipf") => Self::Zipf { s: number(parts.next())? },
            Some("hotspot") => Self::Hotspot {
                hot_fraction: number(parts.next())?,
                hot_share: number(parts.next())?,
            },
            Some("lognormal") => Self::Lognormal { sigma: number(parts.next())? },
            Some("power-law") => {
                Self::PowerLaw { s: number(parts.next())?, cutoff: number(parts.next())? }
            }
            Some("drifting-zipf") => {
                Self::DriftingZipf { s: number(parts.next())?, step: users(parts.next())? }
            }
            _ => return Err(error()),
        };
        if parts.next().is_some() { Err(error()) } else { Ok(distribution) }
    }
}

impl TryFrom<String> for IdDistribution {
    type Error = WorkloadError;

    fn try_from(text: String) -> Result<Self, WorkloadError> {
        text.parse()
    }
}

impl From<IdDistribution> for String {
    fn from(distribution: IdDistribution) -> Self {
        distribution.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        let all = [
            IdDistribution::Uniform,
            IdDistribution::Zipf { s: 1.3 },
            IdDistribution::Hotspot { hot_fraction: 0.01, hot_share: 0.9 },
            IdDistribution::Lognormal { sigma: 1.5 },
            IdDistribution::PowerLaw { s: 0.8, cutoff: 10_000.0 },
            IdDistribution::DriftingZipf { s: 1.0, step: 50 },
        ];
        for distribution in all {
            assert_eq!(distribution.to_string().parse::<IdDistribution>().unwrap(), distribution);
        }
        assert_eq!(IdDistribution::HOTSPOT_80_20.to_string(), "hotspot:0.2:0.8");
    }

    #[test]
    fn a_bad_word_says_what_to_write() {
        let unknown = ["", "zipf", "zipf:x", "zipf:1:2", "hotspot:0.2", "normal", "uniform:1"];
        let new = ["lognormal", "power-law:1", "drifting-zipf:1", "drifting-zipf:1:0.5"];
        for given in unknown.into_iter().chain(new) {
            let message = given.parse::<IdDistribution>().unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("`{given}` is not a distribution of ids; write")),
                "{message}"
            );
        }
    }
}
