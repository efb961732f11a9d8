//! How full the fullest shard may be when part of the rows are placed by chance.

use statrs::function::erf::erfc;

use super::target::Target;

/// Below so many rows a shard, what chance gives it is told exactly, not by a normal.
const FEW_A_SHARD: f64 = 100.0;
/// What is likely: the quantile that a target must hold for.
const LIKELY: f64 = 0.95;
/// The same in standard deviations of a normal.
const LIKELY_Z: f64 = 1.645;
/// Halvings of an interval of rows, which leave none of 2⁵³ undecided.
const HALVINGS: u32 = 60;

/// Rows per shard: where they are for sure, and how many more lie anywhere.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Loads {
    /// Rows of each shard that are placed by a hash that is known.
    pub(super) fixed: Vec<u64>,
    /// Rows that are spread over all shards, each for itself.
    pub(super) spread: u64,
    /// Rows of ids of which only the sum is known, and what their hashes vary a shard by.
    pub(super) tail: f64,
    pub(super) tail_variance: f64,
}

/// A figure of balance of which a part is chance: the hashes of sequences.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// Half of all runs stay at or below it.
    pub median: f64,
    /// 95 in 100 runs stay at or below it. A target is reached if this is not above it.
    pub likely: f64,
}

impl Outlook {
    /// A figure without chance.
    #[must_use]
    pub const fn certain(value: f64) -> Self {
        Self { median: value, likely: value }
    }

    /// Whether a target is reached in 95 of 100 runs.
    #[must_use]
    pub fn reaches(&self, target: Target) -> bool {
        self.likely <= target.value()
    }

    /// How far chance may take it above its median.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.likely - self.median
    }
}

#[expect(clippy::cast_precision_loss, reason = "balance needs no 53rd bit of a count")]
impl Loads {
    fn shards(&self) -> f64 {
        self.fixed.len().max(1) as f64
    }

    fn total(&self) -> f64 {
        self.fixed.iter().sum::<u64>() as f64 + self.spread as f64 + self.tail
    }

    /// What each shard has on average beside its fixed rows.
    fn mean_of_chance(&self) -> f64 {
        (self.spread as f64 + self.tail) / self.shards()
    }

    /// The variance of that: of a binomial for the spread rows.
    fn variance_of_chance(&self) -> f64 {
        let part = 1.0 / self.shards();
        self.spread as f64 * part * (1.0 - part) + self.tail_variance
    }

