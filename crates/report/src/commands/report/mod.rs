//! `hotshard report`.

mod gather;
mod text;
mod wire;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use hotshard::{Bands, Damage, HotKeys, Identity, Resolution, Skew};
use serde::Serialize;

use crate::args::{DateArgs, GlobalArgs, StoreArgs};
use crate::exit::Outcome;
use crate::output::{self, Answer, Sheet};
use gather::{DayFigures, EventFigures, RejectFigures};

/// Review the hot keys of a store: by volume, by event name, by day; with notices, shard balance
/// and rejects.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    dates: DateArgs,
    /// Count the ids that the detector could not decide on, and the events of hot ids that it knows
    /// only up to d, from the stored events.
    #[arg(long)]
    resolve: bool,
}

/// Everything the report shows.
struct Board {
    store: PathBuf,
    identity: Identity,
    /// Largest certificate of these days.
    lateness_bound: u64,
    from: Option<String>,
    to: Option<String>,
    hot: HotKeys,
    bands: Bands,
    /// What was counted; absent unless it was asked for.
    resolution: Option<Resolution>,
    by_event: Vec<EventFigures>,
    by_day: Vec<DayFigures>,
    /// Balance of the whole store, whatever the dates.
    skew: Skew,
    /// Rejects of the whole store: a rejected record has no date.
    rejects: RejectFigures,
    damaged: Vec<Damage>,
}

pub(crate) fn run(args: &ReportArgs, global: &GlobalArgs) -> anyhow::Result<Outcome> {
    let dates = args.dates.range()?;
    let snapshot = super::open(&args.store.store)?;
    let mut hot = HotKeys::of(&snapshot, &dates)?;
    let bands = Bands::of(&snapshot, &dates)?;
    let resolution = args.resolve.then(|| bands.resolve(&snapshot, &mut hot.keys));
    hot.sort();
    let (by_event, mut damaged) = gather::by_event(&snapshot, &dates, &hot.keys)?;
    let (rejects, damaged_rejects) = gather::rejects(&snapshot)?;
    damaged.extend(damaged_rejects);
    damaged.extend(snapshot.damage().iter().cloned());
    damaged.extend(resolution.iter().flat_map(|resolution| resolution.damaged.iter().cloned()));
    damaged.sort_by(|a, b| a.path.cmp(&b.path));
    damaged.dedup();
    let board = Board {
        store: args.store.store.clone(),
        identity: snapshot.identity().clone(),
        lateness_bound: bands.dates().map(|band| band.lateness_bound).max().unwrap_or(0),
        from: args.dates.from.map(|date| date.to_string()),
        to: args.dates.to.map(|date| date.to_string()),
        by_day: gather::by_day(&snapshot, &dates, &hot.keys),
        hot,
        bands,
        resolution,
        by_event,
        skew: Skew::of(&snapshot.rows_per_shard()),
        rejects,
        damaged,
    };
    let outcome = super::tell_damage(&board.damaged);
    output::print(global.format, &board)?;
    Ok(outcome)
}

impl Board {
    fn store(&self) -> &Path {
        &self.store
    }
}

impl Answer for Board {
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        text::write(self, out)
    }

    fn json(&self) -> impl Serialize {
        wire::ReportJson::of(self)
    }

    fn sheet(&self) -> Sheet {
        let mut sheet =
            Sheet::new(["distinct_id", "event_date", "events", "remedied", "crossed_at"]);
        for key in &self.hot.keys {
            sheet.row([
                key.distinct_id.clone(),
                key.event_date.to_string(),
                key.events.to_string(),
                key.remedied_total.to_string(),
                key.crossed_at.to_string(),
            ]);
        }
        sheet
    }
}
