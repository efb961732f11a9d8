//! Sums over very many ranks.

use std::ops::Range;

/// Ranks below this are added up one by one. From here on the formula of Euler and Maclaurin, cut off
/// after the first derivative, is off by 7/5760 of the third one: at most 10⁻¹⁰ of a term, up to the
/// power 4, past which there is nothing left to sum.
const SUMMED_BELOW: u64 = 1_024;
/// Width of the panels of the logarithm of the rank.
const PANEL: f64 = 0.5;

/// Abscissas above 0 and weights of the Gauss–Legendre rule of 16 points on [−1, 1].
const GAUSS: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_64),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_64),
    (0.458_016_777_657_227_37, 0.169_156_519_395_002_65),
    (0.617_876_244_402_643_8, 0.149_595_988_816_576_7),
    (0.755_404_408_355_003, 0.124_628_971_255_534_07),
    (0.865_631_202_387_831_8, 0.095_158_511_682_492_6),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_46),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_18),
];

/// The sum of a smooth, falling function of the ranks: those below 1 024 one by one, the others by
/// an integral, so that a billion ranks cost what two thousand do. Ranks count from 1.
pub(crate) fn smooth_sum(ranks: Range<u64>, f: impl Fn(f64) -> f64) -> f64 {
    let integral_from = ranks.end.min(SUMMED_BELOW).max(ranks.start);
    // From the smallest terms up, so that none is lost beside the sum.
    let direct: f64 = (ranks.start..integral_from).rev().map(|rank| f(float(rank))).sum();
    if integral_from >= ranks.end {
        return direct;
    }
    // Midpoints: terms lie in the middle of the unit intervals of the integral.
    let slope_at = |end: u64| f(float(end)) - f(float(end - 1));
    let correction = (slope_at(integral_from) - slope_at(ranks.end)) / 24.0;
    direct + integral(float(integral_from) - 0.5, float(ranks.end) - 0.5, &f) + correction
}

/// The integral of a function over [from, to], for 0 < from, by panels of the logarithm.
fn integral(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (low, high) = (from.ln(), to.ln());
    let panels = ((high - low) / PANEL).ceil().max(1.0);
    let half = (high - low) / panels / 2.0;
    let at = |t: f64| {
        let x = t.exp();
        f(x) * x
    };
    let mut sum = 0.0;
    let mut middle = low + half;
    while middle < high {
        for (abscissa, weight) in GAUSS {
            sum += weight * (at(middle - half * abscissa) + at(middle + half * abscissa));
        }
        middle += 2.0 * half;
    }
    sum * half
}

#[expect(clippy::cast_precision_loss, reason = "ranks lie far below 2^53")]
fn float(rank: u64) -> f64 {
    rank as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(sum: f64, expected: f64, tolerance: f64) {
        assert!((sum / expected - 1.0).abs() < tolerance, "{sum} instead of {expected}");
    }

    #[test]
    fn harmonic_numbers() {
        // H(10¹⁰) = ln 10¹⁰ + γ + 1/(2·10¹⁰).
        let expected = 10.0 * std::f64::consts::LN_10 + 0.577_215_664_901_532_9 + 0.5e-10;
        assert_near(smooth_sum(1..10_000_000_001, |x| 1.0 / x), expected, 1e-13);
    }

    #[test]
    fn zeta_of_two_without_its_first_terms() {
        let zeta = std::f64::consts::PI.powi(2) / 6.0;
        let first: f64 = (1_u32..100).map(|rank| f64::from(rank).powi(-2)).sum();
        assert_near(
            smooth_sum(100..1 << 40, |x| x.powi(-2)),
            zeta - first - 2.0_f64.powi(-40),
            1e-9,
        );
    }

    #[test]
    fn one_by_one_and_at_once_are_the_same() {
        for s in [0.0, 0.5, 1.0, 1.4, 2.0, 5.0] {
            for (from, to) in [(1, 9_000), (1_024, 1_025), (500, 300_000), (20_000, 1_000_000)] {
                let all: f64 = (from..to).rev().map(|rank| float(rank).powf(-s)).sum();
                assert_near(smooth_sum(from..to, |x| x.powf(-s)), all, 1e-11);
            }
        }
        assert_eq!(smooth_sum(5..5, |x| x), 0.0);
    }

    #[test]
    fn a_tail_that_ends_exponentially() {
        let weight = |x: f64| x.powf(-0.5) * (-x / 30_000.0).exp();
        let all: f64 = (1..2_000_000).rev().map(|rank| weight(float(rank))).sum();
        assert_near(smooth_sum(1..1 << 39, weight), all, 1e-11);
    }
}
