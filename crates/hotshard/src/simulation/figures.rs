//! What is kept of each repeat of a cell.

use hotshard_sim::Balance;

/// The figures of one cell under one rng seed.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SeedFigures {
    /// Events.
    pub events: u64,
    /// Rows of the fullest shard over the mean.
    pub max_over_mean: f64,
    /// Coefficient of variation of rows per shard.
    pub cv: f64,
    /// 99th percentile over median of rows per shard; none if the median shard is empty.
    pub p99_over_median: Option<f64>,
    /// Gini coefficient of rows per shard.
    pub gini: f64,
    /// Effective number of shards.
    pub k_eff: f64,
    /// T as it was used, under a remedy.
    pub threshold: Option<u64>,
    /// Keys past T, or in the head of D-Choices and W-Choices.
    pub hot_keys: u64,
    /// Events past T.
    pub remedied: u64,
    /// What theory says max/mean stays below.
    pub bound: Option<f64>,
    /// The probability with which it does.
    pub bound_confidence: Option<f64>,
}

const FIELDS: usize = 11;

impl From<&Balance> for SeedFigures {
    fn from(balance: &Balance) -> Self {
        let skew = &balance.skew;
        Self {
            events: skew.total,
            max_over_mean: skew.max_over_mean,
            cv: skew.cv,
            p99_over_median: skew.p99_over_median,
            gini: skew.gini,
            k_eff: skew.k_eff,
            threshold: balance.threshold.map(hotshard_event::Threshold::get),
            hot_keys: balance.hot_keys,
            remedied: balance.remedied,
            bound: balance.bound.map(|bound| bound.max_over_mean),
            bound_confidence: balance.bound.map(|bound| bound.confidence),
        }
    }
}

impl SeedFigures {
    /// As text that comes back to the last bit: numbers are written with as many digits as they
    /// need, and what is not there as `-`.
    pub(super) fn to_words(self) -> String {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let words: [String; FIELDS] = [
            self.events.to_string(),
            self.max_over_mean.to_string(),
            self.cv.to_string(),
            or_dash(self.p99_over_median.map(|number| number.to_string())),
            self.gini.to_string(),
            self.k_eff.to_string(),
            or_dash(self.threshold.map(|number| number.to_string())),
            self.hot_keys.to_string(),
            self.remedied.to_string(),
            or_dash(self.bound.map(|number| number.to_string())),
            or_dash(self.bound_confidence.map(|number| number.to_string())),
        ];
        words.join(" ")
    }

    /// The figures of such a text; none if it is cut off, or something else.
    pub(super) fn from_words(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split(' ').collect();
        let words: [&str; FIELDS] = words.try_into().ok()?;
        let [
            events,
            max_over_mean,
            cv,
            p99,
            gini,
            k_eff,
            threshold,
            hot_keys,
            remedied,
            bound,
            confidence,
        ] = words;
        Some(Self {
            events: events.parse().ok()?,
            max_over_mean: max_over_mean.parse().ok()?,
            cv: cv.parse().ok()?,
            p99_over_median: dash_or(p99)?,
            gini: gini.parse().ok()?,
            k_eff: k_eff.parse().ok()?,
            threshold: dash_or(threshold)?,
            hot_keys: hot_keys.parse().ok()?,
            remedied: remedied.parse().ok()?,
            bound: dash_or(bound)?,
            bound_confidence: dash_or(confidence)?,
        })
    }
}

/// `-`, or a value; none if it is neither.
#[expect(clippy::option_option, reason = "the outer one says whether the word is one at all")]
fn dash_or<T: std::str::FromStr>(word: &str) -> Option<Option<T>> {
    if word == "-" { Some(None) } else { word.parse().ok().map(Some) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_come_back_to_the_last_bit(
            numbers in proptest::array::uniform5(proptest::num::f64::NORMAL),
            counts in proptest::array::uniform3(0_u64..),
            is_there in proptest::array::uniform3(any::<bool>()),
        ) {
            let figures = SeedFigures {
                events: counts[0],
                max_over_mean: numbers[0],
                cv: numbers[1],
                p99_over_median: is_there[0].then_some(numbers[2]),
                gini: numbers[3],
                k_eff: numbers[4],
                threshold: is_there[1].then_some(counts[1]),
                hot_keys: counts[2],
                remedied: counts[1],
                bound: is_there[2].then_some(numbers[0]),
                bound_confidence: is_there[2].then_some(0.99),
            };
            let words = figures.to_words();
            prop_assert_eq!(SeedFigures::from_words(&words), Some(figures));
            let cut = words.rsplit_once(' ').unwrap().0;
            prop_assert_eq!(SeedFigures::from_words(cut), None);
        }
    }
}
