//! Events as Mixpanel's JSON.

use crate::{EventView, ORIGINAL_DISTINCT_ID, ORIGINAL_EVENT_NAME};

/// Appends an event to `out` as one JSON object, without a line break: `time` in milliseconds,
/// `distinct_id`, the originals where it has them, `$insert_id`, then the rest as written.
///
/// ```
/// use hotshard_event::{EventBlock, EventTime, NewEvent, TimeZone, write_event};
///
/// let time = EventTime::from_millis(1_618_716_477_000);
/// let mut block = EventBlock::default();
/// block.push(&NewEvent {
///     name: "Signed up",
///     distinct_id: "a",
///     time,
///     date: TimeZone::UTC.date_of(time),
///     insert_id: Some("36a92782"),
///     properties: r#"{"plan":"pro"}"#,
/// });
/// let mut line = Vec::new();
/// write_event(&block.event(0).expect("one event"), &mut line);
/// assert_eq!(
///     String::from_utf8_lossy(&line),
///     r#"{"event":"Signed up","properties":{"time":1618716477000,"distinct_id":"a","$insert_id":"36a92782","plan":"pro"}}"#,
/// );
/// ```
pub fn write_event(event: &EventView<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"event":"#);
    write_string(event.name, out);
    out.extend_from_slice(br#","properties":{"time":"#);
    out.extend_from_slice(event.time.millis().to_string().as_bytes());
    out.extend_from_slice(br#","distinct_id":"#);
    write_string(event.distinct_id, out);
    write_property(ORIGINAL_EVENT_NAME, event.originals.name, out);
    write_property(ORIGINAL_DISTINCT_ID, event.originals.distinct_id, out);
    write_property("$insert_id", event.insert_id, out);
    let rest = event.properties.trim();
    let rest = rest.strip_prefix('{').unwrap_or(rest);
    let rest = rest.strip_suffix('}').unwrap_or(rest).trim();
    if !rest.is_empty() {
        out.push(b',');
        out.extend_from_slice(rest.as_bytes());
    }
    out.extend_from_slice(b"}}");
}

fn write_property(name: &str, value: Option<&str>, out: &mut Vec<u8>) {
    if let Some(value) = value {
        out.push(b',');
        write_string(name, out);
        out.push(b':');
        write_string(value, out);
    }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    #[expect(clippy::expect_used, reason = "writing a string to memory cannot fail")]
    serde_json::to_writer(out, text).expect("a string is always JSON");
}
