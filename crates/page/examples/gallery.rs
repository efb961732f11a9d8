//! Every chart of a page, on the data of a day with a hot id.
//!
//! Run it with `cargo run -p hotshard-page --example gallery > gallery.html`, and open the file.

use hotshard_page::{
    Axis, Bars, Cell, Chart, Column, Fact, Figure, Line, Lines, Page, Reference, Section, Series,
    Spread, Table, Unit,
};

/// Users of the day, by activity: the r-th sends about 1/r of what the first does.
const USERS: u32 = 100_000;
const EVENTS: f64 = 20e6;
/// Of which so many under one id, from noon on.
const HOT: f64 = 6e6;
const THRESHOLD: f64 = 200_000.0;

fn main() {
    println!("{}", gallery().to_html());
}

fn gallery() -> Page {
    let (before, after) = (rows(64, f64::INFINITY, 1), rows(64, THRESHOLD, 1));
    let missing = excess(THRESHOLD);
    Page::new("One id held a third of the day, and its shard 20 times the mean")
        .lead(
            "A day of 20 million events over 64 shards, on which identify('user_id') shipped at noon, \
             quotes included. The default threshold of 200,000 events a day and id brings the fullest \
             shard from 20 times the mean to less than twice.",
        )
        .fact(Fact::new("Fullest shard, before", format!("{:.1}×", skew(&before))).note("the mean shard"))
        .fact(Fact::new("Fullest shard, after", format!("{:.1}×", skew(&after))).note("rename, T = 200,000"))
        .fact(
            Fact::new("Events remedied", Unit::Count.write(missing.round()))
                .note(format!("{} of the day", Unit::Share.write(missing / EVENTS))),
        )
        .fact(
            Fact::new("Latency p99 at 50 % load", Unit::Time.write(quantile_ns(0.99, 0.5)))
                .note(format!("{} at 90 %", Unit::Time.write(quantile_ns(0.99, 0.9)))),
        )
        .section(
            Section::new("Balance")
                .text("Every query waits for the fullest shard, so what counts is how far it stands out.")
                .figure(Figure::new("rows-64", "Rows per shard, 64 shards", few_shards(before, after)).caption(
                    "One shard is home of the hot id; under the remedy its excess goes to all alike.",
                ))
                .figure(Figure::new("rows-3200", "Rows per shard, 3,200 shards", many_shards()).caption(
                    "With more shards the mean falls, but the hot id stays where it is.",
                ))
                .figure(Figure::new("sorted", "Shards by their load", sorted()).caption(
                    "The same 3,200 shards from the fullest to the emptiest. A balanced policy is a level line.",
                ))
                .figure(Figure::new("policies", "How much the fullest shard holds", policies()).caption(
                    "Zipf 1.0 over 10,000 ids and ten million events; means over 200 rng seeds.",
                )),
        )
        .section(
            Section::new("Threshold")
                .figure(Figure::new("threshold", "What a lower threshold buys", thresholds()).caption(
                    "Means and ranges of 20 rng seeds. A threshold far above the mean shard's rows does little; \
                     far below it, only the tail's own spread remains.",
                ))
                .table(costs()),
        )
        .section(
            Section::new("Latency")
                .figure(Figure::new("latency", "Latency as the machine fills up", latency()).caption(
                    "64 shards, one server each, Poisson arrivals; bands show a service time 5 % shorter and longer.",
                ))
                .figure(Figure::new("cliff", "An idle machine hides skew until the cliff", cliff()).caption(
                    "64 shards on 8 workers, nothing else running: latency does not move until the \
                     fullest shard takes longer than a worker's fair share of all the work.",
                )),
        )
        .origin("hotshard-page, example `gallery`. Expected values of the models named, not a measurement.")
}

