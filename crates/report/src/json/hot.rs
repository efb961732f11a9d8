//! Hot keys and notices.

use hotshard::{
    EventTime, HotKey, NoticeKind, Overrides, PlacedNotice, StoredNotice, Threshold, TouchedKey,
};
use serde::Serialize;

/// A hot key that an ingest touched.
#[derive(Debug, Serialize)]
pub(crate) struct TouchedKeyJson<'a> {
    distinct_id: &'a str,
    event_date: String,
    events: u64,
    remedied: u64,
    /// Only of ids with a threshold of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    own_threshold: Option<u64>,
}

impl<'a> TouchedKeyJson<'a> {
    pub(crate) fn of(touched: &'a TouchedKey, overrides: &Overrides) -> Self {
        Self {
            distinct_id: &touched.key.distinct_id,
            event_date: touched.key.event_date.to_string(),
            events: touched.key.events,
            remedied: touched.remedied,
            own_threshold: own_threshold(&touched.key, overrides),
        }
    }
}

/// A hot key as the store knows it.
#[derive(Debug, Serialize)]
pub(crate) struct HotKeyJson<'a> {
    distinct_id: &'a str,
    event_date: String,
    events: u64,
    remedied: u64,
    crossed_at: String,
    /// Only of ids with a threshold of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    own_threshold: Option<u64>,
}

impl<'a> HotKeyJson<'a> {
    pub(crate) fn of(key: &'a HotKey, overrides: &Overrides) -> Self {
        Self {
            distinct_id: &key.distinct_id,
            event_date: key.event_date.to_string(),
            events: key.events,
            remedied: key.remedied_total,
            crossed_at: key.crossed_at.to_string(),
            own_threshold: own_threshold(key, overrides),
        }
    }
}

fn own_threshold(key: &HotKey, overrides: &Overrides) -> Option<u64> {
    overrides.threshold_of(&key.distinct_id).map(Threshold::get)
}

/// Word that a key came near T or passed it.
#[derive(Debug, Serialize)]
pub(crate) struct NoticeJson<'a> {
    kind: &'static str,
    distinct_id: &'a str,
    event_date: String,
    events_at_notice: u64,
    event_time: String,
    projected_crossing: Option<String>,
    sequence: u64,
    source: &'a str,
    line: u64,
    offset: u64,
    /// Only of notices that are in a store.
    #[serde(skip_serializing_if = "Option::is_none")]
    committed_at: Option<String>,
}

impl<'a> From<&'a PlacedNotice> for NoticeJson<'a> {
    fn from(placed: &'a PlacedNotice) -> Self {
        let notice = &placed.notice;
        Self {
            kind: kind(notice.kind),
            distinct_id: &notice.distinct_id,
            event_date: notice.event_date.to_string(),
            events_at_notice: notice.events,
            event_time: notice.event_time.to_string(),
            projected_crossing: notice.projected_crossing.map(|time| time.to_string()),
            sequence: notice.sequence.get(),
            source: &placed.source,
            line: placed.line,
            offset: placed.offset,
            committed_at: None,
        }
    }
}

impl<'a> From<&'a StoredNotice> for NoticeJson<'a> {
    fn from(stored: &'a StoredNotice) -> Self {
        let committed_at = EventTime::from_millis(stored.committed_at_ms).to_string();
        Self { committed_at: Some(committed_at), ..Self::from(&stored.placed) }
    }
}

/// The word for a kind of notice.
pub(crate) const fn kind(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Approaching => "approaching",
        NoticeKind::Crossed => "crossed",
    }
}
