//! The properties of an event as the JSON text their sender wrote.

use std::borrow::Cow;
use std::fmt;

use memchr::memchr;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Deepest nesting of objects and arrays in an event; the event itself and its `properties` are
/// the first two levels.
pub const MAX_NESTING: usize = 128;

/// The text of one JSON object: an event's properties, without those that are columns.
///
/// ```
/// use hotshard_event::Properties;
///
/// let properties = Properties::new(r#"{"plan":"pro","seats":1.50,"plan":"team"}"#);
/// assert_eq!(properties.raw("seats"), Some("1.50"));
/// assert_eq!(properties.text("plan").as_deref(), Some("team")); // the last one wins
/// assert_eq!(properties.text("absent"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Properties<'a>(&'a str);

impl<'a> Properties<'a> {
    /// The properties with this text. What is not an object has no properties.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// A property's value as it was written, in JSON. Of duplicates the last one counts.
    #[must_use]
    pub fn raw(self, name: &str) -> Option<&'a str> {
        let mut found = None;
        // A text that breaks off was refused at decoding; here it simply ends.
        let _ = self.for_each(|key, value| {
            if key == name {
                found = Some(value);
            }
        });
        found
    }

    /// A property's value as plain text: a string without its quotes and escapes, anything else
    /// as written. Missing and `null` are both `None`.
    #[must_use]
    pub fn text(self, name: &str) -> Option<Cow<'a, str>> {
        plain_text(self.raw(name)?.as_bytes())
    }

    /// Calls `visit` with each key (without its escapes) and each value as written, in order.
    ///
    /// # Errors
    /// When the text is not a JSON object; pairs before the fault were visited.
    pub fn for_each(self, visit: impl FnMut(&str, &'a str)) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(self.0);
        deserializer.deserialize_map(PairVisitor(visit))?;
        deserializer.end()
    }
}

/// The plain text of a value as it was written, in JSON: a string without its quotes and escapes,
/// anything else as it is, and nothing for `null`.
///
/// ```
/// use hotshard_event::plain_text;
///
/// assert_eq!(plain_text(br#""Mac\u0020OS""#).as_deref(), Some("Mac OS"));
/// assert_eq!(plain_text(b"1.50").as_deref(), Some("1.50"));
/// assert_eq!(plain_text(b"null"), None);
/// ```
#[must_use]
pub fn plain_text(raw: &[u8]) -> Option<Cow<'_, str>> {
    if raw == b"null" {
        return None;
    }
    // Text of an event is UTF-8; what a damaged file has in its place is shown as far as it goes.
    match raw.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) {
        Some(plain) if memchr(b'\\', plain).is_none() => Some(String::from_utf8_lossy(plain)),
        Some(_) => Some(
            serde_json::from_slice(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Owned),
        ),
        None => Some(String::from_utf8_lossy(raw)),
    }
}

/// Hands every pair of a JSON object to a function.
struct PairVisitor<F>(F);

impl<'de, F: FnMut(&str, &'de str)> Visitor<'de> for PairVisitor<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object of properties")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let value: &'de RawValue = map.next_value()?;
            (self.0)(&key, value.get());
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// How deep objects and arrays nest in valid JSON text; 0 for a plain value.
///
/// It counts brackets outside strings and needs no stack, so hostile depth costs only time.
#[must_use]
pub fn nesting_depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_written() {
        let properties =
            Properties::new(r#"{ "a" : 1.50, "b":{"x":[1, 2]}, "c":"\u00e9\"", "d":null }"#);
        assert_eq!(properties.raw("a"), Some("1.50"));
        assert_eq!(properties.raw("b"), Some(r#"{"x":[1, 2]}"#));
        assert_eq!(properties.raw("c"), Some(r#""\u00e9\"""#));
        assert_eq!(properties.text("c").as_deref(), Some("é\""));
        assert_eq!(properties.raw("d"), Some("null"));
        assert_eq!(properties.text("d"), None);
    }

    #[test]
    fn keys_match_whatever_their_escapes() {
        assert_eq!(Properties::new(r#"{"\u0061":7}"#).raw("a"), Some("7"));
    }

    #[test]
    fn nested_keys_are_not_properties() {
        assert_eq!(Properties::new(r#"{"a":{"b":1}}"#).raw("b"), None);
    }

    #[test]
    fn brackets_in_strings_do_not_nest() {
        assert_eq!(nesting_depth(r#"{"a":"[[[\"[","b":[[1]]}"#), 3);
        assert_eq!(nesting_depth("7"), 0);
    }
}
