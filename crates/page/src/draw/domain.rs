//! What an axis spans, and where a number stands on it.

use crate::draw::ticks::{fits_linear, fits_log, linear_step, linear_ticks, log_ticks};
use crate::{Axis, Scale, Unit};

/// The range of an axis with its ticks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Domain {
    low: f64,
    high: f64,
    spacing: Spacing,
    unit: Unit,
    /// Where ticks stand, upwards.
    pub(crate) ticks: Vec<f64>,
}

/// How an axis is spaced, when nothing is left to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spacing {
    Linear,
    Log,
}

/// Where an axis ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// At the next tick.
    Tick,
    /// At the last number.
    Data,
}

impl Domain {
    /// The range of these numbers, with about so many ticks. Those that the axis cannot show are
    /// passed over; without any, it goes from 0, or 1, to the next round number.
    pub(crate) fn of(
        axis: &Axis,
        numbers: impl IntoIterator<Item = f64>,
        end: End,
        about: usize,
    ) -> Self {
        let spacing = Spacing::of(axis.scale);
        let mut range: Option<(f64, f64)> = None;
        for number in numbers.into_iter().filter(|&number| spacing.fits(number)) {
            let (low, high) = range.unwrap_or((number, number));
            range = Some((low.min(number), high.max(number)));
        }
        match spacing {
            Spacing::Linear => Self::linear(axis, range.unwrap_or((0.0, 1.0)), end, about),
            Spacing::Log => Self::log(axis.unit, range.unwrap_or((1.0, 10.0)), end, about),
        }
    }

    fn linear(axis: &Axis, (mut low, mut high): (f64, f64), end: End, about: usize) -> Self {
        if axis.scale == Scale::Linear {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        // Numbers that are all but equal get room around them.
        if high - low <= 1e-9 * low.abs().max(high.abs()) {
            let room = if high == 0.0 { 1.0 } else { high.abs() / 2.0 };
            high += room;
            low = if axis.scale == Scale::Linear { low } else { low - room };
        }
        let step = linear_step(high - low, about, axis.unit);
        if end == End::Tick {
            let hair = 1e-9;
            low = (low / step + hair).floor() * step;
            high = (high / step - hair).ceil() * step;
        }
        let ticks = linear_ticks(low, high, step);
        Self { low, high, spacing: Spacing::Linear, unit: axis.unit, ticks }
    }

    fn log(unit: Unit, (mut low, mut high): (f64, f64), end: End, about: usize) -> Self {
        if high / low < 1.0 + 1e-9 {
            (low, high) = (low / 2.0, high * 2.0);
        }
        if end == End::Tick {
            (low, high) = (round_down(low), round_up(high));
        }
        let ticks = log_ticks(low, high, about, unit);
        Self { low, high, spacing: Spacing::Log, unit, ticks }
    }

    /// Where the number stands, from 0 at the low end to 1 at the high one; nowhere if outside.
    pub(crate) fn share(&self, number: f64) -> Option<f64> {
        if !number.is_finite() || (self.spacing == Spacing::Log && number <= 0.0) {
            return None;
        }
        let share = match self.spacing {
            Spacing::Linear => (number - self.low) / (self.high - self.low),
            Spacing::Log => (number / self.low).ln() / (self.high / self.low).ln(),
        };
        (-1e-6..=1.0 + 1e-6).contains(&share).then(|| share.clamp(0.0, 1.0))
    }

    /// The same, with what is outside moved to the nearer end.
    pub(crate) fn nearest_share(&self, number: f64) -> f64 {
        let share = self.share(number.clamp(self.low, self.high));
        share.unwrap_or(if number > self.low { 1.0 } else { 0.0 })
    }

    /// The ticks with their texts.
    pub(crate) fn labels(&self) -> Vec<(f64, String)> {
        let gaps = self.ticks.windows(2).filter_map(|pair| match pair {
            [a, b] => Some(b - a),
            _ => None,
        });
        let step = gaps.reduce(f64::min);
        let label = |&tick: &f64| {
            let own = if tick == 0.0 { 1.0 } else { tick.abs() };
            let step = match self.spacing {
                Spacing::Linear => step.unwrap_or(own),
                Spacing::Log => step.map_or(own, |step| own.min(step.max(own / 10.0))),
            };
            (tick, self.unit.tick(tick, step))
        };
        self.ticks.iter().map(label).collect()
    }
}

impl Spacing {
    /// How a scale is spaced.
    pub(crate) fn of(scale: Scale) -> Self {
        match scale {
            Scale::Linear | Scale::Range => Self::Linear,
            Scale::Log => Self::Log,
        }
    }

