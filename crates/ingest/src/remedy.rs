//! What happens to the excess.

use std::ops::AddAssign;

use hotshard_event::{EventBlock, HOTSHARD_EVENTS, Placement, Remedy};

use crate::detect::Excess;
use crate::originals;

/// What a remedy did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct RemedyCounts {
    /// Events that were remedied.
    pub remedied: u64,
    /// Renamed events that carried an `mp_original_…` property already, which was moved away.
    pub collisions: u64,
}

impl AddAssign for RemedyCounts {
    fn add_assign(&mut self, other: Self) {
        self.remedied += other.remedied;
        self.collisions += other.collisions;
    }
}

/// Applies a remedy to the excess rows of a block.
///
/// `rename` makes the row a `$hotshard_events` without an id, keeps what it was in the columns for
/// originals, and spreads it. `mp_original_…` properties that it carried already keep their values
/// under `$hotshard_prior_…` names. `split` only spreads the row. `off` does nothing.
///
/// ```
/// use hotshard_event::{EventBlock, EventTime, NewEvent, Remedy, TimeZone};
/// use hotshard_ingest::{detect::Excess, remedy};
///
/// let time = EventTime::from_millis(1_618_716_477_000);
/// let mut block = EventBlock::default();
/// block.push(&NewEvent {
///     name: "Signed up",
///     distinct_id: "user_id",
///     time,
///     date: TimeZone::UTC.date_of(time),
///     insert_id: None,
///     properties: "{}",
/// });
/// remedy::apply(&mut block, &Excess::from_iter([0]), Remedy::Rename);
/// let event = block.event(0).expect("one event was pushed");
/// assert_eq!((event.name, event.distinct_id), ("$hotshard_events", ""));
/// assert_eq!(event.originals.distinct_id, Some("user_id"));
/// ```
pub fn apply(block: &mut EventBlock, excess: &Excess, remedy: Remedy) -> RemedyCounts {
    match remedy {
        _ if excess.is_empty() => RemedyCounts::default(),
        Remedy::Rename => rename(block, excess),
        Remedy::Split => split(block, excess),
        Remedy::Off => RemedyCounts::default(),
    }
}

fn rename(block: &mut EventBlock, excess: &Excess) -> RemedyCounts {
    let mut counts = RemedyCounts::default();
    let name = block.push_text(HOTSHARD_EVENTS);
    let no_id = block.push_text("");
    for number in excess.iter() {
        let Some(mut row) = block.rows().get(number).copied() else { continue };
        counts.collisions += u64::from(originals::move_aside(block, &mut row));
        row.original_name = Some(row.name);
        row.original_distinct_id = Some(row.distinct_id);
        row.name = name;
        row.distinct_id = no_id;
        row.placement = Placement::Spread;
        if let Some(place) = block.rows_mut().get_mut(number) {
            *place = row;
            counts.remedied += 1;
        }
    }
    counts
}

