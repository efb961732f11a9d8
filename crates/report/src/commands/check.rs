//! `hotshard check`.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use hotshard::{
    EventDate, HotKey, HotKeys, NoticeKind, Overrides, PlacedNotice, Snapshot, StoredNotice,
    Threshold,
};
use serde::Serialize;

use crate::args::{DateArgs, GlobalArgs, StoreArgs};
use crate::exit::Outcome;
use crate::figures::{certainty, count, things};
use crate::json::damage::DamageJson;
use crate::json::hot::{HotKeyJson, NoticeJson};
use crate::notices::{self, moment};
use crate::output::{self, Answer, Sheet};
use crate::printable::{printable, value_cell};
use crate::table::{Table, number, text};

/// Look for hot keys, and for keys that come near the threshold; for alerts.
///
/// Exit code 3 says that there is a hot key in the date range, 0 that there is none.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    dates: DateArgs,
}

#[derive(Debug, Serialize)]
struct CheckJson<'a> {
    status: &'static str,
    threshold: u64,
    lateness_bound: u64,
    hot: Vec<HotKeyJson<'a>>,
    approaching: Vec<NoticeJson<'a>>,
    #[serde(flatten)]
    damage: DamageJson,
    store: String,
}

/// The keys of a store that passed T or come near it.
struct Checked<'a> {
    hot: Vec<HotKey>,
    approaching: Vec<StoredNotice>,
    threshold: Threshold,
    snapshot: &'a Snapshot,
    root: &'a Path,
}

pub(crate) fn run(args: &CheckArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let dates = args.dates.range()?;
    let snapshot = super::open(&args.store.store)?;
    let found = HotKeys::of(&snapshot, &dates)?;
    let checked = Checked {
        approaching: still_approaching(&found),
        hot: found.keys,
        threshold: snapshot.identity().threshold(),
        snapshot: &snapshot,
        root: &args.store.store,
    };
    let outcome = match super::tell_damage(snapshot.damage()) {
        Outcome::Done if !checked.hot.is_empty() => Outcome::Hot,
        outcome => outcome,
    };
    output::print(global.format, &checked)?;
    Ok(outcome)
}

/// The keys that came near T and have not passed it.
fn still_approaching(found: &HotKeys) -> Vec<StoredNotice> {
    let hot: BTreeSet<(&str, EventDate)> =
        found.keys.iter().map(|key| (key.distinct_id.as_str(), key.event_date)).collect();
    let near = |stored: &&StoredNotice| {
        let notice = &stored.placed.notice;
        notice.kind == NoticeKind::Approaching
            && !hot.contains(&(notice.distinct_id.as_str(), notice.event_date))
    };
    found.notices.iter().filter(near).cloned().collect()
}

impl Answer for Checked<'_> {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let threshold = count(self.threshold.get());
        let root = printable(&self.root.display().to_string());
        let certainty = certainty(self.snapshot.lateness_bound());
        if self.hot.is_empty() {
            let none = format!("no id found past {threshold} events on one day");
            writeln!(out, "{root} has {none} ({certainty}).")?;
        } else {
            let keys = things(self.hot.len() as u64, "hot key", "hot keys");
            let past = format!("past {threshold} events of one id on one day");
            writeln!(out, "{root} has {keys} {past} ({certainty}):")?;
            write!(out, "{}", hot_table(&self.hot, self.snapshot.identity().overrides()))?;
        }
        if !self.approaching.is_empty() {
            let keys = things(self.approaching.len() as u64, "key has", "keys have");
            writeln!(out, "\n{keys} passed 80 % of the threshold:")?;
            let near: Vec<&PlacedNotice> =
                self.approaching.iter().map(|stored| &stored.placed).collect();
            write!(out, "{}", notices::table(&near))?;
        }
        Ok(())
    }

    fn json(&self) -> impl Serialize {
        let overrides = self.snapshot.identity().overrides();
        CheckJson {
            status: match (self.hot.is_empty(), self.approaching.is_empty()) {
                (false, _) => "hot",
                (true, false) => "approaching",
                (true, true) => "ok",
            },
            threshold: self.threshold.get(),
            lateness_bound: self.snapshot.lateness_bound(),
            hot: self.hot.iter().map(|key| HotKeyJson::of(key, overrides)).collect(),
            approaching: self.approaching.iter().map(NoticeJson::from).collect(),
            damage: DamageJson::of(self.snapshot.damage()),
            store: self.root.display().to_string(),
        }
    }

    fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(["status", "distinct_id", "event_date", "events", "time"]);
        for key in &self.hot {
            sheet.row([
                "hot".to_owned(),
                key.distinct_id.clone(),
                key.event_date.to_string(),
                key.events.to_string(),
                key.crossed_at.to_string(),
            ]);
        }
        for stored in &self.approaching {
            let notice = &stored.placed.notice;
            sheet.row([
                "approaching".to_owned(),
                notice.distinct_id.clone(),
                notice.event_date.to_string(),
                notice.events.to_string(),
                notice.event_time.to_string(),
            ]);
        }
        sheet
    }
}

/// Hot keys as the store knows them, for people.
pub(super) fn hot_table(keys: &[HotKey], overrides: &Overrides) -> Table {
    let columns = [
        text("distinct id"),
        text("date"),
        number("events"),
        number("remedied"),
        text("crossed at"),
    ];
    let own = |key: &HotKey| overrides.threshold_of(&key.distinct_id);
    let shows_own = keys.iter().any(|key| own(key).is_some());
    let mut table = Table::new(columns.into_iter().chain(shows_own.then(|| number("own T"))));
    for key in keys {
        let cells = [
            value_cell(Some(&key.distinct_id)),
            key.event_date.to_string(),
            count(key.events),
            count(key.remedied_total),
            moment(key.crossed_at),
        ];
        let own = shows_own.then(|| own(key).map(|own| count(own.get())).unwrap_or_default());
        table.row(cells.into_iter().chain(own));
    }
    table
}
