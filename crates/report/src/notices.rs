//! Notices, for people.

use std::path::Path;

use hotshard::{EventTime, NoticeKind, PlacedNotice};

use crate::figures::count;
use crate::printable::{cell, value_cell};
use crate::table::{Table, number, text};

/// Keys that came near T or passed it, and where.
pub(crate) fn table(notices: &[&PlacedNotice]) -> Table {
    let projects = notices.iter().any(|placed| placed.notice.projected_crossing.is_some());
    let columns = [
        text("notice"),
        text("distinct id"),
        text("date"),
        number("at event"),
        text("event time"),
        text("place"),
    ];
    let projection = projects.then(|| text("crossing about"));
    let mut table = Table::new(columns.into_iter().chain(projection));
    for placed in notices {
        let notice = &placed.notice;
        let cells = [
            kind(notice.kind).to_owned(),
            value_cell(Some(&notice.distinct_id)),
            notice.event_date.to_string(),
            count(notice.events),
            moment(notice.event_time),
            format!("{}, line {}", file_name(&placed.source), count(placed.line)),
        ];
        let projection =
            projects.then(|| notice.projected_crossing.map(moment).unwrap_or_default());
        table.row(cells.into_iter().chain(projection));
    }
    table
}

/// A time for people, without milliseconds where there are none.
pub(crate) fn moment(time: EventTime) -> String {
    time.to_string().replace(".000Z", "Z")
}

const fn kind(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Approaching => "80 % of T",
        NoticeKind::Crossed => "crossed T",
    }
}

/// The last part of a source's name; JSON has all of it.
fn file_name(source: &str) -> String {
    let name = Path::new(source).file_name().map(|name| name.to_string_lossy());
    cell(name.as_deref().unwrap_or(source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_named_by_their_file() {
        assert_eq!(file_name("/data/2024/day.jsonl.gz"), "day.jsonl.gz");
        assert_eq!(file_name("standard input"), "standard input");
    }

    #[test]
    fn whole_seconds_stand_without_milliseconds() {
        let shown = |millis| moment(EventTime::from_millis(millis));
        assert_eq!(shown(1_618_716_477_000), "2021-04-18T03:27:57Z");
        assert_eq!(shown(1_618_716_477_007), "2021-04-18T03:27:57.007Z");
    }
}