fn split(block: &mut EventBlock, excess: &Excess) -> RemedyCounts {
    let mut counts = RemedyCounts::default();
    for number in excess.iter() {
        if let Some(row) = block.rows_mut().get_mut(number) {
            row.placement = Placement::Spread;
            counts.remedied += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use hotshard_event::{EventTime, NewEvent, TimeZone, write_event};

    use super::*;

    const TIME: EventTime = EventTime::from_millis(1_618_716_477_000);

    /// A block of one event "Signed up" of the id "a" with these properties.
    fn block(properties: &str) -> EventBlock {
        let mut block = EventBlock::default();
        push(&mut block, "Signed up", "a", properties);
        block
    }

    fn push(block: &mut EventBlock, name: &str, distinct_id: &str, properties: &str) {
        let insert_id = Some("36a92782-cd7d-41a0-93af-8c23ec6c4191");
        let date = TimeZone::UTC.date_of(TIME);
        block.push(&NewEvent { name, distinct_id, time: TIME, date, insert_id, properties });
        if let Some(row) = block.rows_mut().last_mut() {
            row.carries_originals = properties.contains("original");
        }
    }

    fn written(block: &EventBlock, row: usize) -> String {
        let mut line = Vec::new();
        write_event(&block.event(row).unwrap(), &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn mixpanels_example_comes_out_field_for_field() {
        let mut block = EventBlock::default();
        push(&mut block, "Signed up", "hotshard@mixpanel.com", "{}");
        let counts = apply(&mut block, &Excess::from_iter([0]), Remedy::Rename);
        assert_eq!(counts, RemedyCounts { remedied: 1, collisions: 0 });
        assert_eq!(
            written(&block, 0),
            concat!(
                r#"{"event":"$hotshard_events","properties":{"time":1618716477000,"#,
                r#""distinct_id":"","mp_original_event_name":"Signed up","#,
                r#""mp_original_distinct_id":"hotshard@mixpanel.com","#,
                r#""$insert_id":"36a92782-cd7d-41a0-93af-8c23ec6c4191"}}"#
            )
        );
    }

    #[test]
    fn only_excess_is_renamed_and_spread() {
        let mut block = EventBlock::default();
        for name in ["one", "two", "three"] {
            push(&mut block, name, "a", r#"{"n":1.50}"#);
        }
        let before = [written(&block, 0), written(&block, 2)];
        apply(&mut block, &Excess::from_iter([1]), Remedy::Rename);
        assert_eq!([written(&block, 0), written(&block, 2)], before);
        assert_eq!(block.rows()[0].placement, Placement::Home);
        assert_eq!(block.rows()[1].placement, Placement::Spread);
        let event = block.event(1).unwrap();
        assert_eq!((event.originals.name, event.properties), (Some("two"), r#"{"n":1.50}"#));
    }

    #[test]
    fn split_only_spreads() {
        let mut block = block("{}");
        let before = written(&block, 0);
        let counts = apply(&mut block, &Excess::from_iter([0]), Remedy::Split);
        assert_eq!(counts, RemedyCounts { remedied: 1, collisions: 0 });
        assert_eq!(written(&block, 0), before);
        assert_eq!(block.rows()[0].placement, Placement::Spread);
    }

    #[test]
    fn off_does_nothing() {
        let mut block = block("{}");
        let before = block.rows().to_vec();
        let counts = apply(&mut block, &Excess::from_iter([0]), Remedy::Off);
        assert_eq!(counts, RemedyCounts::default());
        assert_eq!(block.rows(), before);
    }

    #[test]
    fn earlier_originals_move_and_all_else_stays_as_written() {
        let cases = [
            (
                r#"{ "x" : {"mp_original_event_name":1}, "mp_original_event_name" :"A, \"b\"" }"#,
                r#"{ "x" : {"mp_original_event_name":1}, "$hotshard_prior_mp_original_event_name" :"A, \"b\"" }"#,
            ),
            (
                r#"{"mp_original_distinct_id":[1,"mp_original_distinct_id"],"é":2}"#,
                r#"{"$hotshard_prior_mp_original_distinct_id":[1,"mp_original_distinct_id"],"é":2}"#,
            ),
            (
                r#"{"mp_original_event_nam\u0065":1}"#,
                r#"{"$hotshard_prior_mp_original_event_name":1}"#,
            ),
        ];
        for (properties, moved) in cases {
            let mut block = block(properties);
            let counts = apply(&mut block, &Excess::from_iter([0]), Remedy::Rename);
            assert_eq!(counts, RemedyCounts { remedied: 1, collisions: 1 });
            let event = block.event(0).unwrap();
            assert_eq!((event.properties, event.originals.name), (moved, Some("Signed up")));
            assert!(!block.rows()[0].carries_originals);
        }
    }

    #[test]
    fn a_value_that_only_mentions_the_name_is_no_collision() {
        let properties = r#"{"note":"mp_original_event_name"}"#;
        let mut block = block(properties);
        let counts = apply(&mut block, &Excess::from_iter([0]), Remedy::Rename);
        assert_eq!(counts, RemedyCounts { remedied: 1, collisions: 0 });
        assert_eq!(block.event(0).unwrap().properties, properties);
    }
}
