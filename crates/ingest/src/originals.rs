//! Properties that are called as a remedy calls what it keeps.

use std::borrow::Cow;
use std::ops::Range;

use hotshard_event::{EventBlock, ORIGINAL_DISTINCT_ID, ORIGINAL_EVENT_NAME, PRIOR_PREFIX, Row};

/// Moves the `mp_original_…` properties of a row of this block, which is about to get originals of
/// its own, to `$hotshard_prior_…` names; says whether there were any.
pub(crate) fn move_aside(block: &mut EventBlock, row: &mut Row) -> bool {
    if !row.carries_originals {
        return false;
    }
    let Some(moved) = move_originals(block.text(row.properties)) else { return false };
    row.properties = block.push_text(&moved);
    row.carries_originals = false;
    true
}

/// The properties with every `mp_original_…` key renamed and all else as it was; nothing when there
/// is no such key. A name that is taken gets a number, so that no value is lost.
fn move_originals(properties: &str) -> Option<String> {
    let keys: Vec<(Range<usize>, Cow<'_, str>)> = key_ranges(properties)
        .into_iter()
        .map(|at| (at.clone(), key_text(properties, at)))
        .collect();
    let is_original = |key: &str| key == ORIGINAL_EVENT_NAME || key == ORIGINAL_DISTINCT_ID;
    let mut given: Vec<String> = Vec::new();
    let mut moved = String::with_capacity(properties.len() + 2 * PRIOR_PREFIX.len() + 8);
    let mut copied = 0;
    for (at, key) in &keys {
        if !is_original(key) {
            continue;
        }
        let taken = |name: &String| {
            given.contains(name) || keys.iter().any(|(_, other)| other == name.as_str())
        };
        let mut name = format!("{PRIOR_PREFIX}{key}");
        let mut number = 2_u32;
        while taken(&name) {
            name = format!("{PRIOR_PREFIX}{key}_{number}");
            number += 1;
        }
        moved.push_str(properties.get(copied..at.start).unwrap_or_default());
        // Neither the prefix nor the two names hold anything that JSON would escape.
        moved.push('"');
        moved.push_str(&name);
        moved.push('"');
        copied = at.end;
        given.push(name);
    }
    if given.is_empty() {
        return None;
    }
    moved.push_str(properties.get(copied..).unwrap_or_default());
    Some(moved)
}

/// A key without its quotes and escapes.
fn key_text(properties: &str, at: Range<usize>) -> Cow<'_, str> {
    let quoted = properties.get(at).unwrap_or_default();
    match quoted.get(1..quoted.len().saturating_sub(1)) {
        Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
        // What decoding let through has only good escapes; anything else matches no name.
        _ => Cow::Owned(serde_json::from_str(quoted).unwrap_or_default()),
    }
}

/// Where the keys of a valid JSON object stand in its text, quotes included; not those of nested
/// objects.
fn key_ranges(object: &str) -> Vec<Range<usize>> {
    let mut keys = Vec::new();
    let (mut depth, mut expects_key, mut escaped) = (0_usize, false, false);
    let mut string_start = None;
    for (position, byte) in object.bytes().enumerate() {
        if let Some(start) = string_start {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    string_start = None;
                    if expects_key && depth == 1 {
                        keys.push(start..position + 1);
                        expects_key = false;
                    }
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => string_start = Some(position),
            b'{' | b'[' => {
                depth += 1;
                expects_key = depth == 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 1 => expects_key = true,
            _ => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_gets_a_number_and_no_value_is_lost() {
        let properties = concat!(
            r#"{"mp_original_event_name":1,"mp_original_event_name":2,"#,
            r#""$hotshard_prior_mp_original_event_name":3,"#,
            r#""$hotshard_prior_mp_original_event_name_3":4}"#
        );
        assert_eq!(
            move_originals(properties).as_deref(),
            Some(concat!(
                r#"{"$hotshard_prior_mp_original_event_name_2":1,"#,
                r#""$hotshard_prior_mp_original_event_name_4":2,"#,
                r#""$hotshard_prior_mp_original_event_name":3,"#,
                r#""$hotshard_prior_mp_original_event_name_3":4}"#
            ))
        );
    }
}
