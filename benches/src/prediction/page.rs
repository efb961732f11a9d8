//! The outcomes as tables in Markdown.

use std::fmt::Write as _;

use hotshard::FIXED_COUNTS;

use super::{Outcome, Pair, median_error};

/// One of the three times that are predicted.
type Of = fn(&Outcome) -> &Pair;

const TIMES: [(&str, Of); 3] = [
    ("slowest shard", |outcome| &outcome.slowest_shard),
    ("latency, a worker a shard", |outcome| &outcome.worker_a_shard),
    ("latency on this machine", |outcome| &outcome.concurrent),
];

/// The medians of the errors, then every outcome.
#[must_use]
pub fn markdown(outcomes: &[Outcome]) -> String {
    let mut page = String::new();
    page.push_str("| median of \\|modelled/measured − 1\\| |");
    for (name, _) in TIMES {
        _ = write!(page, " {name} |");
    }
    page.push_str("\n|---|---:|---:|---:|\n");
    for count in FIXED_COUNTS {
        let of_count = |outcome: &&Outcome| outcome.count == count;
        medians(&mut page, count, &outcomes.iter().filter(of_count).collect::<Vec<_>>());
    }
    medians(&mut page, "**all**", &outcomes.iter().collect::<Vec<_>>());
    let quiet =
        |outcome: &&Outcome| outcome.isolated_noise.is_none() && outcome.concurrent_noise.is_none();
    medians(&mut page, "all without noise", &outcomes.iter().filter(quiet).collect::<Vec<_>>());
    for least_ms in [1.0, 20.0] {
        let name = format!("where {least_ms} ms or more were measured");
        longer(&mut page, &name, outcomes, least_ms * 1e6);
    }
    page.push_str(
        "\n| events | remedy | rows max/mean | count | slowest shard | | | a worker a shard | | | \
         this machine | | |\n|---|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n\
         | | | | | modelled | measured | ratio | modelled | measured | ratio | modelled | measured \
         | ratio |\n",
    );
    for outcome in outcomes {
        _ = write!(
            page,
            "| {}, {} | {} | {:.2} | {} |",
            outcome.stream, outcome.events, outcome.remedy, outcome.max_over_mean, outcome.count
        );
        for (place, (_, of)) in TIMES.iter().enumerate() {
            let pair = of(outcome);
            let noise =
                if place == 2 { &outcome.concurrent_noise } else { &outcome.isolated_noise };
            let noisy = if noise.is_some() { " ?" } else { "" };
            _ = write!(
                page,
                " {} | {}{noisy} | {:.2} |",
                milliseconds(pair.modelled_ns),
                milliseconds(pair.measured_ns),
                pair.ratio()
            );
        }
        page.push('\n');
    }
    page
}

/// One row of medians, each over the times that took so long, with their number.
fn longer(page: &mut String, name: &str, outcomes: &[Outcome], least_ns: f64) {
    _ = write!(page, "| {name} |");
    for (_, of) in TIMES {
        let long = || outcomes.iter().map(of).filter(|pair| pair.measured_ns >= least_ns);
        match median_error(long()) {
            Some(error) => _ = write!(page, " {:.1} % ({}) |", error * 100.0, long().count()),
            None => page.push_str(" - |"),
        }
    }
    page.push('\n');
}

/// One row of medians.
fn medians(page: &mut String, name: &str, outcomes: &[&Outcome]) {
    _ = write!(page, "| {name} ({}) |", outcomes.len());
    for (_, of) in TIMES {
        let error = median_error(outcomes.iter().map(|outcome| of(outcome)));
        let error = error.map_or_else(|| "-".to_owned(), |error| format!("{:.1} %", error * 100.0));
        _ = write!(page, " {error} |");
    }
    page.push('\n');
}

fn milliseconds(ns: f64) -> String {
    format!("{:.3}", ns / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_row_and_noise_its_mark() {
        let pair = Pair { modelled_ns: 1.1e6, measured_ns: 1e6 };
        let outcome = Outcome {
            stream: "Zipf 1.0".to_owned(),
            events: 100_000,
            shards: 64,
            remedy: "off".to_owned(),
            count: "users by event".to_owned(),
            max_over_mean: 3.0,
            slowest_shard: pair,
            worker_a_shard: pair,
            concurrent: pair,
            isolated_noise: None,
            concurrent_noise: Some("busy".to_owned()),
        };
        let page = markdown(&[outcome]);
        assert!(page.contains("| users by event (1) | 10.0 % | 10.0 % | 10.0 % |"), "{page}");
        assert!(page.contains("| all without noise (0) | - | - | - |"), "{page}");
        assert!(page.ends_with("| 1.100 | 1.000 | 1.10 | 1.100 | 1.000 ? | 1.10 |\n"), "{page}");
    }
}
