//! One record as a row of its block.

use std::borrow::Cow;

use hotshard_event::{EventBlock, Placement, Row, Sequence};

use crate::decode::distinct_id::DistinctId;
use crate::decode::fault::Fault;
use crate::decode::record::{PropertiesValue, Record, Taken};
use crate::decode::unattributed::{UnattributedIds, take_id};
use crate::decode::validation::Checked;
use crate::decode::{DecodeOptions, number, string};

/// What is counted of an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decoded {
    pub(super) missing_distinct_id: bool,
    pub(super) ignored_keys: u64,
    pub(super) unattributed: bool,
    pub(super) collided: bool,
}

/// Adds the event in the JSON `text` to the block.
///
/// # Errors
/// When it is no event; the block's text may then have grown.
pub(super) fn decode<'a>(
    text: &'a str,
    options: &DecodeOptions,
    unattributed: &UnattributedIds,
    block: &mut EventBlock,
) -> Result<Decoded, Fault<'a>> {
    let begin = block.text_len();
    let record = Record::read(text, Taken::default(), block.text_mut())?;
    let name = event_name(text, record.event)?;
    let found = match record.properties {
        PropertiesValue::Missing => return Err(Fault::MissingProperties),
        PropertiesValue::Other(kind) => return Err(Fault::InvalidProperties { kind }),
        PropertiesValue::Object(properties) => properties,
    };
    let time = number::time(found.time.ok_or(Fault::MissingTime)?)?;
    let distinct_id = DistinctId::of(text, found.distinct_id)?;
    let insert_id = insert_id(text, found.insert_id)?;

    let remedied = distinct_id.is_of_remedied(&name);
    let taken = if remedied { found.usable_originals() } else { Taken::default() };
    if taken != Taken::default() {
        // The text has the originals among the others: write it again without them.
        block.truncate_text(begin);
        Record::read(text, taken, block.text_mut())?;
    }
    let properties = block.span_from(begin);

    let begin = block.text_len();
    if !remedied {
        distinct_id.push_to(block.text_mut())?;
    }
    let id = block.span_from(begin);
    let unattributed = unattributed.contains(block.text(id));
    options.validation.check(&Checked {
        time,
        distinct_id: if unattributed { "" } else { block.text(id) },
        insert_id: insert_id.as_deref(),
        properties: found.keys,
    })?;
    let placement = if block.text(id).is_empty() { Placement::Spread } else { Placement::Home };

    let original_name = match found.original_name.filter(|_| taken.name) {
        Some(value) => Some(block.push_text(&string::plain(text, value)?)),
        None => None,
    };
    let original_distinct_id = match found.original_distinct_id.filter(|_| taken.distinct_id) {
        Some(value) => {
            let begin = block.text_len();
            DistinctId::of(text, Some(value))?.push_to(block.text_mut())?;
            Some(block.span_from(begin))
        }
        None => None,
    };
    let mut row = Row {
        time,
        date: options.time_zone.date_of(time),
        name: block.push_text(&name),
        distinct_id: id,
        insert_id: insert_id.map(|id| block.push_text(&id)),
        original_name,
        original_distinct_id,
        properties,
        sequence: Sequence::default(),
        placement,
        carries_originals: found.original_name.is_some() && !taken.name
            || found.original_distinct_id.is_some() && !taken.distinct_id,
    };
    let collided = unattributed && take_id(block, &mut row);
    block.push_row(row);
    Ok(Decoded {
        missing_distinct_id: !remedied && distinct_id == DistinctId::Missing,
        ignored_keys: record.ignored_keys,
        unattributed,
        collided,
    })
}

/// The name in an `event` value.
fn event_name<'a>(record: &str, value: Option<&'a str>) -> Result<Cow<'a, str>, Fault<'a>> {
    let value = value.ok_or(Fault::MissingEvent)?;
    if !value.starts_with('"') {
        return Err(Fault::InvalidEvent { value });
    }
    let name = string::plain(record, value)?;
    if name.is_empty() { Err(Fault::EmptyEvent) } else { Ok(name) }
}

/// The insert id in a property's value; an empty one is none.
fn insert_id<'a>(record: &str, value: Option<&'a str>) -> Result<Option<Cow<'a, str>>, Fault<'a>> {
    match value {
        None | Some("null") => Ok(None),
        Some(value) if value.starts_with('"') => {
            Ok(Some(string::plain(record, value)?).filter(|id| !id.is_empty()))
        }
        Some(value) => Err(Fault::InvalidInsertId { value }),
    }
}
