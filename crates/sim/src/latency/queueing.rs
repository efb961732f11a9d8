//! What queueing theory knows exactly, or nearly: what a simulation is held against.
//!
//! Queries come at random (Poisson). Times are of whatever unit the mean service time has.

/// The mean time in an M/M/1 queue: 1/(μ−λ), for a service time of 1/μ and a utilisation of λ/μ.
#[must_use]
pub fn mm1_mean(mean_service: f64, utilisation: f64) -> f64 {
    mean_service / (1.0 - utilisation)
}

/// What a share of the queries take at most in an M/M/1 queue: −ln(1−p)/(μ−λ), for the time in it is
/// exponential.
#[must_use]
pub fn mm1_quantile(mean_service: f64, utilisation: f64, share: f64) -> f64 {
    -(1.0 - share).ln() * mm1_mean(mean_service, utilisation)
}

/// The mean time in an M/G/1 queue: s·(1 + ρ·(1+c²)/(2(1−ρ))), by Pollaczek and Khinchine, for the
/// squared coefficient of variation c² of service times; 0 for M/D/1.
#[must_use]
pub fn mg1_mean(mean_service: f64, squared_variation: f64, utilisation: f64) -> f64 {
    let wait = utilisation * (1.0 + squared_variation) / (2.0 * (1.0 - utilisation));
    mean_service * (1.0 + wait)
}

/// The mean time until all n tasks of a query are done, each at an M/M/1 server of its own: exact
/// for n = 2 (Flatto and Hahn, SIAM J. Appl. Math. 44, 1984), within a few per cent up to n = 32
/// (Nelson and Tantawi, "Approximate Analysis of Fork/Join Synchronization in Parallel Queues", IEEE
/// Trans. Computers 37, 1988): [Hₙ/H₂ + (1−Hₙ/H₂)·4ρ/11]·(1.5−ρ/8)/(μ−λ).
#[must_use]
pub fn fork_join_mean(servers: u32, mean_service: f64, utilisation: f64) -> f64 {
    let alone = mm1_mean(mean_service, utilisation);
    if servers <= 1 {
        return alone;
    }
    let ratio = harmonic(servers) / harmonic(2);
    (ratio + (1.0 - ratio) * 4.0 * utilisation / 11.0) * (1.5 - utilisation / 8.0) * alone
}

/// The share of queries with a slow task, when each of n tasks is slow with this probability:
/// 1 − (1−p)ⁿ (Dean and Barroso, "The Tail at Scale", CACM 2013).
#[must_use]
pub fn share_with_a_slow_task(tasks: u32, probability: f64) -> f64 {
    1.0 - (1.0 - probability).powf(f64::from(tasks))
}

fn harmonic(n: u32) -> f64 {
    (1..=n).map(|i| 1.0 / f64::from(i)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9 * b.abs().max(1.0)
    }

    #[test]
    fn an_exponential_service_is_a_special_case_of_any() {
        assert!(near(mg1_mean(3.0, 1.0, 0.8), mm1_mean(3.0, 0.8)));
        assert!(near(mg1_mean(2.0, 0.0, 0.5), 3.0));
        assert!(near(mm1_quantile(1.0, 0.5, 0.5), 2.0 * 2.0_f64.ln()));
    }

    #[test]
    fn two_servers_are_exact() {
        for utilisation in [0.0, 0.3, 0.9] {
            let exact = (12.0 - utilisation) / 8.0 * mm1_mean(1.0, utilisation);
            assert!(near(fork_join_mean(2, 1.0, utilisation), exact));
        }
        assert!(near(fork_join_mean(1, 1.0, 0.5), 2.0));
    }

    /// Without load, the longest of n exponential times: Hₙ of their means.
    #[test]
    fn without_load_the_longest_task_counts() {
        assert!(near(fork_join_mean(8, 1.0, 0.0), harmonic(8)));
    }

    #[test]
    fn the_tail_at_scale() {
        assert!((share_with_a_slow_task(100, 0.01) - 0.634).abs() < 1e-3);
    }
}
