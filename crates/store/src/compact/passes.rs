//! Which runs are merged first when there are more than memory has room for.

use std::cmp::Ordering;

use super::run::RunSource;

/// Memory that these runs take at once when they are merged, in bytes. A run is opened when the
/// merge reaches its first day, and closed with its last row.
pub(super) fn most_at_once<'a>(runs: impl IntoIterator<Item = &'a RunSource>) -> u64 {
    let runs: Vec<&RunSource> = runs.into_iter().collect();
    let mut starts: Vec<_> = runs.iter().map(|run| (run.first_date, run.cost)).collect();
    let mut ends: Vec<_> = runs.iter().map(|run| (run.last_date, run.cost)).collect();
    starts.sort_unstable();
    ends.sort_unstable();
    let mut ends = ends.into_iter().peekable();
    let (mut now, mut most) = (0_u64, 0);
    for (first_date, cost) in starts {
        while let Some((_, over)) = ends.next_if(|(last_date, _)| *last_date < first_date) {
            now = now.saturating_sub(over);
        }
        now = now.saturating_add(cost);
        most = most.max(now);
    }
    most
}

/// Takes those runs out that are to be merged into one before the rest fits; `None` when all fit.
/// `cost` is what the new run takes.
///
/// The shortest go first, and no more of them than needed: what is merged here is written once
/// more than the rest.
pub(super) fn take_first(
    runs: &mut Vec<RunSource>,
    limit: u64,
    cost: u64,
) -> Option<Vec<RunSource>> {
    if runs.len() <= 2 || most_at_once(runs.iter()) <= limit {
        return None;
    }
    runs.sort_by(by_length);
    let fit = |count: usize| most_at_once(runs.iter().take(count)) <= limit;
    let suffice = |count: usize| {
        let merged = merged(runs.iter().take(count), cost);
        most_at_once(runs.iter().skip(count).chain(&merged)) <= limit
    };
    let most = partition_point(2, runs.len(), fit).saturating_sub(1).max(2);
    let least = partition_point(2, most, |count| !suffice(count));
    let rest = runs.split_off(least);
    Some(std::mem::replace(runs, rest))
}

fn by_length(run: &RunSource, other: &RunSource) -> Ordering {
    let place = |run: &RunSource| (run.rows, run.first_date, run.last_date);
    place(run).cmp(&place(other)).then_with(|| run.file.path.cmp(&other.file.path))
}

/// A stand-in for the run that these make.
fn merged<'a>(mut runs: impl Iterator<Item = &'a RunSource>, cost: u64) -> Option<RunSource> {
    let first = RunSource { cost, ..runs.next()?.clone() };
    Some(runs.fold(first, |merged, run| RunSource {
        first_date: merged.first_date.min(run.first_date),
        last_date: merged.last_date.max(run.last_date),
        ..merged
    }))
}

/// The first number from `low` on, and up to `high`, of which `holds` is false.
fn partition_point(mut low: usize, mut high: usize, holds: impl Fn(usize) -> bool) -> usize {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compact::run::tests::source;

    #[test]
    fn only_runs_that_share_a_day_are_open_at_once() {
        let daily: Vec<RunSource> = (0..100).map(|day| source((day, day), 5, 10)).collect();
        assert_eq!(most_at_once(&daily), 10);
        let overlapping = [source((0, 1), 5, 10), source((1, 2), 5, 20), source((2, 3), 5, 40)];
        assert_eq!(most_at_once(&overlapping), 60);
        assert_eq!(most_at_once(&[]), 0);
    }

    #[test]
    fn no_more_is_merged_twice_than_needed() {
        // Five fit: of seven, three become one.
        let mut runs: Vec<RunSource> = (1..=7).map(|rows| source((0, 9), rows, 10)).collect();
        let first = take_first(&mut runs, 50, 10).unwrap();
        assert_eq!(first.iter().map(|run| run.rows).collect::<Vec<_>>(), [1, 2, 3]);
        runs.push(source((0, 9), 6, 10));
        assert!(take_first(&mut runs, 50, 10).is_none());
    }

    #[test]
    fn every_merge_is_of_two_runs_at_least_and_they_come_to_an_end() {
        for limit in [0, 10, 25, 39, 1_000] {
            let mut runs: Vec<RunSource> = (1..=40).map(|rows| source((0, 9), rows, 10)).collect();
            let mut merges = 0;
            while let Some(first) = take_first(&mut runs, limit, 10) {
                assert!(first.len() >= 2 && (limit < 20 || most_at_once(&first) <= limit));
                runs.push(source((0, 9), first.iter().map(|run| run.rows).sum(), 10));
                merges += 1;
            }
            assert!(runs.len() <= 2 || most_at_once(&runs) <= limit, "{limit}");
            assert_eq!(runs.iter().map(|run| run.rows).sum::<u64>(), 820, "{limit}: {merges}");
        }
    }
}
