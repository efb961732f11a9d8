//! The frames of a report.

use hotshard_sim::{Estimate, Intervals, Load};

use super::frame::{Frame, Value, ValueKind};
use super::outcome::{CellOutcome, Comparison, FanOutOutcome, LatencyOutcome, SimulationReport};
use super::spec::ExperimentSpec;

use ValueKind::{Count, Number, Text};

/// Columns of the balance frame; the first five tell cells apart.
const BALANCE: [(&str, ValueKind); 26] = [
    ("workload", Text),
    ("level", Text),
    ("shards", Count),
    ("policy", Text),
    ("sources", Count),
    ("seeds", Count),
    ("events", Number),
    ("threshold", Number),
    ("max_over_mean", Number),
    ("max_over_mean_se", Number),
    ("max_over_mean_sd", Number),
    ("max_over_mean_min", Number),
    ("max_over_mean_p5", Number),
    ("max_over_mean_p50", Number),
    ("max_over_mean_p95", Number),
    ("max_over_mean_max", Number),
    ("cv", Number),
    ("p99_over_median", Number),
    ("gini", Number),
    ("k_eff", Number),
    ("hot_keys", Number),
    ("remedied", Number),
    ("remedied_share", Number),
    ("bound_max_over_mean", Number),
    ("bound_confidence", Number),
    ("locality", Text),
];

/// Columns of the frame of repeats.
const REPEATS: [(&str, ValueKind); 17] = [
    ("workload", Text),
    ("level", Text),
    ("shards", Count),
    ("policy", Text),
    ("sources", Count),
    ("repeat", Count),
    ("rng_seed", Count),
    ("events", Count),
    ("max_over_mean", Number),
    ("cv", Number),
    ("p99_over_median", Number),
    ("gini", Number),
    ("k_eff", Number),
    ("threshold", Count),
    ("hot_keys", Count),
    ("remedied", Count),
    ("bound_max_over_mean", Number),
];

/// Columns of the frame of rows.
const ROWS: [(&str, ValueKind); 7] = [
    ("workload", Text),
    ("level", Text),
    ("shards", Count),
    ("policy", Text),
    ("sources", Count),
    ("shard", Count),
    ("rows", Count),
];

/// Columns of the latency frame; the first seven tell runs apart.
const LATENCY: [(&str, ValueKind); 33] = [
    ("workload", Text),
    ("level", Text),
    ("shards", Count),
    ("policy", Text),
    ("sources", Count),
    ("servers", Text),
    ("load", Number),
    ("law", Text),
    ("max_over_mean", Number),
    ("queries_per_second", Number),
    ("saturation_per_second", Number),
    ("utilisation", Number),
    ("state", Text),
    ("modelled_idle_ns", Number),
    ("modelled_even_ns", Number),
    ("queries", Count),
    ("intervals", Text),
    ("modelled_mean_ns", Number),
    ("modelled_mean_low_ns", Number),
    ("modelled_mean_high_ns", Number),
    ("modelled_p50_ns", Number),
    ("modelled_p50_low_ns", Number),
    ("modelled_p50_high_ns", Number),
    ("modelled_p90_ns", Number),
    ("modelled_p90_low_ns", Number),
    ("modelled_p90_high_ns", Number),
    ("modelled_p99_ns", Number),
    ("modelled_p99_low_ns", Number),
    ("modelled_p99_high_ns", Number),
    ("modelled_p999_ns", Number),
    ("modelled_p999_low_ns", Number),
    ("modelled_p999_high_ns", Number),
    ("slower_share", Number),
];

/// Columns of the frame of published figures.
const PUBLISHED: [(&str, ValueKind); 9] = [
    ("source", Text),
    ("what", Text),
    ("published", Number),
    ("published_low", Number),
    ("published_high", Number),
    ("ours", Number),
    ("ours_low", Number),
    ("ours_high", Number),
    ("verdict", Text),
];

/// The columns that can be published figures, of the balance and of the latency frame.
pub(super) fn figures(of: FigureOf) -> impl Iterator<Item = &'static str> {
    let columns = match of {
        FigureOf::Cell => BALANCE.as_slice(),
        FigureOf::Run => LATENCY.as_slice(),
    };
    columns.iter().filter(|(_, kind)| *kind != Text).map(|(name, _)| *name)
}

/// What a figure is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FigureOf {
    /// A cell of the balance frame.
    Cell,
    /// A run of queries.
    Run,
}