    /// Rows of each shard, with an average of what is spread.
    pub(super) fn average(&self) -> impl Iterator<Item = f64> + '_ {
        let mean = self.mean_of_chance();
        self.fixed.iter().map(move |rows| *rows as f64 + mean)
    }

    /// The figure that a target is about.
    pub(super) fn outlook(&self, target: Target) -> Outlook {
        if self.total() <= 0.0 {
            return Outlook::certain(target.even());
        }
        match target {
            Target::MaxOverMean(_) => self.max_over_mean(),
            Target::Cv(_) => self.cv(),
        }
    }

    /// A figure that the outlook is never below: that of the average rows.
    pub(super) fn least(&self, target: Target) -> f64 {
        if self.total() <= 0.0 {
            return target.even();
        }
        let mean = self.total() / self.shards();
        match target {
            Target::MaxOverMean(_) => self.average().fold(0.0, f64::max) / mean,
            Target::Cv(_) => (self.squares() / self.shards()).sqrt() / mean,
        }
    }

    /// Squares of the average rows' distances from the mean.
    fn squares(&self) -> f64 {
        let mean = self.total() / self.shards();
        self.average().map(|rows| (rows - mean).powi(2)).sum()
    }

    fn max_over_mean(&self) -> Outlook {
        let chance = Chance::of(self);
        let mean = self.total() / self.shards();
        Outlook {
            median: self.fullest(&chance, 0.5) / mean,
            likely: self.fullest(&chance, LIKELY) / mean,
        }
    }

    /// So many rows the fullest shard does not exceed, with this probability.
    ///
    /// Shards are taken for independent. They are not quite: what one has more, the others have
    /// less. So this is above the truth, by little.
    fn fullest(&self, chance: &Chance, probability: f64) -> f64 {
        let fixed = self.fixed.iter().max().copied().unwrap_or(0) as f64;
        if let Chance::Certain(rows) = chance {
            return fixed + rows;
        }
        let (mut low, mut high) = (fixed - 1.0, fixed + chance.most());
        for _ in 0..HALVINGS {
            if high - low <= 0.25 {
                break;
            }
            let middle = f64::midpoint(low, high);
            if self.none_exceeds(chance, middle) >= probability {
                high = middle;
            } else {
                low = middle;
            }
        }
        if chance.is_whole() { high.floor() } else { high }
    }

    fn none_exceeds(&self, chance: &Chance, rows: f64) -> f64 {
        self.fixed.iter().map(|fixed| chance.at_most(rows - *fixed as f64)).product()
    }

    /// The squares of the distances from the mean, summed up, are distributed like a noncentral χ²
    /// with a degree of freedom less than there are shards. A scaled χ² of the same mean and
    /// variance stands for it (Patnaik, Biometrika 36, 1949), with the quantiles of Wilson and
    /// Hilferty (PNAS 17, 1931).
    fn cv(&self) -> Outlook {
        let n = self.shards();
        let (squares, variance) = (self.squares(), self.variance_of_chance());
        let mean = self.total() / n;
        let of = |sum: f64| (sum.max(0.0) / n).sqrt() / mean;
        if variance <= 0.0 || n < 2.0 {
            return Outlook::certain(of(squares));
        }
        let expected = squares + n * variance;
        let scale = variance * n / (n - 1.0);
        let spread = scale * scale * 2.0 * (n - 1.0) + 4.0 * scale * squares;
        let ninths = 2.0 / 9.0 * spread / (2.0 * expected * expected);
        let quantile = |z: f64| of(expected * (1.0 - ninths + z * ninths.sqrt()).powi(3));
        Outlook { median: quantile(0.0), likely: quantile(LIKELY_Z) }
    }
}

/// What chance adds to one shard.
enum Chance {
    /// Nothing that is not known.
    Certain(f64),
    /// The cumulative distribution of few rows.
    Few(Vec<f64>),
    Normal {
        mean: f64,
        deviation: f64,
    },
}

impl Chance {
    #[expect(clippy::cast_precision_loss, reason = "balance needs no 53rd bit of a count")]
    fn of(loads: &Loads) -> Self {
        let (mean, variance) = (loads.mean_of_chance(), loads.variance_of_chance());
        if variance <= 0.0 {
            return Self::Certain(mean);
        }
        if loads.tail > 0.0 || mean >= FEW_A_SHARD {
            return Self::Normal { mean, deviation: variance.sqrt() };
        }
        // The binomial distribution, by the ratio of one probability to the next.
        let (part, rows) = (1.0 / loads.shards(), loads.spread as f64);
        let mut probability = (rows * (-part).ln_1p()).exp();
        let mut sum = probability;
        let mut cumulative = vec![sum];
        let mut row = 0.0;
        while sum < 1.0 - 1e-12 && row < rows && (row < mean || probability > 1e-18) {
            probability *= (rows - row) / (row + 1.0) * part / (1.0 - part);
            row += 1.0;
            sum += probability;
            cumulative.push(sum.min(1.0));
        }
        Self::Few(cumulative)
    }

    /// More than this it hardly ever is.
    #[expect(clippy::cast_precision_loss, reason = "few rows")]
    fn most(&self) -> f64 {
        match self {
            Self::Certain(rows) => *rows,
            Self::Few(cumulative) => cumulative.len() as f64,
            Self::Normal { mean, deviation } => mean + 12.0 * deviation,
        }
    }

