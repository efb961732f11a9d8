//! Round numbers along an axis.

use crate::Unit;

/// What may be drawn. Beyond, a range of values cannot be computed with; nothing that is counted or
/// timed comes near.
const LARGEST: f64 = 1e100;
const SMALLEST: f64 = 1e-100;

/// Whether a linear axis can show the number.
pub(crate) fn fits_linear(number: f64) -> bool {
    number.abs() <= LARGEST
}

/// Whether a logarithmic axis can show the number.
pub(crate) fn fits_log(number: f64) -> bool {
    (SMALLEST..=LARGEST).contains(&number)
}

/// The round step, 1, 2 or 5 times a power of ten in the unit's scale, of which about so many make up
/// the span (as in Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990).
pub(crate) fn linear_step(span: f64, about: usize, unit: Unit) -> f64 {
    // Steps of bytes are round in their binary unit.
    let scale = if unit == Unit::Bytes { unit.scale_of(span).0 } else { 1.0 };
    let rough = span / scale / about.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = match rough / power {
        digit if digit < 1.5 => power,
        digit if digit < 3.5 => 2.0 * power,
        digit if digit < 7.5 => 5.0 * power,
        _ => 10.0 * power,
    };
    let least = if unit == Unit::Count { 1.0 } else { 0.0 };
    (step * scale).max(least)
}

/// The multiples of the step from low to high, both included.
pub(crate) fn linear_ticks(low: f64, high: f64, step: f64) -> Vec<f64> {
    // A hair's breadth past the end still counts: the sums are not exact.
    let hair = 1e-9 * (high - low) / step;
    let (first, last) = ((low / step - hair).ceil(), (high / step + hair).floor());
    // Bounded, whatever the numbers: about ten are asked for.
    (0_u32..100)
        .map(|at| first + f64::from(at))
        .take_while(|&multiple| multiple <= last)
        .map(|multiple| multiple * step)
        .collect()
}

/// Round numbers from low to high on a logarithmic axis: powers of ten; with 2 and 5 times these if
/// there are few; or linear ticks if the axis spans less than that. About so many.
pub(crate) fn log_ticks(low: f64, high: f64, about: usize, unit: Unit) -> Vec<f64> {
    let base: f64 = if unit == Unit::Bytes { 4.0 } else { 10.0 };
    let hair = 1e-9;
    let (from, to) = (low.log(base), high.log(base));
    let decades = to - from;
    let every = (decades / about.max(1) as f64).ceil().max(1.0);
    let within = |tick: &f64| (low * (1.0 - hair)..=high * (1.0 + hair)).contains(tick);
    let powers = (0_u32..200)
        .map(|at| ((from / every).floor() + f64::from(at)) * every)
        .take_while(|&power| power <= to + hair)
        .map(|power| base.powf(power));
    let ticks: Vec<f64> = if unit == Unit::Bytes || decades * 3.0 > 1.6 * about as f64 {
        powers.filter(within).collect()
    } else {
        powers.flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * power)).filter(within).collect()
    };
    if ticks.len() >= 3 || (ticks.len() == 2 && decades > 1.0) {
        return ticks;
    }
    let step = linear_step(high - low, about.min(6), unit);
    let finer: Vec<f64> =
        linear_ticks(low, high, step).into_iter().filter(|&tick| tick > 0.0).collect();
    if finer.len() > ticks.len() { finer } else { ticks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(linear_ticks(0.0, 1.0, linear_step(1.0, 5, Unit::Ratio)).len(), 6);
        let step = linear_step(397_000.0, 5, Unit::Count);
        assert_eq!(linear_ticks(0.0, 400_000.0, step), [0.0, 1e5, 2e5, 3e5, 4e5]);
        assert!((linear_step(3.0, 10, Unit::Count) - 1.0).abs() < 1e-12, "half a thing is none");
        assert!((linear_step(4.0 * 1024.0, 4, Unit::Bytes) - 1024.0).abs() < 1e-9);
    }

    #[test]
    fn logarithmic_ticks_suit_the_range() {
        assert_eq!(log_ticks(1e3, 1e6, 5, Unit::Count), [1e3, 1e4, 1e5, 1e6]);
        assert_eq!(log_ticks(1.0, 20.0, 6, Unit::Ratio), [1.0, 2.0, 5.0, 10.0, 20.0]);
        let finer = log_ticks(1.1, 1.4, 6, Unit::Ratio);
        assert!(finer.len() >= 3, "{finer:?}");
        assert!(log_ticks(1e-100, 1e100, 6, Unit::Number).len() <= 8);
    }
}
