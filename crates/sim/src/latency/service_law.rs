//! How service times vary.

use std::fmt;
use std::str::FromStr;

use hotshard_workload::RngStream;
use serde::{Deserialize, Serialize};

use crate::SimError;

/// How the time a task really takes varies around what the model says of its shard: a factor, drawn
/// anew for each task. Written as in the variants' first lines, on the command line and in files.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum ServiceLaw {
    /// `fixed`: it does not.
    #[default]
    Fixed,
    /// `exponential`: exponentially, with the modelled time as its mean. What most theory is about.
    Exponential,
    /// `residuals:0.95:1:1.3`: one of these factors, each as likely as the others. Those of a
    /// calibration are quantiles of measured over modelled times.
    Residuals(Vec<f64>),
    /// `hiccup:0.01:100`: a task in a hundred takes a hundred times as long (Dean and Barroso, "The
    /// Tail at Scale", CACM 2013).
    Hiccup {
        /// The share of tasks that hiccup, from 0 to 1.
        probability: f64,
        /// How many times as long these take.
        factor: f64,
    },
}

impl ServiceLaw {
    /// The mean of the factor.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.moment(1)
    }

    /// The squared coefficient of variation of the factor: its variance over its mean squared.
    #[must_use]
    pub fn squared_variation(&self) -> f64 {
        match self.mean() {
            0.0 => 0.0,
            mean => (self.moment(2) / (mean * mean) - 1.0).max(0.0),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a list is not that long")]
    fn moment(&self, power: i32) -> f64 {
        match self {
            Self::Fixed => 1.0,
            Self::Exponential => f64::from(power),
            Self::Residuals(factors) => {
                factors.iter().map(|factor| factor.powi(power)).sum::<f64>() / factors.len() as f64
            }
            Self::Hiccup { probability, factor } => 1.0 + probability * (factor.powi(power) - 1.0),
        }
    }

    /// Nothing but factors that are times, and a share that is one.
    pub(super) fn check(&self) -> Result<(), SimError> {
        let factor = |factor: &f64| factor.is_finite() && *factor >= 0.0;
        let sound = match self {
            Self::Fixed | Self::Exponential => true,
            Self::Residuals(factors) => !factors.is_empty() && factors.iter().all(factor),
            Self::Hiccup { probability, factor: times } => {
                (0.0..=1.0).contains(probability) && factor(times)
            }
        };
        if sound { Ok(()) } else { Err(SimError::ServiceLaw { given: self.to_string() }) }
    }

    /// A factor.
    #[inline]
    pub(super) fn draw(&self, rng: &mut RngStream) -> f64 {
        match self {
            Self::Fixed => 1.0,
            Self::Exponential => -rng.unit().ln(),
            Self::Residuals(factors) => {
                let place = usize::try_from(rng.below(factors.len() as u64)).unwrap_or(0);
                factors.get(place).copied().unwrap_or(1.0)
            }
            Self::Hiccup { probability, factor } => {
                if rng.unit() < *probability {
                    *factor
                } else {
                    1.0
                }
            }
        }
    }
}

impl fmt::Display for ServiceLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed => f.write_str("fixed"),
            Self::Exponential => f.write_str("exponential"),
            Self::Residuals(factors) => {
                f.write_str("residuals")?;
                factors.iter().try_for_each(|factor| write!(f, ":{factor}"))
            }
            Self::Hiccup { probability, factor } => write!(f, "hiccup:{probability}:{factor}"),
        }
    }
}

impl FromStr for ServiceLaw {
    type Err = SimError;

    fn from_str(text: &str) -> Result<Self, SimError> {
        let wrong = || SimError::ServiceLaw { given: text.to_owned() };
        let (name, numbers) = match text.split_once(':') {
            Some((name, numbers)) => (name, Some(numbers)),
            None => (text, None),
        };
        let numbers: Option<Vec<f64>> = numbers
            .map(|numbers| numbers.split(':').map(str::parse).collect())
            .transpose()
            .map_err(|_| wrong())?;
        let law = match (name, numbers.as_deref()) {
            ("fixed", None) => Self::Fixed,
            ("exponential", None) => Self::Exponential,
            ("residuals", Some(factors)) => Self::Residuals(factors.to_vec()),
            ("hiccup", Some(&[probability, factor])) => Self::Hiccup { probability, factor },
            _ => return Err(wrong()),
        };
        law.check()?;
        Ok(law)
    }
}

impl TryFrom<String> for ServiceLaw {
    type Error = SimError;

    fn try_from(text: String) -> Result<Self, SimError> {
        text.parse()
    }
}

impl From<ServiceLaw> for String {
    fn from(law: ServiceLaw) -> Self {
        law.to_string()
    }
}

#[cfg(test)]
mod tests {
    use hotshard_workload::RngSeed;

    use super::*;

    const WORDS: [&str; 4] = ["fixed", "exponential", "residuals:0.5:1:1.75", "hiccup:0.01:100"];

    #[test]
    fn words_come_back() {
        for word in WORDS {
            assert_eq!(word.parse::<ServiceLaw>().unwrap().to_string(), word);
        }
    }

    #[test]
    fn a_bad_word_says_what_to_write() {
        for given in ["", "fixed:1", "residuals", "residuals:x", "residuals:-1", "hiccup:2:9"] {
            let message = given.parse::<ServiceLaw>().unwrap_err().to_string();
            assert!(message.starts_with(&format!("`{given}` is no law of service times")));
        }
    }

    #[test]
    fn draws_have_the_moments_that_are_told() {
        const DRAWS: u32 = 1_000_000;
        for word in WORDS {
            let law: ServiceLaw = word.parse().unwrap();
            let mut rng = RngStream::new(RngSeed::new(1), 0);
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..DRAWS {
                let factor = law.draw(&mut rng);
                sum += factor;
                squares += factor * factor;
            }
            let mean = sum / f64::from(DRAWS);
            let variation = squares / f64::from(DRAWS) / (mean * mean) - 1.0;
            assert!((mean / law.mean() - 1.0).abs() < 0.03, "{word}: {mean}");
            assert!(
                (variation - law.squared_variation()).abs() < 0.05 * (1.0 + variation),
                "{word}"
            );
        }
    }
}