    fn is_whole(&self) -> bool {
        matches!(self, Self::Few(_))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rows are not negative here, and few"
    )]
    fn at_most(&self, rows: f64) -> f64 {
        match self {
            Self::Certain(certain) => f64::from(u8::from(rows >= *certain)),
            Self::Few(_) if rows < 0.0 => 0.0,
            Self::Few(cumulative) => cumulative.get(rows as usize).copied().unwrap_or(1.0),
            Self::Normal { mean, deviation } => {
                0.5 * erfc((mean - rows) / deviation * std::f64::consts::FRAC_1_SQRT_2)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hotshard_event::Skew;
    use hotshard_workload::{RngSeed, RngStream};

    use super::*;

    /// Quantiles of a statistic over many runs in which each spread row goes where it likes.
    fn measured(fixed: &[u64], spread: u64, statistic: impl Fn(&Skew) -> f64) -> (f64, f64) {
        let mut random = RngStream::new(RngSeed::new(7), 1);
        let mut found: Vec<f64> = (0..2_000)
            .map(|_| {
                let mut rows = fixed.to_vec();
                for _ in 0..spread {
                    let shard = usize::try_from(random.below(rows.len() as u64)).unwrap();
                    rows[shard] += 1;
                }
                statistic(&Skew::of(&rows))
            })
            .collect();
        found.sort_by(f64::total_cmp);
        (found[1_000], found[1_900])
    }

    fn loads(fixed: &[u64], spread: u64) -> Loads {
        Loads { fixed: fixed.to_vec(), spread, tail: 0.0, tail_variance: 0.0 }
    }

    #[test]
    fn quantiles_are_those_of_many_runs() {
        let uneven: Vec<u64> = (0..20).map(|shard| 100 + shard * shard / 8).collect();
        for (fixed, spread) in [
            (vec![0; 16], 64),
            (vec![0; 16], 8_000),
            (vec![10; 64], 20),
            (vec![0, 50, 0, 0], 10),
            (uneven, 3_000),
            (vec![5, 5], 100),
        ] {
            let loads = loads(&fixed, spread);
            let found = loads.outlook(Target::MaxOverMean(1.0));
            let (median, likely) = measured(&fixed, spread, |skew| skew.max_over_mean);
            // Where there are few rows, one of them is what both may differ by.
            let total = fixed.iter().sum::<u64>() + spread;
            let row = if spread <= 100 { fixed.len() as f64 / total as f64 } else { 0.0 };
            assert!((found.median - median).abs() < 0.012 * median + row, "{found:?} {median}");
            assert!((found.likely - likely).abs() < 0.015 * likely + row, "{found:?} {likely}");
            let found = loads.outlook(Target::Cv(0.0));
            let (median, likely) = measured(&fixed, spread, |skew| skew.cv);
            assert!((found.median - median).abs() < 0.03 * median + row, "{found:?} {median}");
            assert!((found.likely - likely).abs() < 0.03 * likely + row, "{found:?} {likely}");
        }
    }

    #[test]
    fn without_chance_it_is_the_figure_itself() {
        let rows = [3, 9, 0, 4];
        let skew = Skew::of(&rows);
        let loads = loads(&rows, 0);
        let max = loads.outlook(Target::MaxOverMean(1.0));
        assert!((max.median - skew.max_over_mean).abs() < 1e-12 && max.margin() < 1e-9, "{max:?}");
        assert!((loads.outlook(Target::Cv(0.0)).likely - skew.cv).abs() < 1e-12);
        assert!((loads.least(Target::MaxOverMean(1.0)) - skew.max_over_mean).abs() < 1e-12);
    }

    #[test]
    fn nothing_is_even() {
        assert_eq!(loads(&[0; 4], 0).outlook(Target::DEFAULT), Outlook::certain(1.0));
        assert_eq!(loads(&[0; 4], 0).outlook(Target::Cv(0.0)), Outlook::certain(0.0));
    }

    #[test]
    fn one_shard_has_it_all() {
        let one = loads(&[5], 1_000).outlook(Target::DEFAULT);
        assert!((one.likely - 1.0).abs() < 1e-3, "{one:?}");
    }
}