impl SimulationReport {
    /// The balance of each cell, over its repeats. Figures without a suffix are means; `_se` is the
    /// mean's standard error, `_sd` the standard deviation of a single repeat, `_p5` and so on are
    /// percentiles of the repeats.
    #[must_use]
    pub fn balance(&self) -> Frame {
        let mut frame = Frame::new("balance", &BALANCE);
        self.cells.iter().for_each(|cell| frame.push(balance_row(cell)));
        frame
    }

    /// The figures of each repeat of each cell.
    #[must_use]
    pub fn repeats(&self) -> Frame {
        let mut frame = Frame::new("repeats", &REPEATS);
        for cell in &self.cells {
            for (repeat, figures) in (0_u32..).zip(&cell.repeats) {
                let [workload, level, shards, policy, sources] = names(cell);
                frame.push([
                    workload,
                    level,
                    shards,
                    policy,
                    sources,
                    repeat.into(),
                    self.spec.rng_seed.child(repeat.into()).get().into(),
                    figures.events.into(),
                    figures.max_over_mean.into(),
                    figures.cv.into(),
                    figures.p99_over_median.into(),
                    figures.gini.into(),
                    figures.k_eff.into(),
                    figures.threshold.into(),
                    figures.hot_keys.into(),
                    figures.remedied.into(),
                    figures.bound.into(),
                ]);
            }
        }
        frame
    }

    /// Rows of each shard of each cell, in the repeat whose max/mean is the median one.
    #[must_use]
    pub fn rows(&self) -> Frame {
        let mut frame = Frame::new("rows", &ROWS);
        for cell in &self.cells {
            for (shard, &rows) in (0_u32..).zip(&cell.rows) {
                let [workload, level, shards, policy, sources] = names(cell);
                frame.push([workload, level, shards, policy, sources, shard.into(), rows.into()]);
            }
        }
        frame
    }

    /// Modelled latencies: of the cells, then of the fan-outs, whose level is `queueing`.
    #[must_use]
    pub fn latency(&self) -> Frame {
        let mut frame = Frame::new("latency", &LATENCY);
        for latency in &self.latencies {
            if let Some(cell) = self.cells.get(latency.cell) {
                frame.push(latency_row(&self.spec, cell, latency));
            }
        }
        self.fan_outs.iter().for_each(|fan_out| frame.push(fan_out_row(fan_out)));
        frame
    }

    /// Published figures beside ours.
    #[must_use]
    pub fn published(&self) -> Frame {
        let mut frame = Frame::new("published", &PUBLISHED);
        for comparison in &self.comparisons {
            let Comparison { published, ours, between } = comparison;
            frame.push([
                published.source.as_str().into(),
                published.what.as_str().into(),
                published.value.into(),
                published.low.into(),
                published.high.into(),
                (*ours).into(),
                between.map(|(low, _)| low).into(),
                between.map(|(_, high)| high).into(),
                if comparison.agrees() { "agrees" } else { "differs" }.into(),
            ]);
        }
        frame
    }

    /// Every frame that has rows.
    #[must_use]
    pub fn frames(&self) -> Vec<Frame> {
        let all = [self.balance(), self.repeats(), self.rows(), self.latency(), self.published()];
        all.into_iter().filter(|frame| frame.rows().len() > 0).collect()
    }
}

fn names(cell: &CellOutcome) -> [Value; 5] {
    [
        cell.workload.as_str().into(),
        cell.level.as_str().into(),
        cell.shards.get().into(),
        cell.policy.to_string().into(),
        cell.sources.get().into(),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "figures need no 53rd bit of a count")]
