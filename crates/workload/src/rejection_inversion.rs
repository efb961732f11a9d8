//! Draws from a Zipf law of any size, without a table.

use libm::{exp, expm1, log, log1p, pow};

use crate::seed::RngStream;

/// Draws ranks r, from 1 to `last`, with probabilities proportional to r⁻ˢ: rejection-inversion
/// (Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete
/// distributions", ACM TOMACS 6(3), 1996). Numbers of the algorithm have the names of the paper.
///
/// A point x is drawn from the continuous law by inversion and rounded to a rank; it is rejected
/// where the area above that rank is more than its probability, which happens to few. Exponentials
/// and logarithms are those of `libm`, so that a seed draws the same on every platform.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RejectionInversion {
    last: f64,
    s: f64,
    /// H at the left end: of 3/2, less the area of the first rank.
    h_first: f64,
    /// H at last + 1/2.
    h_last: f64,
    /// Points at most so far left of their rank are accepted without a closer look.
    squeeze: f64,
}

impl RejectionInversion {
    /// The law of at least one rank, with an exponent of at least 0.
    #[expect(clippy::cast_precision_loss, reason = "ranks lie far below 2^53")]
    pub(crate) fn new(last: u64, s: f64) -> Self {
        let last = last as f64;
        let zero = Self { last, s, h_first: 0.0, h_last: 0.0, squeeze: 0.0 };
        Self {
            h_first: zero.integral(1.5) - 1.0,
            h_last: zero.integral(last + 0.5),
            squeeze: 2.0 - zero.inverse(zero.integral(2.5) - zero.weight(2.0)),
            ..zero
        }
    }

    /// The next rank, from 1, as a whole number.
    #[inline]
    pub(crate) fn draw(&self, rng: &mut RngStream) -> f64 {
        loop {
            let u = self.h_last + rng.unit() * (self.h_first - self.h_last);
            let x = self.inverse(u);
            let rank = (x + 0.5).floor().clamp(1.0, self.last);
            if rank - x <= self.squeeze || u >= self.integral(rank + 0.5) - self.weight(rank) {
                return rank;
            }
        }
    }

    fn weight(&self, x: f64) -> f64 {
        pow(x, -self.s)
    }

    /// H(x): the integral of the weight from 1 to x, which is ln x at s = 1.
    fn integral(&self, x: f64) -> f64 {
        let log = log(x);
        let power = (1.0 - self.s) * log;
        // (eᵖ − 1)/p, which tends to 1 with p.
        if power == 0.0 { log } else { expm1(power) / power * log }
    }

    /// The x with H(x) = y.
    fn inverse(&self, y: f64) -> f64 {
        // Rounding must not leave the range of the integral.
        let power = ((1.0 - self.s) * y).max(-1.0);
        if power == 0.0 { exp(y) } else { exp(log1p(power) / power * y) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RngSeed;

    #[test]
    fn the_integral_and_its_inverse_undo_each_other() {
        for s in [0.0, 0.5, 1.0 - 1e-12, 1.0, 1.0 + 1e-9, 2.5] {
            let law = RejectionInversion::new(1 << 40, s);
            for x in [1.0, 1.5, 7.0, 1e6_f64] {
                // At s = 2.5 the integral hardly grows any more.
                let back = law.inverse(law.integral(x.min(1e3)));
                assert!((back / x.min(1e3) - 1.0).abs() < 1e-6, "s {s}, x {x}: {back}");
            }
        }
    }

    #[test]
    fn one_rank_is_always_drawn() {
        for s in [0.0, 1.0, 20.0] {
            let mut rng = RngStream::new(RngSeed::new(1), 0);
            let law = RejectionInversion::new(1, s);
            assert!((0..1_000).all(|_| law.draw(&mut rng) == 1.0));
        }
    }

    #[test]
    fn few_points_are_rejected() {
        // Every attempt takes one word: the paper promises less than 1.1 a draw at worst.
        for s in [0.1, 0.9, 1.0, 1.3, 3.0] {
            let law = RejectionInversion::new(1 << 40, s);
            let (mut rng, mut words) = (RngStream::new(RngSeed::new(2), 0), 0_u32);
            for _ in 0..10_000 {
                law.draw(&mut rng);
            }
            let mut counting = RngStream::new(RngSeed::new(2), 0);
            let next = rng.bits();
            while counting.bits() != next {
                words += 1;
            }
            assert!((10_000..11_500).contains(&words), "s {s}: {words} words");
        }
    }
}
