//! What the numbers say, in sentences.

use hotshard_sim::Crashes;

use super::figures::{bytes, count};
use super::method::Method;
use super::{Accuracy, Run, StreamResult, stream};

/// The size of memory that is looked at closely.
const SMALL: usize = 64 << 10;

/// A list of sentences, each with numbers from this result alone.
pub(super) fn findings(accuracy: &Accuracy) -> Vec<String> {
    let plotted = accuracy.streams.iter().find(|stream| stream.name == stream::PLOTTED);
    let mut findings = vec![promises(accuracy)];
    findings.extend(plotted.and_then(two_kinds_of_error));
    findings.extend(plotted.and_then(cost_of_lateness));
    findings.extend(tightness(accuracy));
    findings.extend(purges(accuracy));
    findings.extend(space_saving(accuracy));
    findings.extend(best_effort(accuracy));
    findings
}

fn promises(accuracy: &Accuracy) -> String {
    let runs = || accuracy.streams.iter().flat_map(|stream| &stream.runs);
    let never_early = runs().filter(|run| run.method.is_never_early()).count();
    let never_late = runs().count() - never_early;
    format!(
        "Every promise held. In {never_early} runs of Misra–Gries and of SpaceSaving by its lower \
         bound, no id at or below T was declared, and no hot id was later than d. In {never_late} \
         runs of count-min and of SpaceSaving by its estimate, no event past T went through. (The \
         command fails when one does not hold.)"
    )
}

fn two_kinds_of_error(stream: &StreamResult) -> Option<String> {
    let under = find(stream, Method::MisraGriesMinimum, SMALL)?;
    let over = find(stream, Method::CountMin, SMALL)?;
    Some(format!(
        "In too little memory, the two kinds of error differ in whom they hurt. In {memory} on {name}, \
         Misra–Gries (minimum purge) misses {missed} of {hot} hot ids, none of which has more than \
         {late} events past T, and accuses nobody; count-min misses none and accuses {innocents} of \
         {ids} ids, whose {early} events would be taken out of their reports.",
        memory = bytes(SMALL),
        name = stream.name,
        missed = count(under.outcome.missed),
        hot = count(stream.hot),
        late = count(under.certificate?),
        innocents = count(over.outcome.innocents),
        ids = count(stream.ids),
        early = count(over.outcome.early_events),
    ))
}

fn cost_of_lateness(stream: &StreamResult) -> Option<String> {
    let runs = stream.runs.iter().filter(|run| run.method == Method::MisraGriesMinimum);
    let bounds: Option<Vec<String>> = runs
        .map(|run| Some(format!("{} in {}", count(run.certificate?), bytes(run.memory_bytes))))
        .collect();
    Some(format!(
        "Memory buys a smaller d, and d = 0 is exact. On {}, with the minimum purge, d is {}. A \
         counter for each id takes {}.",
        stream.name,
        bounds?.join(", "),
        bytes(stream.exact_bytes)
    ))
}

/// How near the worst lateness comes to the certificate.
fn tightness(accuracy: &Accuracy) -> Option<String> {
    let near = |method: Method| {
        let runs = with_streams(accuracy).filter(move |(_, run)| run.method == method);
        let late = runs.filter(|(_, run)| run.outcome.worst_late > 0);
        late.max_by(|(_, a), (_, b)| {
            let late = |run: &Run| run.outcome.worst_late;
            share_of_bound(a).total_cmp(&share_of_bound(b)).then(late(a).cmp(&late(b)))
        })
    };
    let (stream, run) = near(Method::MisraGriesMinimum)?;
    let (median_stream, median) = near(Method::MisraGriesMedian)?;
    Some(format!(
        "d is no loose bound. With the minimum purge the worst hot id came closest to it on {}, in \
         {}: {} events late, d = {}; with the median purge on {}, in {}: {} events late, d = {}.",
        stream.name,
        bytes(run.memory_bytes),
        count(run.outcome.worst_late),
        count(run.certificate?),
        median_stream.name,
        bytes(median.memory_bytes),
        count(median.outcome.worst_late),
        count(median.certificate?),
    ))
}

