//! Ids that are declared unattributed.

use hotshard_event::{EventTime, Override, Overrides, Placement};

use super::*;
use crate::decode::{UnattributedIds, Validation};

/// Decodes lines with these ids declared unattributed.
fn decode_without(ids: &[&str], options: DecodeOptions, text: &str) -> DecodedBlock {
    let mut overrides = Overrides::default();
    overrides.set("hot", Override::Hot).unwrap();
    for id in ids {
        overrides.set(*id, Override::Unattributed).unwrap();
    }
    let decoder = Decoder::new(options).unattributed(UnattributedIds::of(&overrides));
    decoder.decode(&mut lines(text.as_bytes(), LastLine::Terminated))
}

/// (id, original id, placement) of every event; no name is ever changed.
fn ids(block: &DecodedBlock) -> Vec<(&str, Option<&str>, Placement)> {
    let of_row = |row| {
        let event = block.events.view(row);
        assert_eq!((event.name, event.originals.name), ("a", None));
        (event.distinct_id, event.originals.distinct_id, event.placement)
    };
    block.events.rows().iter().map(of_row).collect()
}

#[test]
fn they_lose_their_id_and_keep_it_as_the_original() {
    let values = ["0", "\"0\"", "0.0", "\"\\u0030\"", "\"00\"", "\"hot\"", "\"\"", "null"];
    let text: String = values.map(|id| timed(&format!("\"distinct_id\":{id}"))).concat();
    let block = decode_without(&["0", "é"], DecodeOptions::default(), &text);
    let taken = ("", Some("0"), Placement::Spread);
    let none = ("", None, Placement::Spread);
    let kept = |id| (id, None, Placement::Home);
    let expected = [taken, taken, taken, taken, kept("00"), kept("hot"), none, none];
    assert_eq!(ids(&block), expected);
    assert_eq!((block.unattributed, block.collisions), (4, 0));
    assert_eq!(block.missing_distinct_id, 1);
}

#[test]
fn all_else_is_as_it_was_sent() {
    let text = timed(r#""distinct_id":"é","$insert_id":"i-1","n":1.50"#);
    let block = decode_without(&["é"], DecodeOptions::default(), &text);
    let plain = decode(&text);
    let (event, before) = (block.events.event(0).unwrap(), plain.events.event(0).unwrap());
    assert_eq!(event.properties, r#"{"n":1.50}"#);
    let same = |event: EventView<'_>| (event.time, event.date, event.insert_id.map(str::to_owned));
    assert_eq!(same(event), same(before));
}

#[test]
fn earlier_originals_make_way_and_are_counted() {
    let text = timed(r#""distinct_id":"0","mp_original_distinct_id":"x","n":1"#)
        + &timed(r#""distinct_id":"0","mp_original_event_name":"y""#)
        + &timed(r#""distinct_id":"1","mp_original_event_name":"y""#);
    let block = decode_without(&["0"], DecodeOptions::default(), &text);
    let properties: Vec<_> = block.events.events().map(|event| event.properties).collect();
    let expected = [
        r#"{"$hotshard_prior_mp_original_distinct_id":"x","n":1}"#,
        r#"{"$hotshard_prior_mp_original_event_name":"y"}"#,
        r#"{"mp_original_event_name":"y"}"#,
    ];
    assert_eq!(properties, expected);
    assert_eq!((block.unattributed, block.collisions), (2, 2));
    let flags: Vec<_> = block.events.rows().iter().map(|row| row.carries_originals).collect();
    assert_eq!(flags, [false, false, true]);
}

/// An event of an id that is declared unattributed is one sent with `""`, which Mixpanel takes.
#[test]
fn strict_validation_does_not_refuse_them() {
    let validation = Validation::Strict { now: EventTime::from_millis(1_618_716_477_000) };
    let options = DecodeOptions { validation, ..DecodeOptions::default() };
    let text = timed("\"distinct_id\":\"0\"") + &timed("\"distinct_id\":\"null\"");
    let block = decode_without(&["0"], options, &text);
    assert_eq!((block.unattributed, block.events.len(), block.rejects.len()), (1, 1, 1));
}

#[test]
fn rows_remedied_elsewhere_keep_what_they_have() {
    let text = line("$hotshard_events", &format!("\"time\":{TIME},\"distinct_id\":0"));
    let block = decode_without(&["0"], DecodeOptions::default(), &text);
    let event = block.events.event(0).unwrap();
    assert_eq!((event.distinct_id, event.originals.distinct_id), ("", None));
    assert_eq!(block.unattributed, 0);
}