    /// Whether an axis can show the number.
    pub(crate) fn fits(self, number: f64) -> bool {
        match self {
            Self::Linear => fits_linear(number),
            Self::Log => fits_log(number),
        }
    }
}

/// The next of 1, 2, 5, 10 … from here downwards.
fn round_down(number: f64) -> f64 {
    let power = 10_f64.powf(number.log10().floor());
    let digit = number / power * (1.0 + 1e-9);
    let round = [5.0, 2.0, 1.0].into_iter().find(|&round| digit >= round);
    round.unwrap_or(0.5) * power
}

/// The next of 1, 2, 5, 10 … from here upwards.
fn round_up(number: f64) -> f64 {
    let power = 10_f64.powf(number.log10().floor());
    let digit = number / power * (1.0 - 1e-9);
    let round = [1.0, 2.0, 5.0].into_iter().find(|&round| digit <= round);
    round.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(domain: &Domain) -> Vec<String> {
        domain.labels().into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn linear_axes_start_at_zero_and_end_at_a_tick() {
        let rows = Axis::new("rows", Unit::Count);
        let domain = Domain::of(&rows, [31_000.0, 397_000.0], End::Tick, 5);
        assert_eq!(texts(&domain), ["0", "100 k", "200 k", "300 k", "400 k"]);
        assert_eq!(domain.share(400_000.0), Some(1.0));
        assert_eq!(domain.share(500_000.0), None);
    }

    #[test]
    fn ranges_and_logarithms_keep_to_the_numbers() {
        let rank = Axis::new("rank", Unit::Count).range();
        let domain = Domain::of(&rank, [1.0, 64.0], End::Data, 6);
        assert_eq!(domain.share(1.0), Some(0.0));
        assert_eq!(texts(&domain), ["10", "20", "30", "40", "50", "60"]);
        let threshold = Axis::new("T", Unit::Count).log();
        let domain = Domain::of(&threshold, [0.0, 1e3, 1e5], End::Data, 6);
        assert_eq!(domain.share(1e4), Some(0.5));
        assert_eq!(texts(&domain), ["1 k", "2 k", "5 k", "10 k", "20 k", "50 k", "100 k"]);
    }

    #[test]
    fn numbers_that_say_nothing_still_make_an_axis() {
        let hostile = [
            vec![],
            vec![0.0, 0.0],
            vec![f64::NAN, f64::INFINITY, f64::MAX],
            vec![1e15, 1e15 + 0.1],
            vec![-5.0],
            vec![5e-324, 1e100],
        ];
        for numbers in hostile {
            for scale in [Scale::Linear, Scale::Range, Scale::Log] {
                for end in [End::Tick, End::Data] {
                    let axis = Axis { label: String::new(), unit: Unit::Number, scale };
                    let domain = Domain::of(&axis, numbers.iter().copied(), end, 5);
                    assert!(domain.low < domain.high, "{numbers:?} {scale:?}: {domain:?}");
                    assert!((1..=100).contains(&domain.ticks.len()), "{numbers:?}: {domain:?}");
                    let outside = domain.ticks.iter().find(|&&tick| domain.share(tick).is_none());
                    assert_eq!(outside, None, "{numbers:?} {end:?}: {domain:?}");
                }
            }
        }
    }
}
