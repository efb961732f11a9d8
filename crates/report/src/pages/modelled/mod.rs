//! The page of an experiment by models.

mod balance;
mod latency;
mod published;

use hotshard::SimulationReport;
use hotshard_page::{Fact, Page, Section};

use super::made_by;
use crate::figures::{ratio, things, time};

/// Most groups of cells that have figures of their own; the tables have all.
const MOST_GROUPS: usize = 6;
/// Most lines in one chart.
const MOST_LINES: usize = 8;

/// The page.
pub(crate) fn page(report: &SimulationReport) -> Result<Page, hotshard::Error> {
    let spec = &report.spec;
    let mut page = Page::new(format!("Experiment: {}", spec.name));
    if let Some(about) = &spec.about {
        page = page.lead(about.trim());
    }
    for fact in facts(report) {
        page = page.fact(fact);
    }
    let sections = [
        balance::section(report),
        balance::thresholds(report),
        balance::policies(report),
        latency::section(report),
        latency::cliffs(report)?,
        latency::fan_outs(report),
        published::section(report),
    ];
    for section in sections.into_iter().filter(|section| !section.blocks.is_empty()) {
        page = page.section(section);
    }
    if !report.cells.is_empty() {
        page = page.section(balance::table(report));
    }
    Ok(page
        .origin("Everything on this page is modelled; nothing was measured.")
        .origin(format!("Rng seed {}. It took {}.", spec.rng_seed, time(report.elapsed.ns())))
        .origin(made_by()))
}

/// The least and the most even cell, and how many published figures agree.
fn facts(report: &SimulationReport) -> Vec<Fact> {
    let max_over_mean = |cell: &hotshard::CellOutcome| {
        cell.max_over_mean().map_or(f64::NAN, |repeats| repeats.mean())
    };
    let order = |a: &&hotshard::CellOutcome, b: &&hotshard::CellOutcome| {
        max_over_mean(a).total_cmp(&max_over_mean(b))
    };
    let fact = |label: &str, cell: &hotshard::CellOutcome| {
        let shards = things(cell.shards.get().into(), "shard", "shards");
        Fact::new(label, ratio(max_over_mean(cell)))
            .note(format!("{} over {shards} of {}", cell.policy, cell.workload))
    };
    let worst = report.cells.iter().max_by(order).map(|cell| fact("highest max/mean", cell));
    let best = report.cells.iter().min_by(order).map(|cell| fact("lowest max/mean", cell));
    let comparisons = &report.comparisons;
    let agree = comparisons.iter().filter(|comparison| comparison.agrees()).count();
    let published = (!comparisons.is_empty()).then(|| {
        let of = things(comparisons.len() as u64, "figure", "figures");
        Fact::new("published figures that agree", agree.to_string()).note(format!("of {of}"))
    });
    worst.into_iter().chain(best).chain(published).collect()
}

/// A caption that says so if there are more lines than a chart has.
fn caption(words: &str, lines: usize) -> String {
    if lines <= MOST_LINES {
        return words.to_owned();
    }
    format!("{words} The first {MOST_LINES} of {lines} are drawn; the table at the end has all.")
}

/// An anchor of these words.
fn anchor(words: &[&str]) -> String {
    words.join("-")
}

/// A section that says where its figures end, if there are more groups than it shows.
fn with_rest(section: Section, groups: usize) -> Section {
    if groups <= MOST_GROUPS || section.blocks.is_empty() {
        return section;
    }
    section.text(format!(
        "Figures are shown for the first {MOST_GROUPS} of {groups} groups; the table at the end has \
         all."
    ))
}
