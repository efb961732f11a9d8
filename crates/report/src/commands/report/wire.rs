//! The report as JSON.

use std::collections::BTreeMap;

use hotshard::{DateBand, OverlookedKey};
use serde::Serialize;

use super::Board;
use crate::json::damage::DamageJson;
use crate::json::hot::{HotKeyJson, NoticeJson};
use crate::json::overrides::OverridesJson;
use crate::json::shards::ShardsJson;

#[derive(Debug, Serialize)]
pub(super) struct ReportJson<'a> {
    from: Option<&'a str>,
    to: Option<&'a str>,
    threshold: u64,
    remedy: &'static str,
    lateness_bound: u64,
    hot: Vec<HotKeyJson<'a>>,
    by_event: Vec<EventJson<'a>>,
    by_day: Vec<DayJson>,
    notices: Vec<NoticeJson<'a>>,
    shards: ShardsJson,
    rejected: u64,
    rejects: &'a BTreeMap<String, u64>,
    #[serde(flatten)]
    damage: DamageJson,
    store: String,
    overrides: OverridesJson<'a>,
    band: Vec<BandJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overlooked: Option<Vec<OverlookedJson<'a>>>,
}

#[derive(Debug, Serialize)]
struct BandJson {
    event_date: String,
    lateness_bound: u64,
    undecided: usize,
    covers_uncounted: bool,
}

#[derive(Debug, Serialize)]
struct OverlookedJson<'a> {
    distinct_id: &'a str,
    event_date: String,
    events: u64,
    threshold: u64,
}

#[derive(Debug, Serialize)]
struct EventJson<'a> {
    original_event: &'a str,
    events: u64,
    renamed: u64,
    hot_keys: u64,
}

#[derive(Debug, Serialize)]
struct DayJson {
    event_date: String,
    events: u64,
    hot_keys: u64,
    hot_events: u64,
    remedied: u64,
}

impl From<DateBand> for BandJson {
    fn from(band: DateBand) -> Self {
        Self {
            event_date: band.event_date.to_string(),
            lateness_bound: band.lateness_bound,
            undecided: band.undecided,
            covers_uncounted: band.covers_uncounted,
        }
    }
}

impl<'a> From<&'a OverlookedKey> for OverlookedJson<'a> {
    fn from(key: &'a OverlookedKey) -> Self {
        Self {
            distinct_id: &key.distinct_id,
            event_date: key.event_date.to_string(),
            events: key.events,
            threshold: key.threshold.get(),
        }
    }
}

impl<'a> ReportJson<'a> {
    pub(super) fn of(board: &'a Board) -> Self {
        let by_event = board.by_event.iter().map(|figures| EventJson {
            original_event: &figures.original_event,
            events: figures.events,
            renamed: figures.renamed,
            hot_keys: figures.hot_keys,
        });
        let by_day = board.by_day.iter().map(|figures| DayJson {
            event_date: figures.event_date.to_string(),
            events: figures.events,
            hot_keys: figures.hot_keys,
            hot_events: figures.hot_events,
            remedied: figures.remedied,
        });
        let overrides = board.identity.overrides();
        Self {
            from: board.from.as_deref(),
            to: board.to.as_deref(),
            threshold: board.identity.threshold().get(),
            remedy: board.identity.remedy().as_str(),
            lateness_bound: board.lateness_bound,
            hot: board.hot.keys.iter().map(|key| HotKeyJson::of(key, overrides)).collect(),
            by_event: by_event.collect(),
            by_day: by_day.collect(),
            notices: board.hot.notices.iter().map(NoticeJson::from).collect(),
            shards: board.skew.into(),
            rejected: board.rejects.values().sum(),
            rejects: &board.rejects,
            damage: DamageJson::of(&board.damaged),
            store: board.store().display().to_string(),
            overrides: OverridesJson::from(overrides),
            band: board.bands.dates().map(BandJson::from).collect(),
            overlooked: board
                .resolution
                .as_ref()
                .map(|it| it.overlooked.iter().map(OverlookedJson::from).collect()),
        }
    }
}
