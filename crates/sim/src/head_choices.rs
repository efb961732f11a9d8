//! Which ids D-Choices and W-Choices take for their head, and how many choices these need.

/// θ = 1/(5n): ids with at least this share of a source's events are its head. The default of
/// Nasir et al., "When Two Choices Are Not Enough", ICDE 2016, section V.
pub(crate) const INVERSE_THETA_PER_SHARD: u64 = 5;

/// What the paper allows a shard above the mean, as a share of all events: 10⁻⁴.
const EPSILON: f64 = 1e-4;

/// The fewest choices d, from 2 on, that the head needs according to Nasir et al., "When Two Choices
/// Are Not Enough", ICDE 2016, section IV; n and more means all shards.
///
/// The h most frequent ids reach b(h) = n − n·((n−1)/n)^(h·d) shards. Those have to take the events
/// of these ids, of other head ids whose choices all lie there, and of tail ids whose two choices
/// do, so for each h: Σ(i≤h) p + (b/n)^d·Σ(h<i≤|H|) p + (b/n)²·Σ(tail) p ≤ b/n + ε. (The authors'
/// simulator checks the first and the last h in this form; all are checked here.) The search
/// begins at ⌈p₁·n⌉, as theirs does.
///
/// `head` has the shares of the head's ids, the largest first.
pub(crate) fn choices_needed(head: &[f64], shards: usize) -> u32 {
    let Some(&largest) = head.first() else { return 2 };
    let limits = Limits::new(head, shards);
    let mut tightest = 0;
    let mut choices = ceil(largest * limits.shards).max(2);
    // The prefix that refused a d most likely refuses the next one too.
    while choices < count(shards) {
        if limits.hold(tightest, choices) {
            match (0..head.len()).find(|&prefix| !limits.hold(prefix, choices)) {
                None => break,
                Some(prefix) => tightest = prefix,
            }
        }
        choices += 1;
    }
    choices.min(count(shards))
}

/// The left and right sides, as far as they do not depend on d.
struct Limits {
    shards: f64,
    /// Shares of the first ids up to each.
    up_to: Vec<f64>,
    head: f64,
}

impl Limits {
    #[expect(clippy::cast_precision_loss, reason = "a number of shards has 16 bits")]
    fn new(head: &[f64], shards: usize) -> Self {
        let mut sum = 0.0;
        let add = |share: &f64| {
            sum += share;
            sum
        };
        let up_to: Vec<f64> = head.iter().map(add).collect();
        Self { shards: shards as f64, up_to, head: sum }
    }

    /// Whether the inequality holds for the first `prefix + 1` ids.
    #[expect(clippy::cast_precision_loss, reason = "ids of the head, a few for each shard")]
    fn hold(&self, prefix: usize, choices: u32) -> bool {
        let Some(&first) = self.up_to.get(prefix) else { return true };
        let missed = (1.0 - 1.0 / self.shards).ln() * (prefix as f64 + 1.0) * f64::from(choices);
        let reached = -missed.exp_m1();
        let others = self.head - first;
        let tail = (1.0 - self.head).max(0.0);
        let sent = first + reached.powf(f64::from(choices)) * others + reached * reached * tail;
        sent <= reached + EPSILON
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a number of shards has 17 bits")]
fn count(shards: usize) -> u32 {
    shards as u32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the shards, which have 17 bits"
)]
fn ceil(choices: f64) -> u32 {
    choices.ceil() as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_small_head_needs_two_choices() {
        assert_eq!(choices_needed(&[], 100), 2);
        assert_eq!(choices_needed(&[0.001; 10], 100), 2);
    }

    #[test]
    fn an_id_needs_more_shards_than_its_share() {
        // Alone with p = 1/2 of 100 shards, d choices reach b = 100·(1 − 0.99^d), and the tail's
        // two choices fall there too: 1/2 + x²/2 ≤ x + 10⁻⁴ for x = b/100, so x ≥ 1 − √(2·10⁻⁴).
        let least = (0.000_2_f64.sqrt().ln() / 0.99_f64.ln()).ceil();
        assert!(least > 400.0);
        assert_eq!(choices_needed(&[0.5], 100), 100, "which are all");
        // With p = 1/50 it is 1/50 + x²·49/50 ≤ x + 10⁻⁴: x ≥ 0.0203, which three choices reach.
        assert_eq!(choices_needed(&[0.02], 100), 3);
    }

    proptest! {
        /// The inequality word for word, for every d and every prefix.
        #[test]
        fn it_is_the_first_d_that_satisfies_all(
            weights in proptest::collection::vec(1_u32..1_000, 0..12),
            tail in 0_u32..4_000,
            shards in 1_usize..60,
        ) {
            let all = f64::from(weights.iter().sum::<u32>() + tail).max(1.0);
            let mut head: Vec<f64> = weights.iter().map(|&weight| f64::from(weight) / all).collect();
            head.sort_by(|a, b| b.total_cmp(a));
            let n = shards as f64;
            let holds = |d: u32, h: usize| {
                let (first, others): (f64, f64) = (head[..h].iter().sum(), head[h..].iter().sum());
                let rest = 1.0 - first - others;
                let b = n - n * ((n - 1.0) / n).powf(h as f64 * f64::from(d));
                let sent = first + (b / n).powf(f64::from(d)) * others + (b / n).powi(2) * rest;
                // What is as near as rounding may fall on either side.
                (sent - b / n - 1e-4, sent <= b / n + 1e-4)
            };
            let least = head.first().map_or(2, |p| ceil(p * n).max(2));
            let near = (least..=count(shards)).any(|d| {
                (1..=head.len()).any(|h| holds(d, h).0.abs() < 1e-12)
            });
            prop_assume!(!near);
            let naive = (least..count(shards)).find(|&d| (1..=head.len()).all(|h| holds(d, h).1));
            let naive = if head.is_empty() { 2 } else { naive.unwrap_or(count(shards)) };
            prop_assert_eq!(choices_needed(&head, shards), naive);
        }
    }

    #[test]
    fn one_shard_is_all_of_them() {
        assert_eq!(choices_needed(&[1.0], 1), 1);
    }
}