/// Where an id goes under an rng seed (mixing as in Steele et al., "Fast splittable pseudorandom number
/// generators", OOPSLA 2014).
fn home(id: u32, shards: u32, rng_seed: u32) -> usize {
    let mut hash =
        u64::from(id + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (u64::from(rng_seed) << 32);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^= hash >> 31;
    usize::try_from((u128::from(hash) * u128::from(shards)) >> 64).unwrap_or(0)
}

/// Events of the day by id; the hot one is the first.
fn events_by_id() -> Vec<f64> {
    let harmonic: f64 = (1..=USERS).map(|rank| 1.0 / f64::from(rank)).sum();
    let users = (1..=USERS).map(|rank| (EVENTS - HOT) / harmonic / f64::from(rank));
    std::iter::once(HOT).chain(users).collect()
}

/// Rows of each shard, when an id's events past the threshold are spread evenly.
fn rows(shards: u32, threshold: f64, rng_seed: u32) -> Vec<f64> {
    let mut rows = vec![0.0; shards as usize];
    let mut excess = 0.0;
    for (id, events) in (0..).zip(events_by_id()) {
        let stays = events.min(threshold);
        excess += events - stays;
        if let Some(shard) = rows.get_mut(home(id, shards, rng_seed)) {
            *shard += stays;
        }
    }
    rows.into_iter().map(|rows| (rows + excess / f64::from(shards)).round()).collect()
}

/// Events past the threshold.
fn excess(threshold: f64) -> f64 {
    events_by_id().into_iter().map(|events| (events - threshold).max(0.0)).sum::<f64>().round()
}

fn skew(rows: &[f64]) -> f64 {
    let mean = rows.iter().sum::<f64>() / rows.len() as f64;
    rows.iter().copied().fold(0.0, f64::max) / mean
}

fn few_shards(before: Vec<f64>, after: Vec<f64>) -> Chart {
    let bars = Bars::numbered(Axis::new("shard", Unit::Count), Axis::new("rows", Unit::Count))
        .series(Series::new("before", before))
        .series(Series::new("after rename, T = 200,000", after))
        .reference("mean", EVENTS / 64.0);
    Chart::Bars(bars)
}

fn many_shards() -> Chart {
    let bars =
        Bars::numbered(Axis::new("shard", Unit::Count), Axis::new("rows", Unit::Count).log())
            .series(Series::new("before", rows(3_200, f64::INFINITY, 1)))
            .series(Series::new("after rename, T = 200,000", rows(3_200, THRESHOLD, 1)))
            .series(Series::new("after rename, T = 20,000", rows(3_200, 20_000.0, 1)))
            .reference("mean", EVENTS / 3_200.0);
    Chart::Bars(bars)
}

fn sorted() -> Chart {
    let loads = [
        ("no remedy", rows(3_200, f64::INFINITY, 1)),
        ("rename, T = 200,000", rows(3_200, THRESHOLD, 1)),
        ("rename, T = 0.2 N/n", rows(3_200, 0.2 * EVENTS / 3_200.0, 1)),
    ];
    let rank = Axis::new("shards, from the fullest", Unit::Count).log();
    let chart = Lines::sorted(rank, Axis::new("rows", Unit::Count).log(), loads);
    Chart::Lines(chart.reference(Reference::y("mean", EVENTS / 3_200.0)))
}

fn policies() -> Chart {
    let names = ["hash", "partial key grouping (its floor)", "rename, T = 0.2 N/n", "W-Choices"];
    let bars =
        Bars::named(Axis::new("policy", Unit::Number), names, Axis::new("max/mean", Unit::Ratio))
            .series(Series::new("50 shards", [6.00, 2.55, 1.55, 1.0]))
            .series(Series::new("200 shards", [21.4, 10.2, 1.70, 1.0]))
            .reference("balanced", 1.0);
    Chart::Bars(bars)
}

fn thresholds() -> Chart {
    let steps = [1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7];
    let line = |name: &str, shards: u32| {
        let points = steps.map(|threshold| {
            let ratios: Vec<f64> =
                (1..=20).map(|seed| skew(&rows(shards, threshold, seed))).collect();
            let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
            let low = ratios.iter().copied().fold(f64::INFINITY, f64::min);
            (threshold, mean, low, ratios.iter().copied().fold(0.0, f64::max))
        });
        Line::between(name, points, Spread::ErrorBars)
    };
    let chart = Lines::new(
        Axis::new("threshold T, events per id and day", Unit::Count).log(),
        Axis::new("max/mean", Unit::Ratio),
    )
    .line(line("16 shards", 16))
    .line(line("64 shards", 64))
    .line(line("200 shards", 200))
    .reference(Reference::x("default T", THRESHOLD))
    .reference(Reference::y("n/W = 12.5", 12.5));
    Chart::Lines(chart)
}

fn costs() -> Table {
    let columns = [
        ("remedy", Unit::Number),
        ("T", Unit::Count),
        ("max/mean", Unit::Ratio),
        ("events missing", Unit::Count),
        ("share of the day", Unit::Share),
        ("fullest shard at 2.5 ns a row", Unit::Time),
    ];
    let row = |remedy: &str, threshold: f64, missing: f64| {
        let rows = rows(64, threshold, 1);
        let slowest_ns = rows.iter().copied().fold(0.0, f64::max) * 2.5;
        let shown = threshold.is_finite().then_some(threshold);
        let share = (missing > 0.0).then_some(missing / EVENTS);
        [
            remedy.into(),
            shown.into(),
            skew(&rows).into(),
            missing.into(),
            share.into(),
            Cell::Number(slowest_ns),
        ]
    };
    Table::new("What each remedy costs", columns.map(|(name, unit)| Column::new(name, unit)))
        .row(row("off", f64::INFINITY, 0.0))
        .row(row("rename", THRESHOLD, excess(THRESHOLD)))
        .row(row("split", THRESHOLD, 0.0))
        .row(row("split", 20_000.0, 0.0))
}

/// A quantile of the maximum of 64 independent M/M/1 response times, 40 ms of service each: a model of
/// a query that waits for all its shards.
fn quantile_ns(quantile: f64, utilisation: f64) -> f64 {
    let mean_ns = 40e6 / (1.0 - utilisation);
    -mean_ns * (1.0 - quantile.powf(1.0 / 64.0)).ln()
}

fn latency() -> Chart {
    let line = |name: &str, quantile: f64| {
        let points = (1..=19).map(|step| {
            let utilisation = f64::from(step) * 0.05;
            let at = quantile_ns(quantile, utilisation);
            (utilisation, at, at * 0.95, at * 1.05)
        });
        Line::between(name, points, Spread::Band)
    };
    let chart = Lines::new(
        Axis::new("utilisation of each shard", Unit::Share),
        Axis::new("latency", Unit::Time).log(),
    )
    .line(line("p50", 0.5))
    .line(line("p90", 0.9))
    .line(line("p99", 0.99))
    .line(line("p99.9", 0.999));
    Chart::Lines(chart)
}

fn cliff() -> Chart {
    let (shards, workers, mean_ns) = (64.0_f64, 8.0, 1.1e6);
    let line = |name: &str, workers: f64| {
        let points = (4..=80).map(|step| {
            let ratio = f64::from(step) * 0.25;
            (ratio, (shards / workers * mean_ns).max(ratio * mean_ns))
        });
        Line::new(name, points)
    };
    let chart = Lines::new(
        Axis::new("max/mean", Unit::Ratio),
        Axis::new("latency on an idle machine", Unit::Time),
    )
    .line(line("8 workers", workers))
    .line(line("one worker per shard", shards))
    .reference(Reference::x("n/W = 8", shards / workers));
    Chart::Lines(chart)
}
