//! Users alone, without their events.

use crate::sampler::RankSampler;
use crate::seed::RngStream;
use crate::{IdDistribution, RngSeed, WorkloadError, WorkloadSpec};

/// Draws of users without their events: ranks from 0, for the most active one, without end.
///
/// What counts ids needs no lines around them, and draws tens of millions a second this way. The
/// same arguments give the same ranks on every machine. Of a drifting law these are the ranks of one
/// day.
///
/// ```
/// use hotshard_workload::{IdDistribution, Ranks, RngSeed};
///
/// let users = Ranks::new(1_000, IdDistribution::Zipf { s: 1.0 }, RngSeed::new(7), 0)?;
/// let of_the_first = users.take(10_000).filter(|&rank| rank == 0).count();
/// assert!((1_200..1_500).contains(&of_the_first), "1/H(1000) is 13.4 %, got {of_the_first}");
/// # Ok::<(), hotshard_workload::WorkloadError>(())
/// ```
#[derive(Debug)]
pub struct Ranks {
    sampler: RankSampler,
    rng: RngStream,
}

impl Ranks {
    /// Draws among this many users. Each `stream` of a seed is independent of its others.
    ///
    /// # Errors
    /// If there are no users, or the distribution does not fit their number.
    pub fn new(
        users: u64,
        ids: IdDistribution,
        seed: RngSeed,
        stream: u64,
    ) -> Result<Self, WorkloadError> {
        WorkloadSpec::default().users(users, ids).validate()?;
        Ok(Self { sampler: RankSampler::new(users, ids), rng: RngStream::new(seed, stream) })
    }
}

impl Iterator for Ranks {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        Some(self.sampler.rank(&mut self.rng))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(seed: u64, stream: u64) -> Vec<u64> {
        let ranks =
            Ranks::new(1 << 40, IdDistribution::Uniform, RngSeed::new(seed), stream).unwrap();
        ranks.take(3).collect()
    }

    #[test]
    fn seed_and_stream_name_the_draws() {
        assert_eq!(first(1, 2), first(1, 2));
        assert_ne!(first(1, 2), first(2, 2));
        assert_ne!(first(1, 2), first(1, 3));
    }

    #[test]
    fn users_that_do_not_fit_are_refused() {
        let ranks = |users, ids| Ranks::new(users, ids, RngSeed::DEFAULT, 0);
        assert!(matches!(ranks(0, IdDistribution::Uniform), Err(WorkloadError::NoUsers)));
        let endless = IdDistribution::Zipf { s: -1.0 };
        assert!(matches!(ranks(9, endless), Err(WorkloadError::Exponent { .. })));
    }
}