fn balance_row(cell: &CellOutcome) -> [Value; BALANCE.len()] {
    let [workload, level, shards, policy, sources] = names(cell);
    let max_over_mean = cell.max_over_mean();
    let over_mean = |figure: fn(&hotshard_sim::Distribution) -> f64| -> Value {
        max_over_mean.as_ref().map(figure).into()
    };
    let count = |figure: fn(&super::figures::SeedFigures) -> u64| -> Value {
        cell.mean(|figures| Some(figure(figures) as f64)).into()
    };
    let share = |figures: &super::figures::SeedFigures| {
        Some(figures.remedied as f64 / figures.events.max(1) as f64)
    };
    [
        workload,
        level,
        shards,
        policy,
        sources,
        u64::try_from(cell.repeats.len()).unwrap_or(u64::MAX).into(),
        count(|figures| figures.events),
        cell.mean(|figures| figures.threshold.map(|threshold| threshold as f64)).into(),
        over_mean(hotshard_sim::Distribution::mean),
        over_mean(hotshard_sim::Distribution::standard_error),
        over_mean(hotshard_sim::Distribution::standard_deviation),
        over_mean(|repeats| repeats.quantile(0.0)),
        over_mean(|repeats| repeats.quantile(0.05)),
        over_mean(|repeats| repeats.quantile(0.5)),
        over_mean(|repeats| repeats.quantile(0.95)),
        over_mean(|repeats| repeats.quantile(1.0)),
        cell.mean(|figures| Some(figures.cv)).into(),
        cell.mean(|figures| figures.p99_over_median).into(),
        cell.mean(|figures| Some(figures.gini)).into(),
        cell.mean(|figures| Some(figures.k_eff)).into(),
        count(|figures| figures.hot_keys),
        count(|figures| figures.remedied),
        cell.mean(share).into(),
        cell.distribution(|figures| figures.bound).map(|bounds| bounds.quantile(1.0)).into(),
        cell.distribution(|figures| figures.bound_confidence)
            .map(|confidence| confidence.quantile(0.0))
            .into(),
        cell.locality.to_string().into(),
    ]
}

/// Whether intervals hold with the confidence they claim.
fn intervals(intervals: Intervals) -> &'static str {
    match intervals {
        Intervals::Sound => "sound",
        Intervals::TooNarrow { .. } => "too narrow",
        Intervals::Meaningless => "meaningless",
    }
}

/// Low, middle and high of an estimate.
fn estimate(estimate: Option<Estimate>) -> [Value; 3] {
    let interval = estimate.and_then(|estimate| estimate.interval);
    [
        estimate.map(|estimate| estimate.ns).into(),
        interval.map(|interval| interval.low_ns).into(),
        interval.and_then(|interval| interval.high_ns).into(),
    ]
}

fn latency_row(
    spec: &ExperimentSpec,
    cell: &CellOutcome,
    latency: &LatencyOutcome,
) -> [Value; LATENCY.len()] {
    let report = latency.report.as_ref();
    let state = match report {
        None => "past saturation",
        Some(report) if report.load == Load::PastSaturation => "past saturation",
        Some(_) => "steady",
    };
    let [workload, level, shards, policy, sources] = names(cell);
    let law = spec.latency.as_ref().map(|latency| latency.law.to_string());
    let max_over_mean = hotshard_event::Skew::of(&cell.rows).max_over_mean;
    let before = [
        workload,
        level,
        shards,
        policy,
        sources,
        latency.servers.to_string().into(),
        latency.load.into(),
        law.into(),
        max_over_mean.into(),
        latency.queries_per_second.into(),
        latency.saturation_per_second.into(),
        (latency.queries_per_second / latency.saturation_per_second).into(),
        state.into(),
        latency.modelled_idle_ns.into(),
        latency.modelled_even_ns.into(),
    ];
    with_estimates(before, report, None)
}

fn fan_out_row(fan_out: &FanOutOutcome) -> [Value; LATENCY.len()] {
    let before = [
        fan_out.name.as_str().into(),
        "queueing".into(),
        fan_out.shards.get().into(),
        Value::Missing,
        Value::Missing,
        fan_out.servers.to_string().into(),
        fan_out.utilisation.into(),
        fan_out.law.to_string().into(),
        1.0.into(),
        fan_out.report.queries_per_second.into(),
        (fan_out.report.queries_per_second / fan_out.utilisation).into(),
        fan_out.utilisation.into(),
        "steady".into(),
        Value::Missing,
        Value::Missing,
    ];
    with_estimates(before, Some(&fan_out.report), fan_out.slower_share)
}

/// A row of the latency frame: what tells runs apart, then what the run came to.
fn with_estimates(
    before: [Value; 15],
    report: Option<&hotshard_sim::LatencyReport>,
    slower_share: Option<f64>,
) -> [Value; LATENCY.len()] {
    let estimates = [
        report.map(|report| report.modelled_mean),
        report.map(|report| report.modelled_p50),
        report.map(|report| report.modelled_p90),
        report.map(|report| report.modelled_p99),
        report.map(|report| report.modelled_p999),
    ];
    let mut row = [const { Value::Missing }; LATENCY.len()];
    let values = before
        .into_iter()
        .chain([report.map(|report| report.queries).into()])
        .chain([report.map(|report| intervals(report.intervals)).into()])
        .chain(estimates.into_iter().flat_map(estimate))
        .chain([slower_share.into()]);
    row.iter_mut().zip(values).for_each(|(place, value)| *place = value);
    row
}
