//! Whether the times of an answer can be believed.

use std::fmt;

use crate::clock::Spent;

/// Wall time may exceed CPU time by so many percent. Work that reads files from memory and has its
/// processor to itself stays within 2.
const MOST_WAITING_PERCENT: u64 = 10;

/// The middle half of the repeats may spread over so many percent of their median. On a quiet
/// machine they stay within 5.
const MOST_SPREAD_PERCENT: u64 = 10;

/// Fewer runs than this have no middle half to speak of.
const FEWEST_RUNS_WITH_A_SPREAD: usize = 5;

/// Why the times of an answer should not be trusted, as a sentence.
///
/// The verdict is about typical runs, since medians are what is told: half of the runs may be
/// disturbed as they like. It looks at whole runs, not at single shards, whose times are too short
/// to blame a machine for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Noise {
    /// One shard ran at a time, and yet the time that passed in a typical run is longer than the
    /// time its thread ran, by so many percent.
    Waited {
        /// How many percent.
        percent: u64,
    },
    /// The middle half of the timed runs spread over so many percent of their median.
    Scattered {
        /// How many runs were timed.
        runs: usize,
        /// How many percent.
        percent: u64,
    },
}

impl Noise {
    /// The verdict on the timed runs of a query. Runs of which it is no wonder that they wait, since
    /// several threads share the processors, have no CPU time here.
    pub(crate) fn of(runs: &[Spent]) -> Option<Self> {
        waiting(runs).or_else(|| spread(runs))
    }
}

/// Waiting explains a spread, so it comes first.
fn waiting(runs: &[Spent]) -> Option<Noise> {
    let excess =
        |run: &Spent| percent_of(run.wall.ns().saturating_sub(run.cpu?.ns()), run.cpu?.ns());
    let mut excess: Vec<u64> = runs.iter().map(excess).collect::<Option<_>>()?;
    excess.sort_unstable();
    let percent = excess.get(excess.len() / 2).copied()?;
    (percent > MOST_WAITING_PERCENT).then_some(Noise::Waited { percent })
}

/// The spread of the runs between the first and the third quartile.
fn spread(runs: &[Spent]) -> Option<Noise> {
    if runs.len() < FEWEST_RUNS_WITH_A_SPREAD {
        return None;
    }
    let mut walls: Vec<u64> = runs.iter().map(|run| run.wall.ns()).collect();
    walls.sort_unstable();
    let quarter = walls.len() / 4;
    let (low, high) = (walls.get(quarter)?, walls.get(walls.len() - 1 - quarter)?);
    let percent = percent_of(high - low, *walls.get(walls.len() / 2)?)?;
    let runs = runs.len();
    (percent > MOST_SPREAD_PERCENT).then_some(Noise::Scattered { runs, percent })
}

/// How many percent of the whole the part is; nothing of nothing.
fn percent_of(part: u64, whole: u64) -> Option<u64> {
    part.saturating_mul(100).checked_div(whole)
}

impl fmt::Display for Noise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waited { percent } => write!(
                f,
                "wall time exceeded CPU time by {percent} %, with one shard at a time: something \
                 else took the processor, or files came from the disk"
            ),
            Self::Scattered { runs, percent } => write!(
                f,
                "the middle half of {runs} repeats spread over {percent} % of their median: \
                 something else kept this machine busy now and then"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CpuTime, MeasuredTime};

    fn run(wall_us: u64, cpu_us: Option<u64>) -> Spent {
        Spent {
            wall: MeasuredTime::from_ns(wall_us * 1_000),
            cpu: cpu_us.map(|cpu| CpuTime::from_ns(cpu * 1_000)),
        }
    }

    /// The verdict on runs of so many microseconds, without CPU times.
    fn verdict(walls_us: &[u64]) -> Option<Noise> {
        Noise::of(&walls_us.iter().map(|&wall| run(wall, None)).collect::<Vec<_>>())
    }

    #[test]
    fn a_quiet_machine_is_believed() {
        let runs: Vec<Spent> = (0..20).map(|n| run(1_000 + n, Some(990 + n))).collect();
        assert_eq!(Noise::of(&runs), None);
        assert_eq!(Noise::of(&[]), None);
    }

    #[test]
    fn typical_runs_that_wait_are_told() {
        let waiting = run(1_310, Some(1_000));
        let noise = Noise::of(&[waiting; 5]).unwrap();
        assert_eq!(noise, Noise::Waited { percent: 31 });
        assert!(noise.to_string().starts_with("wall time exceeded CPU time by 31 %, with one"));
        assert_eq!(Noise::of(&[run(1_100, Some(1_000)); 5]), None, "10 % is not more than 10 %");
        assert_eq!(Noise::of(&[waiting]), Some(noise), "waiting shows in a single run, too");
    }

    #[test]
    fn few_disturbed_runs_move_no_median_and_so_no_verdict() {
        let mut runs = vec![run(1_000, Some(995)); 6];
        runs.extend([run(9_000, Some(1_000)), run(5_000, Some(1_000))]);
        assert_eq!(Noise::of(&runs), None);
    }

    #[test]
    fn a_wide_middle_half_is_told() {
        let noise = verdict(&[90, 100, 100, 130, 100, 130, 100, 130]).unwrap();
        assert_eq!(noise, Noise::Scattered { runs: 8, percent: 30 });
        assert_eq!(
            noise.to_string(),
            "the middle half of 8 repeats spread over 30 % of their median: something else kept \
             this machine busy now and then"
        );
        assert_eq!(verdict(&[100, 101, 102, 103, 900]), None, "one of five is an outlier");
    }

    #[test]
    fn few_runs_have_no_spread() {
        assert_eq!(verdict(&[100]), None);
        assert_eq!(verdict(&[100, 900, 100, 900]), None);
    }

    #[test]
    fn waiting_explains_a_spread() {
        let runs: Vec<Spent> = (1..9).map(|n| run(1_000 * n, Some(500))).collect();
        assert!(matches!(Noise::of(&runs), Some(Noise::Waited { .. })));
    }

    #[test]
    fn no_time_at_all_gives_no_verdict() {
        assert_eq!(Noise::of(&[run(0, Some(0)); 9]), None);
    }
}
