//! One record as a row of its block.

use hotshard_event::{Placement, Row, Sequence, Span};

use crate::decode::cursor::Piece;
use crate::decode::distinct_id::DistinctId;
use crate::decode::fault::Fault;
use crate::decode::outline::Outlines;
use crate::decode::record::{Properties, PropertiesValue, Record, Taken};
use crate::decode::rows::Rows;
use crate::decode::string::Text;
use crate::decode::unattributed::UnattributedIds;
use crate::decode::validation::Checked;
use crate::decode::{DecodeOptions, number};

/// What is counted of an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decoded {
    pub(super) missing_distinct_id: bool,
    pub(super) ignored_keys: u64,
    pub(super) unattributed: bool,
}

/// What events are decoded by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) options: &'a DecodeOptions,
    pub(super) unattributed: &'a UnattributedIds,
}

/// A record and where it begins in its raw block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

/// Adds the event in a record to the rows.
///
/// # Errors
/// When it is no event; the further texts may then have grown.
pub(super) fn decode<'a>(
    record: Source<'a>,
    rules: Rules<'_>,
    outlines: &mut Outlines,
    rows: &mut Rows,
) -> Result<Decoded, Fault<'a>> {
    let Source { text, at } = record;
    let begin = rows.extra_len();
    let read = Record::read(text, outlines, rows.extra_mut())?;
    let name = event_name(text, read.event)?;
    let mut found = match read.properties {
        PropertiesValue::Missing => return Err(Fault::MissingProperties),
        PropertiesValue::Other(kind) => return Err(Fault::InvalidProperties { kind }),
        PropertiesValue::Object(properties) => properties,
    };
    let time = number::time(found.time.ok_or(Fault::MissingTime)?.json(text))?;
    let sent_id = DistinctId::of(text, found.distinct_id)?;
    let insert_id = insert_id(text, found.insert_id)?;

    let remedied = sent_id.is_of_remedied(name.as_str());
    let taken = if remedied { found.usable_originals(text) } else { Taken::default() };
    if taken != Taken::default() {
        // Without the originals among the others.
        rows.truncate_extra(begin);
        found = read_without(text, taken, rows)?;
    }
    let missing_distinct_id = !remedied && sent_id == DistinctId::Missing;
    let distinct_id = if remedied { DistinctId::Missing } else { sent_id };
    let id = distinct_id.place(at, rows)?;
    let id_text = distinct_id.text(id, rows);
    let unattributed = rules.unattributed.contains(id_text);
    rules.options.validation.check(&Checked {
        time,
        distinct_id: if unattributed { "" } else { id_text },
        insert_id: insert_id.as_ref().map(Text::as_str),
        properties: found.keys,
    })?;
    let (original_name, original_distinct_id) = originals(record, &found, taken, rows)?;
    let name = name.place(at, rows);
    let insert_id = insert_id.map(|id| id.place(at, rows));
    let properties = rows.properties(at, &found.others);
    rows.push(Row {
        time,
        date: rules.options.time_zone.date_of(time),
        name,
        distinct_id: id,
        insert_id,
        original_name,
        original_distinct_id,
        properties,
        sequence: Sequence::default(),
        placement: if id.is_empty() { Placement::Spread } else { Placement::Home },
        carries_originals: found.original_name.is_some() && !taken.name
            || found.original_distinct_id.is_some() && !taken.distinct_id,
        record_at: u32::try_from(at).unwrap_or(u32::MAX),
    });
    Ok(Decoded { missing_distinct_id, ignored_keys: read.ignored_keys, unattributed })
}

/// The properties of a record once more, without those that are taken for columns.
fn read_without<'a>(text: &'a str, taken: Taken, rows: &mut Rows) -> Result<Properties, Fault<'a>> {
    match Record::read_without(text, taken, rows.extra_mut())?.properties {
        PropertiesValue::Object(properties) => Ok(properties),
        _ => Err(Fault::MissingProperties),
    }
}

/// What an event was before it was remedied elsewhere, as far as that is taken from its properties.
fn originals<'a>(
    record: Source<'a>,
    found: &Properties,
    taken: Taken,
    rows: &mut Rows,
) -> Result<(Option<Span>, Option<Span>), Fault<'a>> {
    let name = match found.original_name.filter(|_| taken.name) {
        Some(value) => Some(Text::of(record.text, value)?.place(record.at, rows)),
        None => None,
    };
    let distinct_id = match found.original_distinct_id.filter(|_| taken.distinct_id) {
        Some(value) => Some(DistinctId::of(record.text, Some(value))?.place(record.at, rows)?),
        None => None,
    };
    Ok((name, distinct_id))
}

/// The name in an `event` value.
fn event_name(record: &str, value: Option<Piece>) -> Result<Text<'_>, Fault<'_>> {
    let value = value.ok_or(Fault::MissingEvent)?;
    let json = value.json(record);
    if !json.starts_with('"') {
        return Err(Fault::InvalidEvent { value: json });
    }
    let name = Text::of(record, value)?;
    if name.as_str().is_empty() { Err(Fault::EmptyEvent) } else { Ok(name) }
}

/// The insert id in a property's value; an empty one is none.
fn insert_id(record: &str, value: Option<Piece>) -> Result<Option<Text<'_>>, Fault<'_>> {
    let Some(piece) = value else { return Ok(None) };
    match piece.json(record) {
        json if json.starts_with('"') => {
            Ok(Some(Text::of(record, piece)?).filter(|id| !id.as_str().is_empty()))
        }
        "null" => Ok(None),
        value => Err(Fault::InvalidInsertId { value }),
    }
}