fn purges(accuracy: &Accuracy) -> Option<String> {
    let (method, base) = (Method::MisraGriesMedian, Method::MisraGriesMinimum);
    let ratios = ratios(accuracy, method, base);
    let same = ratios.iter().filter(|&&(ratio, ..)| ratio <= 1.0).count();
    let (worst, stream, run) = ratios.iter().max_by(|(a, ..), (b, ..)| a.total_cmp(b))?;
    Some(format!(
        "The median purge mostly costs nothing: in {same} of {} runs with any purge its d was not above \
         that of the minimum purge. (When most counters hold one event, the median is the minimum.) \
         It costs most on {}, in {}: {worst:.2} times the d, and {} hot ids missed, not {}, since one \
         purge takes all that ids had gathered while nothing was scarce.",
        ratios.len(),
        stream.name,
        bytes(run.memory_bytes),
        count(run.outcome.missed),
        count(find(stream, base, run.memory_bytes)?.outcome.missed),
    ))
}

fn space_saving(accuracy: &Accuracy) -> Option<String> {
    let (method, base) = (Method::SpaceSavingLowerBound, Method::MisraGriesMinimum);
    let ratios: Vec<f64> = ratios(accuracy, method, base).iter().map(|&(r, ..)| r).collect();
    let least = ratios.iter().copied().min_by(f64::total_cmp)?;
    let most = ratios.iter().copied().max_by(f64::total_cmp)?;
    let missed: Vec<(u64, u64)> = with_streams(accuracy)
        .filter(|(_, run)| run.method == method)
        .filter_map(|(stream, run)| {
            Some((run.outcome.missed, find(stream, base, run.memory_bytes)?.outcome.missed))
        })
        .collect();
    let fewer = missed.iter().filter(|(own, other)| own < other).count();
    let more = missed.iter().filter(|(own, other)| own > other).count();
    Some(format!(
        "SpaceSaving by its lower bound promises less and often finds more. Its counters are larger, \
         so in the same memory its d is {least:.2} to {most:.2} times that of Misra–Gries with the \
         minimum purge; but it remembers for each counter how much it may have lost, where \
         Misra–Gries takes d off every one. Of {runs} runs, it misses fewer hot ids than Misra–Gries \
         in {fewer} and more in {more}.",
        runs = missed.len(),
    ))
}

fn best_effort(accuracy: &Accuracy) -> Option<String> {
    let quiet = accuracy.best_effort.iter().filter(|row| row.crashes == Crashes::Never);
    let worst = quiet.max_by_key(|row| (row.missed, row.late_events))?;
    let crashing = accuracy.best_effort.iter().find(|row| row.crashes != Crashes::Never)?;
    Some(format!(
        "Best-effort detection may be late in any memory. Without any crash, j = {} ingesters that \
         flush after B = {} events miss {} of {} hot ids on {}, and let up to {} events past T through; the bound is {}. \
         When one flush in ten is lost, j = {} and B = {} miss {} of {} on {}. It \
         cannot say how late it is, since it does not know what was lost.",
        worst.ingesters,
        count(worst.flush_every),
        count(worst.missed),
        count(worst.hot),
        worst.stream,
        count(worst.worst_late),
        count(worst.bound),
        crashing.ingesters,
        count(crashing.flush_every),
        count(crashing.missed),
        count(crashing.hot),
        crashing.stream,
    ))
}

fn with_streams(accuracy: &Accuracy) -> impl Iterator<Item = (&StreamResult, &Run)> {
    accuracy.streams.iter().flat_map(|stream| stream.runs.iter().map(move |run| (stream, run)))
}

fn find(stream: &StreamResult, method: Method, memory_bytes: usize) -> Option<&Run> {
    stream.runs.iter().find(|run| run.method == method && run.memory_bytes == memory_bytes)
}

/// The ratios of two methods' certificates in the same memory on the same stream, where neither
/// is 0.
fn ratios(accuracy: &Accuracy, method: Method, base: Method) -> Vec<(f64, &StreamResult, &Run)> {
    let runs = with_streams(accuracy).filter(|(_, run)| run.method == method);
    runs.filter_map(|(stream, run)| {
        let base = find(stream, base, run.memory_bytes)?.certificate?;
        let bound = run.certificate?;
        (bound > 0 && base > 0).then(|| (divide(bound, base), stream, run))
    })
    .collect()
}

fn share_of_bound(run: &Run) -> f64 {
    run.certificate.map_or(0.0, |bound| divide(run.outcome.worst_late, bound.max(1)))
}

#[expect(clippy::cast_precision_loss, reason = "counts of events lie far below 2^53")]
fn divide(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}
