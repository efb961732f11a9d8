//! What an ingest did.

use std::collections::BTreeMap;
use std::path::Path;

use hotshard::{Effect, IngestSummary, RejectSample};
use serde::Serialize;

use super::hot::{NoticeJson, TouchedKeyJson};
use super::overrides::OverridesJson;
use super::shards::ShardsJson;

/// The answer of `ingest`. The fields up to `peak_memory_bytes` are what scripts rely on.
#[derive(Debug, Serialize)]
pub(crate) struct IngestJson<'a> {
    events: u64,
    stored: u64,
    rejected: u64,
    rejects: BTreeMap<&'static str, u64>,
    missing_distinct_id: u64,
    collisions: u64,
    duplicate_sources: &'a [String],
    remedied: u64,
    threshold: u64,
    lateness_bound: u64,
    hot: Vec<TouchedKeyJson<'a>>,
    shards: ShardsJson,
    elapsed_ns: u64,
    peak_memory_bytes: Option<u64>,
    remedy: &'static str,
    ignored_keys: u64,
    resumed_sources: &'a [String],
    reject_samples: Vec<RejectSampleJson<'a>>,
    notices: Vec<NoticeJson<'a>>,
    commits: u64,
    memory_budget_bytes: u64,
    store: String,
    dry_run: bool,
    unattributed: u64,
    overrides: OverridesJson<'a>,
}

/// One of the first rejected records.
#[derive(Debug, Serialize)]
struct RejectSampleJson<'a> {
    source: &'a str,
    line: u64,
    offset: u64,
    message: &'a str,
}

impl<'a> From<&'a RejectSample> for RejectSampleJson<'a> {
    fn from(sample: &'a RejectSample) -> Self {
        Self {
            source: &sample.source,
            line: sample.line,
            offset: sample.offset,
            message: &sample.message,
        }
    }
}

impl<'a> IngestJson<'a> {
    pub(crate) fn new(summary: &'a IngestSummary, store: &Path, effect: Effect) -> Self {
        Self {
            events: summary.events,
            stored: summary.stored,
            rejected: summary.rejected,
            rejects: summary.rejects.iter().map(|(reason, n)| (reason.code(), *n)).collect(),
            missing_distinct_id: summary.missing_distinct_id,
            collisions: summary.collisions,
            duplicate_sources: &summary.duplicate_sources,
            remedied: summary.remedied,
            threshold: summary.threshold.get(),
            lateness_bound: summary.lateness_bound,
            hot: summary
                .hot
                .iter()
                .map(|key| TouchedKeyJson::of(key, &summary.overrides))
                .collect(),
            shards: summary.skew.into(),
            elapsed_ns: summary.elapsed.ns(),
            peak_memory_bytes: summary.peak_memory_bytes,
            remedy: summary.remedy.as_str(),
            ignored_keys: summary.ignored_keys,
            resumed_sources: &summary.resumed_sources,
            reject_samples: summary.reject_samples.iter().map(RejectSampleJson::from).collect(),
            notices: summary.notices.iter().map(NoticeJson::from).collect(),
            commits: summary.commits,
            memory_budget_bytes: summary.memory_budget.bytes(),
            store: store.display().to_string(),
            dry_run: effect == Effect::DryRun,
            unattributed: summary.unattributed,
            overrides: OverridesJson::from(&summary.overrides),
        }
    }
}
