//! What is to be reached.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// How even shards are to be. Written `max/mean=1.2` or `cv=0.1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// The fullest shard has at most so many times the mean; from 1 on.
    MaxOverMean(f64),
    /// The coefficient of variation of rows per shard is at most this; from 0 on.
    Cv(f64),
}

impl Target {
    /// Max/mean of 1.2, as a rule: the slowest shard works a fifth longer than the mean one.
    pub const DEFAULT: Self = Self::MaxOverMean(1.2);

    /// The figure that is to be reached.
    #[must_use]
    pub const fn value(self) -> f64 {
        match self {
            Self::MaxOverMean(value) | Self::Cv(value) => value,
        }
    }

    /// The name of the figure: `max/mean` or `cv`.
    #[must_use]
    pub const fn figure(self) -> &'static str {
        match self {
            Self::MaxOverMean(_) => "max/mean",
            Self::Cv(_) => "cv",
        }
    }
}

impl Default for Target {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.figure(), self.value())
    }
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || Error::UnknownTarget { given: text.to_owned() };
        let (figure, value) = text.split_once('=').ok_or_else(unknown)?;
        let value: f64 = value.trim().parse().map_err(|_| unknown())?;
        let target = match figure.trim() {
            "max/mean" => Self::MaxOverMean(value),
            "cv" => Self::Cv(value),
            _ => return Err(unknown()),
        };
        if !value.is_finite() {
            return Err(unknown());
        }
        if value < target.even() {
            return Err(Error::ImpossibleTarget { given: text.to_owned(), least: target.least() });
        }
        Ok(target)
    }
}

impl Target {
    /// The figure of shards that are all equally full.
    pub(super) const fn even(self) -> f64 {
        match self {
            Self::MaxOverMean(_) => 1.0,
            Self::Cv(_) => 0.0,
        }
    }

    /// A target that only these reach.
    const fn least(self) -> &'static str {
        match self {
            Self::MaxOverMean(_) => "max/mean=1",
            Self::Cv(_) => "cv=0",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_come_back() {
        for text in ["max/mean=1.2", "cv=0.1", "max/mean=1", "cv=0"] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        assert_eq!(Target::default().to_string(), "max/mean=1.2");
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_can() {
        let error = |text: &str| text.parse::<Target>().unwrap_err().to_string();
        for text in ["1.2", "max=1.2", "max/mean=", "max/mean=NaN", "cv=inf", ""] {
            assert!(error(text).contains("write max/mean=1.2 or cv=0.1"), "{text}");
        }
        assert_eq!(
            error("max/mean=0.9"),
            "no shards can be as even as `max/mean=0.9`: all equally full is max/mean=1; give a \
             target above that"
        );
        assert!(error("cv=-0.1").contains("all equally full is cv=0"));
    }
}
